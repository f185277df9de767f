"""Published programs judged anew: our verdicts agree with the published ones, and where they differ it is known why."""

from pathlib import Path

import pytest
import stored

import codeeff

pytestmark = pytest.mark.capability("bubblewrap")


@pytest.mark.parametrize(("model", "every"), [("gpt-4", 1), ("deepseek-6.7b", 3)])
def test_mercurys_programs_are_judged_as_mercury_judged_them(data: Path, model: str, every: int) -> None:
    tasks, samples, published = stored.mercury(data, model)
    first = [at for at, sample in enumerate(samples) if sample.index == 0][::every]
    verdicts = codeeff.judge([samples[at] for at in first], tasks, workers=1)
    differing = {
        verdict.task_id.split("/")[1]
        for verdict, at in zip(verdicts, first, strict=True)
        if verdict.passed != published[at]
    }
    assert len(first) >= 70
    assert differing <= stored.MERCURY_DIFFERS.keys()
    assert stored.agreement([one.passed for one in verdicts], [published[at] for at in first]) >= 0.97


def test_gpt4o_passes_what_coffe_passes_and_what_its_sanitiser_cut(data: Path) -> None:
    tasks, samples = stored.coffe(data)
    cut = {f"coffe_function/HumanEval/{number}" for number in stored.CUT_BY_COFFE.split()}
    chosen = [sample for sample in samples if sample.task_id in cut] + samples[::10]
    verdicts = codeeff.judge(chosen, tasks, workers=1)
    failed = {verdict.task_id for verdict in verdicts if not verdict.passed}
    assert not failed & cut
    assert failed == {f"coffe_function/{native}" for native in stored.COFFE_FAILS.split()}


def test_gpt4o_fails_the_programs_that_coffe_fails(data: Path) -> None:
    tasks, samples = stored.coffe_file(data, tests=2)
    verdicts = codeeff.judge(samples, tasks, workers=1)
    assert len(verdicts) == 58
    failed = [verdict.task_id for verdict in verdicts if not verdict.passed]
    assert failed == [f"coffe_file/{native}" for native in stored.COFFE_FILE_FAILS.split()]


def test_coffes_best_solutions_pass_and_their_stressful_inputs_are_made(data: Path) -> None:
    tasks, samples = stored.coffe_file_best(data, ("2", "18", "20"), tests=5)
    verdicts = codeeff.judge(samples, tasks, workers=1)
    assert [verdict.first_failure for verdict in verdicts] == [None] * 3
    for verdict in verdicts:
        assert [(tally.passed, tally.total) for tally in verdict.groups.values()] == [(5, 5), (5, 5)]
