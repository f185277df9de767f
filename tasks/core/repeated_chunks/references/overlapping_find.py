"""Search the text for each distinct chunk with str.find."""


def _occurrences(text: str, chunk: str) -> int:
    count = 0
    at = text.find(chunk)
    while at >= 0:
        count += 1
        at = text.find(chunk, at + 1)
    return count


def repeated_chunks(text: str, width: int, times: int) -> list[str]:
    chunks = {text[i : i + width] for i in range(len(text) - width + 1)}
    return [chunk for chunk in chunks if _occurrences(text, chunk) >= times]
