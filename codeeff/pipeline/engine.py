"""Names of sandbox engines become engines here, and nowhere else; `auto` becomes the first that can run."""

import functools
import logging
from pathlib import Path
from typing import Final

from codeeff import plugins
from codeeff.config import AUTO, RunConfig, cache_home
from codeeff.core.errors import ConfigError, SandboxUnavailable
from codeeff.sandboxes import Engine

PREFERENCE: Final = ("docker", "bubblewrap", "landlock")
"""Engines that isolate, the one chosen first in front."""


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
    """The configuration with its engine's own name instead of `auto`: runs of different engines are different runs.

    Raises: SandboxUnavailable.
    """
    return config.model_copy(update={"sandbox": resolve(config.sandbox)})


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
