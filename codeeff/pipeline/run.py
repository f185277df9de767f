"""Generate → judge → measure → score → report, each stage resumable: what is stored is never done again.

In: a RunConfig. Out: a run folder, and its records joined.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from time import monotonic
from typing import Any, Protocol

from codeeff import plugins
from codeeff.benchmarks import _hub as hub
from codeeff.config import GENERATING, RunConfig
from codeeff.core.candidate import Candidate
from codeeff.core.errors import ConfigError, SandboxFault
from codeeff.core.manifest import RunManifest
from codeeff.core.measurement import Measurement
from codeeff.core.notice import Notice
from codeeff.core.prepared import PreparedTask
from codeeff.core.record import Record, digest_of
from codeeff.core.sample import Sample
from codeeff.core.score import Score
from codeeff.core.serving import Serving
from codeeff.core.spending import totals
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import accepts, early, judge
from codeeff.judge.divide import hidden_part
from codeeff.judge.oracle import prepare
from codeeff.meters import Meter
from codeeff.meters._measure import Plan, measure
from codeeff.meters._rounds import Rounds
from codeeff.pipeline import host, study
from codeeff.pipeline.choices import anytime, of_strategy, untested
from codeeff.pipeline.engine import cases_folder, counter_of, open_engine, settled
from codeeff.pipeline.generating import SERVING, beside, feedback_cases, make_samples, of_unchanged_source, strategy_of
from codeeff.pipeline.loading import load_scorers, load_tasks
from codeeff.pipeline.schedule import measuring_cores, over_boxes, worker_cores
from codeeff.pipeline.store import Store
from codeeff.pipeline.watch import Watch
from codeeff.reports import Report
from codeeff.sandboxes._keeper import Keeper, ProgramFault
from codeeff.scorers import Scorer


class Progress(Protocol):
    """Shows how far a stage is."""

    def begin(self, stage: str, total: int, done: int) -> None:
        """A stage starts; `done` of `total` were stored before."""

    def advance(self, count: int) -> None:
        """Records more are stored."""

    def end(self) -> None:
        """The stage is over."""


class Silent:
    """No progress."""

    def begin(self, stage: str, total: int, done: int) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


@dataclass(frozen=True)
class RunResult:
    """A finished run."""

    store: Store
    manifest: RunManifest
    table: Table
    scores: Sequence[Score]

    @property
    def has_harness_errors(self) -> bool:
        """Whether some samples could not be judged for a reason of ours."""
        return any(one.status is Status.HARNESS_ERROR for one in self.table.verdicts.values())


def run(config: RunConfig, *, resume: bool = False, asks: bool = True, progress: Progress | None = None) -> RunResult:
    """Do everything a configuration asks for that its run folder does not hold yet.

    asks: False takes the stored samples as all there are.
    Raises: CodeeffError and its kin; what was stored before stays valid, `resume=True` goes on from there.
    """
    return _Run(_settled(config), progress or Silent()).go(resume=resume, asks=asks)


def generate(config: RunConfig, *, resume: bool = False, progress: Progress | None = None) -> Store:
    """Only the first stage: the samples are stored, to be judged whenever, wherever and however often one likes.

    Raises: as `run`.
    """
    return _Run(_settled(config), progress or Silent()).only_generate(resume=resume)


def _settled(config: RunConfig) -> RunConfig:
    """With the number of feedback tests instead of `as the strategy needs`: those of another number judge otherwise."""
    return settled(config).model_copy(update={"feedback_cases": feedback_cases(config) or None})


class _Run:
    """One session of a run."""

    def __init__(self, config: RunConfig, progress: Progress) -> None:
        self.config, self.progress = config, progress
        self.engine = open_engine(config.sandbox, i_trust_this_code=config.i_trust_this_code)
        plugins.load("generators", config.source)
        self.meters: dict[str, Meter] = {name: plugins.load("meters", name) for name in config.meters}
        self.scorers = load_scorers(config)
        with hub.watched() as self.hub_data:
            self.tasks = load_tasks(config)
        if not self.tasks:
            raise ConfigError(f"No task of {config.benchmark!r} is left. Loosen --subset, --tasks or --limit.")
        self.by_id = {task.id: task for task in self.tasks}
        self.store = Store(config.run_folder)
        self.notices = {one.code: one for one in map(hub.remember, self.hub_data) if one}

    def only_generate(self, *, resume: bool) -> Store:
        """The first stage."""
        with self._held(resume):
            self._stage("generate", self._generate)
            self._save_manifest(self.manifest.model_copy(update={"status": "generated"}))
            return self.store

    def go(self, *, resume: bool, asks: bool) -> RunResult:
        """All stages, or those behind the first one."""
        with self._held(resume):
            samples, candidates = self._stage("generate", self._generate) if asks else self._stored()
            programs = samples + beside(samples, candidates)
            verdicts = self._stage("judge", functools.partial(self._judge, programs))
            measurements, verdicts = self._stage("measure", functools.partial(self._measure, programs, verdicts))
            table = Table.join(self.tasks, samples, verdicts, measurements, self.manifest.noise, candidates)
            scorers = self._applicable()
            scores = [score for scorer in scorers for score in scorer.score(table, self.config)]
            if table.candidates:
                self._tell_of_strategy(table, scorers)
            scores += of_strategy(table, scorers, self.config)
            self._write("totals", totals(table, self.config.run_id, self.config.cpu_hour_usd))
            self.store.write_scores(scores)
            manifest = self._save_manifest(self.manifest.model_copy(update={"status": "finished"}))
            report: Report = plugins.load("reports", "markdown")
            self.store.write_text("report.md", report.render(manifest, table, scores))
            return RunResult(self.store, manifest, table, scores)

    @contextmanager
    def _held(self, resume: bool) -> Iterator[None]:
        """The run folder is ours, with its manifest begun; what ends early is marked as interrupted."""
        version = self.engine.version()
        self.store.lock()
        try:
            self._begin(f"{self.config.sandbox} ({version})", resume)
            yield
        except BaseException:
            if hasattr(self, "manifest"):
                self._save_manifest(self.manifest.model_copy(update={"status": "interrupted"}))
            raise
        finally:
            self.store.unlock()

    def _applicable(self) -> list[Scorer]:
        """The metrics the benchmark allows: without stress levels there is no efficiency to score."""
        if any(task.stress_groups for task in self.tasks):
            return list(self.scorers.values())
        left_out = [name for name, scorer in self.scorers.items() if scorer.needs_measurements]
        if left_out:
            self._notify(
                Notice(
                    code="correctness_only",
                    severity="info",
                    seen=f"{self.config.benchmark} has no stress inputs.",
                    effect=f"{', '.join(left_out)} cannot be scored on it.",
                    remedy="Use enamel or core for efficiency.",
                )
            )
        return [scorer for scorer in self.scorers.values() if not scorer.needs_measurements]

    def _tell_of_strategy(self, table: Table, scorers: Sequence[Scorer]) -> None:
        """Store the curve of metrics over budgets; name the tasks whose candidates nothing was tried on."""
        curve = anytime(table, strategy_of(self.config), scorers, self.config)
        self._write("anytime", curve)
        notice = untested(table)
        if notice:
            self._notify(notice)

    def _write(self, name: str, records: Sequence[Record]) -> None:
        """Replace a file of records that are computed from others; without any there is none."""
        if records:
            self.store.write_text(f"{name}.jsonl", "".join(one.to_line() + "\n" for one in records))

    def _begin(self, engine: str, resume: bool) -> RunManifest:
        """The manifest, new or taken up."""
        known = study.kept(engine)
        found = self.store.read_manifest() if self.store.has_records() else None
        new = RunManifest(
            run_id=self.config.run_id,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            status="running",
            codeeff_version=host.package_version(),
            config=self.config.identity(),
            config_digest=self.config.config_digest,
            benchmark_digest=digest_of([task.content_digest for task in self.tasks]),
            tasks=len(self.tasks),
            hub_data=tuple(self.hub_data),
            host=host.describe(),
            sandbox=f"{engine}: {self.engine.isolation}",
            meters=tuple(f"{meter.quantity} {meter.version}" for meter in self.meters.values()),
            noise=known and known.noise,
            noise_measured_at=known and known.measured_at,
        )
        if found is None:
            return self._save_manifest(new)
        if not resume:
            raise ConfigError(
                f"{self.store.folder} holds a run already ({found.status}). Give --resume to go on with it, or --out"
                " another folder."
            )
        self.notices = {notice.code: notice for notice in found.notices} | self.notices
        if found.status == "generated":  # nothing was judged yet: that may happen on another machine, in another way
            _refuse_other_run(_asked(found), _asked(new), self.store)
            kept = {
                name: getattr(found, name) for name in ("run_id", "created_at", "wall_s", "served", "source_digest")
            }
            return self._save_manifest(new.model_copy(update=kept))
        _refuse_other_run(_identity(found), _identity(new), self.store)
        return self._save_manifest(found.model_copy(update={"status": "running"}))

    def _save_manifest(self, manifest: RunManifest) -> RunManifest:
        self.manifest = manifest.model_copy(update={"notices": tuple(self.notices.values())})
        self.store.write_manifest(self.manifest)
        return self.manifest

    def _stage(self, name: str, work: Callable[[], Any]) -> Any:
        """Run a stage and book its wall time, also when it is interrupted."""
        start = monotonic()
        try:
            return work()
        finally:
            self.store.sync()
            self.progress.end()
            wall_s = dict(self.manifest.wall_s)
            wall_s[name] = round(wall_s.get(name, 0.0) + monotonic() - start, 3)
            self._save_manifest(self.manifest.model_copy(update={"wall_s": wall_s}))

    def _notify(self, notice: Notice) -> None:
        self.notices[notice.code] = notice

    def _generate(self) -> tuple[list[Sample], list[Candidate]]:
        stored, candidates = self._stored()
        known = frozenset(sample.id for sample in stored)
        self.progress.begin("generate", max(len(self.tasks) * self.config.n, len(known)), len(known))
        making = make_samples(self.tasks, self.config, self.store, known, self._notify)
        first = list(islice(making, 1))  # what is wrong with a file is told before that it has changed
        self._save_manifest(of_unchanged_source(self.manifest, self.config, stored))
        for made in chain(first, making):
            if self.config.feedback_cases or len(made.candidates) > 1:
                candidates += made.candidates
                self.store.append("candidates", made.candidates)
            stored.append(made.sample)
            self.store.append("samples", [made.sample])
            self.progress.advance(1)
        served = tuple(self.store.read(SERVING, Serving, repair=True))
        self.manifest = self.manifest.model_copy(update={"served": served})
        return stored, candidates

    def _stored(self) -> tuple[list[Sample], list[Candidate]]:
        return self.store.read("samples", Sample, repair=True), self.store.read("candidates", Candidate, repair=True)

    def _prepared(self, task: Task, keeper: Keeper) -> PreparedTask:
        """What judges a task's programs: without the feedback tests, where there are any.

        Raises: SandboxFault.
        """
        whole = prepare(task, keeper, cases_folder(self.config.sandbox))
        return hidden_part(whole, self.config.feedback_cases or 0)

    def _judge(self, samples: list[Sample]) -> list[Verdict]:
        verdicts = {one.sample_id: one for one in self.store.read("verdicts", Verdict, repair=True)}
        judged = {key for key, one in verdicts.items() if one.status is not Status.HARNESS_ERROR}  # ours: tried again
        pending = _by_task(self.tasks, [one for one in samples if one.id not in judged])
        self.progress.begin("judge", len(samples), len(judged))

        def work(item: tuple[Task, list[Sample]], keeper: Keeper) -> list[Verdict]:
            task, ours = item
            try:
                prepared = self._prepared(task, keeper)
            except SandboxFault as fault:
                return [early(one, Status.HARNESS_ERROR, f"preparing the task: {fault}") for one in ours]
            return [judge(prepared, one, keeper) for one in ours]

        for batch in over_boxes(self.engine, worker_cores(self.config.workers), pending, work):
            self.store.append("verdicts", [one for one in batch if one != verdicts.get(one.sample_id)])
            verdicts |= {one.sample_id: one for one in batch}
            self.progress.advance(len(batch))
        return list(verdicts.values())

    def _measure(self, samples: list[Sample], verdicts: list[Verdict]) -> tuple[list[Measurement], list[Verdict]]:
        """Passed samples, times one at a time on one core; a verdict that measuring overturns replaces the first one.

        Emulated instructions do not depend on what other cores do: a run that measures nothing else uses all workers'.
        A run that asks for both takes one core for both, since a box's other pass would disturb its neighbour's times.
        """
        judged = {one.sample_id: one for one in verdicts}
        stored = self._whole_measurements()
        measured = {one.sample_id for one in stored}
        passed = [one for one in samples if judged[one.id].passed and self.by_id[one.task_id].stress_groups]
        pending = _by_task(self.tasks, [one for one in passed if one.id not in measured]) if self.meters else []
        self.progress.begin("measure", len(passed), len(measured))

        def work(item: tuple[Task, list[Sample]], keeper: Keeper) -> list[tuple[list[Measurement], Verdict]]:
            task, ours = item
            try:
                prepared = self._prepared(task, keeper)
            except SandboxFault as fault:
                return [([], early(sample, Status.HARNESS_ERROR, f"preparing the task: {fault}")) for sample in ours]
            rounds = Rounds(self.config.precision, self.config.measure_budget_s)
            is_right = functools.partial(accepts, prepared, keeper)
            plan = Plan(self.meters, self.config.repetitions, is_right, counter_of(self.config), rounds)
            results = []
            for sample in ours:
                try:
                    results.append(measure(prepared, sample, judged[sample.id], plan, keeper))
                except ProgramFault as fault:
                    results.append(([], early(sample, Status.FORBIDDEN, f"while measured: {fault}")))
                except SandboxFault as fault:
                    results.append(([], early(sample, Status.HARNESS_ERROR, f"measuring: {fault}")))
            watch.ours_ns = keeper.cpu_ns
            return results

        counts_only = all(one.measured_in == "instructions" for one in self.meters.values())
        cores = measuring_cores(self.config.workers, counts_only=counts_only)
        watch = Watch(cores[0], self._notify)
        with watch if pending and not counts_only else nullcontext():
            for records, verdict in chain.from_iterable(over_boxes(self.engine, cores, pending, work)):
                if verdict != judged[verdict.sample_id]:
                    judged[verdict.sample_id] = verdict
                    self.store.append("verdicts", [verdict])
                self.store.append("measurements", records)
                stored += records
                self.progress.advance(1)
        return stored, list(judged.values())

    def _whole_measurements(self) -> list[Measurement]:
        """Stored measurements; the last sample's are dropped when a crash left only some of them."""
        stored = self.store.read("measurements", Measurement, repair=True)
        if stored:
            last = stored[-1]
            batch = [one for one in stored if one.sample_id == last.sample_id]
            own = [one for one in batch if one.subject == last.sample_id]
            levels = len(self.by_id[last.task_id].stress_groups) * len(self.meters)
            if len(batch) < levels * (1 if len(own) == len(batch) == levels and _was_cut(own) else 2):
                self.store.drop_last("measurements", len(batch))
                return stored[: -len(batch)]
        return stored


