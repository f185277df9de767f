import gc
import math
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeeff.core.task import Comparator
from codeeff.core.value import NotPlainData, encode
from codeeff.judge.compare import CHECKED_BYTES, SHOWN, agrees, is_same, shown, too_long

EXACT = Comparator(kind="exact")
EQUAL = Comparator(kind="equal")
CLOSE = Comparator(kind="float", absolute=1e-6, relative=1e-6)
MULTISET = Comparator(kind="multiset")
KINDS = [EXACT, EQUAL, CLOSE, MULTISET]
DATA = st.recursive(st.none() | st.integers() | st.text() | st.floats(allow_nan=False), st.lists, max_leaves=8)


NUMBERS = (
    st.booleans()
    | st.integers()
    | st.floats()
    | st.floats().map(lambda value: value if math.isinf(value) or value != value else float(round(value)))
    | st.complex_numbers()
    | st.sampled_from([0, 1, 2**1023, 1e308, -0.0, math.nan, -math.nan])
)
HASHABLE = NUMBERS | st.text() | st.binary() | st.none()
KEYS = HASHABLE.filter(lambda value: bool(value == value))
"""Without NaN: of two such keys only one is kept where NaN equals NaN, and order decides whose value it has."""
TREES: st.SearchStrategy[Any] = st.recursive(
    HASHABLE | st.sets(HASHABLE, max_size=5),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


def disguised(value: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """A value that Python calls equal: numbers of other types, sets and dictionaries in another order."""
    if isinstance(value, list | tuple):
        return type(value)(disguised(item, draw) for item in value)
    if isinstance(value, dict):
        items = draw(st.permutations(list(value.items())))
        return {disguised(key, draw): disguised(item, draw) for key, item in items}
    if isinstance(value, set):
        return draw(st.sampled_from([set, frozenset]))(disguised(item, draw) for item in value)
    if isinstance(value, int | float | complex) and value == value:
        return draw(st.sampled_from([one for one in spellings(value) if one == value]))
    if isinstance(value, float):
        return float(draw(st.sampled_from(["nan", "-nan"])))  # each its own object: two may be keys of one dictionary
    return value


def spellings(value: Any) -> list[Any]:
    found = [value]
    for kind in (bool, int, float, complex):
        try:
            found.append(kind(value.real if isinstance(value, complex) and kind is not complex else value))
        except (ValueError, OverflowError):
            continue
    return found


def agree(comparator: Comparator, expected: Any, actual: Any, *, was_coerced: bool = False) -> bool:
    return agrees(comparator, encode(expected), encode(actual), was_coerced=was_coerced)


@given(DATA)
def test_every_comparator_accepts_the_reference_itself(value: Any) -> None:
    for comparator in KINDS:
        assert agree(comparator, value, value)


@given(TREES, st.data())
def test_no_equal_value_is_refused_for_its_length_or_parts(value: Any, data: st.DataObject) -> None:
    other = disguised([value], data.draw)
    for one, two in (([value], other), (other, [value])):
        assert all(agree(comparator, one, two) for comparator in KINDS)


@pytest.mark.parametrize(
    ("expected", "actual"), [([True] * 5000, [1 + 0j] * 5000), ([1e308] * 5000, [int(1e308) + 1] * 5000)]
)
def test_longest_spelling_of_a_number_is_not_too_long(expected: Any, actual: Any) -> None:
    assert agree(CLOSE, expected, actual)


def test_what_is_far_longer_than_the_reference_s_value_cannot_be_right() -> None:
    assert too_long(EQUAL, 100, 6096) is None
    assert too_long(EQUAL, 100, 6097) == "the value takes 6097 bytes, the reference's 100: too long to be right"
    assert too_long(Comparator(kind="checker"), 100, CHECKED_BYTES) is None
    assert too_long(Comparator(kind="script"), 100, CHECKED_BYTES + 2001) is not None
    assert not agrees(EQUAL, encode(1), b"?" * 5000, was_coerced=False)  # not even read


NANS = [
    (math.nan, -math.nan),
    ([math.nan, 1], [-math.nan, 1]),
    ({"a": (math.nan,)}, {"a": (math.inf - math.inf,)}),
    ({math.nan: 1}, {-math.nan: 1}),
    ({math.nan, 2}, {2, -math.nan}),
    ([complex(0, math.nan), 1], [complex(math.nan, 1), 1.0]),
    ([{"a": math.nan, "b": 1}, 1], [{"a": -math.nan, "b": 1}, 1]),
]


@pytest.mark.parametrize("comparator", KINDS, ids=lambda one: one.kind)
@pytest.mark.parametrize(("expected", "actual"), NANS)
def test_any_nan_agrees_with_any_nan(comparator: Comparator, expected: Any, actual: Any) -> None:
    assert agree(comparator, expected, actual)
    assert agree(comparator, actual, expected)
    assert not agree(comparator, expected, 0.0)
    assert not agree(comparator, [math.nan], [0.0])


@pytest.mark.parametrize("comparator", KINDS, ids=lambda one: one.kind)
def test_published_harness_may_tell_nan_from_nan(comparator: Comparator) -> None:
    published = comparator.model_copy(update={"nan_equals_nan": False})
    assert agree(published, [math.nan, 1], [math.nan, 1])
    for expected, actual in NANS:
        assert not agree(published, expected, actual)


def test_same_is_to_the_byte_save_for_nan() -> None:
    for expected, actual in NANS[:4]:
        assert is_same(EQUAL, encode(expected), encode(actual))
        assert not is_same(EQUAL.model_copy(update={"nan_equals_nan": False}), encode(expected), encode(actual))
    assert not is_same(EQUAL, encode([1, math.nan]), encode([1.0, math.nan]))
    assert not is_same(EQUAL, encode([1, 2]), encode([1, 3]))
    assert not is_same(EQUAL, encode([[], 1.5]), encode([[], [], None, True, False, True]))
    with pytest.raises(NotPlainData):
        is_same(EQUAL, encode(1), b"?" * 5)


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
    assert agree(MULTISET, [[1], [True], {0}], [{False}, [1.0], [1]])
    assert not agree(MULTISET, [[1], [True], {0}], [{False}, [1.0], [2]])
    assert not agree(MULTISET, [{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 1.0}])
    assert not agree(MULTISET, [[1, [2]]], [[1, (2,)]])


@given(st.lists(TREES, max_size=6), st.data())
def test_multiset_is_any_order_of_equal_items(items: list[Any], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(items))
    assert agree(MULTISET, items, disguised(shuffled, data.draw))


@given(st.lists(TREES, max_size=4), st.lists(TREES, max_size=4))
def test_multiset_of_other_items_is_wrong(items: list[Any], others: list[Any]) -> None:
    left = list(others)
    paired = len(items) == len(others)
    for item in items:
        place = next((at for at, one in enumerate(left) if agree(EQUAL, item, one)), None)
        paired = paired and place is not None
        if place is not None:
            left.pop(place)
    assert agree(MULTISET, items, others) == paired


GROUPS = [[0.5] * 59 + [{"last": number}] for number in range(4900)]
HOSTILE: dict[str, Callable[[], bytes]] = {
    "one item differs": lambda: encode([*GROUPS[:0:-1], [0.5] * 59 + [{"last": -1}]]),
    "all items differ": lambda: encode([[0.5] * 59 + [{"first": number}] for number in range(4900)]),
    "all items are spelled otherwise": lambda: encode([[0.5] * 59 + [{"last": one + 1.0}] for one in range(4900)]),
    "many small parts": lambda: listed(encode([]), 10_000_000),
    "a long text": lambda: encode(["x" * 50_000_000]),
    "a huge integer": lambda: encode([1 << 300_000_000]),
    "huge integers": lambda: listed(encode(1 << 100_000), 3000),
    "deep nesting": lambda: encode([[[[[0.5] * 59]]] for _ in range(4900)]),
    "sets that nearly collide too much": lambda: listed(encode({one * (2**61 - 1) for one in range(30)}), 4900),
}


def listed(item: bytes, count: int) -> bytes:
    return b"[" + count.to_bytes(4, "little") + item * count


@pytest.mark.parametrize("comparator", KINDS, ids=lambda one: one.kind)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_value_takes_the_host_long(comparator: Comparator, hostile: str) -> None:
    expected, actual = encode(GROUPS), HOSTILE[hostile]()
    assert any(spent_s(comparator, expected, actual) < 3.0 for _ in range(2))


def spent_s(comparator: Comparator, expected: bytes, actual: bytes) -> float:
    """CPU that a value takes the host, without the garbage of other tests."""
    gc.collect()
    gc.disable()
    started = time.process_time()
    try:
        assert not agrees(comparator, expected, actual, was_coerced=False)
        shown(actual)
    except NotPlainData:
        pass
    finally:
        gc.enable()
    return time.process_time() - started


@pytest.mark.parametrize("comparator", KINDS, ids=lambda one: one.kind)
@pytest.mark.parametrize("data", [b"", b"?", b"[\xff\xff\xff\x7f", b"c" + bytes(40), encode(1) + b"x"])
def test_bytes_that_are_no_value_are_told_apart_from_wrong_values(comparator: Comparator, data: bytes) -> None:
    with pytest.raises(NotPlainData):
        agrees(comparator, encode(1), data, was_coerced=False)


def test_shown_value_is_read_only_as_far_as_it_is_shown() -> None:
    data = encode([[number] for number in range(1_000_000)])
    started = time.process_time()
    text = shown(data)
    assert text.startswith("[[0], [1], [2]")
    assert text.endswith("… (10000005 bytes)")
    assert len(text) < SHOWN + 50
    assert time.process_time() - started < 1.0


def test_shown_value_is_python_text_of_bounded_length() -> None:
    assert shown(encode([1, "a"])) == "[1, 'a']"
    long = shown(encode("x" * 10_000))
    assert long.startswith("'xxx")
    assert long.endswith("… (10002 characters)")
    assert len(long) < SHOWN + 50


@pytest.mark.parametrize("data", [b"", b"?", encode(10**10_000), encode("\ud800"), encode([[[]]] * 3), b"[" * 5000])
def test_shown_never_fails_and_is_always_utf8(data: bytes) -> None:
    assert shown(data).encode()


@pytest.mark.parametrize(
    ("wanted", "got", "agree"),
    [
        ("1 2\n", "1 2", True),
        ("1 2\n", "1 2 \r\n\n \n", True),
        ("", "\n", True),
        ("1 2\n", " 1 2\n", False),
        ("1 2\n", "1  2\n", False),
        ("1\n\n2\n", "1\n2\n", False),
        ("1\n", "", False),
        ("1.0\n", "1\n", False),
        ("1\n", 1, False),
    ],
)
def test_output_is_compared_line_by_line(wanted: str, got: Any, agree: bool) -> None:
    output = Comparator(kind="output")
    assert agrees(output, encode(wanted), encode(got), was_coerced=False) is agree


@pytest.mark.parametrize(
    ("wanted", "got", "agree"),
    [
        ("x 1.0\n", "x 1.0000001", True),
        ("x 1.0\n", "x  1", True),
        ("x 1.0\n", "x 1.1", False),
        ("x 1.0\n", "y 1.0", False),
        ("x 1.0\n", "x 1.0 2.0", False),
        ("x 12345678\n", "x  12345678", True),
        ("x 12345678\n", "x 12345679", False),
        ("x 12345678\n", "x 12345679.0", True),
        (f"{'9' * 400}\n", f"{'8' * 400}\n", False),
        ("inf\n", "1e400", True),
        ("inf\n", "1e300", False),
        ("nan\n", "NaN", False),
    ],
)
def test_numbers_in_output_may_differ_by_tolerances(wanted: str, got: str, agree: bool) -> None:
    output = Comparator(kind="output", absolute=1e-6, relative=1e-6)
    assert agrees(output, encode(wanted), encode(got), was_coerced=False) is agree
