"""Count the differing positions of every pair."""


def near_twin_words(words: list[str]) -> int:
    total = 0
    for i, first in enumerate(words):
        for second in words[i + 1 :]:
            if len(first) == len(second):
                if sum(a != b for a, b in zip(first, second)) == 1:
                    total += 1
    return total
