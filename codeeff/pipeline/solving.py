"""Drives strategies: hands their questions to the model and their programs to boxes, keeps the budget and the ledger.

A strategy that was interrupted is run again from its beginning and gets the answers and trials that are stored, so that
only what was never answered is asked. Its course therefore depends on nothing but these.
"""

import queue
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from codeeff.config import RunConfig
from codeeff.core.candidate import Candidate
from codeeff.core.errors import ProviderError
from codeeff.core.feedback import Feedback
from codeeff.core.ledger import Answer, Question, Reply
from codeeff.core.notice import Notice
from codeeff.core.record import digest_of
from codeeff.core.sample import Completion
from codeeff.core.task import Task
from codeeff.generators import Chat, Refused
from codeeff.judge.feedback import Request
from codeeff.pipeline.asking import Asking
from codeeff.pipeline.budget import Budget
from codeeff.pipeline.ledger import Ledger
from codeeff.pipeline.trials import Trials
from codeeff.strategies import Ask, BudgetSpent, ModelRefused, Session, Steps, Strategy, Trial, guarded

NOTHING = Answer(text="", finish_reason="refused")
"""Stands for the answer to one of several questions that the model refused."""
SEEDS_APART = 1_000_003
"""Between the seeds of one sample's questions; samples are one apart."""


class Solved(NamedTuple):
    """A finished sample."""

    completion: Completion
    candidates: Sequence[Candidate]
    chosen: Candidate | None
    """What is handed in; None when the model refused its questions or the budget ended before there was anything."""
    by_guard: Candidate | None
    """What our rule hands in: `guarded`."""
    by_paper: Candidate | None
    """What the paper's rule hands in."""


@dataclass(eq=False)
class _Solver:
    """A strategy at work on one sample."""

    session: Session
    course: Steps
    group: "list[_Solver]"
    """Those it was begun with, itself among them."""
    asked: int = 0
    """Questions so far."""
    tried: int = 0
    """Trials so far."""
    trials_s: float = 0.0
    steps: Sequence[Ask | Trial] = ()
    results: list[Any] = field(default_factory=list)
    waits_for: int = 0
    is_over: bool = False
    checks: bool = False
    """The strategy has ended; candidates that never ran are on the feedback tests."""

    def expect_results(self) -> None:
        """Of its steps, none of which has come."""
        self.results, self.waits_for = [None] * len(self.steps), len(self.steps)

    @property
    def untried(self) -> list[Candidate]:
        """Programs that never ran on the feedback tests."""
        return [one for one in self.session.candidates if one.feedback is None and one.program]


