"""What every benchmark keeps to, whichever plug-ins are installed; on its data, else on rows of our own."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from rows import WRITERS

from codeeff import plugins
from codeeff.benchmarks import Benchmark
from codeeff.core.errors import TaskDataError
from codeeff.core.record import digest_of
from codeeff.core.task import Task
from codeeff.sandboxes._languages import names as languages

SHIPPED = {"core"}
"""Benchmarks whose data comes with the package."""
SPDX = {"Apache-2.0", "MIT", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0", "BSD-3-Clause", "CC0-1.0", "NOASSERTION"}
"""NOASSERTION: no licence could be seen."""


@pytest.fixture(params=plugins.names("benchmarks"))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _benchmark(name: str) -> Benchmark:
    found: Benchmark = plugins.load("benchmarks", name)
    return found


@pytest.fixture
def benchmark(name: str) -> Benchmark:
    return _benchmark(name)


@pytest.fixture
def place(name: str, request: pytest.FixtureRequest) -> Path | None:
    if name in WRITERS:
        return WRITERS[name](request.getfixturevalue("tmp_path"))
    found: Path | None = None if name in SHIPPED else request.getfixturevalue("data")
    return found


@functools.cache
def loaded(name: str, place: Path | None) -> Sequence[Task]:
    return _benchmark(name).load(place, None)


@pytest.fixture
def tasks(name: str, place: Path | None) -> Sequence[Task]:
    return loaded(name, place)


def test_a_benchmark_says_where_it_is_from_and_what_may_be_asked_of_it(benchmark: Benchmark) -> None:
    assert benchmark.home == "codeeff" or re.match(r"https://\S+$", benchmark.home)
    assert benchmark.licence in SPDX
    for offered in (benchmark.subsets, benchmark.compats):
        assert isinstance(offered, tuple)
        assert all(re.fullmatch(r"[a-z0-9_]+", one) for one in offered)
        assert len(set(offered)) == len(offered)


def test_a_benchmark_is_as_large_and_as_verified_as_it_says(
    name: str, benchmark: Benchmark, tasks: Sequence[Task]
) -> None:
    assert benchmark.verified.startswith("schema-tested" if name in WRITERS else "loaded whole")
    if name not in WRITERS:
        assert len(tasks) == benchmark.size
    assert {bool(task.stress_groups) for task in tasks} == {benchmark.has_stress}
    assert ("speedup" in benchmark.metrics) == benchmark.has_stress
    assert set(benchmark.metrics) <= set(plugins.names("scorers"))
    assert {task.language for task in tasks} <= set(languages())


def test_a_purpose_is_one_line(name: str) -> None:
    assert 20 < len(plugins.purpose("benchmarks", name)) < 140


def test_a_folder_without_its_data_is_refused_by_name(tmp_path: Path, benchmark: Benchmark) -> None:
    with pytest.raises(TaskDataError) as caught:
        benchmark.load(tmp_path, None)
    assert str(tmp_path) in str(caught.value)
    assert "--data" in str(caught.value)


def test_ids_are_unique_and_made_of_benchmark_and_native_id(name: str, tasks: Sequence[Task]) -> None:
    assert tasks
    assert len({task.id for task in tasks}) == len(tasks)
    assert [task.id for task in tasks] == [f"{name}/{task.native_id}" for task in tasks]
    assert not [task.id for task in tasks if "#" in task.id or not task.native_id]


def test_two_loads_give_the_same_digests(benchmark: Benchmark, place: Path | None, tasks: Sequence[Task]) -> None:
    digests = [task.content_digest for task in tasks]
    assert digests == [task.content_digest for task in benchmark.load(place, None)]
    assert len(set(digests)) == len(tasks)


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")  # published code, odd escapes
def test_references_are_there_with_unique_labels_and_ranks_from_one(tasks: Sequence[Task]) -> None:
    for task in tasks:
        assert [one.rank for one in task.references] == list(range(1, len(task.references) + 1)), task.id
        assert len({one.label for one in task.references}) == len(task.references), task.id
        assert task.references or all(group.level is None and group.expected for group in task.groups), task.id
        for one in task.references:
            assert (task.entry or "") in one.program
            assert task.called is None or f"def {task.called}(" in task.template
            if task.language == "python":
                compile(task.place(one.program), task.id, "exec")


def test_every_task_is_judged_by_something_and_levels_rise(tasks: Sequence[Task]) -> None:
    for task in tasks:
        names = [group.name for group in task.groups]
        assert len(set(names)) == len(names), task.id
        levels = [group.level for group in task.groups]
        assert levels[0] is None or not task.censoring, task.id
        stress = [level for level in levels if level is not None]
        assert stress == list(range(1, len(stress) + 1)), task.id
        assert levels == [None] * (len(levels) - len(stress)) + stress, task.id
        for group in task.groups:
            by_script = task.comparator.kind == "script"  # whose calls they are
            assert (group.cases is None) + (group.maker is None) == (2 if by_script else 1), task.id
            assert group.level is None or group.hardness > 0, task.id
            assert group.expected is None or len(group.expected) == len(group.cases or ()), task.id


def test_a_checker_comes_with_its_program_and_no_other_comparison_does(tasks: Sequence[Task]) -> None:
    for task in tasks:
        assert (task.comparator.program is not None) == (task.comparator.kind in ("checker", "script")), task.id
        if task.comparator.program:
            compile(task.comparator.program, task.id, "exec")


def test_every_offered_subset_holds_some_tasks_and_no_other_is_used(
    benchmark: Benchmark, tasks: Sequence[Task]
) -> None:
    assert {one for task in tasks for one in task.subsets} == set(benchmark.subsets)


def test_tasks_survive_json(tasks: Sequence[Task]) -> None:
    for task in tasks:
        again = Task.model_validate_json(task.model_dump_json())
        assert again == task, task.id
        assert digest_of(again.model_dump(mode="json")) == task.content_digest


def test_licence_and_home_reach_every_task(benchmark: Benchmark, tasks: Sequence[Task]) -> None:
    assert {(task.provenance.source, task.provenance.licence) for task in tasks} == {
        (benchmark.home, benchmark.licence)
    }
