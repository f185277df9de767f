"""What a utility looks at: the costs of one sample, of the reference beside it, and of others' solutions.

In: a sample's measurements. Out: Costs, or None for a sample that was cut. The cost of a program is that of all stress
cases together, as the benchmarks of this field have it: a sum, of peak memory the largest. A case's cost is the
Hodges-Lehmann estimate of its repetitions, where papers take one reading or a mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.task import Distribution, Task
from codeeff.scorers._levels import hodges_lehmann, is_cut, own_level, reference_level, stress_groups
from codeeff.scorers._per_k import Unscored

Cases = tuple[tuple[float, ...], ...]
"""Net readings by stress case, easiest level first."""


@dataclass(frozen=True)
class Costs:
    """One finished sample and what it is held against."""

    quantity: Quantity
    """What was counted."""
    own_cases: Cases
    """The sample's."""
    reference_cases: Cases
    """The best reference's, measured beside it."""
    distribution: Distribution | None = None
    """The task's published one of the quantity."""

    @cached_property
    def own_by_case(self) -> tuple[float, ...]:
        """One Hodges-Lehmann estimate a case."""
        return tuple(map(hodges_lehmann, self.own_cases))

    @cached_property
    def reference_by_case(self) -> tuple[float, ...]:
        """The same of the reference."""
        return tuple(map(hodges_lehmann, self.reference_cases))

    @cached_property
    def own(self) -> float:
        """The sample's cost."""
        return together(self.own_by_case, self.quantity)

    @cached_property
    def reference(self) -> float:
        """The reference's cost."""
        return together(self.reference_by_case, self.quantity)

    @cached_property
    def others(self) -> tuple[float, ...]:
        """The distribution's costs on this machine. Raises: Unscored without a distribution."""
        if self.distribution is None:
            raise Unscored(f"no distribution of {self.quantity}")
        scale = 1.0 if self.distribution.reference_cost is None else self.reference / self.distribution.reference_cost
        return tuple(cost * scale for cost in self.distribution.costs)

    def dearer(self, factor: float) -> "Costs":
        """The same with a sample so many times as dear."""
        return replace(self, own_cases=tuple(tuple(one * factor for one in case) for case in self.own_cases))


def together(by_case: Sequence[float], quantity: Quantity) -> float:
    """A program's cost of all cases: a sum, of peak memory the largest.

    >>> together([1.0, 2.0], "cpu_time"), together([1.0, 2.0], "peak_memory")
    (3.0, 2.0)
    """
    return max(by_case) if quantity == "peak_memory" else sum(by_case)


def distribution_of(task: Task, quantity: Quantity) -> Distribution | None:
    """The task's published costs of a quantity."""
    return next((one for one in task.distributions if one.quantity == quantity), None)


def costs_of(
    task: Task, own: Mapping[str, Measurement], reference: Mapping[str, Measurement], quantity: Quantity
) -> Costs | None:
    """A sample's costs from its own and the reference's measurements by level; None when it was cut on some level.

    Raises: Unscored when the sample or the reference was not measured.
    """
    ours: list[tuple[float, ...]] = []
    beside: list[tuple[float, ...]] = []
    for group in stress_groups(task):
        measured = own_level(own, group.name)
        if is_cut(measured):
            return None
        ours += map(measured.net, measured.cases)
        held = reference_level(reference, group.name)
        beside += map(held.net, held.cases)
    return Costs(quantity, tuple(ours), tuple(beside), distribution_of(task, quantity))
