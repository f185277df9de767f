"""Names and folders become what a run works with: tasks, metrics, the configuration of a stored run."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codeeff import plugins
from codeeff.benchmarks import Benchmark
from codeeff.config import RunConfig, make_config
from codeeff.core.errors import ConfigError, RecordError, TaskDataError, unknown_name
from codeeff.core.manifest import RunManifest
from codeeff.core.task import Task
from codeeff.pipeline.store import Store
from codeeff.scorers import Scorer


def load_tasks(config: RunConfig) -> list[Task]:
    """The benchmark's tasks, narrowed as configured.

    Raises: ConfigError for an unknown subset, compat name or task, TaskDataError for bad data.
    """
    benchmark: Benchmark = plugins.load("benchmarks", config.benchmark)
    for kind, name, known in (
        ("subset", config.subset, benchmark.subsets),
        ("compat", config.compat, benchmark.compats),
    ):
        if name is not None and name not in known:
            raise ConfigError(unknown_name(f"{config.benchmark} {kind}", name, known))
    tasks = list(benchmark.load(config.data, config.compat))
    _refuse_bad_whole(tasks, str(config.data or config.benchmark))
    known_ids = {task.native_id for task in tasks}
    for native_id in config.tasks:
        if native_id not in known_ids:
            raise ConfigError(unknown_name(f"{config.benchmark} task", native_id, known_ids))
    tasks = [task for task in tasks if config.subset is None or config.subset in task.subsets]
    tasks = [task for task in tasks if not config.tasks or task.native_id in config.tasks]
    return tasks[: config.limit]


def _refuse_bad_whole(tasks: Sequence[Task], where: str) -> None:
    """Raises: TaskDataError where there is no task, or one twice."""
    if not tasks:
        raise TaskDataError(f"{where}: there is no task in it. Fetch the file again.")
    for task_id, count in Counter(task.id for task in tasks).items():
        if count > 1:
            raise TaskDataError(f"{where}: the task {task_id!r} is there twice. Leave one of the rows out.")


def load_scorers(config: RunConfig) -> dict[str, Scorer]:
    """The configured metrics by name.

    Raises: PluginError for an unknown metric, ConfigError for a switch that none of them has.
    """
    scorers: dict[str, Scorer] = {name: plugins.load("scorers", name) for name in config.metrics}
    known = {compat for scorer in scorers.values() for compat in scorer.compats}
    for name in config.metric_compat:
        if name not in known:
            raise ConfigError(unknown_name(f"metric compat of {', '.join(scorers)}", name, known))
    return scorers


def stored_manifest(store: Store) -> RunManifest:
    """Raises: RecordError for what is no run folder."""
    manifest = store.read_manifest()
    if manifest is None:
        raise RecordError(f"{store.folder} is not a run folder: it has no manifest.json. `codeeff run` prints it.")
    return manifest


def stored_config(folder: Path, asked: dict[str, Any]) -> RunConfig:
    """The configuration of a stored run, with what is asked for laid over it; None is not asked for.

    Raises: RecordError for what is no run folder, ConfigError.
    """
    given = {key: value for key, value in asked.items() if value is not None}
    return make_config(stored_manifest(Store(folder)).config | given, str(folder))
