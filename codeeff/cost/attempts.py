"""What trying again is worth when the tests that accept a solution are imperfect.

Stroebl et al., "Inference Scaling fLaws", 2024 (arXiv:2411.17501). A sample is right with chance r; tests accept a
right one with chance c (completeness) and reject a wrong one with chance s (soundness). One is accepted with chance
a = c * r + (1 - s) * (1 - r). What a run's delivered solutions cost stands among its scores (`scorers/_delivered`).
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
