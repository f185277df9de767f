"""Forgets that equal words share every masked pattern too."""

from collections import Counter


def near_twin_words(words: list[str]) -> int:
    patterns = Counter([word[:i] + "*" + word[i + 1 :] for word in words for i in range(len(word))])
    return sum(c * (c - 1) // 2 for c in patterns.values())
