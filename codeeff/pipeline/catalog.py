"""Finds tasks by the ids in samples, `benchmark/slug`: a benchmark is loaded once and kept."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from codeeff import plugins
from codeeff.benchmarks import Benchmark
from codeeff.config import RunConfig, data_home
from codeeff.core.errors import ConfigError, unknown_name
from codeeff.core.sample import Sample
from codeeff.core.task import Task


def tasks_of(
    samples: Iterable[Sample], tasks: Sequence[Task] | None = None, config: RunConfig | None = None
) -> dict[str, Task]:
    """The task of every sample, by task id.

    tasks: look in these; None: in the benchmarks the ids begin with. config: where its benchmark's data is, and in
    which published harness's version; None: the benchmark's defaults.
    Raises: ConfigError for a task id nobody knows, PluginError for a benchmark nobody knows, TaskDataError.
    """
    given = None if tasks is None else {task.id: task for task in tasks}
    found: dict[str, Task] = {}
    for sample in samples:
        if not isinstance(sample, Sample):
            raise ConfigError(
                f"A {type(sample).__name__} is no sample. Give a list of samples; codeeff.sample(task_id, text) makes"
                " one of a model's answer."
            )
        if sample.task_id not in found:
            known = benchmark_of(sample.task_id, config) if given is None else given
            if sample.task_id not in known:
                raise ConfigError(f"Sample {sample.id!r}: {unknown_name('task', sample.task_id, known)}")
            found[sample.task_id] = known[sample.task_id]
    return found


def benchmark_of(task_id: str, config: RunConfig | None) -> Mapping[str, Task]:
    """The tasks, by id, of the benchmark that a task's id begins with.

    Raises: PluginError for a benchmark nobody knows, TaskDataError.
    """
    name = task_id.partition("/")[0]
    if config is not None and config.benchmark == name:
        return _loaded(name, config.data, config.compat, data_home())
    return _loaded(name, None, None, data_home())


@functools.cache
def _loaded(name: str, data: Path | None, compat: str | None, home: Path | None) -> Mapping[str, Task]:
    """A benchmark's tasks by id; home: the CODEEFF_DATA they were looked for in."""
    benchmark: Benchmark = plugins.load("benchmarks", name)
    return {task.id: task for task in benchmark.load(data, compat)}
