import random
from fractions import Fraction
from itertools import combinations

import pytest
from builders import make_config, make_sample, make_table, make_task, make_verdict

from codeeff.core.table import Table
from codeeff.core.verdict import Status
from codeeff.scorers.pass_at_k import PassAtK, pass_at_k_of

PASSED, WRONG, LOST = Status.PASSED, Status.WRONG_ANSWER, Status.HARNESS_ERROR
EDGES = [([0], 1), ([1], 1), ([0] * 8, 3), ([1] * 8, 8), ([0] * 7 + [1], 8), ([0] * 9 + [1], 1)]


def by_counting_subsets(values: list[int], k: int) -> Fraction:
    subsets = list(combinations(values, k))
    return Fraction(sum(max(one) for one in subsets), len(subsets))


def random_inputs() -> list[tuple[list[int], int]]:
    draw = random.Random(20240406)
    inputs = list(EDGES)
    while len(inputs) < 300:
        values = [draw.randint(0, 1) for _ in range(draw.randint(1, 11))]
        inputs.append((values, draw.randint(1, len(values))))
    return inputs


def test_estimate_equals_the_share_of_k_subsets_with_a_right_sample() -> None:
    for values, k in random_inputs():
        assert pass_at_k_of(values, k) == pytest.approx(float(by_counting_subsets(values, k)), abs=1e-12), (values, k)


def test_estimate_is_finite_where_the_binomial_is_not_a_float() -> None:
    assert pass_at_k_of([1] + [0] * 1999, 1000) == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("k", [0, 3])
def test_k_beyond_the_samples_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="between 1 and the number of samples"):
        pass_at_k_of([1, 0], k)


def test_k_above_every_task_is_left_out_and_a_short_task_is_counted() -> None:
    table = make_table({"demo/0": [PASSED, WRONG], "demo/1": [WRONG]})
    scores = PassAtK().score(table, make_config(k=(2, 1, 10)))
    assert [one.label for one in scores] == ["pass@1", "pass@2"]
    assert [one.value for one in scores] == [0.25, 1.0]
    assert scores[1].tasks_unscored == {"fewer than k samples": ("demo/1",)}
    assert scores[1].tasks_scored == 1
    assert scores[1].interval is None
    assert scores[0].interval is not None


def test_partly_lost_task_is_scored_from_the_rest_and_the_score_is_incomplete() -> None:
    table = make_table({"demo/0": [PASSED, WRONG, LOST], "demo/1": [PASSED, PASSED, PASSED]})
    one, three = PassAtK().score(table, make_config(k=(1, 3)))
    assert one.per_task == {"demo/0": 0.5, "demo/1": 1.0}
    assert three.per_task == {"demo/1": 1.0}
    for score in (one, three):
        assert score.tasks_unscored == {"harness error on some samples": ("demo/0",)}
        assert not score.is_complete


def test_missing_program_is_a_failure_and_missing_sample_is_not() -> None:
    tasks = [make_task("demo/0"), make_task("demo/1"), make_task("demo/2")]
    samples = [make_sample("demo/0", program=None, extraction="none"), make_sample("demo/2")]
    table = Table.join(tasks, samples, [make_verdict("demo/0#0", Status.NO_PROGRAM)], [])
    (score,) = PassAtK().score(table, make_config())
    assert score.per_task == {"demo/0": 0.0}
    assert score.tasks_unscored == {"no sample": ("demo/1",), "not judged": ("demo/2",)}
    assert score.is_complete
