"""What else could have been handed in: the other keep rule's choice, and what a smaller budget would have bought.

In: a run's table with the candidates of each sample, all of them judged. Out: the run's metrics over those choices.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Literal, get_args

from codeeff.config import RunConfig
from codeeff.core.anytime import AnytimePoint, Budget
from codeeff.core.candidate import Candidate
from codeeff.core.measurement import Measurement
from codeeff.core.notice import Notice
from codeeff.core.sample import Sample
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.verdict import CaseFailure, Status, Verdict
from codeeff.scorers import Scorer
from codeeff.strategies import Strategy, guarded

Choice = Callable[[Sequence[Candidate]], Candidate | None]
POINTS: Final = 8
"""Budgets of a kind at which the curve is drawn, at most."""


def of_strategy(table: Table, scorers: Sequence[Scorer], config: RunConfig) -> list[Score]:
    """What only a run with a choice among candidates has: the other rule's metrics, what feedback tests let by."""
    from codeeff.scorers._delivered import delivery_scores  # these bring numpy, which a command's help need not await
    from codeeff.scorers._false_accepts import false_accept_share

    if not table.candidates:
        return []
    return [*other_rule(table, scorers, config), false_accept_share(table, config), *delivery_scores(table, config)]


def untested(table: Table) -> Notice | None:
    """Names the tasks on whose candidates nothing could be tried."""
    found = {
        task_id
        for task_id, samples in table.samples.items()
        if any(one.is_untested for sample in samples for one in table.candidates.get(sample.id, ()))
    }
    if not found:
        return None
    return Notice(
        code="no_feedback_tests",
        severity="warning",
        seen=f"{len(found)} tasks have no feedback tests ({', '.join(sorted(found)[:5])}): one case alone is never"
        " shown, and a script judges all cases as a whole.",
        effect="Nothing there says that a rewrite is as right as the first program, which is handed in.",
        remedy="Leave them out with --tasks, or give --paper-rule to hand in what the strategy prefers.",
    )


def other_rule(table: Table, scorers: Sequence[Scorer], config: RunConfig) -> list[Score]:
    """The metrics had the other keep rule decided, its name in their labels; none where both always agree."""
    if all(one.candidate_by_guard == one.candidate_by_paper for one in _samples(table)):
        return []
    name: Literal["guarded", "paper's rule"] = "guarded" if config.paper_rule else "paper's rule"
    by_number = {
        one.id: one.candidate_by_guard if config.paper_rule else one.candidate_by_paper for one in _samples(table)
    }

    def choose(candidates: Sequence[Candidate]) -> Candidate | None:
        return next(one for one in candidates if one.number == by_number[one.sample_id])

    return [
        score.model_copy(
            update={"label": f"{score.label}, {name}", "parameters": score.parameters | {"keep_rule": name}}
        )
        for score in _scores(chosen(table, choose), scorers, config)
    ]


def anytime(table: Table, strategy: Strategy, scorers: Sequence[Scorer], config: RunConfig) -> list[AnytimePoint]:
    """The metrics at every round, and at budgets of tokens, USD and seconds from the least to the most spent."""
    points = []
    for kind in get_args(Budget):
        for limit in _limits(table, kind):
            bought = chosen(_paid(table, kind, limit), partial(_handed_in, strategy, config, kind, limit))
            points += [
                AnytimePoint(budget=kind, limit=limit, label=one.label, value=one.value, interval=one.interval)
                for one in _scores(bought, scorers, config)
            ]
    return points


def chosen(table: Table, choose: Choice) -> Table:
    """The table had `choose` decided which candidate of each sample is handed in; None: there was none yet."""
    verdicts, measurements = dict(table.verdicts), dict(table.measurements)
    for sample in _samples(table):
        if sample.id not in table.candidates:
            continue
        candidate = choose(table.candidates[sample.id])
        if candidate is None:
            verdicts[sample.id], measurements[sample.id] = _nothing(sample), ()
        elif candidate.number != sample.candidate and candidate.id in table.verdicts:
            verdicts[sample.id] = table.verdicts[candidate.id].model_copy(update={"sample_id": sample.id})
            measurements[sample.id] = [_renamed(one, sample.id) for one in table.measurements.get(candidate.id, ())]
    return replace(table, verdicts=verdicts, measurements=measurements)


def _samples(table: Table) -> Iterator[Sample]:
    return (sample for samples in table.samples.values() for sample in samples)


def _scores(table: Table, scorers: Sequence[Scorer], config: RunConfig) -> list[Score]:
    return [score for scorer in scorers for score in scorer.score(table, config)]


def _spent(candidate: Candidate, kind: Budget) -> float | None:
    spent = candidate.spent
    found: Mapping[Budget, float | None] = {
        "rounds": candidate.round,
        "tokens": spent.tokens,
        "usd": spent.cost_usd,
        "seconds": spent.seconds,
    }
    return found[kind]


def _limits(table: Table, kind: Budget) -> list[float]:
    """Budgets worth a look; none where a candidate's cost is not known."""
    found = [_spent(one, kind) for candidates in table.candidates.values() for one in candidates]
    known = sorted({one for one in found if one is not None})
    if len(known) < 2 or None in found:
        return []
    step = max(1, -(-len(known) // POINTS))
    return [*known[:-1:step], known[-1]]


def _within(kind: Budget, limit: float, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those there were when the budget was spent."""
    return [one for one in candidates if (spent := _spent(one, kind)) is not None and spent <= limit]


def _paid(table: Table, kind: Budget, limit: float) -> Table:
    """The table with the calls that had been made for what there was by then; a first program is always asked for."""

    def paid(sample: Sample) -> Sample:
        candidates = table.candidates.get(sample.id)
        if not candidates:
            return sample
        bought = _within(kind, limit, candidates) or candidates[:1]
        return sample.model_copy(update={"calls": sample.calls[: max(one.spent.calls for one in bought)]})

    return replace(table, samples={task: [paid(one) for one in each] for task, each in table.samples.items()})


def _handed_in(
    strategy: Strategy, config: RunConfig, kind: Budget, limit: float, candidates: Sequence[Candidate]
) -> Candidate | None:
    """What would have been handed in when the budget was spent."""
    bought = _within(kind, limit, candidates)
    if not bought:
        return None
    return strategy.select(bought) if config.paper_rule else guarded(strategy, bought)


def _nothing(sample: Sample) -> Verdict:
    failure = CaseFailure(group="", case=0, reason="the budget was spent before there was a program")
    return Verdict(
        sample_id=sample.id, task_id=sample.task_id, status=Status.NO_PROGRAM, groups={}, first_failure=failure
    )


def _renamed(one: Measurement, sample_id: str) -> Measurement:
    """A candidate's measurement, or its reference's, as the sample's."""
    own = {"subject": sample_id} if one.subject == one.sample_id else {}
    return one.model_copy(update={"sample_id": sample_id} | own)