class Solving:
    """All samples of a run."""

    def __init__(
        self, strategy: Strategy, chat: Chat, config: RunConfig, ledger: Ledger, trials: Trials | None
    ) -> None:
        self.strategy, self.chat, self.config, self.ledger, self.trials = strategy, chat, config, ledger, trials
        self.budget = Budget(config)
        self.asking = Asking(chat, config.source_argument, config.max_retries, ledger)
        self.events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.failure: Exception | None = None
        self.under_way = 0
        """Questions and trials whose result has not come."""
        self.waiting = dict[str, Callable[[Reply | Refused], None]]()
        """What takes the reply, by question."""
        self.refused = list[str]()
        self.finished = deque[_Solver]()
        self.open_groups = 0

    def solve(
        self,
        tasks: Sequence[Task],
        find_program: Callable[[Task, str], str | None],
        done: frozenset[str],
        notify: Callable[[Notice], None],
    ) -> Iterator[Solved]:
        """Every sample that is not `done`, as it is finished.

        Raises: ProviderError when the model cannot be asked any more; what was yielded and answered is stored.
        """
        groups = deque(self._groups(tasks, find_program, done))
        width = 2 * self.chat.workers * self.chat.batch
        self.asking.start(self._deliver, lambda error, lost: self.events.put(lambda: self._fail(error, lost)))
        if self.trials:
            self.trials.start(lambda error: self.events.put(lambda: self._fail(error, ())))
        stored = len(done)
        try:
            while True:
                while groups and self.open_groups < width and self.failure is None:
                    self._begin(groups.popleft())
                while self.finished:
                    solver = self.finished.popleft()
                    if solver.session.sample_id not in done:
                        yield self._solved(solver)
                        stored += 1
                if not self.under_way and (self.failure or not (self.open_groups or groups)):
                    break
                if self.under_way:
                    self.events.get()()
        finally:
            self.asking.stop()
            if self.trials:
                self.trials.stop()
        self._tell_refused(notify)
        if self.failure:
            if not isinstance(self.failure, ProviderError):
                raise self.failure
            raise ProviderError(
                f"{self.failure} {stored} samples are stored; the same command with --resume makes the rest."
            )

    def _groups(
        self, tasks: Sequence[Task], find_program: Callable[[Task, str], str | None], done: frozenset[str]
    ) -> Iterator[list[_Solver]]:
        """Samples that may share their first question; those of a group are always begun together, as on resume."""
        size = self.config.samples_per_request
        for task in tasks:
            numbers = range(self.chat.samples(task))
            for start in numbers[::size]:
                indices = numbers[start : start + size]
                if all(f"{task.id}#{index}" in done for index in indices):
                    continue
                group = list[_Solver]()
                for index in indices:
                    session = Session(task, self.config, index, partial(find_program, task))
                    group.append(_Solver(session, self.strategy.propose(session), group))
                yield group

    def _begin(self, group: Sequence[_Solver]) -> None:
        """Start a group; one question for all where all ask the same."""
        self.open_groups += 1
        for solver in group:
            self._advance(solver, None, is_held=True)
        first = [solver.steps for solver in group]
        if len(group) > 1 and len(first[0]) == 1 and isinstance(first[0][0], Ask) and len(set(map(tuple, first))) == 1:
            self._send(group, 0)
            return
        for solver in group:
            if not (solver.is_over or solver.checks):
                self._do(solver)

    def _advance(self, solver: _Solver, results: list[Any] | None, *, is_held: bool = False) -> None:
        """Let the strategy go on with its results to its next steps, or its end."""
        session = solver.session
        session.spent = self.ledger.spent(session.sample_id, solver.asked, solver.trials_s)
        try:
            if results is None:
                solver.steps = next(solver.course)
            elif results and all(isinstance(one, Refused) for one in results):
                solver.steps = solver.course.throw(ModelRefused(str(results[0])))
            else:
                solver.steps = solver.course.send([NOTHING if isinstance(one, Refused) else one for one in results])
            while self._is_over_budget(solver):
                solver.steps = solver.course.throw(BudgetSpent)
        except (StopIteration, ModelRefused, BudgetSpent) as end:
            if isinstance(end, ModelRefused) and not session.candidates:
                self.refused.append(session.sample_id)
            self._check(solver)
            return
        solver.expect_results()
        if not is_held:
            self._do(solver)

    def _is_over_budget(self, solver: _Solver) -> bool:
        """Whether a next question would be beyond the budget; the first one is always asked."""
        if solver.asked == 0 or not any(isinstance(one, Ask) for one in solver.steps):
            return False
        return self.budget.is_spent(solver.session.sample_id, solver.session.spent)

    def _do(self, solver: _Solver) -> None:
        for at, step in enumerate(solver.steps):
            if isinstance(step, Ask):
                self._send([solver], at)
            else:
                self._try(solver, at, step)

    def _send(self, solvers: Sequence[_Solver], at: int) -> None:
        """Ask for one sample, or for several that ask the same; what was answered before is not asked again."""
        first = solvers[0]
        step = first.steps[at]
        assert isinstance(step, Ask)
        number, temperature = first.asked, step.temperature
        seed = self.config.seed + first.session.index + SEEDS_APART * number
        question = Question(
            id=f"{first.session.sample_id}/{number}",
            samples=tuple(one.session.sample_id for one in solvers),
            number=number,
            round=first.session.round,
            role=step.role,
            messages=step.messages,
            temperature=self.config.temperature if temperature is None else temperature,
            seed=seed,
            max_tokens=self.config.max_tokens,
        )
        for solver in solvers:
            solver.asked += 1
        self.under_way += 1

        def came(result: Reply | Refused) -> None:
            self._counted_off()
            answers: Sequence[Answer | Refused] = (
                result.answers if isinstance(result, Reply) else [result] * len(solvers)
            )
            for solver, answer in zip(solvers, answers, strict=True):
                self._take(solver, at, answer)

        found = self.ledger.found(question)
        if found:
            self.events.put(lambda: came(found))
        elif self.failure is None:
            self.waiting[question.id] = came
            self.asking.questions.put(question)
        else:
            self._counted_off()

    def _deliver(self, question: Question, result: Reply | Refused) -> None:
        self.events.put(lambda: self.waiting.pop(question.id, _nobody)(result))

    def _try(self, solver: _Solver, at: int, step: Trial) -> None:
        """Run a program on the feedback tests, unless what came of it is stored."""
        session = solver.session
        request = Request(
            id=f"{session.sample_id}!{solver.tried}",
            asked_digest=digest_of([step.program, list(step.profiles), *(one.digest() for one in step.tests)]),
            program=step.program,
            profiles=step.profiles,
            tests=step.tests,
        )
        if self.failure is not None:
            return
        solver.tried += 1
        self.under_way += 1

        def came(feedback: Feedback) -> None:
            self._counted_off()
            solver.trials_s += feedback.cpu_s
            self._take(solver, at, feedback)

        assert self.trials is not None
        self.trials.put(session.task, request, lambda feedback: self.events.put(lambda: came(feedback)))

    def _counted_off(self) -> None:
        """One thing less under way; after a failure only questions are counted, and they are in `waiting`."""
        self.under_way = self.under_way - 1 if self.failure is None else len(self.waiting)

    def _take(self, solver: _Solver, at: int, result: Answer | Refused | Feedback) -> None:
        solver.results[at] = result
        solver.waits_for -= 1
        if solver.waits_for:
            return
        if solver.checks:
            self._checked(solver)
        else:
            self._advance(solver, solver.results)

    def _check(self, solver: _Solver) -> None:
        """The strategy has ended: candidates to choose from that have not run do so now."""
        if self.trials is None or len(solver.session.candidates) < 2 or not solver.untried:
            self._finish(solver)
            return
        solver.checks = True
        solver.steps = [Trial(one.program or "") for one in solver.untried]
        solver.expect_results()
        self._do(solver)

    def _checked(self, solver: _Solver) -> None:
        for candidate, feedback in zip(solver.untried, solver.results, strict=True):
            solver.session.record(candidate, feedback)
        self._finish(solver)

    def _finish(self, solver: _Solver) -> None:
        solver.is_over = True
        self.open_groups -= all(one.is_over for one in solver.group)
        self.finished.append(solver)

    def _fail(self, error: Exception, lost: Sequence[Question]) -> None:
        """The first error ends the run.

        Questions under way are waited for, as they are paid for, and get their answers stored; trials are done again.
        """
        self.failure = self.failure or error
        for question in (*lost, *self.asking.withdraw()):
            self.waiting.pop(question.id, None)
        self.under_way = len(self.waiting)

    def _solved(self, solver: _Solver) -> Solved:
        session = solver.session
        candidates = session.candidates
        by_paper = self.strategy.select(candidates) if candidates else None
        by_guard = guarded(self.strategy, candidates) if candidates else None
        chosen = by_paper if self.config.paper_rule else by_guard
        completion = Completion(
            task_id=session.task.id,
            index=session.index,
            text=chosen.answer.text if chosen else "",
            finish_reason=chosen.answer.finish_reason if chosen else self._why_nothing(session.sample_id),
            reasoning=chosen.answer.reasoning if chosen else None,
            calls=self.ledger.calls(session.sample_id),
            seed=self.config.seed + session.index,
        )
        return Solved(completion, candidates, chosen, by_guard, by_paper)

    def _why_nothing(self, sample_id: str) -> str:
        return "refused" if sample_id in self.refused else "budget"

    def _tell_refused(self, notify: Callable[[Notice], None]) -> None:
        if self.refused:
            notify(
                Notice(
                    code="refused_questions",
                    severity="warning",
                    seen=f"The model refused the first question of {len(self.refused)} samples "
                    f"({', '.join(self.refused[:5])}); calls.jsonl says why.",
                    effect="They count as answers without a program.",
                    remedy="Questions may be too long for the model; a model with a longer context answers them.",
                )
            )


def _nobody(result: Reply | Refused) -> None:
    """Takes the answer to a question that was given up."""
