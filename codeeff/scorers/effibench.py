"""EffiBench's ET, NET, MU, NMU, TMU and NTMU of right programs: time, peak memory, their integral, and each normalised.

Huang et al., "EffiBench: Benchmarking the Efficiency of Automatically Generated Code", NeurIPS 2024 (arXiv:2402.02037).
In: verdicts and wall_time, peak_memory and memory_time measurements of samples and of the reference beside each. Out:
six Scores, lower is better, over the tasks with a right sample (the mean over its right samples) that were not cut:

    ET    seconds of all stress cases together        NET    the mean over tasks of sample / reference
    MU    MB at the peak                              NMU    the same of MU
    TMU   MB * s                                      NTMU   the same of TMU

The parameters of a normalised Score hold `worst`, the largest ratio of a task, `beyond_5_percent`, the percentage of
tasks whose ratio exceeds 5, and `ratio_of_sums`, the sum over tasks / the sum of the references', which is what
EffiBench's code prints where its paper has the mean (EffiBench issue 11). Switch: `effibench_ratio_of_sums` makes that
the value. Ours are the call's costs; EffiBench's are the whole process's, interpreter included.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

from codeeff.config import RunConfig
from codeeff.core.measurement import Quantity
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.scorers import Scorer
from codeeff.scorers._costs import Costs
from codeeff.scorers._ratio_of_sums import as_ratio_of_sums, ratio_of_sums
from codeeff.scorers._utility import UtilityMetric

SWITCH: Final = "effibench_ratio_of_sums"
FAR: Final = 5.0
"""The ratio beyond which a program counts as far off."""


class ProfileCosts(NamedTuple):
    """What EffiBench reads off a memory profile."""

    et_s: float
    """Last time - first time."""
    mu_mb: float
    """Largest reading."""
    tmu_mb_s: float
    """The trapezoid of the readings over time."""


def profile_costs(readings: Sequence[tuple[float, float]]) -> ProfileCosts:
    """The costs of one run, from its readings (seconds, MB) in order of time.

    Raises: ValueError with fewer than two readings.

    >>> profile_costs([(10.0, 2.0), (10.5, 4.0), (11.0, 4.0)])
    ProfileCosts(et_s=1.0, mu_mb=4.0, tmu_mb_s=3.5)
    """
    if len(readings) < 2:
        raise ValueError(f"a profile of {len(readings)} readings has no duration: give at least two")
    area = sum((before[1] + after[1]) / 2 * (after[0] - before[0]) for before, after in pairwise(readings))
    return ProfileCosts(readings[-1][0] - readings[0][0], max(one for _, one in readings), area)


def far_percentage(ratios: Sequence[float]) -> float:
    """The percentage of ratios beyond 5.

    >>> far_percentage([1.0, 5.0, 5.1, 40.0])
    50.0
    """
    return 100 * sum(one > FAR for one in ratios) / len(ratios)


class EffiBench:
    """The six Scores; wrong samples do not enter, so that a model that solves only easy tasks looks efficient."""

    higher_is_better = False
    needs_measurements = True
    needs_costs = False
    compats = (SWITCH,)

    def score(self, table: Table, config: RunConfig) -> list[Score]:
        return [
            *_pair("ET", "wall_time", 1e9, table, config),
            *_pair("MU", "peak_memory", 2**20, table, config),
            *_pair("TMU", "memory_time", 2**20 * 1000, table, config),
        ]


def _pair(name: str, quantity: Quantity, unit: float, table: Table, config: RunConfig) -> tuple[Score, Score]:
    """The Score in seconds or MB, and the normalised one."""

    def own(costs: Costs) -> float:
        return costs.own / unit

    def reference(costs: Costs) -> float:
        return costs.reference / unit

    def normalised(costs: Costs) -> float:
        return costs.own / costs.reference

    metric = UtilityMetric("effibench", name, own, failed=None, cut=None, quantity=quantity, higher_is_better=False)
    absolute, beside = (replace(metric, utility=one).score(table, config)[0] for one in (own, reference))
    (ratio,) = replace(metric, label=f"N{name}", utility=normalised).score(table, config)
    ratios = list(ratio.per_task.values())
    sums = ratio_of_sums(absolute, beside)
    shown = {
        "worst": max(ratios, default=None),
        "beyond_5_percent": far_percentage(ratios) if ratios else None,
        "ratio_of_sums": sums,
    }
    ratio = ratio.model_copy(update={"parameters": ratio.parameters | shown})
    if SWITCH not in config.metric_compat:
        return absolute, ratio
    published = as_ratio_of_sums(ratio, absolute, beside, config)
    named = {"label": f"N{name} {SWITCH} ({quantity})"}
    return absolute, published.model_copy(
        update=named | {"parameters": published.parameters | {"compat": SWITCH, "corrected": ratio.value}}
    )


PLUGIN: Final[Scorer] = EffiBench()
