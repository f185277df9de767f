"""The generate stage: samples of a store of completions, or of a model as a strategy drives it.

In: tasks and a configuration. Out: samples as they come, with the candidates on the way to each.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from codeeff import plugins
from codeeff.config import RunConfig
from codeeff.core.candidate import Candidate
from codeeff.core.errors import ConfigError
from codeeff.core.manifest import RunManifest
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion, Sample
from codeeff.core.task import Task
from codeeff.generators import ChatModel, Generator, SelfHosted
from codeeff.judge.extract import extract, make_sample
from codeeff.pipeline.engine import open_engine
from codeeff.pipeline.ledger import Ledger
from codeeff.pipeline.pricing import Pricing
from codeeff.pipeline.solving import Solved, Solving
from codeeff.pipeline.store import Store
from codeeff.pipeline.trials import Trials
from codeeff.strategies import Strategy, _prompts

SERVING = "serving"
"""One row a session in which codeeff ran a model itself."""


class Made(NamedTuple):
    """A sample, and what its strategy came up with on the way; one candidate is the sample itself."""

    sample: Sample
    candidates: Sequence[Candidate]


def strategy_of(config: RunConfig) -> Strategy:
    """Raises: PluginError for an unknown strategy, ConfigError for an unknown prompt."""
    _prompts.check(config.prompt)
    strategy: Strategy = plugins.load("strategies", config.strategy)
    return strategy


def feedback_cases(config: RunConfig) -> int:
    """How many of a task's correctness cases are feedback tests; all others judge.

    Raises: ConfigError when there are none and the strategy needs some.
    """
    needed = strategy_of(config).feedback_cases
    if needed and config.feedback_cases == 0:
        raise ConfigError(f"{config.strategy} needs feedback tests: leave --feedback-cases out, or give it at least 1.")
    return needed if config.feedback_cases is None else config.feedback_cases


def make_samples(
    tasks: Sequence[Task],
    config: RunConfig,
    store: Store | None,
    done: frozenset[str],
    notify: Callable[[Notice], None],
) -> Iterator[Made]:
    """Samples that are not `done`, in any order; none twice.

    store: keeps the ledger and what came of trials; None: nothing is kept.
    Raises: SampleDataError, ProviderError, ConfigError; what was yielded before stays valid.
    """
    source: ChatModel | Generator = plugins.load("generators", config.source)
    by_id = {task.id: task for task in tasks}
    if isinstance(source, ChatModel):
        for solved in _solved(source, tasks, config, store, done, notify):
            yield Made(_sample(solved, by_id[solved.completion.task_id], config), solved.candidates)
        return
    if config.strategy != "plain":
        raise ConfigError(
            f"{config.source} holds completions made elsewhere; the strategy {config.strategy!r} asks a model. Give"
            " --model one that can be asked, or leave --strategy out."
        )
    known = set(done)
    for completion in source.generate(tasks, config, done, notify):
        sample = make_sample(completion, by_id[completion.task_id], config.model)
        if sample.id not in known:
            known.add(sample.id)
            yield Made(sample, ())


def _solved(
    model: ChatModel,
    tasks: Sequence[Task],
    config: RunConfig,
    store: Store | None,
    done: frozenset[str],
    notify: Callable[[Notice], None],
) -> Iterator[Solved]:
    strategy, cases = strategy_of(config), feedback_cases(config)
    chat = model.open(config, tasks, notify)
    opened = monotonic()
    trials = None
    if cases:
        engine = open_engine(config.sandbox, i_trust_this_code=config.i_trust_this_code)
        trials = Trials(engine, config, cases, store)
    pricing = Pricing(config, chat.endpoint, store)
    ledger = Ledger(store, pricing)
    try:
        yield from Solving(strategy, chat, config, ledger, trials).solve(tasks, _find_program, done, notify)
    finally:
        hosting, concurrency = pricing.hosting, config.concurrency
        if isinstance(chat, SelfHosted):
            concurrency = chat.serving.concurrency
            usd_per_s = hosting.usd_per_s if hosting else None
            if store:
                store.append(SERVING, [chat.serving.ended(monotonic() - opened, usd_per_s)])
        if hosting and hosting.concurrency != concurrency:
            notify(_other_concurrency(hosting.concurrency, concurrency))


def _other_concurrency(stated: int, found: int) -> Notice:
    return Notice(
        code="hosting_concurrency",
        severity="warning",
        seen=f"The model's price is stated for {stated} calls at once, and the run has up to {found}.",
        effect="What a token costs falls several-fold with concurrency, and the price's id tells the wrong one.",
        remedy=f"Give `concurrency: {found}` in the file that --prices names, and throughputs measured at it.",
    )


def of_unchanged_source(manifest: RunManifest, config: RunConfig, stored: Sequence[Sample]) -> RunManifest:
    """The manifest with the digest of the file that samples are read from, where they are.

    Raises: ConfigError when samples were stored of another one: they would be taken for what the file holds now.
    """
    if config.source != "replay":
        return manifest
    path = Path(config.source_argument)
    try:
        digest = sha256(path.read_bytes()).hexdigest()
    except OSError:
        return manifest  # whoever reads it in earnest says what is wrong
    if stored and manifest.source_digest not in (None, digest):
        raise ConfigError(
            f"{path} has changed since {config.run_folder} was begun, whose samples are those of the file as it was."
            " Give --out another folder, or bring the old file back."
        )
    return manifest.model_copy(update={"source_digest": digest})


def _find_program(task: Task, text: str) -> str | None:
    return extract(Completion(task_id=task.id, index=0, text=text), task)[0]


def _sample(solved: Solved, task: Task, config: RunConfig) -> Sample:
    chosen = {
        "strategy": config.strategy,
        "candidate": solved.chosen and solved.chosen.number,
        "candidate_by_guard": solved.by_guard and solved.by_guard.number,
        "candidate_by_paper": solved.by_paper and solved.by_paper.number,
    }
    return make_sample(solved.completion, task, config.model).model_copy(update=chosen)


def beside(samples: Sequence[Sample], candidates: Sequence[Candidate]) -> list[Sample]:
    """Candidates that were not handed in, as samples of their own.

    What the other rule or a smaller budget would have chosen is judged and measured, too.
    """
    handed_in = {sample.id: sample for sample in samples}
    return [
        sample.model_copy(update={"id": one.id, "completion": one.answer.text, "program": one.program, "calls": ()})
        for one in {one.id: one for one in candidates}.values()
        if (sample := handed_in.get(one.sample_id)) and sample.candidate != one.number
    ]
