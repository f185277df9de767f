"""Functions that are asked for by name, either at the margin or as a method of class Solution."""

from typing import Final

CALLED: Final = "codeeff_call"
CALL: Final = '''

def codeeff_call(*arguments):
    """Each call has an instance of its own; what is a tuple counts as the list of its items."""
    owner = globals().get("Solution")
    function = globals()[{name!r}] if owner is None else getattr(owner(), {name!r})
    value = function(*arguments)
    return list(value) if isinstance(value, tuple) else value
'''


def entry_of(name: str, starter: str) -> str:
    """What a program has to define: the class where the starter code has it, else the function."""
    return "Solution" if "class Solution" in starter else name


def template(preamble: str, name: str) -> str:
    """The text around a program: the preamble above it, and below it what calls the function."""
    return preamble + "{program}" + CALL.format(name=name)
