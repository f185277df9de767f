"""What is said of a machine that did something else while times were measured, on recorded /proc texts."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from boxes import engine, make_job, run
from runs import Configure

from codeeff.core.notice import Notice
from codeeff.pipeline import run as run_module
from codeeff.pipeline import watch
from codeeff.pipeline.watch import Look, Watch, core_times_s, found, frequency_mhz, look, runnable
from codeeff.sandboxes._keeper import Keeper

STAT = """cpu  2470929 1299 670963 2208196 19610 0 6268 1656 176 0
cpu0 1079868 837 311074 1288241 5811 0 592 824 91 0
cpu1 1391061 461 359888 919955 13799 7 5676 831 85 0
intr 37066673 0 0
ctxt 54363
"""
CPUINFO = """processor\t: 0
model name\t: Intel(R) Xeon(R) Processor
cpu MHz\t\t: 2599.998

processor\t: 1
model name\t: Intel(R) Xeon(R) Processor
cpu MHz\t\t: 3100.500
"""
ARM_CPUINFO = "processor\t: 0\nBogoMIPS\t: 243.75\nCPU part\t: 0xd0c\n"
LOADAVG = "0.95 1.25 1.61 3/165 25364\n"


def test_texts_of_a_kernel_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_TICKS", 100)
    assert core_times_s(STAT, 1) == ((1391061 + 461 + 359888 + 7 + 5676) / 100, 8.31)
    assert core_times_s(STAT, 0)[1] == 8.24
    assert core_times_s(STAT, 2) == (None, None) == core_times_s("", 0)
    assert (frequency_mhz(CPUINFO, 0), frequency_mhz(CPUINFO, 1)) == (2599.998, 3100.5)
    assert frequency_mhz(ARM_CPUINFO, 0) is None
    assert (runnable(LOADAVG), runnable("")) == (3, None)


def test_files_are_looked_at_and_the_exact_frequency_is_preferred(tmp_path: Path) -> None:
    for name, text in (("stat", STAT), ("cpuinfo", CPUINFO), ("loadavg", LOADAVG)):
        (tmp_path / name).write_text(text, "utf-8")
    seen = look(1, tmp_path, tmp_path)
    assert (seen.mhz, seen.runnable) == (3100.5, 3)
    (tmp_path / "cpu1" / "cpufreq").mkdir(parents=True)
    (tmp_path / "cpu1" / "cpufreq" / "scaling_cur_freq").write_text("2750000\n", "utf-8")
    assert look(1, tmp_path, tmp_path).mhz == 2750
    nothing = look(0, tmp_path / "absent", tmp_path / "absent")
    assert nothing[1:] == (None, None, None, None)


def looks(
    busy_s: float = 0.0, steal_s: float = 0.0, mhz: Sequence[float | None] = (2600.0,), running: int | None = 2
) -> list[Look]:
    """Ten seconds; `busy_s` and `steal_s` over all of them, frequencies in turns."""
    return [Look(float(at), busy_s * at / 10, steal_s * at / 10, mhz[at % len(mhz)], running) for at in range(11)]


def codes(seen: Sequence[Look], ours_s: float = 0.0) -> list[str]:
    return [one.code for one in found(seen, ours_s)]


def test_a_calm_machine_gives_no_notice() -> None:
    assert codes(looks(busy_s=9.5, steal_s=0.05, mhz=(2600, 2590)), ours_s=9.0) == []
    assert codes([Look(float(at), None, None, None, None) for at in range(11)]) == []


@pytest.mark.parametrize(
    ("seen", "ours_s", "code", "words"),
    [
        (looks(steal_s=0.2), 0.0, "host_steal", "took 2.0 % of the measuring core's time"),
        (looks(busy_s=9.9), 7.0, "host_load", "Other work took 29 %"),
        (looks(running=4), 0.0, "host_load", "2.0 threads of the machine wanted to run"),
        (looks(mhz=(2600, 2400)), 0.0, "host_frequency", "ran at 2400 to 2600 MHz"),
    ],
)
def test_what_moved_is_said_with_its_size_and_a_remedy(seen: list[Look], ours_s: float, code: str, words: str) -> None:
    (notice,) = found(seen, ours_s)
    assert (notice.code, notice.severity) == (code, "warning")
    assert words in notice.seen
    assert notice.effect and notice.remedy


def test_a_core_that_rests_at_the_ends_is_no_finding_and_neither_is_a_moment() -> None:
    ends = looks()
    ends[0], ends[-1] = ends[0]._replace(mhz=800.0), ends[-1]._replace(mhz=800.0, runnable=9)
    assert codes(ends) == []
    assert codes([one._replace(at_s=one.at_s / 10) for one in looks(steal_s=5.0)]) == []


def test_a_watch_looks_while_it_is_open_and_speaks_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PAUSE_S", 0.001)
    ticks, said = count(), list[Notice]()

    def read(core: int) -> Look:
        at = next(ticks)
        return Look(float(at), float(at), at / 2, 2600.0, 2)

    with Watch(3, said.append, read) as watching:
        while len(watching.looks) < 8:
            pass
        assert said == []
        watching.ours_ns = 10**12
    assert [one.code for one in said] == ["host_steal"]


@pytest.fixture
def stolen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look is ten seconds after the one before, of which others took five."""
    ticks = count(0, 10)

    class Robbed(Watch):
        def __init__(self, core: int, notify: object) -> None:
            def read(core: int) -> Look:
                at = next(ticks)
                return Look(float(at), 0.0, at / 2, None, None)

            super().__init__(core, notify, read)  # type: ignore[arg-type]

    monkeypatch.setattr(run_module, "Watch", Robbed)


def test_a_notice_is_stored_in_the_manifest_and_shown_in_the_report(stolen: None, configured: Configure) -> None:
    result = run_module.run(configured())
    assert "host_steal" in {one.code for one in result.manifest.notices}
    assert "of the measuring core's time" in (result.store.folder / "report.md").read_text("utf-8")


def test_counts_are_not_said_to_be_longer_for_it(
    stolen: None, configured: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "measure", lambda prepared, sample, verdict, plan, keeper: ([], verdict))
    only_counts = {"meters": ["instructions"], "metrics": ["pass_at_k"], "workers": 1}
    assert "host_steal" not in {one.code for one in run_module.run(configured(**only_counts)).manifest.notices}


def test_boxes_say_what_they_use_themselves() -> None:
    keeper = Keeper(engine("none"), None)
    outcome, _ = keeper.run(make_job("def f(): return 1"), [b"(\0\0\0\0"])
    first = outcome.box_cpu_ns
    outcome, _ = keeper.run(make_job("def f(): return 1"), [b"(\0\0\0\0"])
    assert 0 < outcome.box_cpu_ns < first, "starting the runner is told once"
    assert keeper.cpu_ns > first + outcome.box_cpu_ns
    run(keeper, "def f():\n    return sum(range(3_000_000))")
    assert keeper.cpu_ns > 20_000_000
    keeper.close()
