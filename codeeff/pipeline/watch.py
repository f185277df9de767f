"""What else a machine did while times were measured: steal, load on the core, frequency; notices when it was too much.

Read from /proc and /sys, which cost nothing to look at; where a kernel does not tell, nothing is said.
"""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, NamedTuple, Self

from codeeff.core.notice import Notice

PAUSE_S: Final = 0.5
"""Between looks at what changes from moment to moment."""
LEAST_S: Final = 2.0
"""Shorter measuring is not judged: a kernel counts in hundredths of a second."""
LEAST_LOOKS: Final = 4
STEAL_SHARE: Final = 0.01
"""Of the core's time, taken by other guests of the same machine."""
OTHERS_SHARE: Final = 0.1
"""Of the core's time, spent by what is not measured: a child that waits for its core finds its caches used."""
OTHERS_RUNNABLE: Final = 0.5
"""Threads that want to run besides ours, on any core, on average: they share caches, memory and heat."""
OURS_RUNNABLE: Final = 2
"""The program that is measured, or its supervisor, and the thread that looks."""
FREQUENCY_SHARE: Final = 0.05
"""Between the lowest and the highest frequency seen."""
REMEDY: Final = "Measure again on a machine that does nothing else, rank by instructions, or ask for --precision 0.02."
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Look(NamedTuple):
    """One look at the machine."""

    at_s: float
    """When, by a steady clock."""
    busy_s: float | None
    """What the core has worked since the machine started."""
    steal_s: float | None
    """What was taken from it."""
    mhz: float | None
    """Its frequency now."""
    runnable: int | None
    """Threads of the machine that run or want to."""


def look(core: int, proc: Path = Path("/proc"), cpus: Path = Path("/sys/devices/system/cpu")) -> Look:
    """The machine as it is now."""
    busy_s, steal_s = core_times_s(_text(proc / "stat"), core)
    exact = _text(cpus / f"cpu{core}" / "cpufreq" / "scaling_cur_freq").strip()
    mhz = int(exact) / 1000 if exact.isdigit() else frequency_mhz(_text(proc / "cpuinfo"), core)
    return Look(monotonic(), busy_s, steal_s, mhz, runnable(_text(proc / "loadavg")))


def core_times_s(stat: str, core: int) -> tuple[float | None, float | None]:
    """Busy and stolen seconds of a core, by the text of /proc/stat."""
    for line in stat.splitlines():
        name, *fields = line.split()
        if name == f"cpu{core}" and len(fields) >= 8:
            user, nice, system, _, _, hard, soft, steal = map(int, fields[:8])
            return (user + nice + system + hard + soft) / _TICKS, steal / _TICKS
    return None, None


def frequency_mhz(cpuinfo: str, core: int) -> float | None:
    """A core's frequency, by the text of /proc/cpuinfo; None where it says none, as on ARM."""
    number = None
    for line in cpuinfo.splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        if key == "processor" and value.isdigit():
            number = int(value)
        elif key == "cpu MHz" and number == core:
            return float(value)
    return None


def runnable(loadavg: str) -> int | None:
    """How many threads run or want to, by the text of /proc/loadavg."""
    fields = loadavg.split()
    return int(fields[3].partition("/")[0]) if len(fields) > 3 else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


class Watch:
    """Looks now and then, from a thread of its own, while times are measured on a core; says at the end what it saw."""

    def __init__(self, core: int, notify: Callable[[Notice], None], read: Callable[[int], Look] = look) -> None:
        self.core, self.notify, self.read = core, notify, read
        self.looks: list[Look] = []
        self.ours_ns = 0
        """CPU that the measuring boxes have used in the meantime."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)

    def __enter__(self) -> Self:
        self.looks.append(self.read(self.core))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self.looks.append(self.read(self.core))
        for notice in found(self.looks, self.ours_ns / 1e9):
            self.notify(notice)

    def _go(self) -> None:
        while not self._over.wait(PAUSE_S):
            self.looks.append(self.read(self.core))


def found(looks: Sequence[Look], ours_s: float) -> list[Notice]:
    """Notices on the looks of one stage, of which the first and the last are its ends."""
    first, last = looks[0], looks[-1]
    wall_s = last.at_s - first.at_s
    if wall_s < LEAST_S:
        return []
    notices = [_steal(first, last, wall_s), _load(looks, ours_s, wall_s), _frequency(looks[1:-1])]
    return [one for one in notices if one is not None]


def _steal(first: Look, last: Look, wall_s: float) -> Notice | None:
    if first.steal_s is None or last.steal_s is None:
        return None
    share = (last.steal_s - first.steal_s) / wall_s
    if share <= STEAL_SHARE:
        return None
    return Notice(
        code="host_steal",
        severity="warning",
        seen=f"Other guests of the machine took {100 * share:.1f} % of the measuring core's time.",
        effect="Times are longer than the programs need, by an amount that changes.",
        remedy=REMEDY,
    )


def _load(looks: Sequence[Look], ours_s: float, wall_s: float) -> Notice | None:
    first, last, seen = looks[0], looks[-1], []
    if first.busy_s is not None and last.busy_s is not None:
        share = (last.busy_s - first.busy_s - ours_s) / wall_s
        if share > OTHERS_SHARE:
            seen.append(f"Other work took {100 * share:.0f} % of the measuring core's time.")
    counts = [one.runnable for one in looks[1:-1] if one.runnable is not None]
    if len(counts) >= LEAST_LOOKS:
        others = sum(max(0, count - OURS_RUNNABLE) for count in counts) / len(counts)
        if others > OTHERS_RUNNABLE:
            seen.append(f"Besides what was measured, {others:.1f} threads of the machine wanted to run on average.")
    if not seen:
        return None
    return Notice(
        code="host_load",
        severity="warning",
        seen=" ".join(seen),
        effect="Caches and memory were shared: times are longer and spread wider.",
        remedy=REMEDY,
    )


def _frequency(looks: Sequence[Look]) -> Notice | None:
    """Only of looks while programs were measured: an idle core may rest."""
    seen = [one.mhz for one in looks if one.mhz]
    if len(seen) < LEAST_LOOKS or max(seen) - min(seen) <= FREQUENCY_SHARE * max(seen):
        return None
    return Notice(
        code="host_frequency",
        severity="warning",
        seen=f"The measuring core ran at {min(seen):.0f} to {max(seen):.0f} MHz.",
        effect="The same program takes longer when the core is slower.",
        remedy=f"Fix the frequency (cpupower frequency-set -g performance, turbo off). {REMEDY}",
    )
