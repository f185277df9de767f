"""Group the words by every pattern with one masked letter; remove equal words again."""

from collections import Counter


def near_twin_words(words: list[str]) -> int:
    patterns = Counter([word[:i] + "*" + word[i + 1 :] for word in words for i in range(len(word))])
    matching = sum(c * (c - 1) // 2 for c in patterns.values() if c > 1)
    equal = sum(c * (c - 1) // 2 * len(word) for word, c in Counter(words).items() if c > 1)
    return matching - equal
