"""Look up every word that one changed letter can produce."""

from collections import Counter
from string import ascii_lowercase


def near_twin_words(words: list[str]) -> int:
    counts = Counter(words)
    total = 0
    for word, count in counts.items():
        for i, old in enumerate(word):
            head, tail = word[:i], word[i + 1 :]
            for letter in ascii_lowercase:
                if letter > old:
                    twin = head + letter + tail
                    if twin in counts:
                        total += count * counts[twin]
    return total
