"""Keep rules that several papers share."""

from collections.abc import Sequence

from codeeff.core.candidate import Candidate


def cheapest(candidates: Sequence[Candidate]) -> Candidate:
    """Of those that pass most feedback tests the one with the least CPU time on them; of equals the earliest."""

    def merit(candidate: Candidate) -> tuple[int, float]:
        feedback = candidate.feedback
        if feedback is None or candidate.program is None:
            return 0, 0.0
        cost_s = feedback.cost_s
        return -feedback.tests_passed, cost_s if feedback.passed and cost_s is not None else float("inf")

    return min(candidates, key=merit)


def last(candidates: Sequence[Candidate]) -> Candidate:
    """The newest one."""
    return candidates[-1]
