"""The verbs: load, generate, judge, measure, score, run; each usable alone, records in, records out."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from codeeff import plugins
from codeeff.config import RunConfig
from codeeff.core.errors import ConfigError, unknown_name
from codeeff.core.measurement import Measurement
from codeeff.core.notice import Notice
from codeeff.core.prepared import PreparedTask
from codeeff.core.sample import Completion, Sample
from codeeff.core.score import Score
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.judge import cases
from codeeff.judge.extract import make_sample
from codeeff.judge.oracle import prepare
from codeeff.meters import Meter
from codeeff.meters._measure import Plan
from codeeff.meters._measure import measure as measure_one
from codeeff.meters._rounds import Rounds
from codeeff.pipeline import pool
from codeeff.pipeline.catalog import benchmark_of
from codeeff.pipeline.engine import cases_folder, counter_of, open_engine, settled
from codeeff.pipeline.generating import make_samples
from codeeff.pipeline.loading import load_scorers, load_tasks
from codeeff.pipeline.pool import Pool
from codeeff.pipeline.run import Progress, RunResult
from codeeff.pipeline.run import generate as generate_pipeline
from codeeff.pipeline.run import run as run_pipeline
from codeeff.pipeline.schedule import usable_cores
from codeeff.pipeline.store import Store
from codeeff.sandboxes._keeper import Keeper


def load(config: RunConfig) -> list[Task]:
    """The tasks a configuration asks for.

    Raises: ConfigError, TaskDataError.
    """
    return load_tasks(config)


def generate(tasks: Sequence[Task], config: RunConfig) -> Iterator[Sample]:
    """Samples of the configured model, as they come.

    Raises: SampleDataError, ProviderError.
    """
    for made in make_samples(tasks, config, None, frozenset(), _ignore):
        yield made.sample


def sample(task: Task | str, text: str, *, index: int = 0, config: RunConfig | None = None) -> Sample:
    """A model's answer as a sample; the program in it is found as a run finds it.

    task: it or its id (`benchmark/slug`). index: its number among the task's answers; task and index make the sample's
    id. config: where the benchmark's data is, for an id.
    Raises: ConfigError for an unknown task, PluginError for an unknown benchmark, TaskDataError.
    """
    if isinstance(task, str):
        known = benchmark_of(task, config)
        if task not in known:
            raise ConfigError(unknown_name("task", task, known))
        task = known[task]
    return make_sample(Completion(task_id=task.id, index=index, text=text), task, "sample")


def judge(
    samples: Iterable[Sample],
    tasks: Sequence[Task] | None = None,
    *,
    config: RunConfig | None = None,
    workers: int | None = None,
    deadline_s: float | None = None,
    allows_in_process: bool = False,
) -> list[Verdict]:
    """One verdict a sample, in the order given; boxes stay warm from call to call, until the interpreter exits.

    tasks: where the samples' tasks are; None: in the benchmarks their ids begin with (`benchmark/slug`). config: the
    engine, and where its benchmark's data is; None: the defaults. workers: boxes that judge at once; None: the
    configuration's, else one per core. deadline_s: seconds from now after which what is not judged is a harness
    error; the time to find tasks is not cut short. allows_in_process: judge tasks, too, whose script runs in the
    program's own process, where a program can make it pass; else they are harness errors: no reward may hang on them.
    Safe from any thread, several at once, and in a forked child, which has boxes of its own.
    Raises: ConfigError for an unknown task, PluginError for an unknown benchmark, TaskDataError, SandboxUnavailable
    when the engine cannot run here. A sample that cannot be judged is a harness error, not an exception.
    """
    ready = _pool(config, workers)
    return ready.judge(samples, tasks, config=config, deadline_s=deadline_s, allows_in_process=allows_in_process)


async def judge_async(
    samples: Iterable[Sample],
    tasks: Sequence[Task] | None = None,
    *,
    config: RunConfig | None = None,
    workers: int | None = None,
    deadline_s: float | None = None,
    allows_in_process: bool = False,
) -> list[Verdict]:
    """As `judge`, without blocking the event loop; cancelling it ends the programs under way."""
    return await _pool(config, workers).judge_async(
        samples, tasks, config=config, deadline_s=deadline_s, allows_in_process=allows_in_process
    )


def measure(
    tasks: Sequence[Task], samples: Sequence[Sample], verdicts: Sequence[Verdict], config: RunConfig
) -> tuple[list[Measurement], list[Verdict]]:
    """Measurements of the samples that passed, and all verdicts as measuring leaves them.

    Raises: SandboxUnavailable, SandboxFault.
    """
    config = settled(config)
    by_id, judged = {task.id: task for task in tasks}, {one.sample_id: one for one in verdicts}
    meters: dict[str, Meter] = {name: plugins.load("meters", name) for name in config.meters}
    prepared = dict[str, PreparedTask]()
    records: list[Measurement] = []
    with _keeper(config) as keeper:
        for sample in samples:
            if not judged[sample.id].passed or not by_id[sample.task_id].stress_groups:
                continue
            if sample.task_id not in prepared:
                prepared[sample.task_id] = prepare(by_id[sample.task_id], keeper, cases_folder(config.sandbox))
            ready = prepared[sample.task_id]
            rounds = Rounds(config.precision, config.measure_budget_s)
            is_right = partial(cases.accepts, ready, keeper)
            plan = Plan(meters, config.repetitions, is_right, counter_of(config), rounds)
            new, judged[sample.id] = measure_one(ready, sample, judged[sample.id], plan, keeper)
            records += new
    return records, list(judged.values())


def score(
    tasks: Sequence[Task],
    samples: Sequence[Sample],
    verdicts: Sequence[Verdict],
    measurements: Sequence[Measurement],
    config: RunConfig,
) -> list[Score]:
    """Every configured metric over the records.

    Raises: PluginError, ConfigError.
    """
    table = Table.join(tasks, samples, verdicts, measurements)
    return [one for scorer in load_scorers(config).values() for one in scorer.score(table, config)]


def run(config: RunConfig, *, resume: bool = False, asks: bool = True, progress: Progress | None = None) -> RunResult:
    """All stages, stored in the run folder.

    resume: go on with what the folder holds; nothing stored is done again. asks: False takes the stored samples as all
    there are.
    Raises: CodeeffError; what was stored stays valid.
    """
    return run_pipeline(config, resume=resume, asks=asks, progress=progress)


def generate_only(config: RunConfig, *, resume: bool = False, progress: Progress | None = None) -> Store:
    """The generate stage alone, stored in the run folder; `run` with resume goes on with it.

    Raises: CodeeffError; what was stored stays valid.
    """
    return generate_pipeline(config, resume=resume, progress=progress)


def _pool(config: RunConfig | None, workers: int | None) -> Pool:
    if config is None:
        return pool.shared(workers or 0, None, i_trust_this_code=False)
    return pool.shared(
        config.workers if workers is None else workers, config.sandbox, i_trust_this_code=config.i_trust_this_code
    )


@contextmanager
def _keeper(config: RunConfig) -> Iterator[Keeper]:
    """A box for measuring: pinned, since the clock of a process that still runs on another core lags behind."""
    core = usable_cores()[-1]
    keeper = Keeper(open_engine(config.sandbox, i_trust_this_code=config.i_trust_this_code), core)
    try:
        yield keeper
    finally:
        keeper.close()


def _ignore(notice: Notice) -> None:
    """A caller of single verbs sees what is missing in the records."""
