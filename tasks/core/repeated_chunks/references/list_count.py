"""List all chunks and call list.count for each distinct one."""


def repeated_chunks(text: str, width: int, times: int) -> list[str]:
    chunks = [text[i : i + width] for i in range(len(text) - width + 1)]
    return [chunk for chunk in set(chunks) if chunks.count(chunk) >= times]
