"""Landlock where it is meant to be used: for an ordinary user, and in a container that is given nothing special.

What it does not hold is in the attacks' own expect.yaml, `reduced: {landlock: reason}`, and must be shown not to hold.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from attacks import ATTACKS
from boxes import engine
from contract.test_adversarial import HONEST, expectation, folders
from contract.test_sandboxes import PROGRAMS

from codeeff.core.errors import SandboxUnavailable
from codeeff.sandboxes import landlock

ROOT, PACKAGES = Path(__file__).parents[2], sysconfig.get_path("platlib")
USER = 65534
SECONDS = 1800
RUN = """
import json, os, shutil, sys
root, packages = {root!r}, {packages!r}
sys.path[:0] = [root, root + "/tests", packages]
import numpy, pydantic, pytest, yaml
from codeeff import plugins
plugins.load("sandboxes", "landlock").version()
assert os.access(os.path.realpath(sys._base_executable), os.X_OK)
print(plugins.load("sandboxes", "landlock").isolation, flush=True)
if sys.argv[1:]:
    os.chdir(root)
    found = {{}}

    class Results:
        def pytest_configure(self):
            make = pytest.TempPathFactory.mktemp

            def mktemp(*arguments, **options):  # programs that are users of their own have to get through
                made = make(*arguments, **options)
                for folder in (made, made.parent):
                    folder.chmod(0o711)
                return made

            pytest.TempPathFactory.mktemp = mktemp

        def pytest_collection_modifyitems(self, items):
            for item in items:  # what is known not to hold is run, too
                item.own_markers = [one for one in item.own_markers if one.name != "skip"]

        def pytest_runtest_logreport(self, report):
            name = report.nodeid.partition("[")[2].rstrip("]")
            if name and (report.failed or report.skipped or report.when == "call"):
                found[name] = "" if report.passed else str(report.longrepr)[-600:]

    files = [f"tests/contract/test_{{one}}.py" for one in ("adversarial", "sandboxes")]
    chosen = "landlock and (attack or honest_program or program_ends or no_source)"
    code = pytest.main([*files, "-k", chosen, "--tb=short", "--basetemp", "/tmp/" + sys.argv[1]], plugins=[Results()])
    shutil.rmtree("/tmp/" + sys.argv[1], ignore_errors=True)
    print()
    print(json.dumps([int(code), found]))
"""


def results(before: list[str], root: str, packages: str, *, has_users: bool) -> dict[str, str]:
    """What each test says in an interpreter started by a command; the empty text where it holds."""
    words = [*before, "-B", "-c", RUN.format(root=root, packages=packages), f"codeeff-{os.getpid()}"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", timeout=SECONDS)
    assert ran.stdout.startswith("reduced:"), ran.stderr
    assert ("run as the user who started" in ran.stdout.splitlines()[0]) != has_users
    code, found = json.loads(ran.stdout.splitlines()[-1])
    assert code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), ran.stdout[-3000:] + ran.stderr
    answer: dict[str, str] = found
    return answer


def check(found: dict[str, str]) -> None:
    """Everything holds but what is known not to, which does not."""
    every = [*folders(ATTACKS), *folders(HONEST)]
    expected = {one: expectation(one) for one in every}
    chosen = [one for one in every if "landlock" in expected[one].get("only", ["landlock"])]
    chosen = [one for one in chosen if "landlock" not in expected[one].get("except_engines", {})]
    assert {f"landlock-{one.name}" for one in (*chosen, *PROGRAMS.iterdir())} <= found.keys()
    reduced = {f"landlock-{one.name}" for one in chosen if "landlock" in expected[one].get("reduced", {})}
    undecided = {f"landlock-{one.name}" for one in chosen if "open" in expected[one]}  # on every engine
    failed = {name: text for name, text in found.items() if text and name not in undecided}
    assert {name: failed[name] for name in failed.keys() - reduced} == {}
    assert failed.keys() == reduced, "what is called reduced holds"


@pytest.mark.capability("landlock")
def test_everything_holds_for_an_ordinary_user() -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root with setpriv can become another user")
    become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "env", "-i", "HOME=/tmp"]
    probe = RUN.format(root=str(ROOT), packages=PACKAGES)
    for python in (sys.executable, "/usr/bin/python3"):
        if not subprocess.run(
            [*become, python, "-B", "-c", probe], capture_output=True, check=False, cwd="/"
        ).returncode:
            break
    else:
        pytest.skip("an ordinary user has no interpreter here that has what the tests need")
    check(results([*become, python], str(ROOT), PACKAGES, has_users=False))


@pytest.mark.capability("docker")
@pytest.mark.capability("landlock")
@pytest.mark.parametrize("user", [0, USER], ids=["root", "user"])
def test_everything_holds_in_a_container_as_docker_makes_it(user: int) -> None:
    """With Docker's own system-call profile and rights; mounted is only what the tests are made of, read-only."""
    from codeeff.sandboxes._image import image_tag

    mounts = ["-v", f"{ROOT}:/here:ro", "-v", f"{PACKAGES}:/packages:ro"]
    start = ["docker", "run", "--rm", "--init", "--network=none", f"--user={user}", *mounts, "-e", "HOME=/tmp"]
    before = [*start, "--entrypoint", "/usr/bin/python3", image_tag()]
    check(results(before, "/here", "/packages", has_users=user == 0))


@pytest.mark.parametrize("version", [1, 5, 6, 7])
def test_isolation_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: version)
    said = engine("landlock").isolation
    assert said.startswith(f"reduced: Landlock ABI {version} ")
    assert "no namespaces" in said
    assert "metadata can be seen" in said
    assert "no limit on a whole box's memory and files" in said
    assert (f"ABI {version} < 6" in said) == (version < 6)


@pytest.mark.parametrize("has_users", [True, False])
def test_isolation_says_as_whom_programs_run(monkeypatch: pytest.MonkeyPatch, has_users: bool) -> None:
    monkeypatch.setattr(landlock, "_child_users", lambda: has_users)
    assert ("run as the user who started codeeff" in engine("landlock").isolation) != has_users


def test_without_landlock_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    one = engine("landlock")
    for ask in (one.probe, one.version, lambda: one.open(None)):
        with pytest.raises(SandboxUnavailable, match=r"5\.13.*lsm=landlock.*profile.*--sandbox none"):
            ask()


def test_without_a_table_of_system_calls_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 7)
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(SandboxUnavailable, match=r"riscv64.*--sandbox docker"):
        engine("landlock").open(None)
