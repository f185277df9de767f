"""What tests need of the host, and where they keep things."""

import os
import platform
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from codeeff import plugins
from codeeff.core.errors import SandboxUnavailable

MISSING = re.compile(r"needs (\w+): (.*)")
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background jobs find it, and hand it on
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("capability"):
        name = marker.args[0]
        message = missing(name)
        if message is None:
            continue
        reason = f"needs {name}: {message}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} (CI has to have it)", pytrace=False)
        pytest.skip(reason)


TOOLS = {"qemu-user": f"qemu-{platform.machine()}", "callgrind": "valgrind"}
"""Capabilities that are a command."""
PACKAGES = {"transformers": ("torch", "transformers")}
"""Capabilities that are packages of an extra."""


def missing(capability: str) -> str | None:
    """Why the host lacks a tool, a package or a sandbox engine; None when it has it."""
    if capability in TOOLS:
        return None if shutil.which(TOOLS[capability]) else f"{TOOLS[capability]} is not on PATH"
    if capability in PACKAGES:
        lacking = [name for name in PACKAGES[capability] if find_spec(name) is None]
        return f"{' and '.join(lacking)} not installed; .ci/torch does it" if lacking else None
    try:
        plugins.load("sandboxes", capability).version()
    except SandboxUnavailable as error:
        return " ".join(str(error).split())
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found: dict[str, tuple[int, str]] = {}
    for outcome in ("skipped", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            match = MISSING.search(str(getattr(report, "longrepr", "")))
            if match:
                name, reason = match.groups()
                found[name] = (found.get(name, (0, ""))[0] + 1, reason.rstrip("')"))
    if found:
        terminalreporter.section("missing capabilities")
        for name, (count, reason) in sorted(found.items()):
            terminalreporter.write_line(f"{name}: {count} tests did not run: {reason}")


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """Benchmarks' own code that a test executes may raise what protects everybody from huge integers."""
    before = sys.get_int_max_str_digits()
    yield
    sys.set_int_max_str_digits(before)


@pytest.fixture
def data() -> Path:
    """The folder of real benchmark data."""
    folder = os.environ.get("CODEEFF_DATA")
    if not folder:
        pytest.skip("CODEEFF_DATA is not set: real data is not at hand")
    return Path(folder)


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared cases go to a folder of the session's own."""
    folder = tmp_path_factory.getbasetemp() / "codeeff-cache"
    monkeypatch.setenv("CODEEFF_CACHE", str(folder))
    return folder