def _refuse_other_run(old: dict[str, Any], asked: dict[str, Any], store: Store) -> None:
    """Raises: ConfigError naming the keys in which a stored run and the asked one differ."""
    differing = [key for key in asked if old.get(key) != asked[key]]
    if differing:
        listed = "".join(f"\n  {key}: {old.get(key)!r} there, {asked[key]!r} asked for" for key in differing)
        raise ConfigError(
            f"{store.folder} holds a run of another configuration; its records would be mixed up. They differ in"
            f"{listed}\nAsk for the same, or give --out another folder."
        )


def _identity(manifest: RunManifest) -> dict[str, Any]:
    """What the records of one run must have in common."""
    beside = {name: getattr(manifest, name) for name in ("benchmark_digest", "meters", "sandbox")}
    return dict(manifest.config) | beside | {"host.cpu_model": manifest.host.cpu_model}


def _asked(manifest: RunManifest) -> dict[str, Any]:
    """What samples that were only generated must have in common with the run that judges them."""
    return {key: manifest.config.get(key) for key in GENERATING} | {"benchmark_digest": manifest.benchmark_digest}


def _was_cut(own: Sequence[Measurement]) -> bool:
    """Whether a sample has no reference beside it because judging cut it on the first level."""
    return all(one.is_cut and not one.cases for one in own)


def _by_task(tasks: Sequence[Task], samples: Sequence[Sample]) -> list[tuple[Task, list[Sample]]]:
    wanted: dict[str, list[Sample]] = {}
    for sample in samples:
        wanted.setdefault(sample.task_id, []).append(sample)
    return [(task, wanted[task.id]) for task in tasks if task.id in wanted]
