"""What trying again is worth when the tests that accept a solution are imperfect.

Stroebl et al., "Inference Scaling fLaws", 2024 (arXiv:2411.17501). A sample is right with chance r; tests accept a
right one with chance c (completeness) and reject a wrong one with chance s (soundness). One is accepted with chance
a = c * r + (1 - s) * (1 - r).
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Verifier:
    """Tests that accept or reject solutions."""

    completeness: float
    """c: the share of right solutions that they accept."""
    soundness: float
    """s: the share of wrong solutions that they reject."""

    def accepts(self, rate: float) -> float:
        """a: the share of all solutions that they accept, where `rate` of them are right."""
        return self.completeness * rate + (1 - self.soundness) * (1 - rate)


@dataclass(frozen=True)
class Delivery:
    """What sampling until the tests accept costs."""

    usd_per_delivered: float | None
    """USD per accepted solution; None when none is."""
    usd_per_right: float | None
    """USD per accepted solution that is right; None when none is."""
    precision: float | None
    """The share of accepted solutions that are right."""


def delivery(usd_per_attempt: float, rate: float, tests: Verifier) -> Delivery:
    """The three figures that belong together.

    >>> found = delivery(0.01, rate=0.5, tests=Verifier(completeness=0.8, soundness=0.8))
    >>> [round(one, 6) for one in (found.usd_per_delivered, found.usd_per_right, found.precision)]
    [0.02, 0.025, 0.8]
    """
    accepted, right = tests.accepts(rate), tests.completeness * rate
    return Delivery(
        usd_per_attempt / accepted if accepted else None,
        usd_per_attempt / right if right else None,
        right / accepted if accepted else None,
    )


def expected_value(attempts: int, kinds: Sequence[tuple[float, float]], tests: Verifier, false_accept: float) -> float:
    """The value of allowing up to so many attempts at a task, each made when all before it were rejected.

    kinds: of tasks, each with its prior and the chance that an attempt is right. An accepted right solution is worth
    1, an accepted wrong one -false_accept, giving up 0. With beta = 1 - a of a kind,

        EV(K) = sum over k <= K and kinds of prior * beta^(k - 1) * (c * r - false_accept * (1 - s) * (1 - r))

    The prior weighs the survivors' factor: the authors' notebook has the posterior there, which counts the shift
    towards hard tasks twice.

    >>> expected_value(1, [(1.0, 0.5)], Verifier(completeness=1.0, soundness=0.5), false_accept=1.0)
    0.25
    """
    return sum(
        prior
        * (1 - tests.accepts(rate)) ** (attempt - 1)
        * (tests.completeness * rate - false_accept * (1 - tests.soundness) * (1 - rate))
        for attempt in range(1, attempts + 1)
        for prior, rate in kinds
    )


def best_attempts(most: int, kinds: Sequence[tuple[float, float]], tests: Verifier, false_accept: float) -> int:
    """How many attempts up to `most` are worth most, 0 where the first one is worth nothing; of equals the fewest.

    >>> best_attempts(15, [(1.0, 0.1)], Verifier(completeness=1.0, soundness=0.5), false_accept=1.0)
    0
    """
    return max(range(most + 1), key=lambda allowed: expected_value(allowed, kinds, tests, false_accept))
