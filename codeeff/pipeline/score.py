"""Scores records: the metrics a configuration asks for, of a run as it ends or of a stored one. Nothing is executed.

In: a run folder's manifest, samples, verdicts and measurements, and the benchmark's tasks, which imported runs hold
themselves. Out: Scores.
"""

from pathlib import Path
from typing import Any

from codeeff.config import make_config
from codeeff.core.candidate import Candidate
from codeeff.core.errors import ConfigError
from codeeff.core.measurement import Measurement
from codeeff.core.record import digest_of
from codeeff.core.sample import Sample
from codeeff.core.table import Table
from codeeff.core.task import Task
from codeeff.core.verdict import Verdict
from codeeff.pipeline.choices import of_strategy
from codeeff.pipeline.loading import load_scorers, load_tasks, stored_manifest
from codeeff.pipeline.run import RunResult
from codeeff.pipeline.store import Store


def rescore(folder: Path, asked: dict[str, Any]) -> RunResult:
    """A stored run's records under other metrics; the folder stays as it is.

    asked: keys of RunConfig that only scoring reads (metrics, metric_compat, quantity, k, alpha) and `data`; what is
    absent or None is as the run had it.
    Raises: RecordError for what is no run folder, ConfigError for a quantity the run did not measure, an unknown
    switch, more samples a task than there are or tasks that are others than the run's, PluginError for an unknown
    metric, TaskDataError.
    """
    store = Store(folder)
    manifest = stored_manifest(store)
    given = {key: value for key, value in asked.items() if value is not None}
    if "metrics" in given:
        given = {"metric_compat": ()} | given  # the run's own switches may be of other metrics
    config = make_config(manifest.config | given, str(folder))
    scorers = load_scorers(config)
    if config.quantity not in config.meters and any(one.needs_measurements for one in scorers.values()):
        measured = ", ".join(config.meters) or "nothing"
        raise ConfigError(
            f"{folder}: the run measured {measured}, not {config.quantity}. Give --quantity one of them, or run again"
            f" with --meters {config.quantity}."
        )
    tasks = store.read("tasks", Task) or load_tasks(config)
    digest = digest_of([task.content_digest for task in tasks])
    if digest != manifest.benchmark_digest:
        raise ConfigError(
            f"{folder}: the run was made on tasks of {config.benchmark!r} with the digest {manifest.benchmark_digest},"
            f" but those found now have {digest}. Give --data the file or folder of then, or run again."
        )
    records = (store.read("samples", Sample), store.read("verdicts", Verdict), store.read("measurements", Measurement))
    table = Table.join(tasks, *records, manifest.noise, store.read("candidates", Candidate))
    scores = [score for scorer in scorers.values() for score in scorer.score(table, config)]
    scores += of_strategy(table, list(scorers.values()), config)
    if not scores:
        raise ConfigError(f"{folder}: no task has as many samples as --k {', '.join(map(str, config.k))} asks for.")
    return RunResult(store, manifest, table, scores)
