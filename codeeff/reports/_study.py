"""An A/A study in words: finding, effect, remedy."""

from collections.abc import Iterator, Sequence
from typing import Final

from codeeff.core.study import BETWEEN_SAMPLES, BETWEEN_TEXTS, LengthNoise, Study
from codeeff.reports._sections import Section, percent
from codeeff.reports.terminal import laid_out

FINE: Final = 0.02
"""A noise floor up to which times rank programs as finely as most differ."""
DRIFTED: Final = 0.05
TOO_NARROW: Final = 0.85
"""Of 95 % intervals; among forty rounds fewer than this are rare by chance."""
NOTHING: Final = "nothing"
QUIETER: Final = "Rank by instructions, ask for --precision, or measure on a quieter machine."
Row = tuple[str, str, str]


def render(study: Study) -> str:
    """The study as two tables: what was read, and what follows."""
    lengths = Section(
        title=f"A program against itself: {study.engine}, {study.wall_s:.0f} s",
        columns=("quantity", "call", "rounds", "noise floor", "95% intervals that hold 1", "drift"),
        rows=tuple(map(_length, study.lengths)),
        numeric=frozenset({"call", "rounds", "noise floor", "drift"}),
    )
    findings = Section(title="What follows", columns=("finding", "effect", "remedy"), rows=tuple(_findings(study)))
    return laid_out((lengths, findings))


def _length(one: LengthNoise) -> tuple[str, ...]:
    held = "–" if one.intervals_held is None else f"{100 * one.intervals_held:.0f} %"
    call = f"{one.length_ms:g} ms"
    return one.quantity, call, str(len(one.ratios)), percent(one.floor), held, _signed(one.drift)


def _findings(study: Study) -> Iterator[Row]:
    for quantity, floor in study.noise.items():
        yield _noise(quantity, floor)
        yield from _intervals(quantity, study.of(quantity))
        yield _drift(quantity, study.of(quantity))
    for test in study.self_tests:
        seen = f"{test.quantity}: twice the work reads {test.ratio:.4f} times (2 within {percent(test.tolerance)})."
        if test.holds:
            yield seen, "The counter counts.", NOTHING
        else:
            yield seen, "The counter is wrong, or the machine too noisy.", "Do not score by it until it does."
    empty = ", ".join(f"{name} {_amount(name, value)}" for name, value in study.empty_call.items())
    yield f"An empty call reads: {empty}.", "It is taken off every reading.", NOTHING
    if study.region_ms is not None:
        seen = f"A timed call takes {study.region_ms:.1f} ms besides itself, its share of process and box with it."
        yield seen, "It is in no reading; it is what measuring costs.", NOTHING
    for quantity, reason in study.missing.items():
        yield (
            f"{quantity} cannot be read here: {reason}",
            "No score on it.",
            "Mend what is said, or take another engine.",
        )


def _noise(quantity: str, floor: float) -> Row:
    seen = f"{quantity}: the same program differs from itself by up to {percent(floor)} (95 of 100 rounds)."
    between = BETWEEN_TEXTS.get(quantity, 0.0)
    if floor < between:
        effect = f"It repeats; but two texts of one program differ, and count as tied within {percent(between)}."
        return seen, effect, NOTHING
    effect = (
        f"Ties: a sample within {percent(floor)} of its reference; two samples, whose errors add up, within"
        f" {percent(BETWEEN_SAMPLES * floor)} of each other."
    )
    return seen, effect, NOTHING if floor <= FINE else QUIETER


def _intervals(quantity: str, lengths: Sequence[LengthNoise]) -> Iterator[Row]:
    shares = [one.intervals_held for one in lengths if one.intervals_held is not None]
    if shares and min(shares) < TOO_NARROW:
        seen = f"{quantity}: of 95 % intervals, {100 * min(shares):.0f} % hold the truth on the worst length."
        yield seen, "Readings move together: intervals are too narrow.", f"Believe the noise floor. {QUIETER}"


def _drift(quantity: str, lengths: Sequence[LengthNoise]) -> Row:
    worst = max((one.drift for one in lengths), key=abs)
    seen = f"{quantity}: the same call cost {_signed(worst)} at the end of the study, against its beginning."
    if abs(worst) <= DRIFTED:
        return seen, "The machine is steady.", NOTHING
    return seen, "Compare ratios to the reference beside a sample, not times of different runs.", QUIETER


def _signed(share: float) -> str:
    return ("+" if share >= 0 else "") + percent(share)


def _amount(quantity: str, value: int) -> str:
    return f"{value}" if quantity == "instructions" else f"{value / 1e3:.1f} µs"
