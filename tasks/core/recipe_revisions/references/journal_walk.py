"""All changes go into one journal; a read walks it back from the newest."""


def recipe_revisions(steps):
    journal = []
    edition = 0
    answers = []
    for kind, name, number in steps:
        if kind == "read":
            answer = -1
            for changed_in, changed, amount in reversed(journal):
                if changed_in <= number and changed == name:
                    answer = amount
                    break
            answers.append(answer)
        elif kind == "set":
            journal.append((edition, name, number))
        else:
            edition += 1
    return answers
