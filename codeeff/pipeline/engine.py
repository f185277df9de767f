"""Names of sandbox engines become engines here, and nowhere else; `auto` becomes the first that can run.

So does a run's counter of instructions: `auto` becomes hardware where the engine's boxes have it, else emulated.
"""

import functools
import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, Literal, get_args

from codeeff import plugins
from codeeff.config import AUTO, RunConfig, cache_home
from codeeff.core.errors import ConfigError, SandboxUnavailable
from codeeff.core.job import BoxLimits, Counter, Job, Subject
from codeeff.core.task import Limits
from codeeff.core.value import encode
from codeeff.sandboxes import Engine

PREFERENCE: Final = ("docker", "bubblewrap", "landlock")
"""Engines that isolate, the one chosen first in front."""
COUNTERS: Final[tuple[Counter, ...]] = get_args(Counter)
"""Ways to count instructions, the one chosen first in front."""
NOTHING: Final = Subject(label="empty", program="def nothing():\n    return None\n", entry="nothing")
PROBE_NS: Final = 10**10


@functools.cache
def resolve(name: str) -> str:
    """The plug-in id an engine's name stands for.

    Raises: SandboxUnavailable with every engine's reason when `auto` finds none.
    """
    if name != AUTO:
        return name
    reasons = []
    for candidate in PREFERENCE:
        engine: Engine = plugins.load("sandboxes", candidate)
        try:
            engine.probe()
        except SandboxUnavailable as error:
            reasons.append(f"{candidate}: {error}")
            continue
        try:
            engine.version()
            return candidate
        except SandboxUnavailable as error:  # it is there and yet cannot be used: worth a word
            logging.getLogger("codeeff").warning("The engine %s is passed over. %s", candidate, error)
            reasons.append(f"{candidate}: {error}")
    raise SandboxUnavailable("No sandbox engine can run here; `codeeff doctor` says more.\n" + "\n".join(reasons))


def settled(config: RunConfig) -> RunConfig:
    """The configuration with its engine's and counter's own names instead of `auto`: they make different runs.

    Raises: SandboxUnavailable, with the remedy, too where instructions are to be counted and cannot be.
    """
    found = config.model_copy(update={"sandbox": resolve(config.sandbox)})
    if not config.counts:
        return found
    open_engine(found.sandbox, i_trust_this_code=config.i_trust_this_code)
    return found.model_copy(update={"counter": resolve_counter(found.sandbox, config.counter)})


@functools.cache
def resolve_counter(sandbox: str, wanted: Counter | Literal["auto"]) -> Counter:
    """What counts instructions in an engine's boxes.

    Raises: SandboxUnavailable when the counter that is wanted cannot, or none.
    """
    engine: Engine = plugins.load("sandboxes", sandbox)
    engine.version()
    reasons = []
    for counter, reason in lacks(engine, COUNTERS if wanted == AUTO else (wanted,)):
        if reason is None:
            return counter
        reasons.append(f"{counter}: {reason}")
    raise SandboxUnavailable(
        f"Instructions cannot be counted with --sandbox {sandbox}; leave them out of --meters, or mend this.\n"
        + "\n".join(reasons)
    )


def lacks(engine: Engine, counters: Sequence[Counter] = COUNTERS) -> Iterator[tuple[Counter, str | None]]:
    """Each counter, and why a box of the engine lacks it, with the remedy; None: it counted a program.

    Raises: SandboxFault when the engine makes no box.
    """
    limits = BoxLimits.of(Limits(), [PROBE_NS])
    with closing(engine.open(None)) as box:
        for counter in counters:
            job = Job(id="probe", kind="measure", subjects=(NOTHING,), cases=1, counter=counter, limits=limits)
            try:
                case = box.run(job, [encode(())])[0].subjects[0].cases[0]
            except SandboxUnavailable as error:
                yield counter, str(error)
            else:
                yield counter, None if case.readings else f"The empty program could not be counted: {case.detail}."


def counter_of(config: RunConfig) -> Counter | None:
    """What counts instructions in a settled configuration's run; None: nothing is to."""
    return None if not config.counts or config.counter == AUTO else config.counter


def open_engine(name: str, *, i_trust_this_code: bool = False) -> Engine:
    """The engine of a name.

    Raises: PluginError for an unknown name, ConfigError for `none` without --i-trust-this-code, SandboxUnavailable.
    """
    plugin = resolve(name)
    engine: Engine = plugins.load("sandboxes", plugin)
    if plugin == "none" and not i_trust_this_code:
        raise ConfigError(
            "The sandbox engine 'none' runs programs with all your rights. Add --i-trust-this-code if you wrote them"
            " yourself, or leave --sandbox out."
        )
    return engine


def cases_folder(name: str) -> Path:
    """Where prepared cases are kept; an engine's own, since another one may run another interpreter."""
    return cache_home() / "cases" / resolve(name)
