"""Finds a plug-in by its file name or an installed entry point.

A plug-in is one file in one of the folders below that ends with a typed constant PLUGIN; its id is the file's name.
Packages outside add theirs under the entry-point group `codeeff.<folder>`. Only the file asked for is imported.
"""

import sys
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Any, Final

from codeeff.core.errors import PluginError, unknown_name

KINDS: Final[dict[str, str]] = {
    "benchmarks": "benchmark",
    "generators": "generator",
    "importers": "format of result files",
    "sandboxes": "sandbox engine",
    "meters": "meter",
    "scorers": "metric",
    "strategies": "strategy",
    "reports": "report",
}


def names(folder: str) -> list[str]:
    """The ids of all plug-ins of a folder, sorted; nothing is imported.

    Raises: PluginError for a folder that holds no plug-ins.
    """
    if folder not in KINDS:
        raise PluginError(unknown_name("kind of plug-in", folder, KINDS))
    return sorted({*_built_in(folder), *(one.name for one in entry_points(group=f"codeeff.{folder}"))})


def load(folder: str, name: str) -> Any:
    """The plug-in's PLUGIN constant.

    Raises: PluginError when the name is unknown (with a did-you-mean), taken twice, or its file has no PLUGIN.
    """
    outside = [one for one in entry_points(group=f"codeeff.{folder}") if one.name == name]
    built_in = name in _built_in(folder)
    if built_in + len(outside) > 1:
        origins = ", ".join(one.value for one in outside)
        raise PluginError(f"The {KINDS[folder]} name {name!r} is taken twice ({origins}). Uninstall one of them.")
    if outside:
        try:
            return outside[0].load()
        except (ImportError, AttributeError) as error:
            raise PluginError(
                f"The {KINDS[folder]} {name!r} ({outside[0].value}) cannot be loaded: {error}. Mend or uninstall it."
            ) from None
    if not built_in:
        raise PluginError(unknown_name(KINDS[folder], name, names(folder)))
    module = import_module(f"codeeff.{folder}.{name}")
    try:
        return module.PLUGIN
    except AttributeError:
        raise PluginError(f"codeeff/{folder}/{name}.py does not end with a PLUGIN constant. Add one.") from None


def purpose(folder: str, name: str) -> str:
    """The first line of a plug-in's module docstring."""
    load(folder, name)
    outside = [one.module for one in entry_points(group=f"codeeff.{folder}") if one.name == name]
    module = sys.modules[outside[0] if outside else f"codeeff.{folder}.{name}"]
    return (module.__doc__ or "").partition("\n")[0]


def _built_in(folder: str) -> list[str]:
    entries = files(f"codeeff.{folder}").iterdir()
    return [one.name[:-3] for one in entries if one.name.endswith(".py") and not one.name.startswith("_")]
