"""The verbs, each alone, on the real sandbox: what the command line does, without it."""

import json
from pathlib import Path

import pytest

import codeeff
from codeeff.core.verdict import Status

pytestmark = pytest.mark.capability("bubblewrap")

RIGHT = "Two numbers are to be added.\n\n```python\ndef add(x, y):\n    return x + y\n```\n"
SOLUTIONS = [
    "def quiet_stretch(*a):\n    raise ValueError('no')",
    "while True: pass",
]


def test_the_verbs_alone_give_what_a_run_gives(tmp_path: Path) -> None:
    config = codeeff.RunConfig(benchmark="core", model="reference:2", limit=2, repetitions=2, out=tmp_path / "run")
    tasks = codeeff.load(config)
    samples = list(codeeff.generate(tasks, config))
    verdicts = codeeff.judge(samples, tasks, config=config)
    measurements, verdicts = codeeff.measure(tasks, samples, verdicts, config)
    scores = {score.label: score for score in codeeff.score(tasks, samples, verdicts, measurements, config)}

    whole = codeeff.run(config)
    assert [sample.id for sample in samples] == [one.id for group in whole.table.samples.values() for one in group]
    assert {one.sample_id: one.status for one in verdicts} == {
        key: one.status for key, one in whole.table.verdicts.items()
    }
    assert list(scores) == [score.label for score in whole.scores]
    assert scores["pass@1"].value == 1.0
    assert 0 < (scores["speedup (cpu_time)"].value or 0) < 1, "the second-best reference is slower than the best"


def test_judging_alone_gives_a_verdict_for_every_sample_in_order(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    rows = [{"task_id": "quiet_stretch", "solution": text} for text in SOLUTIONS]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = codeeff.RunConfig(benchmark="core", model=f"replay:{path}", tasks=("quiet_stretch",))
    tasks = codeeff.load(config)
    limits = tasks[0].limits.model_copy(update={"cpu_s": 0.5})
    tasks = [tasks[0].model_copy(update={"limits": limits})]
    samples = list(codeeff.generate(tasks, config))
    verdicts = codeeff.judge(samples, tasks, config=config)
    assert [one.status for one in verdicts] == [Status.RUNTIME_ERROR, Status.TIME_LIMIT]


def test_a_model_s_answers_are_judged_by_a_task_s_id() -> None:
    config = codeeff.RunConfig(benchmark="core", model="reference:best", limit=1)
    (right,) = codeeff.generate(codeeff.load(config), config)
    texts = (f"It goes so:\n\n```python\n{right.program}```\n", RIGHT, "No.")
    samples = [codeeff.sample(right.task_id, text, index=at) for at, text in enumerate(texts)]
    assert [one.id for one in samples] == [f"{right.task_id}#{at}" for at in range(3)]
    assert samples[0].program == right.program
    with codeeff.Pool(workers=1, sandbox="bubblewrap") as pool:
        statuses = [one.status for one in pool.judge(samples)]
    assert statuses == [Status.PASSED, Status.RUNTIME_ERROR, Status.NO_PROGRAM]


def test_a_sample_of_a_task_in_hand_needs_no_benchmark_and_an_unknown_id_is_refused() -> None:
    (task,) = codeeff.load(codeeff.RunConfig(benchmark="core", model="reference:best", limit=1))
    assert codeeff.sample(task, RIGHT) == codeeff.sample(task.id, RIGHT)
    with pytest.raises(codeeff.CodeeffError, match="Unknown task 'core/nothing'"):
        codeeff.sample("core/nothing", RIGHT)
