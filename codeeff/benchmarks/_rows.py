"""Reads benchmark files: where they are, row by row, field by field, with errors that name all three."""

import ast
import csv
import gzip
import io
import json
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from codeeff import config
from codeeff.core.errors import TaskDataError
from codeeff.core.value import encode

INT_DIGITS: Final = 4000
"""What int() takes at least, whatever the interpreter's limit for longer texts is."""


def locate(benchmark: str, data: Path | None, folder: str, names: Sequence[str]) -> Path | None:
    """The benchmark's file: `data` itself or in it, else in CODEEFF_DATA; None when neither was given.

    Raises: TaskDataError when `data` was given and holds none of `names`.
    """
    home = config.data_home()
    places = [data, data / folder] if data is not None else [home / folder] if home is not None else []
    for place in places:
        for path in [place, *(place / name for name in names)]:
            if path.is_file():
                return path
    if data is not None:
        raise TaskDataError(
            f"{data}: no data of {benchmark!r} there. Give --data its file, one of: {', '.join(names)}."
        )
    return None


def read_jsonl(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a JSONL file, plain or gzip, each with its place (`file, line n`)."""
    for number, line in enumerate(read_text(path).splitlines(), 1):
        place = f"{path}, line {number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TaskDataError(f"{place}: not JSON: {error}. The file is damaged; fetch it again.") from None
        if not isinstance(row, dict):
            raise TaskDataError(f"{place}: a row is a JSON object, this is a {type(row).__name__}.")
        yield place, row


def read_one_of_several(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a JSONL file beside which there are others: it may not be empty."""
    place = None
    for place, row in read_jsonl(path):
        yield place, row
    if place is None:
        raise TaskDataError(f"{path}: there is no row in it. The file is damaged; fetch it again.")


def read_json(path: Path, kind: type) -> Any:
    """What a JSON file holds, plain or gzip, of the type it must have."""
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise TaskDataError(f"{path}: not JSON: {error}. The file is damaged; fetch it again.") from None
    if not isinstance(value, kind):
        raise TaskDataError(f"{path}: holds a {type(value).__name__}, not a {kind.__name__}. Is it the right file?")
    return value


def objects(place: str, rows: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a list in a file, each with its place."""
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise TaskDataError(f"{place}, row {number}: a row is a JSON object, this is a {type(row).__name__}.")
        yield f"{place}, row {number}", row


def read_csv(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a CSV file, each with its place."""
    csv.field_size_limit(1 << 24)
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(read_text(path)), strict=True), 1):
            yield f"{path}, row {number}", row
    except csv.Error as error:
        raise TaskDataError(f"{path}: not CSV: {error}. The file is damaged; fetch it again.") from None


def read_text(path: Path) -> str:
    """The text of a file, plain or gzip."""
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError, zlib.error) as error:
        raise TaskDataError(f"{path}: cannot be read: {error}. The file is missing or truncated.") from None
    except UnicodeDecodeError as error:
        raise TaskDataError(f"{path}: not UTF-8: {error}. The file is damaged; fetch it again.") from None


def field(place: str, row: dict[str, Any], name: str, kind: type = str) -> Any:
    """A field of a row, of the type it must have.

    Raises: TaskDataError naming place, field and remedy.
    """
    if row.get(name) is None:
        raise TaskDataError(f"{place}: field {name!r} is missing. Found: {', '.join(map(str, row))}.")
    if not isinstance(row[name], kind):
        found = type(row[name]).__name__
        raise TaskDataError(f"{place}: field {name!r} is a {found}, not a {kind.__name__}: {str(row[name])[:60]!r}.")
    if isinstance(row[name], str):
        if not row[name].strip():
            raise TaskDataError(f"{place}: field {name!r} is empty.")
        try:
            row[name].encode()  # JSON can spell lone surrogates, which no UTF-8 record can hold
        except UnicodeEncodeError as error:
            raise TaskDataError(f"{place}: field {name!r} holds half a character at {error.start}. Mend it.") from None
    return row[name]


