"""When two costs are too close to call: the noise floor of a quantity.

Two costs whose ratio lies within the floor of 1 are tied. A floor that was measured on the run's host comes with the
run's manifest; these stand in for it:

- instructions 1 %: a count repeats to the instruction, but two texts of one program do not count alike: another layout
  of the heap moves the count of identical code, here by up to 1.5 %. One verdict in five of COFFE's lies within 1 %.
  A study of one text against itself cannot see that, and does not narrow it.
- cpu_time 5 %: a best reference of `core` against itself differed by 1.9 % in the middle, 3.8 % at the 90th percentile
  and 9.2 % at most, six repetitions, both cores loaded.
- wall_time 25 %: how far EffiBench's run times drifted over 100 reruns (its issue 10); against itself as above, 11 % in
  the middle and 37 % at the 90th percentile.
- peak_memory 3 %: against itself nothing in the middle and 1.4 % at the 90th percentile; below a megabyte up to 9 %.
- memory_time 30 %: EffiBench's issue 10 again; against itself 21 % in the middle and 47 % at the 90th percentile.
- allocation_peak 1 %: it repeats to some bytes; what differs so little is no decision of anybody's.
"""

import math
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from codeeff.core.measurement import Quantity
from codeeff.core.study import BETWEEN_TEXTS
from codeeff.core.table import Table

TIMES: Final = frozenset[Quantity]({"cpu_time", "wall_time"})
"""Quantities in nanoseconds, to which a time limit's slack applies."""
DEFAULT: Final[Mapping[Quantity, float]] = {
    "instructions": BETWEEN_TEXTS["instructions"],
    "cpu_time": 0.05,
    "wall_time": 0.25,
    "peak_memory": 0.03,
    "memory_time": 0.30,
    "allocation_peak": 0.01,
}
"""By quantity, relative."""
ROUNDING: Final = 1e-12
"""What arithmetic alone does to a ratio or a difference."""


def noise_floor(table: Table, quantity: Quantity) -> float:
    """The floor measured on the run's host, but no less than texts of one program differ by; else the default.

    >>> noise_floor(Table({}, {}, {}), "instructions")
    0.01
    >>> noise_floor(Table({}, {}, {}, noise_floor={"cpu_time": 0.02}), "cpu_time")
    0.02
    >>> noise_floor(Table({}, {}, {}, noise_floor={"instructions": 0.0}), "instructions")
    0.01
    """
    measured = table.noise_floor.get(quantity)
    return DEFAULT[quantity] if measured is None else max(measured, BETWEEN_TEXTS.get(quantity, 0.0))


def is_tie(ratio: float, floor: float) -> bool:
    """Whether a ratio of two costs is too close to 1, whichever of them is the larger.

    >>> is_tie(1.01, 0.01), is_tie(1 / 1.01, 0.01), is_tie(1.011, 0.01)
    (True, True, False)
    """
    return abs(math.log(ratio)) <= math.log1p(floor) + ROUNDING


def least_difference_of_eff(floor: float, alpha: float) -> float:
    """The most by which a cost that moves by the floor can move eff: t / (T - r) at t = T, T = alpha * r.

    >>> least_difference_of_eff(0.01, alpha=2.0)
    0.02
    """
    return floor * alpha / (alpha - 1)


def stated(table: Table, quantity: Quantity) -> dict[str, JsonValue]:
    """What a Score's parameters say of its quantity: unit (None: nothing was measured) and noise floor."""
    every = (one for of_sample in table.measurements.values() for one in of_sample)
    return {
        "quantity": quantity,
        "unit": next((one.unit for one in every if one.quantity == quantity), None),
        "noise_floor": noise_floor(table, quantity),
        "noise_floor_is_measured": noise_floor(table, quantity) == table.noise_floor.get(quantity),
    }
