"""Uses str.count, which does not count overlapping occurrences."""


def repeated_chunks(text: str, width: int, times: int) -> list[str]:
    chunks = {text[i : i + width] for i in range(len(text) - width + 1)}
    return [chunk for chunk in chunks if text.count(chunk) >= times]
