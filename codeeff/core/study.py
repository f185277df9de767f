"""Study: what a host's numbers are worth, found by measuring a program against itself."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import Field

from codeeff.core.manifest import HostInfo
from codeeff.core.measurement import Quantity
from codeeff.core.record import Record

FLOOR_SHARE = 0.95
"""Of A/A measurements, how many differ by no more than the noise floor."""
BETWEEN_SAMPLES = math.sqrt(2)
"""Two samples' ratios each have an error of their own: their difference spreads so many times as wide as one."""

BETWEEN_TEXTS: Final[Mapping[str, float]] = {"instructions": 0.01}
"""What two texts of one program differ by, relative, where a text against itself differs by nothing."""


class LengthNoise(Record):
    """A program of one length against itself, by one quantity."""

    quantity: Quantity
    """What was read."""
    length_ms: float
    """What a call takes, in milliseconds of CPU, not emulated."""
    ratios: tuple[float, ...]
    """Candidate / reference of each round, both the same program; Hodges-Lehmann over its repetitions."""
    intervals_held: float | None
    """Share of rounds whose 95 % interval of the ratio holds 1; None where too few repetitions give no interval."""
    drift: float
    """How the call's own cost moved from the study's first third to its last, relative."""

    @property
    def floor(self) -> float:
        """The relative difference that FLOOR_SHARE of the rounds stay within."""
        spread = sorted(abs(math.log(one)) for one in self.ratios)
        return math.expm1(spread[math.ceil(FLOOR_SHARE * len(spread)) - 1])


class SelfTest(Record):
    """A loop of twice the rounds has to read twice."""

    quantity: Quantity
    """What was read."""
    ratio: float
    """The longer loop's median cost / the shorter one's, empty call taken off."""
    tolerance: float
    """How far from 2 it may be, relative."""

    @property
    def holds(self) -> bool:
        """Whether it is near enough."""
        return abs(self.ratio / 2 - 1) <= self.tolerance


class Study(Record):
    """An A/A study of a host with an engine."""

    host: HostInfo
    """The machine."""
    engine: str
    """Engine and version, as in a manifest's `sandbox`."""
    measured_at: str
    """UTC, ISO 8601."""
    wall_s: float
    """How long it took."""
    lengths: tuple[LengthNoise, ...]
    """By quantity and length."""
    self_tests: tuple[SelfTest, ...]
    """By quantity."""
    empty_call: dict[str, int]
    """What calling an empty function reads, by quantity, in its unit; it is taken off every reading."""
    region_ms: float | None
    """Wall milliseconds a timed call takes besides itself, its share of process and box in them; None when none was."""
    missing: dict[str, str] = Field(default={})
    """Quantities that could not be read here, with the reason."""

    def of(self, quantity: str) -> Sequence[LengthNoise]:
        """The lengths a quantity was read on, shortest first."""
        return [one for one in self.lengths if one.quantity == quantity]

    @property
    def noise(self) -> dict[str, float]:
        """The noise floor of each quantity, relative: that of the length on which it is worst."""
        quantities = dict.fromkeys(one.quantity for one in self.lengths)
        return {name: max(one.floor for one in self.of(name)) for name in quantities}
