"""What is read out of a model's answer, and that nothing in one is an error."""

import pytest
from builders import make_task

from codeeff.core.value import decode
from codeeff.strategies._answers import items, own_tests, valid_numbers

NONSENSE = [
    "",
    "\n\n",
    "I would rather talk about the weather.",
    "1.",
    "((((",
    "(" * 10_000,
    "-" * 100_000 + "1",
    "[1, 2",
    "{[]: 1}",
    "(__import__('os').getcwd(), 1)",
    "(1, 2)",
    "((1,),)",
    "((1,), 2, 3)",
    "([1], 2)",
    "((1,), 2).real",
    "((9 ** 9,), 2)",
    "((1,), '\\ud800\\d",
    "((" + "9" * 5000 + ",), 1)",
    "\x00((1,), 2)",
]


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_holds_nothing(text: str) -> None:
    assert own_tests(text, make_task(), 9) == []
    assert own_tests(text, make_task(entry=None), 9) == []
    assert items(text, 9) == []
    assert valid_numbers(text) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1. one\n2. two", ["one", "two"]),
        ("Sure:\n\n1) one\n   goes on\n\n2) two\n", ["one goes on", "two"]),
        ("- one\n* two\n+ three", ["one", "two", "three"]),
        ("1. **one**: x = 2\n\n2. two\n3. thr", ["**one**: x = 2", "two", "thr"]),
        ("1. one\n2.\n3. three\n4. four", ["one 2.", "three", "four"]),
        ("1. \n- one", ["one"]),
    ],
)
def test_lists_of_any_kind_are_read(text: str, found: list[str]) -> None:
    assert items(text, 3) == found


def test_no_more_items_and_tests_are_read_than_are_wanted() -> None:
    assert items("\n".join(f"{number}. x" for number in range(100)), 4) == ["x"] * 4
    assert len(own_tests("((1,), 2)\n" * 100, make_task(), 4)) == 4


def test_tests_are_read_line_by_line_and_what_is_none_is_left_out() -> None:
    text = "Here:\n```python\n((1, 'a'), [2])\n1. ((), None),\n- `(([1.5],), {'k': {1}})`\n((1,), 2) # why\n((1,\n```"
    found = [(decode(one.arguments), decode(one.expected)) for one in own_tests(text, make_task(), 9)]
    assert found == [((1, "a"), [2]), ((), None), (([1.5],), {"k": {1}}), ((1,), 2)]


def test_a_whole_program_s_tests_are_texts() -> None:
    text = '("1\\n2\\n", "3\\n")\n("1", 3)\n(("1",), "3")\n'
    found = [(decode(one.arguments), decode(one.expected)) for one in own_tests(text, make_task(entry=None), 9)]
    assert found == [(("1\n2\n",), "3\n")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1: valid\n2: invalid\n3: valid", {1, 3}),
        ("Test 1: **valid**\n- 2 - Valid, as it says\n3. not valid", {1, 2}),
        ("All tests are valid.", set()),
        ("1 2 3", set()),
    ],
)
def test_a_test_is_right_where_its_line_says_so(text: str, found: set[int]) -> None:
    assert valid_numbers(text) == found
