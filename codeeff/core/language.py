"""Language: how programs of one language are compiled and run in a box; a file of `sandbox/languages/` each."""

from typing import Final

from pydantic import Field

from codeeff.core.record import Record

HELLO: Final = "hello\n"
"""What every language's first program writes."""


class Language(Record):
    """What a box has to know of a language; commands run in the child's own folder."""

    packages: tuple[str, ...]
    """Debian's packages that bring it."""
    source: str
    """The file the program is written to."""
    compile: tuple[str, ...] = ()
    """Makes what is run, in the folder `program`; empty where `run` is None."""
    run: tuple[str, ...] | None = None
    """Runs what the folder `program` holds, `{memory_mb}` being the memory limit; None: the child's own interpreter
    executes it (Python)."""
    version: tuple[str, ...]
    """Says the version; its first word is what the language cannot do without."""
    limits_address_space: bool = True
    """False: its runtime reserves far more addresses than it uses, and the supervisor limits resident memory."""
    out_of_memory: tuple[str, ...] = ()
    """Words on standard error of a program that failed because it got no more memory."""
    counts: str = Field(min_length=1)
    """What a count of its instructions includes."""
    empty: str
    """A program that does nothing: what every reading holds besides the program."""
    hello: str
    """A program that writes HELLO."""
