"""Each ingredient keeps its editions and amounts; a binary search finds the edition."""

from bisect import bisect_right


def recipe_revisions(steps):
    history = {}
    edition = 0
    answers = []
    for kind, name, number in steps:
        if kind == "read":
            if name in history:
                editions, amounts = history[name]
                answers.append(amounts[bisect_right(editions, number)])
            else:
                answers.append(-1)
        elif kind == "set":
            if name not in history:
                history[name] = ([], [-1])
            editions, amounts = history[name]
            if editions and editions[-1] == edition:
                amounts[-1] = number
            else:
                editions.append(edition)
                amounts.append(number)
        else:
            edition += 1
    return answers
