"""LiveCodeBench: 1055 Python problems of contests since May 2023, methods and programs; correctness only.

Source: Jain et al., 2024, arXiv:2403.07974, hub livecodebench/code_generation_lite, release 6, whose licence is `cc`
without saying which. There are no reference solutions. Values have to be equal, a tuple counting as a list; output is
compared line by line, where LiveCodeBench takes 1 and 1.0 as the same. Its errata name problems with several right
answers, two interactive ones and some wrong tests; a method's test without any input is left out here. Limits are 10 s
a test for the published 6.

A release is the files up to its number: test.jsonl, test2.jsonl and so on; --data takes their folder or one of them.
They are some gigabytes, and all of a file is read at once.
"""

import base64
import binascii
import io
import json
import pickle
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from codeeff.benchmarks import Benchmark
from codeeff.benchmarks._named_calls import CALLED, entry_of, template
from codeeff.benchmarks._rows import field, locate, objects, parsed, read_one_of_several, text
from codeeff.core.errors import TaskDataError
from codeeff.core.task import CaseGroup, Comparator, Limits, Provenance, Task
from codeeff.core.value import encode

FILES: Final = ("test.jsonl", *(f"test{number}.jsonl" for number in range(2, 7)))
DIFFICULTIES: Final = ("easy", "medium", "hard")
UNPACKED_BYTES: Final = 1 << 30
"""What a problem's tests may take."""
STARRED: Final = (
    *("string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random", "statistics"),
    *("itertools", "functools", "operator", "io", "sys", "json", "builtins", "typing"),
)
NAMED: Final = STARRED[:-2]
PREAMBLE: Final = "".join(f"from {one} import *\n" for one in STARRED) + f"import {', '.join(NAMED)}\n"
"""What the published evaluation imports for a program."""


class LiveCodeBench:
    """Release 6; the largest tests are left out of it."""

    home = "https://huggingface.co/datasets/livecodebench/code_generation_lite"
    licence = "NOASSERTION"
    size = 1055
    has_stress = False
    metrics: tuple[str, ...] = ("pass_at_k",)
    verified = "schema-tested on rows of our own; the data set is on the hub only, and has no references"
    subsets: tuple[str, ...] = DIFFICULTIES
    compats: tuple[str, ...] = ()

    def load(self, data: Path | None, compat: str | None) -> Sequence[Task]:
        first = locate("livecodebench", data, "livecodebench", FILES)
        if first is None:
            raise TaskDataError(
                f"LiveCodeBench is loaded by a script on the hub, which is not run here. Fetch {FILES[0]} and the files"
                f" beside it from {self.home} and give --data their folder, or set CODEEFF_DATA."
            )
        paths = [first] if first == data else [path for one in FILES if (path := first.with_name(one)).is_file()]
        return [self._task(place, row) for path in paths for place, row in read_one_of_several(path)]

    def _task(self, place: str, row: dict[str, Any]) -> Task:
        native, difficulty = field(place, row, "question_id"), field(place, row, "difficulty")
        if difficulty not in DIFFICULTIES:
            raise TaskDataError(
                f"{place}: field 'difficulty' is {difficulty[:60]!r}, not one of {', '.join(DIFFICULTIES)}."
            )
        asked, starter = field(place, row, "question_content"), text(place, row, "starter_code")
        name = _name(place, row)
        groups = tuple(
            group
            for kind, tests in (
                ("public", parsed(place, row, "public_test_cases", list)),
                ("private", _private(place, row)),
            )
            if (group := _group(f"{place}, field '{kind}_test_cases'", kind, tests, is_call=name is not None)).cases
        )
        if not groups:
            raise TaskDataError(f"{place}: neither 'public_test_cases' nor 'private_test_cases' holds a test.")
        return Task(
            id=f"livecodebench/{native}",
            prompt=f"{asked.rstrip()}\n\n{starter}" if starter else asked,
            entry=name and entry_of(name, starter),
            called=name and CALLED,
            template=template(PREAMBLE, name) if name else PREAMBLE + "{program}",
            groups=groups,
            references=(),
            provenance=Provenance(source=self.home, licence=self.licence, native_id=native),
            comparator=Comparator(kind="equal" if name else "output"),
            limits=Limits(cpu_s=10.0, wall_s=30.0),
            category=difficulty,
            subsets=(difficulty,),
        )


def _name(place: str, row: dict[str, Any]) -> str | None:
    """The method that is called; None where the program reads standard input."""
    metadata = parsed(place, row, "metadata", dict)
    if metadata.get("func_name") is None:
        return None
    name = field(f"{place}, field 'metadata'", metadata, "func_name")
    if not name.isidentifier():
        raise TaskDataError(f"{place}: field 'metadata': 'func_name' is {name[:60]!r}, which is no method's name.")
    return str(name)


def _group(place: str, kind: str, tests: list[Any], *, is_call: bool) -> CaseGroup:
    """One of the two lists of tests."""
    cases, expected = list[bytes](), list[bytes]()
    for here, test in objects(place, tests):
        if field(here, test, "testtype") != ("functional" if is_call else "stdin"):
            raise TaskDataError(f"{here}: 'testtype' is {test['testtype'][:60]!r}; the metadata say otherwise.")
        given, wanted = text(here, test, "input"), text(here, test, "output")
        if not is_call:
            cases.append(encode((given,)))
            expected.append(encode(wanted))
        elif given:
            cases.append(encode(tuple(_value(here, "input", one) for one in given.split("\n"))))
            expected.append(encode(_value(here, "output", wanted)))
    return CaseGroup(name=kind, cases=tuple(cases), expected=tuple(expected))


def _value(place: str, name: str, line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TaskDataError(f"{place}: {name!r} is not JSON: {str(error)[:80]}.") from None


def _private(place: str, row: dict[str, Any]) -> list[Any]:
    """The private tests, which are JSON, or JSON in a pickle in zlib in base64."""
    packed = field(place, row, "private_test_cases")
    if packed.lstrip().startswith("["):
        return list(parsed(place, row, "private_test_cases", list))
    try:
        unpacking = zlib.decompressobj()
        pickled = unpacking.decompress(base64.b64decode(packed, validate=True), UNPACKED_BYTES)
        if unpacking.unconsumed_tail:
            raise ValueError("it unpacks to more than a gigabyte")
        tests = _OnlyText(io.BytesIO(pickled)).load()
    except (binascii.Error, zlib.error, pickle.UnpicklingError, EOFError, ValueError, LookupError, TypeError) as error:
        raise TaskDataError(
            f"{place}: field 'private_test_cases' is neither JSON nor packed JSON: {str(error)[:80]}. Fetch it again."
        ) from None
    return list(parsed(place, {"private_test_cases": tests}, "private_test_cases", list))


class _OnlyText(pickle.Unpickler):
    """Makes builtin values of a pickle, and calls nothing that it names."""

    def find_class(self, module: str, name: str, /) -> NoReturn:
        raise pickle.UnpicklingError(f"it names {module[:20]}.{name[:20]}, and only text is taken")


PLUGIN: Final[Benchmark] = LiveCodeBench()
