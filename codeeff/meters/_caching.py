"""What of a measured sample is suspicious, and measuring it again where nothing can be remembered.

A program may keep an answer from one repetition to the next: in its process, or, with a process for each, in what a
box has one of, such as the counter of process numbers. So a sample that gains from repetition more than the reference
is measured again with a box for every repetition. A false alarm costs time and changes no score.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from codeeff.core.job import CaseOutcome, Exit, Job, Outcome, Reading, SubjectOutcome
from codeeff.sandboxes._keeper import Keeper

GAIN_RATIO = 1.5
"""A gain is one beyond so many times the reference's own; below it, less is to be won by caching than this."""
CALL_GAIN_NS = 100_000
"""A call's gain below this is what a first touch of memory costs."""
WHOLE_GAIN_NS = 200_000
"""The same for a repetition with its arguments and value, which are noisier than the call."""
CODEC_SHARE = 3
"""Nobody decodes or encodes the same bytes so many times cheaper than the reference: the codec was replaced."""
CODEC_LEAST_NS = 300_000
CODEC_LEAST_INSTRUCTIONS = 100_000
"""What the reference has to spend on the bytes before that can be told."""
_NS_EACH = CODEC_LEAST_NS // CODEC_LEAST_INSTRUCTIONS
DISAGREEING = 1.1
"""Counts of one program in processes that start alike: further apart than this, one has learnt from another."""


@dataclass(frozen=True)
class Run:
    """What came of a measuring job, and its values."""

    outcome: Outcome
    values: Sequence[bytes]

    @property
    def pairs(self) -> list[tuple[CaseOutcome, CaseOutcome]]:
        """The sample's cases, each with the reference's beside it."""
        reference, sample = self.outcome.subjects
        return list(zip(sample.cases, reference.cases, strict=True))

    def is_suspicious(self) -> bool:
        """Whether the sample remembers from one repetition to the next, or replaces the codec."""
        return any(_remembers(*pair) for pair in self.pairs) or self.skips_codec() is not None

    def skips_codec(self) -> int | None:
        """The first case whose arguments or value passed far cheaper than bytes can; None when there is none."""
        for number, (case, beside) in enumerate(self.pairs):
            if case.exit is not Exit.OK or beside.exit is not Exit.OK:
                continue
            before = _far_cheaper(*([_before(one) for one in each.readings] for each in (case, beside)))
            after = _far_cheaper(*([_after(one) for one in each.readings] for each in (case, beside)))
            if before or (after and self._same_value(case, beside)):
                return number
        return None

    def disagrees(self) -> bool:
        """Whether the repetitions of a case of the sample differ by more than what cannot be held still."""
        calls = [[one.instructions.call for one in case.readings if one.instructions] for case, _ in self.pairs]
        return any(max(each) > DISAGREEING * min(each) + CODEC_LEAST_INSTRUCTIONS for each in calls if each)

    def _same_value(self, case: CaseOutcome, beside: CaseOutcome) -> bool:
        if case.value is None or beside.value is None or case.others or beside.others:
            return False
        return self.values[case.value] == self.values[beside.value]


def _remembers(case: CaseOutcome, beside: CaseOutcome) -> bool:
    """Whether later repetitions profit from the first one more than the reference's do."""

    def is_gain(cost: Callable[[Reading], int], least_ns: int) -> bool:
        own, reference = ([cost(one) for one in each.readings] for each in (case, beside))
        return _gain(own, least_ns) > GAIN_RATIO * _gain(reference, 0)

    return is_gain(_call_ns, CALL_GAIN_NS) or is_gain(_whole_ns, WHOLE_GAIN_NS)


def _call_ns(reading: Reading) -> int:
    return reading.call_ns


def _whole_ns(reading: Reading) -> int:
    return reading.before_ns + reading.call_ns + reading.after_ns


def _before(reading: Reading) -> int:
    return reading.before_ns if reading.instructions is None else reading.instructions.before * _NS_EACH


def _after(reading: Reading) -> int:
    return reading.after_ns if reading.instructions is None else reading.instructions.after * _NS_EACH


def _gain(readings: Sequence[int], least_ns: int) -> float:
    """How many times dearer the first repetition was than the later ones; 1 where that is less than `least_ns`."""
    if len(readings) < 2:
        return 1.0
    first, later = readings[0], median(readings[1:])
    return max(1.0, first / max(1.0, later)) if first - later > least_ns else 1.0


def _far_cheaper(own: Sequence[int], reference: Sequence[int]) -> bool:
    """Of the reference its cheapest, of the sample its middle reading: single readings of next to nothing are noise."""
    if not own or not reference:
        return False
    needed = min(reference)
    return needed > CODEC_LEAST_NS and CODEC_SHARE * sorted(own)[len(own) // 2] < needed


def run_in_new_boxes(job: Job, blobs: Sequence[bytes], keeper: Keeper) -> Run:
    """The job with a box for every repetition, as one outcome.

    Raises: SandboxFault.
    """
    parts = []
    for _ in range(job.repetitions):
        keeper.close()
        parts.append(Run(*keeper.run(job.model_copy(update={"repetitions": 1}), blobs)))
    return merged(parts)


def merged(parts: Sequence[Run]) -> Run:
    """One run of runs of the same job: repetitions follow each other, and a case ends as it first went wrong."""
    values: list[bytes] = []
    shifted: list[Sequence[SubjectOutcome]] = []
    for part in parts:
        shifted.append([_shifted(subject, len(values)) for subject in part.outcome.subjects])
        values += part.values
    subjects = tuple(_one_subject(each, values) for each in zip(*shifted, strict=True))
    outcome = parts[0].outcome.model_copy(update={"subjects": subjects, "blobs": len(values)})
    return replace(parts[0], outcome=outcome, values=values)


def _shifted(subject: SubjectOutcome, by: int) -> SubjectOutcome:
    """The subject with its values' places moved on."""
    cases = tuple(
        case.model_copy(
            update={
                "value": None if case.value is None else case.value + by,
                "others": tuple(place + by for place in case.others),
            }
        )
        for case in subject.cases
    )
    return subject.model_copy(update={"cases": cases})


def _one_subject(parts: Sequence[SubjectOutcome], values: Sequence[bytes]) -> SubjectOutcome:
    cases = tuple(_one_case(each, values) for each in zip(*(one.cases for one in parts), strict=True))
    totals = {"cpu_ns": sum(one.cpu_ns for one in parts), "leftovers": sum(one.leftovers for one in parts)}
    return parts[0].model_copy(update={"cases": cases} | totals)


def _one_case(parts: Sequence[CaseOutcome], values: Sequence[bytes]) -> CaseOutcome:
    wrong = next((one for one in parts if one.exit is not Exit.OK), parts[0])
    places = [place for one in parts if one.value is not None for place in (one.value, *one.others)]
    distinct = dict[bytes, int]()
    for place in places:
        distinct.setdefault(values[place], place)
    first, *others = *distinct.values(), None
    peaks = [one.peak_memory_bytes for one in parts if one.peak_memory_bytes is not None]
    return wrong.model_copy(
        update={
            "value": first,
            "others": tuple(others[:-1]),
            "coerced": next((one.coerced for one in parts if one.coerced), None),
            "readings": tuple(reading for one in parts for reading in one.readings),
            "peak_memory_bytes": max(peaks, default=None),
        }
    )
