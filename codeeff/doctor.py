"""Is this host fit to run untrusted programs, to count and to measure them? Finding, effect, remedy."""

import textwrap
from collections.abc import Sequence

from codeeff import plugins
from codeeff.core.errors import SandboxFault, SandboxUnavailable
from codeeff.core.record import Record
from codeeff.pipeline import host, study
from codeeff.pipeline.engine import PREFERENCE, lacks
from codeeff.pipeline.run import Progress
from codeeff.reports import _study
from codeeff.sandboxes import Engine, _languages

WIDTH = 100


class Finding(Record):
    """What is known of one engine on this host."""

    engine: str
    """Its plug-in id."""
    is_fit: bool
    """Whether it can run here."""
    seen: str
    """Its name and version, or why it cannot run and how to make it."""
    isolation: str | None
    """What keeps programs in; None when it cannot run."""
    counters: tuple[str, ...] = ()
    """What counts instructions in its boxes, or why not and the remedy, a sentence each; empty when it cannot run."""


def examine() -> list[Finding]:
    """Every engine that isolates, in the order in which one is chosen; nothing is changed or built."""
    findings = []
    for name in PREFERENCE:
        engine: Engine = plugins.load("sandboxes", name)
        try:
            seen = engine.probe()
        except SandboxUnavailable as error:
            findings.append(Finding(engine=name, is_fit=False, seen=str(error), isolation=None))
        else:
            found = Finding(engine=name, is_fit=True, seen=seen, isolation=engine.isolation, counters=_counters(engine))
            findings.append(found)
    return findings


def _counters(engine: Engine) -> tuple[str, ...]:
    """A sentence a counter."""
    if not engine.is_built:
        return ("counters of instructions are known once its image is built: `codeeff sandbox build`.",)
    try:
        return tuple(f"{name}: {reason or 'counts instructions.'}" for name, reason in lacks(engine))
    except (SandboxFault, SandboxUnavailable) as error:
        return (f"counters of instructions are not known, no box could be made: {error}",)


def is_fit(findings: Sequence[Finding]) -> bool:
    """Whether any engine can run here."""
    return any(one.is_fit for one in findings)


def render(findings: Sequence[Finding]) -> str:
    """The findings in words."""
    machine = host.describe()
    lines = [
        f"host: {machine.cpu_model}, {machine.cores} cores, {machine.memory_bytes / 2**30:.1f} GiB,"
        f" Linux {machine.kernel}, Python {machine.python}",
        "",
        "sandbox engines, in the order in which one is chosen:",
    ]
    for one in findings:
        lines.append(f"  {one.engine:<12}{'can run' if one.is_fit else 'CANNOT RUN'}")
        lines += _indented(one.seen)
        lines += _indented(one.isolation) if one.isolation else []
        lines += [line for counter in one.counters for line in _indented(counter)]
    lines += ["", "languages of programs that read standard input, in the boxes of bubblewrap and landlock:"]
    for name in _languages.names():
        missing = f"none: apt-get install {' '.join(_languages.language(name).packages)}"
        lines.append(f"  {name:<12}{_languages.version_here(name) or missing}")
    lines.append("Docker's boxes have all of them, from an image that is built when the first is needed.")
    chosen = next((one for one in findings if one.is_fit), None)
    lines.append("")
    if chosen is None:
        lines.append("No engine can run here: codeeff will refuse to run programs. Each remedy above mends it.")
    else:
        lines.append(f"A run without --sandbox takes {chosen.engine}.")
        if (chosen.isolation or "").startswith("reduced"):
            lines.append("Its isolation is reduced, as said above. Any engine before it, made to run, is stronger.")
        lines.append("What its numbers are worth on this host: `codeeff doctor --measure`, two minutes.")
    return "\n".join(lines)


def measured(sandbox: str, progress: Progress) -> str:
    """Make the A/A study of an engine, keep it for later runs, and say what it found.

    Raises: PluginError, ConfigError, SandboxUnavailable, SandboxFault.
    """
    progress.begin("study", sum(part.rounds for part in study.PARTS), 0)
    try:
        made = study.make(sandbox, progress.advance)
    finally:
        progress.end()
    path = study.keep(made)
    return f"{_study.render(made)}\nStored for runs of this host and engine: {path}"


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * 14, subsequent_indent=" " * 14)
