import marshal
import math
import struct
from array import array
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeeff.core.value import (
    MAX_DEPTH,
    NotPlainData,
    TooManyParts,
    decode,
    decode_beginning,
    decode_both,
    encode,
)

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**5000), 2**5000)
    | st.floats()
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(codec=None))
    | st.binary()
    | st.just(...)
)
KEYS: st.SearchStrategy[Any] = st.recursive(
    ATOMS.filter(lambda value: value == value),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner),
    max_leaves=5,
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    ATOMS | st.sets(KEYS),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)
PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset, type(...)})


def same(one: Any, other: Any) -> bool:
    """Equal with equal types all the way down; NaN is itself, and so is minus zero."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack("<d", one) == struct.pack("<d", other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(map(same, one.items(), other.items()))
    if isinstance(one, set | frozenset):
        return encode(one) == encode(other)
    return bool(one == other)


def types_in(value: Any) -> set[type]:
    found: set[type] = {type(value)}
    if isinstance(value, dict):
        value = [part for item in value.items() for part in item]
    if isinstance(value, list | tuple | set | frozenset):
        for part in value:
            found |= types_in(part)
    return found


def read(data: bytes) -> Any:
    """What decode makes of hostile bytes: plain data, or nothing by NotPlainData."""
    try:
        value = decode(data)
    except NotPlainData:
        return None
    assert types_in(value) <= PLAIN
    return value


@given(VALUES)
def test_values_come_back_equal_and_of_the_same_types(value: Any) -> None:
    assert same(decode(encode(value)), value)


@given(VALUES)
def test_decoding_agrees_with_marshal(value: Any) -> None:
    data = encode(value)
    assert same(decode(data), marshal.loads(data))


@given(VALUES)
def test_encoding_of_a_decoded_value_is_stable(value: Any) -> None:
    data = encode(value)
    assert encode(decode(data)) == data


@given(st.binary())
def test_random_bytes_are_plain_data_or_refused(data: bytes) -> None:
    read(data)


@settings(max_examples=500)
@given(VALUES, st.data())
def test_mutated_bytes_are_plain_data_or_refused(value: Any, draw: st.DataObject) -> None:
    data = bytearray(encode(value))
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(data)))
        kind = draw.draw(st.sampled_from(["flip", "insert", "cut"]))
        if kind == "flip" and at < len(data):
            data[at] = draw.draw(st.sampled_from(list(b"0NTFS.iIlfgxysuRtaAzZ()[{<>c?r\x00\x01\x7f\x80\xff")))
        elif kind == "insert":
            data[at:at] = draw.draw(st.binary(max_size=6))
        else:
            del data[at : at + draw.draw(st.integers(1, 8))]
    read(bytes(data))


@given(VALUES)
def test_truncated_bytes_are_refused(value: Any) -> None:
    data = encode(value)
    for end in {0, 1, len(data) // 2, len(data) - 1}:
        if end < len(data):
            with pytest.raises(NotPlainData):
                decode(data[:end])


@given(VALUES, st.binary(min_size=1))
def test_bytes_behind_the_value_are_refused(value: Any, tail: bytes) -> None:
    with pytest.raises(NotPlainData, match="behind its end"):
        decode(encode(value) + tail)


@pytest.mark.parametrize(
    "data",
    [
        marshal.dumps(compile("1", "x", "eval"), 2),
        marshal.dumps([compile("1", "x", "eval")], 2),
        marshal.dumps(StopIteration, 2),
        marshal.dumps((1, 1, "a", "a"), 4),
        b"r\x00\x00\x00\x00",
        b"[\xff\xff\xff\x7f",
        b"[\xff\xff\xff\xff",
        b"s\xff\xff\xff\xff",
        b"s\xff\xff\xff\x7f",
        b"l\x00\x00\x00\x80",
        b"<\x01\x00\x00\x00[\x00\x00\x00\x00",
        b"{[\x00\x00\x00\x00N0",
        b"{N",
        b"{N0",
        b"u\x01\x00\x00\x00\xff",
        b"0",
        b"",
    ],
)
def test_code_references_and_impossible_lengths_are_refused(data: bytes) -> None:
    with pytest.raises(NotPlainData):
        decode(data)


@pytest.mark.parametrize("value", [object(), len, Counter("a"), type("Int", (int,), {})(1), [lambda: 0], {1: object()}])
def test_anything_but_exact_builtin_data_is_not_encoded(value: Any) -> None:
    with pytest.raises(NotPlainData, match="not plain data"):
        encode(value)


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (bytearray(b"x"), b"x"),
        (array("i", [1, 2]), struct.pack("=2i", 1, 2)),
        (memoryview(b"x"), b"x"),
        ([bytearray()], [b""]),
    ],
)
def test_buffers_cross_as_the_bytes_they_hold(value: Any, held: Any) -> None:
    assert same(decode(encode(value)), held)


@pytest.mark.parametrize("digits", [1, 63, 64, 65, 1000, 20_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_integers_of_any_length_come_back(digits: int, sign: int) -> None:
    value = sign * (3 ** (digits * 9))
    assert decode(encode(value)) == value


def test_not_a_number_keeps_its_bits() -> None:
    strange = struct.unpack("<d", struct.pack("<Q", 0xFFF8_0000_0000_0123))[0]
    assert math.isnan(decode(encode(strange)))
    assert encode(decode(encode(strange))) == encode(strange)


def nested(depth: int) -> Any:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [400, 1000, MAX_DEPTH - 1])
def test_all_nesting_that_can_be_encoded_can_be_decoded(depth: int) -> None:
    value = decode(encode(nested(depth)))
    levels = 0
    while value:
        value, levels = value[0], levels + 1
    assert levels == depth


@pytest.mark.parametrize("depth", [MAX_DEPTH + 10, 100_000])
def test_nesting_without_end_is_refused(depth: int) -> None:
    with pytest.raises(NotPlainData):
        encode(nested(depth))
    with pytest.raises(NotPlainData):
        decode(b"[\x01\x00\x00\x00" * depth + b"N")


COLLIDING = [number * (2**61 - 1) for number in range(20_000)]


@pytest.mark.parametrize("kind", [b"<", b">"])
def test_a_set_forged_to_make_hashing_slow_is_refused(kind: bytes) -> None:
    with pytest.raises(NotPlainData, match="collide"):
        decode(kind + encode(COLLIDING)[1:])


def test_a_dictionary_forged_to_make_hashing_slow_is_refused() -> None:
    with pytest.raises(NotPlainData, match="collide"):
        decode(b"{" + b"".join(encode(key) + b"N" for key in COLLIDING) + b"0")


def test_a_set_half_of_which_collides_is_refused_too() -> None:
    with pytest.raises(NotPlainData, match="collide"):
        decode(b"<" + encode(COLLIDING + list(range(1, 20_001)))[1:])


def test_a_few_keys_that_collide_and_many_that_do_not_are_read() -> None:
    few, many = set(COLLIDING[:1000]), set(range(20_000))
    assert decode(b"<" + encode(COLLIDING[:1000])[1:]) == few
    assert decode(encode(many)) == many


def test_honest_keys_whose_hashes_repeat_are_read() -> None:
    grid = {(a, b, c, d) for a in range(-6, 7) for b in range(-6, 7) for c in range(-6, 7) for d in range(-6, 7)}
    powers = {2**exponent for exponent in range(4000)}
    assert decode(encode([grid, powers, dict.fromkeys(powers)])) == [grid, powers, dict.fromkeys(powers)]


def test_many_small_sets_that_collide_are_refused_too() -> None:
    with pytest.raises(NotPlainData, match="collide"):
        decode(encode([set(COLLIDING[:500])] * 100))


def test_an_integer_s_digits_are_as_marshal_writes_them() -> None:
    assert decode(b"l\x02\x00\x00\x00\x01\x00\x01\x00") == 1 + 2**15
    for digits in (b"\x01\x00\xff\xff", b"\x01\x00\x00\x00"):
        with pytest.raises(NotPlainData):
            decode(b"l\x02\x00\x00\x00" + digits)


@given(VALUES, VALUES)
def test_both_values_are_read_unless_the_second_has_more_parts(one: Any, other: Any) -> None:
    try:
        wanted, got = decode_both(encode(one), encode(other), one_nan=False)
    except TooManyParts:
        assert parts_of(other) > parts_of(one)
    else:
        assert parts_of(other) <= parts_of(one)
        assert same(wanted, one)
        assert same(got, other)


def parts_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(parts_of(key) + parts_of(item) for key, item in value.items())
    return 1 + (sum(map(parts_of, value)) if isinstance(value, list | tuple | set | frozenset) else 0)


def test_one_nan_is_one_object() -> None:
    odd = [-math.nan, complex(1, math.nan), {math.nan}, (math.inf - math.inf, 1.5)]
    plain = [math.nan, complex(math.nan, 2), {-math.nan}, (math.nan, 1.5)]
    wanted, got = decode_both(encode(plain), encode(odd), one_nan=True)
    assert wanted == got
    wanted, got = decode_both(encode(plain), encode(odd), one_nan=False)
    assert wanted != got


@given(VALUES, st.integers(0, 30))
def test_beginning_is_the_whole_value_where_there_is_no_more(value: Any, most_parts: int) -> None:
    found, is_whole = decode_beginning(encode(value), most_parts)
    assert is_whole == (parts_of(value) <= most_parts)
    assert parts_of(found) <= most_parts + 1
    if is_whole:
        assert same(found, value)


def test_beginning_holds_what_was_read() -> None:
    assert decode_beginning(encode(list(range(100))), 4) == ([0, 1, 2], False)
    assert decode_beginning(encode([(1, {2: [3, 4], 5: 6}), 7]), 7) == ([(1, {2: [3]})], False)
    assert decode_beginning(encode({(1, 2): 3}), 3) == ({}, False)
    assert decode_beginning(b"{" + encode([]) + b"N0", 1)[0] == {}
    with pytest.raises(NotPlainData):
        decode_beginning(b"<\x02\x00\x00\x00" + encode([1, 2, 3]) + b"N", 3)
