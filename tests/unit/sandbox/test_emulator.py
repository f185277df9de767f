"""What the supervisor makes of the page a plugin counts in, and of counts that do not fit."""

import struct
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from runner import emulator, process

STEPS = ("load", "before", "call", "after")


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> tuple[emulator.Counter, Callable[..., None]]:
    """A counter, and a way to write its page: total, first reading, last writing."""
    monkeypatch.setattr("subprocess.run", lambda *_, **__: type("Done", (), {"stdout": "qemu 7\n"}))
    found = emulator.Counter("qemu")
    found.begin()
    return found, lambda *words: struct.pack_into("<QQQ", found.page, 0, *words)


def test_steps_end_where_the_child_wrote_and_leave_nothing_out(
    counter: tuple[emulator.Counter, Callable[..., None]],
) -> None:
    read, write = counter
    write(1_200, 1_000, 1_100)
    assert read.read() == 100
    write(9_500, 1_000, 9_000)
    assert read.read() == 7_900


def test_what_came_long_behind_the_last_mark_belongs_to_the_step(
    counter: tuple[emulator.Counter, Callable[..., None]],
) -> None:
    read, write = counter
    write(5_000_000, 1_000, 1_100)
    assert read.read() == 4_999_000
    write(5_000_100, 1_000, 1_100)
    assert read.read() == 100


def test_a_total_that_runs_backwards_is_negative(counter: tuple[emulator.Counter, Callable[..., None]]) -> None:
    read, write = counter
    write(5_000, 1_000, 4_900)
    read.read()
    write(100, 1_000, 50)
    assert read.read() < 0


def reading(spent_ns: int, **counts: int) -> dict[str, object]:
    instructions = dict.fromkeys(STEPS, 0) | counts
    return {f"{step}_ns": spent_ns if step in counts else 0 for step in STEPS} | {"instructions": instructions}


def test_counts_have_to_fit_the_cpu_that_was_not_the_kernels() -> None:
    busy, idle = [0] * 5, [0, 0, 0, 900_000_000, 900_000_000]
    emulator.check(reading(10**9, call=400_000_000), busy)
    emulator.check(reading(90_000_000, call=5_000), busy)
    emulator.check(reading(10**9, call=5_000), idle)
    for wrong in (reading(10**9, call=5_000), reading(10**9, load=5_000), reading(10**6, call=-1)):
        with pytest.raises(emulator.ImplausibleError, match="not all counted"):
            emulator.check(wrong, busy)
    with pytest.raises(emulator.ImplausibleError):
        emulator.check(reading(10**6, call=10**12), busy)


class Spinning:
    """A child that met its limit in CPU, of which the kernel had a part."""

    def __init__(self, counter: object, in_kernel_ns: int) -> None:
        self.zygote, self.in_kernel_ns = SimpleNamespace(counter=counter), in_kernel_ns

    def kernel_ns(self) -> int:
        return self.in_kernel_ns

    def stop(self, exit_: str, detail: str) -> process.Stopped:
        return process.Stopped(exit_, detail)


def test_who_spins_while_its_count_stands_still_blames_no_slow_emulator(
    counter: tuple[emulator.Counter, Callable[..., None]],
) -> None:
    def too_slow(counted: int, in_kernel_ns: int = 0) -> str:
        child: Any = Spinning(counter[0], in_kernel_ns)
        exit_: str = process.Process._too_slow(child, counted, 10**10, 0).args[0]
        return exit_

    with pytest.raises(emulator.ImplausibleError, match="not all counted"):
        too_slow(5_000)
    assert too_slow(10**9) == "unfinished"
    assert too_slow(5_000, in_kernel_ns=9 * 10**9) == "cpu_limit"
