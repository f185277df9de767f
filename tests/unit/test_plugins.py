"""Plug-ins are found by file name or entry point, and unknown names are answered helpfully."""

import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import pytest

import codeeff
from codeeff import plugins
from codeeff.core.errors import PluginError


def with_entry_points(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, str, str]) -> None:
    """Installed entry points as (group, name, value)."""
    every = EntryPoints(EntryPoint(name, value, group) for group, name, value in found)
    monkeypatch.setattr(plugins, "entry_points", lambda group: every.select(group=group))


def outside(monkeypatch: pytest.MonkeyPatch) -> object:
    """The PLUGIN of a module that is not ours."""
    module = ModuleType("someone_elses")
    module.PLUGIN = plugin = object()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "someone_elses", module)
    return plugin


@pytest.mark.parametrize("folder", plugins.KINDS)
def test_ids_are_the_names_of_the_files_without_private_ones(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    with_entry_points(monkeypatch)
    files = (Path(codeeff.__file__).parent / folder).glob("[!_]*.py")
    assert plugins.names(folder) == sorted(one.stem for one in files)
    assert plugins.names(folder)


@pytest.mark.parametrize(
    ("folder", "name"), [(folder, name) for folder in plugins.KINDS for name in plugins.names(folder)]
)
def test_every_plugin_loads_and_says_its_purpose(folder: str, name: str) -> None:
    assert plugins.load(folder, name) is plugins.load(folder, name)
    assert plugins.purpose(folder, name).endswith(".")


@pytest.mark.parametrize(
    ("folder", "name", "message"),
    [
        (
            "benchmarks",
            "enammel",
            "Unknown benchmark 'enammel'. Did you mean 'enamel'? Known: apps, bigobench, code_contests, ",
        ),
        ("generators", "refrence", "Unknown generator 'refrence'. Did you mean 'reference'? Known: "),
        ("scorers", "pass_at_1", "Unknown metric 'pass_at_1'. Did you mean 'pass_at_k'? Known: "),
        ("sandboxes", "fake_", "Unknown sandbox engine 'fake_'. Did you mean 'fake'? Known: "),
        ("meters", "cputime", "Unknown meter 'cputime'. Did you mean 'cpu_time'? Known: "),
        ("reports", "mardown", "Unknown report 'mardown'. Did you mean 'markdown'? Known: "),
    ],
)
def test_an_unknown_name_gets_a_guess_and_the_list(folder: str, name: str, message: str) -> None:
    with pytest.raises(PluginError) as caught:
        plugins.load(folder, name)
    assert str(caught.value).startswith(message)
    for known in plugins.names(folder):
        assert known in str(caught.value)


@pytest.mark.parametrize("name", ["", "zzzzzz", "_rows", "__init__", "os.path", "../config"])
def test_a_name_like_nothing_and_a_private_file_are_unknown_without_a_guess(name: str) -> None:
    with pytest.raises(PluginError) as caught:
        plugins.load("benchmarks", name)
    assert str(caught.value).startswith(f"Unknown benchmark {name!r}.")


def test_an_unknown_kind_gets_a_guess_and_the_list() -> None:
    with pytest.raises(PluginError, match=r"Unknown kind of plug-in 'benchmark'. Did you mean 'benchmarks'\?"):
        plugins.names("benchmark")


def test_an_installed_package_adds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = outside(monkeypatch)
    with_entry_points(monkeypatch, ("codeeff.scorers", "their_metric", "someone_elses:PLUGIN"))
    assert "their_metric" in plugins.names("scorers")
    assert "their_metric" not in plugins.names("meters")
    assert plugins.load("scorers", "their_metric") is plugin


def test_a_name_taken_by_an_outside_package_and_us_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with_entry_points(monkeypatch, ("codeeff.scorers", "speedup", "someone_elses:PLUGIN"))
    assert plugins.names("scorers").count("speedup") == 1
    with pytest.raises(PluginError, match=r"metric name 'speedup' is taken twice \(.*someone_elses:PLUGIN.*Uninstall"):
        plugins.load("scorers", "speedup")


def test_a_name_taken_by_two_outside_packages_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = [("codeeff.scorers", "theirs", value) for value in ("one.package:PLUGIN", "other.package:PLUGIN")]
    with_entry_points(monkeypatch, *twice)
    with pytest.raises(PluginError, match=r"taken twice .*one.package:PLUGIN, other.package:PLUGIN"):
        plugins.load("scorers", "theirs")


@pytest.mark.parametrize("value", ["no_such_module_at_all:PLUGIN", "codeeff.plugins:NO_SUCH_NAME"])
def test_an_outside_plugin_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with_entry_points(monkeypatch, ("codeeff.scorers", "theirs", value))
    with pytest.raises(PluginError, match="theirs"):
        plugins.load("scorers", "theirs")


def test_the_purpose_of_an_outside_plugin_of_a_type_defined_elsewhere_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = ModuleType("someone_elses", "Their metric.")
    kind = type("Theirs", (), {"__module__": "made_elsewhere"})
    module.PLUGIN = kind()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "someone_elses", module)
    with_entry_points(monkeypatch, ("codeeff.scorers", "theirs", "someone_elses:PLUGIN"))
    assert plugins.purpose("scorers", "theirs") == "Their metric."


def test_a_file_without_a_plugin_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with_entry_points(monkeypatch)
    monkeypatch.setitem(sys.modules, "codeeff.scorers.speedup", ModuleType("codeeff.scorers.speedup"))
    with pytest.raises(PluginError, match=r"codeeff/scorers/speedup.py does not end with a PLUGIN constant"):
        plugins.load("scorers", "speedup")


def test_listing_imports_no_plugin_and_loading_only_the_one_asked_for() -> None:
    program = (
        "import sys; from codeeff import plugins; plugins.names('generators'); plugins.load('generators', 'reference');"
        "print([n for n in sys.modules if n.startswith('codeeff.generators.')], 'openai' in sys.modules)"
    )
    root = Path(codeeff.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "['codeeff.generators.reference'] False\n"
