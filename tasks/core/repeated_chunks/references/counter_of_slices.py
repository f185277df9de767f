"""Count all slices of the given width in one pass."""

from collections import Counter


def repeated_chunks(text: str, width: int, times: int) -> list[str]:
    counts = Counter([text[i : i + width] for i in range(len(text) - width + 1)])
    return [chunk for chunk, count in counts.items() if count >= times]
