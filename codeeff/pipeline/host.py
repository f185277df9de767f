"""What machine and package this is, for the manifest."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from codeeff.core.manifest import HostInfo


def describe() -> HostInfo:
    """The machine."""
    return HostInfo(
        cpu_model=_cpu_model(),
        cores=len(os.sched_getaffinity(0)),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        kernel=platform.release(),
        python=platform.python_version(),
    )


def package_version() -> str:
    """The version of the installed package."""
    try:
        return version("codeeff")
    except PackageNotFoundError:
        return "0+checkout"


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
