"""Benchmarks whose own converters, runners and evaluators decide: what becomes of programs, in the real sandbox."""

from collections.abc import Callable

import pytest
from builders import make_sample
from rows import WRITERS

from codeeff import plugins
from codeeff.core.prepared import PreparedTask
from codeeff.core.verdict import Status, Verdict
from codeeff.judge.cases import judge
from codeeff.judge.oracle import prepare
from codeeff.sandboxes._keeper import Keeper

pytestmark = pytest.mark.capability("bubblewrap")
Prepared = Callable[[str, str], PreparedTask]
TWO = {"mercury": ("two-of-them", "def two(self, nums, least):"), "venus": ("3", "def two(self, nums):")}
"""By benchmark, the task of two numbers and its method."""


@pytest.fixture(scope="module")
def prepared(keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A task of ours in the published schema, with half a second of CPU instead of its many."""

    def of(benchmark: str, native: str) -> PreparedTask:
        folder = WRITERS[benchmark](tmp_path_factory.mktemp(benchmark))
        (task,) = [one for one in plugins.load("benchmarks", benchmark).load(folder, None) if one.native_id == native]
        limits = task.limits.model_copy(update={"cpu_s": 0.5, "wall_s": 10.0})
        found = prepare(task.model_copy(update={"limits": limits}), keeper, None)
        assert found.problem is None
        return found

    return of


def verdict_on(program: str, prepared: PreparedTask, keeper: Keeper) -> Verdict:
    return judge(prepared, make_sample(prepared.task.id, program=program), keeper)


@pytest.mark.parametrize("benchmark", list(TWO))
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("return sorted(nums)[:2]", Status.PASSED),
        ("return sorted(nums)[1::-1]", Status.PASSED),  # only the evaluator takes another order
        ("return sorted(nums)[-2:]", Status.WRONG_ANSWER),
        ("return None", Status.WRONG_ANSWER),  # the evaluator raises
        ("while True: pass", Status.TIME_LIMIT),
        ("sys.exit(0)", Status.RUNTIME_ERROR),
        ("import os; os._exit(1)", Status.RUNTIME_ERROR),
        ("import os; os._exit(0)", Status.RUNTIME_ERROR),
        ("return sorted(nums[:1] * 10 ** 9)", Status.MEMORY_LIMIT),
    ],
)
def test_a_program_gets_the_verdict_it_deserves(
    prepared: Prepared, keeper: Keeper, benchmark: str, body: str, status: Status
) -> None:
    native, method = TWO[benchmark]
    verdict = verdict_on(f"class Solution:\n    {method}\n        {body}\n", prepared(benchmark, native), keeper)
    assert verdict.status is status, verdict.first_failure


@pytest.mark.parametrize(
    ("benchmark", "native", "program", "is_right"),
    [
        ("mercury", "turn-a-list", "def turn(self, head): return self.turned(head, None)", True),
        ("mercury", "turn-a-list", "def turn(self, head): return ListNode(3, ListNode(2, ListNode(1)))", False),
        ("mercury", "turn-a-list", "def turn(self, head): return [1, 2, 3]", False),
        ("mercury", "double-in-place", "def double(self, root): root.val, root.right.val = 2, 6", True),
        ("mercury", "double-in-place", "def double(self, root): return TreeNode(2, None, TreeNode(6))", False),
        ("venus", "12", "def add(self): print('noise')", False),
        ("venus", "99", "def root(self, x): return 1.414214", True),
        ("venus", "99", "def root(self, x): return 1.4", False),
    ],
)
def test_what_crosses_the_wall_is_what_the_evaluator_is_given(
    prepared: Prepared, keeper: Keeper, benchmark: str, native: str, program: str, is_right: bool
) -> None:
    """Nodes both ways, arguments changed in place, printed text."""
    helper = (
        "def turned(self, head, before): return self.turned(head.next, ListNode(head.val, before)) if head else before"
    )
    text = f"class {'Counter' if native == '12' else 'Solution'}:\n    {program}\n    {helper}\n"
    verdict = verdict_on(text, prepared(benchmark, native), keeper)
    assert verdict.status is (Status.PASSED if is_right else Status.WRONG_ANSWER), verdict.first_failure


@pytest.mark.parametrize("benchmark", list(TWO))
def test_the_expected_value_is_not_in_the_box(prepared: Prepared, keeper: Keeper, benchmark: str) -> None:
    native, method = TWO[benchmark]
    gives_what_it_finds = f"""
class Solution:
    {method}
        import gc
        answer, frame = sorted(nums)[:2], sys._getframe()
        held = [one for one in gc.get_objects() if type(one) is list and one is not answer]
        while frame := frame.f_back:
            held += frame.f_locals.values()
        wanted = (answer, f"{{answer}}", f"{{answer}}\\n")
        return answer if any(one in wanted for one in held if one is not answer) else []
"""
    assert verdict_on(gives_what_it_finds, prepared(benchmark, native), keeper).status is Status.WRONG_ANSWER


@pytest.mark.parametrize(("benchmark", "status"), [("newmercury", Status.PASSED), ("mercury", Status.RUNTIME_ERROR)])
def test_newmercury_gives_more_names(prepared: Prepared, keeper: Keeper, benchmark: str, status: Status) -> None:
    program = "class Solution:\n    def two(self, nums, least):\n        return sorted(Counter(nums))[:2]\n"
    assert verdict_on(program, prepared(benchmark, "two-of-them"), keeper).status is status
