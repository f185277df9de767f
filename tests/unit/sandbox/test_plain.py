import ctypes
import marshal
import sys
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from runner import plain


class Text(bytes):
    """A subclass that says it is another."""

    def __bytes__(self) -> bytes:
        return b"other"


@pytest.fixture(params=["without numpy", "with numpy"])
def imports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the program has imported."""
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    if request.param == "with numpy":
        nothing = type("Nothing", (), {})
        monkeypatch.setitem(sys.modules, "numpy", SimpleNamespace(generic=nothing, ndarray=nothing))
    yield


@pytest.mark.parametrize(
    ("value", "held", "changed"),
    [
        ([1, (2.5, {"a": {b"b"}}), None], [1, (2.5, {"a": {b"b"}}), None], ""),
        (b"ab", b"ab", ""),
        (bytearray(b"ab"), b"ab", "bytearray"),
        (memoryview(b"ab"), b"ab", "memoryview"),
        (memoryview(b"abcd")[::2], b"ac", "memoryview"),
        (Text(b"ab"), b"ab", "Text"),
        (array("i", [1, -2]), [1, -2], "array"),
        (array("d", [0.5]), [0.5], "array"),
        (ctypes.c_uint16(258), b"\x02\x01", "c_ushort"),
        (Counter("aab"), {"a": 2, "b": 1}, "Counter"),
        (OrderedDict({"a": [Counter()]}), {"a": [{}]}, "OrderedDict"),
        ([bytearray(b"ab")], [b"ab"], ""),
        ({"a": (memoryview(b"ab"),)}, {"a": (b"ab",)}, ""),
        ([array("b", [1, 2])], [b"\x01\x02"], ""),
        ({Text(b"ab")}, {b"ab"}, ""),
        ([memoryview(b"abcd")[::2]], [b"ac"], ""),
    ],
)
@pytest.mark.usefixtures("imports")
def test_value_crosses_as_the_data_it_holds(value: Any, held: Any, changed: str) -> None:
    data, name = plain.encode(value)
    assert (marshal.loads(data), name) == (held, changed)
    assert type(marshal.loads(data)) is type(held)


@pytest.mark.parametrize(
    "value", [object(), len, compile("1", "x", "eval"), iter([1]), range(3), {}.keys(), [object()], {1: (len,)}]
)
@pytest.mark.usefixtures("imports")
def test_anything_else_is_not_plain(value: Any) -> None:
    with pytest.raises(plain.NotPlainError):
        plain.encode(value)


@pytest.mark.usefixtures("imports")
def test_released_buffer_is_not_plain() -> None:
    view = memoryview(b"ab")
    view.release()
    with pytest.raises(plain.NotPlainError):
        plain.encode(view)
