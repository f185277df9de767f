"""Each ingredient keeps its changes; a read walks them back from the newest."""


def recipe_revisions(steps):
    history = {}
    edition = 0
    answers = []
    for kind, name, number in steps:
        if kind == "read":
            answer = -1
            for changed_in, amount in reversed(history.get(name, [])):
                if changed_in <= number:
                    answer = amount
                    break
            answers.append(answer)
        elif kind == "set":
            history.setdefault(name, []).append((edition, number))
        else:
            edition += 1
    return answers
