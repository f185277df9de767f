import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeeff.core.task import Comparator
from codeeff.core.value import NotPlainData, encode
from codeeff.judge.compare import SHOWN, agrees, shown

EXACT = Comparator(kind="exact")
EQUAL = Comparator(kind="equal")
CLOSE = Comparator(kind="float", absolute=1e-6, relative=1e-6)
MULTISET = Comparator(kind="multiset")
DATA = st.recursive(st.none() | st.integers() | st.text() | st.floats(allow_nan=False), st.lists, max_leaves=8)


def agree(comparator: Comparator, expected: Any, actual: Any, *, was_coerced: bool = False) -> bool:
    return agrees(comparator, encode(expected), encode(actual), was_coerced=was_coerced)


@given(DATA)
def test_every_comparator_accepts_the_reference_itself(value: Any) -> None:
    for comparator in (EXACT, EQUAL, CLOSE, MULTISET):
        assert agree(comparator, value, value)


@pytest.mark.parametrize("comparator", [EXACT, EQUAL, CLOSE, MULTISET], ids=lambda one: one.kind)
def test_not_a_number_agrees_with_itself(comparator: Comparator) -> None:
    assert agree(comparator, [math.nan, 1], [math.nan, 1])
    assert not agree(comparator, [math.nan], [0.0])


@pytest.mark.parametrize(
    ("expected", "actual"),
    [(1, True), (1, 1.0), ([1], (1,)), ({1}, frozenset({1})), ("a", b"a"), ([1, [2]], [1, (2,)]), (0, None), (1, 2)],
)
def test_exact_wants_the_same_types(expected: Any, actual: Any) -> None:
    assert not agree(EXACT, expected, actual)


@pytest.mark.parametrize(("expected", "actual"), [([1], [True]), ([1], [1.0]), ({1: 2}, {True: 2}), ({0}, {0.0})])
def test_exact_compares_what_is_inside_by_equality(expected: Any, actual: Any) -> None:
    assert agree(EXACT, expected, actual)
    assert agree(EXACT, actual, expected)


def test_exact_does_not_depend_on_the_order_of_dictionaries_and_sets() -> None:
    assert agree(EXACT, {"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert agree(EXACT, {0, 8, 16}, {16, 8, 0})


def test_exact_refuses_what_had_to_be_coerced_even_when_equal() -> None:
    assert not agree(EXACT, {"a": 1}, {"a": 1}, was_coerced=True)
    assert agree(EQUAL, {"a": 1}, {"a": 1}, was_coerced=True)


@pytest.mark.parametrize(("expected", "actual"), [(1, True), (1, 1.0), ([1], [1.0]), ({1}, frozenset({1}))])
def test_equal_is_what_python_calls_equal(expected: Any, actual: Any) -> None:
    assert agree(EQUAL, expected, actual)
    assert not agree(EQUAL, [expected], (actual,))
    assert not agree(EQUAL, 0.1 + 0.2, 0.3)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (0.3, 0.1 + 0.2),
        (1e9, 1e9 + 500.0),
        (0.0, -1e-7),
        (2.0, 2),
        ([1, (2.0, "a")], [1, (2.0000001, "a")]),
        (math.inf, math.inf),
    ],
)
def test_float_accepts_what_is_within_tolerance(expected: Any, actual: Any) -> None:
    assert agree(CLOSE, expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (0.3, 0.30001),
        (1e9, 1e9 + 5000.0),
        (1.0, math.inf),
        (1.0, math.nan),
        (1.0, 10**400),
        (1.0, "1.0"),
        (1.0, None),
        ([1.0], (1.0000001,)),
        ([1.0, 2.0], [1.0000001]),
        (2, 2.0000001),
    ],
)
def test_float_refuses_what_is_not(expected: Any, actual: Any) -> None:
    assert not agree(CLOSE, expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"), [(math.inf, 1.0), (math.inf, -math.inf), (-math.inf, 0), ([math.inf], [7])]
)
def test_nothing_finite_is_close_to_infinity(expected: Any, actual: Any) -> None:
    assert not agree(CLOSE, expected, actual)


def test_multiset_leaves_the_order_of_a_list_free() -> None:
    assert agree(MULTISET, [1, 2, 2], [2, 1, 2])
    assert not agree(MULTISET, [1, 2, 2], [1, 1, 2])
    assert not agree(MULTISET, [1, 2], [1, 2, 2])
    assert not agree(MULTISET, [[1, 2]], [[2, 1]])
    assert not agree(MULTISET, [1, 2], (2, 1))
    assert not agree(MULTISET, (1, 2), (2, 1))
    assert agree(MULTISET, ["b", None, 1], [1, "b", None])


def test_multiset_items_are_equal_however_they_were_built() -> None:
    assert agree(MULTISET, [{"a": 1, "b": 2}, 3], [3, {"b": 2, "a": 1}])


@pytest.mark.parametrize("comparator", [EXACT, EQUAL, CLOSE, MULTISET], ids=lambda one: one.kind)
@pytest.mark.parametrize("data", [b"", b"?", b"[\xff\xff\xff\x7f", b"c" + bytes(40), encode(1) + b"x"])
def test_bytes_that_are_no_value_are_told_apart_from_wrong_values(comparator: Comparator, data: bytes) -> None:
    with pytest.raises(NotPlainData):
        agrees(comparator, encode(1), data, was_coerced=False)


def test_shown_value_is_python_text_of_bounded_length() -> None:
    assert shown(encode([1, "a"])) == "[1, 'a']"
    long = shown(encode("x" * 10_000))
    assert long.startswith("'xxx")
    assert long.endswith("… (10002 characters)")
    assert len(long) < SHOWN + 50


@pytest.mark.parametrize("data", [b"", b"?", encode(10**10_000), encode("\ud800"), encode([[[]]] * 3), b"[" * 5000])
def test_shown_never_fails_and_is_always_utf8(data: bytes) -> None:
    assert shown(data).encode()
