"""Whether times are known well enough, or a sample is to be measured once more."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.ratio import level_ratio

WATCHED: Final[tuple[Quantity, ...]] = ("cpu_time", "wall_time")
"""The quantity whose interval decides: the first of these that is measured."""


class Rounds(NamedTuple):
    """When another round is worth its time."""

    precision: float | None
    """Half the width of a level's interval, relative, that is narrow enough; None and 0: one round is."""
    budget_s: float
    """Seconds for all rounds of a sample; one that would not end within them, by those before, is not begun."""

    def wants_more(self, records: Sequence[Measurement], rounds: int, spent_s: float) -> bool:
        """Whether another round is to follow the rounds that gave these records."""
        if not self.precision or spent_s * (rounds + 1) / rounds > self.budget_s:
            return False
        return widest(records) > self.precision


NO_MORE: Final = Rounds(None, 0.0)
"""One round."""


def widest(records: Sequence[Measurement]) -> float:
    """Half the width of the widest interval of a sample's levels; 0 where no level has a ratio, as when it was cut."""
    quantity = next((one for one in WATCHED if any(record.quantity == one for record in records)), None)
    watched = [record for record in records if record.quantity == quantity]
    reference = {record.group: record for record in watched if record.subject != record.sample_id}
    own = [record for record in watched if record.subject == record.sample_id and record.group in reference]
    ratios = [level_ratio(record, reference[record.group]) for record in own]
    return max((ratio.half_width for ratio in ratios if ratio is not None), default=0.0)
