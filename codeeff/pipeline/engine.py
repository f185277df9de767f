"""Names of sandbox engines become engines here, and nowhere else."""

from pathlib import Path
from typing import Final

from codeeff import plugins
from codeeff.config import RunConfig, cache_home
from codeeff.core.errors import ConfigError
from codeeff.sandboxes import Engine

DEFAULT: Final = str(RunConfig.model_fields["sandbox"].default)
"""The engine of whoever names none."""


def resolve(name: str) -> str:
    """The plug-in id an engine's name stands for."""
    return name


def open_engine(name: str, *, i_trust_this_code: bool = False) -> Engine:
    """The engine of a name.

    Raises: PluginError for an unknown name, ConfigError for `none` without --i-trust-this-code.
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
