import doctest
import random
from statistics import fmean

import pytest

import codeeff.core.leverage
from codeeff.core.leverage import deciding_tasks, leverage


def test_examples() -> None:
    result = doctest.testmod(codeeff.core.leverage)
    assert (result.attempted > 0, result.failed) == (True, 0)


def test_one_task_of_a_hundred_can_carry_a_mean_of_ratios_but_not_of_bounded_scores() -> None:
    ratios = leverage({f"demo/{at}": 1.0 if at else 901.0 for at in range(100)})
    bounded = leverage({f"demo/{at:02}": 1.0 for at in range(100)})
    assert ratios is not None and bounded is not None
    assert ratios == pytest.approx((910 / 1000, 0.1, 9.0, "demo/0"))
    assert bounded == pytest.approx((0.1, 0.1, 0.0, "demo/00"))


@pytest.mark.parametrize("per_task", [{}, {"demo/0": 1.0}, {"demo/0": 0.0, "demo/1": 0.0}])
def test_nothing_to_lean_on(per_task: dict[str, float]) -> None:
    assert leverage(per_task) is None


def test_largest_move_and_deciding_tasks_equal_leaving_each_out() -> None:
    draw = random.Random(260701211)
    turned = 0
    for _ in range(1000):
        changes = {f"demo/{at}": float(draw.randint(-3, 4)) for at in range(draw.randint(2, 15))}
        rests = {left: fmean(one for task, one in changes.items() if task != left) for left in changes}
        mean = fmean(changes.values())
        expected = tuple(left for left, rest in rests.items() if mean > 0 >= rest or mean < 0 <= rest)
        assert deciding_tasks(changes) == expected
        turned += bool(expected)
        scores = {task: abs(one) for task, one in changes.items()}
        if sum(scores.values()):
            moves = [
                abs(fmean(scores[task] for task in scores if task != left) - fmean(scores.values())) for left in scores
            ]
            found = leverage(scores)
            assert found is not None
            assert found.largest_move == pytest.approx(max(moves), abs=1e-12)
    assert 100 < turned < 900
