"""The shape of the repository: what the root holds, how long things are, what a plug-in file ends with."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import codeeff
from codeeff import plugins

ROOT = Path(__file__).parents[1]
ROOT_NAMES = {
    *("pyproject.toml", "README.md", "codeeff", "tasks", "sandbox", "tests", "results"),
    *("LICENSE", "CHANGELOG.md", "Makefile"),
}
FILE_LINES, FUNCTION_LINES = 400, 60
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def sources() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_root_holds_what_the_architecture_says_and_nothing_else() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} == ROOT_NAMES


def test_no_file_is_longer_than_its_budget() -> None:
    long = {str(path): count for path in sources() if (count := len(path.read_text().splitlines())) > FILE_LINES}
    assert not long


def test_no_function_is_longer_than_its_budget() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in sources()
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert not long


def test_every_module_of_the_product_says_what_it_is_for() -> None:
    ours = [path for path in sources() if path.is_relative_to(ROOT / "codeeff") or "runner" in path.parts]
    assert len(ours) > 50
    assert not [path for path in ours if not ast.get_docstring(ast.parse(path.read_text()))]


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in sources() if path.stem.strip("_") in FORBIDDEN_NAMES]


def test_the_public_names_are_sorted_and_exported() -> None:
    assert codeeff.__all__ == sorted(codeeff.__all__)
    assert all(hasattr(codeeff, name) for name in codeeff.__all__)


@pytest.mark.parametrize("folder", sorted(plugins.KINDS))
def test_every_plug_in_file_ends_with_its_typed_constant(folder: str) -> None:
    found = plugins.names(folder)
    assert found
    for name in found:
        module = importlib.import_module(f"codeeff.{folder}.{name}")
        last = ast.parse(Path(str(module.__file__)).read_text()).body[-1]
        assert isinstance(last, ast.AnnAssign), f"{folder}/{name}.py does not end with PLUGIN: Final[…] = …"
        assert ast.unparse(last.target) == "PLUGIN"


def test_importing_the_package_imports_no_heavy_third_party_package() -> None:
    heavy = ("numpy", "scipy", "datasets", "docker", "openai", "genai_prices", "torch", "transformers", "vllm")
    code = f"import sys, codeeff.cli; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_nothing_in_the_repository_names_a_path_of_a_machine() -> None:
    homes = ("/" + "work/", "/" + "root/", "/home" + "/")
    naming = [
        str(path)
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".json", ""}
        and any(home in path.read_text(encoding="utf-8", errors="replace") for home in homes)
    ]
    assert not naming
