"""Text of unknown origin, made fit to be shown: a terminal would obey control characters."""


def visible(text: str) -> str:
    r"""The text with its lines, every other unprintable character written out.

    >>> visible("no such model: \x1b[2J\n  \udc80 Try another.")
    'no such model: \\x1b[2J\n  \\udc80 Try another.'
    """
    return "".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text)


def printable(text: str) -> str:
    r"""The text on one line, unprintable characters written out.

    >>> printable("ValueError: \x1b[31m red\n  second line")
    'ValueError: \\x1b[31m red second line'
    """
    return visible(" ".join(text.split()))
