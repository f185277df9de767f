from bisect import bisect_left


def recipe_revisions(steps):
    history = {}
    edition = 0
    answers = []
    for kind, name, number in steps:
        if kind == "read":
            editions, amounts = history.get(name, ([], [-1]))
            answers.append(amounts[bisect_left(editions, number)])
        elif kind == "set":
            editions, amounts = history.setdefault(name, ([], [-1]))
            if editions and editions[-1] == edition:
                amounts[-1] = number
            else:
                editions.append(edition)
                amounts.append(number)
        else:
            edition += 1
    return answers
