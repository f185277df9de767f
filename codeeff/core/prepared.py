"""PreparedTask: a task with its cases made and the reference's outputs at hand. Lives on the host only."""

from dataclasses import dataclass
from itertools import pairwise

from codeeff.core.task import CaseGroup, Task


@dataclass(frozen=True)
class PreparedGroup:
    """A case group with encoded arguments and the reference's encoded outputs."""

    group: CaseGroup
    arguments: tuple[bytes, ...]
    expected: tuple[bytes, ...]
    """Empty when the reference failed; what a script's call raised stands behind b"!"."""
    reference_cpu_ns: tuple[int, ...]
    """The reference's CPU per stress case, a rough reading for limits; empty for correctness groups."""


@dataclass(frozen=True)
class PreparedTask:
    """A task ready to be judged and measured."""

    task: Task
    groups: tuple[PreparedGroup, ...]
    problem: str | None = None
    """Why the task cannot be judged (its own generator or reference failed); None when it can."""
    dropped: tuple[str, ...] = ()
    """Cases left out because the reference itself meets a limit there."""
    in_process: str | None = None
    """Why the script has to run in the program's own process, as the task above then has it; None: it has not."""

    @property
    def arguments(self) -> list[bytes]:
        """All cases' arguments, group by group."""
        return [blob for group in self.groups for blob in group.arguments]

    @property
    def dearest_ns(self) -> int:
        """The reference's dearest stress case; 0 without stress levels."""
        return max((cost for group in self.groups for cost in group.reference_cpu_ns), default=0)

    def stress(self) -> list[PreparedGroup]:
        """The stress levels, easiest first."""
        return [group for group in self.groups if group.group.level is not None]

    def case_limit_ns(self, group: CaseGroup, margin: float, least_ns: int) -> int:
        """The CPU limit of a case: the task's, or `margin` times what the group's factor allows where that is less.

        Above margin 1 the limit is not meant to decide anything, and never below `least_ns`.
        """
        limit = round(self.task.limits.cpu_s * 1e9)
        if group.cpu_factor is None:
            return limit
        allowed = margin * group.cpu_factor * self.dearest_ns + group.cpu_slack_s * 1e9
        return min(limit, max(least_ns if margin > 1 else 0, round(allowed)))


def spans(counts: list[int]) -> list[tuple[int, int]]:
    """Start and end of consecutive runs of the given lengths."""
    edges = [0]
    for count in counts:
        edges.append(edges[-1] + count)
    return list(pairwise(edges))
