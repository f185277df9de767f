"""False-accept share: how many of the programs that pass the feedback tests fail the hidden ones.

Feedback tests that let wrong programs through make a loop keep rewrites it should refuse (Stroebl et al. 2024,
arXiv:2411.17501). In: candidates with their feedback, verdicts. Out: the share over all programs of all samples, every
task's own share beside it; a program that was found twice in one sample counts once.
"""

from codeeff.config import RunConfig
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status
from codeeff.scorers._interval import interval_of_ratio_of_sums
from codeeff.scorers._per_k import Tally


def false_accept_share(table: Table, config: RunConfig) -> Score:
    """Wrong programs accepted / programs accepted, lower is better; of a run whose samples have candidates."""
    tally, pairs = Tally(), list[tuple[float, float]]()
    for task_id in sorted(table.tasks):
        found = _accepted(table, task_id)
        if not found:
            tally.leave_out(task_id, "no program passed the feedback tests")
            continue
        wrong = sum(not is_right for is_right in found)
        tally.per_task[task_id] = wrong / len(found)
        pairs.append((wrong, len(found)))
    accepted = sum(under for _, under in pairs)
    return Score(
        metric="false_accept_share",
        label="false-accept share",
        parameters={"accepted": int(accepted), "wrong": int(sum(over for over, _ in pairs))},
        value=sum(over for over, _ in pairs) / accepted if accepted else None,
        interval=interval_of_ratio_of_sums(pairs, config.seed, config.resamples),
        higher_is_better=False,
        tasks_scored=len(pairs),
        tasks_unscored=tally.unscored,
        per_task=tally.per_task,
    )


def _accepted(table: Table, task_id: str) -> list[bool]:
    """Of each different program that passed the feedback tests, whether it passes the hidden ones, too."""
    found = []
    for sample in table.samples.get(task_id, ()):
        seen = set[str]()
        for one in table.candidates.get(sample.id, ()):
            verdict = table.verdicts.get(sample.id if one.number == sample.candidate else one.id)
            if not one.passed or one.is_untested or one.program in seen:
                continue
            if verdict is None or verdict.status is Status.HARNESS_ERROR:
                continue
            seen.add(one.program or "")
            found.append(verdict.passed)
    return found
