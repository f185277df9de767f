"""Every error codeeff raises on purpose, in one tree.

CodeeffError                 base; the command line prints it and exits with code 2
├── ConfigError              a flag, a YAML key or their combination makes no sense
├── PluginError              a plug-in is unknown, taken twice or broken
├── TaskDataError            a benchmark's data is missing, truncated or malformed
├── SampleDataError          a sample file is missing, truncated or malformed
├── ProviderError            an endpoint is down, refuses or answers nonsense
├── RecordError              a run folder holds something it must not
├── SandboxUnavailable       an engine cannot run on this host
└── SandboxFault             a box died or broke the protocol: ours, never the program's

A program's failure is a Verdict, never an exception. Every message says what happened with the value, why it
is wrong and what to type next.
"""

import difflib
from collections.abc import Iterable


class CodeeffError(Exception):
    """Base of all errors a user can mend; its text is the whole message."""


class ConfigError(CodeeffError):
    """A flag, a YAML key or their combination makes no sense."""


class PluginError(CodeeffError):
    """A plug-in is unknown, taken twice or broken."""


class TaskDataError(CodeeffError):
    """A benchmark's data is missing, truncated or malformed."""


class SampleDataError(CodeeffError):
    """A sample file is missing, truncated or malformed."""


class ProviderError(CodeeffError):
    """An endpoint is down, refuses or answers nonsense."""


class RecordError(CodeeffError):
    """A run folder holds something it must not."""


class SandboxUnavailable(CodeeffError):
    """An engine cannot run on this host; the message says how to make it run."""


class SandboxFault(CodeeffError):
    """A box died or broke the protocol. Never evidence about the program inside it."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that does not exist: the value, a did-you-mean, the list."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"Unknown {kind} {name!r}.{guess} Known: {', '.join(names) or 'none'}."