def parsed(place: str, row: dict[str, Any], name: str, kind: type) -> Any:
    """What a field's JSON text holds, of the type it must have."""
    try:
        value = json.loads(field(place, row, name), parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise TaskDataError(f"{place}: field {name!r} is not JSON: {str(error)[:80]}.") from None
    if not isinstance(value, kind):
        raise TaskDataError(f"{place}: field {name!r} holds a {type(value).__name__}, not a {kind.__name__}.")
    return value


def _integer(digits: str) -> int:
    """An integer of any length, also beyond what int() takes."""
    if digits.startswith("-"):
        return -_integer(digits[1:])
    if len(digits) <= INT_DIGITS:
        return int(digits)
    low = len(digits) // 2
    shift: int = 10**low
    return _integer(digits[:-low]) * shift + _integer(digits[-low:])


def text(place: str, row: dict[str, Any], name: str) -> str:
    """A field that is a text and may be empty, as what a program reads or writes may be."""
    value = row.get(name)
    return value if value == "" and isinstance(value, str) else str(field(place, row, name))


def only_text(place: str, row: dict[str, Any], name: str) -> str:
    """The text of a field that is a list of one."""
    texts = field(place, row, name, list)
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise TaskDataError(f"{place}: field {name!r} is not a list of one text: {str(texts)[:60]}.")
    return str(texts[0])


def number(place: str, row: dict[str, Any], name: str) -> float:
    """A field that is a number."""
    value = field(place, row, name, object)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TaskDataError(f"{place}: field {name!r} is {str(value)[:60]!r}, not a number.")
    try:
        return float(value)
    except OverflowError:
        raise TaskDataError(f"{place}: field {name!r} is too large: {str(value)[:20]}…") from None


def choice(place: str, row: dict[str, Any], name: str, choices: Sequence[str]) -> str:
    """A field that holds one of some words, however it is capitalised."""
    word = str(field(place, row, name)).lower()
    if word not in choices:
        raise TaskDataError(f"{place}: field {name!r} is {word[:60]!r}, not one of {', '.join(choices)}.")
    return word


def tests_of(place: str, row: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tests that a field holds as JSON text, at least one, each with its place."""
    tests = parsed(place, row, name, list)
    if not tests:
        raise TaskDataError(f"{place}: field {name!r} holds no test.")
    yield from objects(f"{place}, field {name!r}", tests)


def tree_of(place: str, name: str, text: str) -> ast.Module:
    """A field's program, which is never executed here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd escapes in published code
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise TaskDataError(f"{place}: field {name!r} is no Python program: {error}.") from None


def function_of(place: str, row: dict[str, Any], name: str, function: str) -> ast.FunctionDef:
    """The function that a field's program defines."""
    for statement in tree_of(place, name, field(place, row, name)).body:
        if isinstance(statement, ast.FunctionDef) and statement.name == function:
            return statement
    raise TaskDataError(f"{place}: field {name!r} does not define {function!r}.")


def cases_of(
    place: str, row: dict[str, Any], name: str, restore: Callable[[list[Any]], list[Any]] = list
) -> tuple[bytes, ...]:
    """A field's argument lists, encoded; restore: gives a call's arguments the types that JSON lost."""
    try:
        return tuple(encode(tuple(restore(one))) for one in field(place, row, name, list))
    except (TypeError, ValueError, IndexError) as error:
        raise TaskDataError(f"{place}: field {name!r} is not a list of argument lists: {error}.") from None


def preamble(place: str, prompt: str, entry: str) -> str:
    """The part of a prompt above the entry's definition: imports and helpers."""
    at = prompt.rfind(f"def {entry}")
    if at < 0:
        raise TaskDataError(f"{place}: the prompt does not define {entry[:60]!r}; 'prompt' and 'entry_point' disagree.")
    return prompt[:at].rstrip() + "\n\n" if prompt[:at].strip() else ""
