"""Completions from a file: EvalPlus-style JSONL, ENAMEL's JSON or COFFE's JSON, told apart by their content.

In: a path. Out: every sample the file holds for the tasks given. The whole file is checked before the first one
is handed over, so that a malformed line never leaves half a run behind.
"""

import difflib
import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from codeeff.config import RunConfig
from codeeff.core.errors import SampleDataError
from codeeff.core.notice import Notice
from codeeff.core.sample import Completion
from codeeff.core.task import Task
from codeeff.generators import Generator

GZIP_MAGIC: Final = b"\x1f\x8b"
SHOWN: Final = 5
SAME_TASK_RATIO: Final = 0.5
FORMATS: Final = (
    'Known formats: JSONL with "task_id" and "solution" or "completion" a line (EvalPlus), a JSON list or object of '
    "lists of programs (ENAMEL), a JSON object of prompt → [[texts], true] (COFFE)."
)
DEFINITION: Final = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)

T = TypeVar("T")


class Recorded(NamedTuple):
    """One sample as the file has it, before it is matched to a task."""

    key: str
    """The file's own name of the task: an id, or in COFFE's format the prompt."""
    text: str
    """What is recorded; empty where the file says null."""
    is_program: bool
    """Whether the text is a whole program and not an answer to look for code in."""


class Replay:
    """`replay:PATH`: replays give as many samples a task as the file holds, whatever n is."""

    def generate(
        self, tasks: Sequence[Task], config: RunConfig, done: frozenset[str], notify: Callable[[Notice], None]
    ) -> Iterator[Completion]:
        if not config.source_argument.strip():
            raise SampleDataError("No sample file is given. Write the path behind the colon: replay:samples.jsonl.")
        path = Path(config.source_argument)
        recorded = read_samples(path)
        if not recorded:
            raise SampleDataError(f"{path}: the file holds no sample. Check that whatever wrote it had finished.")
        task_of = _match([one.key for one in recorded], tasks)
        by_task: dict[str, list[Recorded]] = {task.id: [] for task in tasks}
        strangers: Counter[str] = Counter()
        for one in recorded:
            task = task_of.get(one.key)
            if task is None:
                strangers[_shown(one.key)] += 1
            else:
                by_task[task.id].append(one)
        if tasks and not any(by_task.values()):
            raise SampleDataError(
                f"{path}: none of its {len(recorded)} samples belongs to a task of this run. It holds "
                f"{_first(strangers)}; the run expects {_first(_names(tasks))}. Replay a file made for this benchmark, "
                "or choose its tasks with --benchmark, --subset and --tasks."
            )
        for notice in _notices(path, by_task, strangers):
            notify(notice)
        for task_id, samples in by_task.items():
            for index, one in enumerate(samples):
                if f"{task_id}#{index}" not in done:
                    program = one.text if one.is_program and one.text else None
                    yield Completion(task_id=task_id, index=index, text=one.text, program=program)


def read_samples(path: Path) -> list[Recorded]:
    """All samples of a file, in its order.

    Raises: SampleDataError naming the file, the line or key, the field and the remedy.
    """
    text = read_text(path)
    first = next(line for line in text.split("\n") if line.strip())
    try:
        opening = json.loads(first)
    except (ValueError, RecursionError):
        opening = None
    if isinstance(opening, dict) and ("task_id" in opening or ".jsonl" in path.suffixes):
        return _from_jsonl(path, text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if ".jsonl" in path.suffixes or '"task_id"' in first:
            return _from_jsonl(path, text)
        raise SampleDataError(f"{path}: not JSON: {error}. The file may be cut short: fetch it again.") from None
    if isinstance(value, list):
        return _from_lists(path, [(f"HumanEval/{number}", str(number), one) for number, one in enumerate(value)])
    if isinstance(value, dict) and value and all(_is_coffe(one) for one in value.values()):
        return [Recorded(key, _text(path, key, "text", one), False) for key in value for one in value[key][0]]
    if isinstance(value, dict) and "task_id" not in value:
        return _from_lists(
            path, [(f"HumanEval/{key}" if key.isdigit() else key, key, one) for key, one in value.items()]
        )
    raise SampleDataError(f"{path}: a format codeeff does not know. {FORMATS}")


def read_text(path: Path) -> str:
    """The text of a sample file, unpacked when it is gzip, never blank.

    Raises: SampleDataError for what is missing, a folder, truncated, not UTF-8 or empty.
    """
    try:
        data = path.read_bytes()
        if data.startswith(GZIP_MAGIC):
            data = gzip.decompress(data)
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise SampleDataError(f"{path}: there is no such file.{_files_of(path.parent, path.name)}") from None
    except IsADirectoryError:
        raise SampleDataError(f"{path}: this is a folder. Name one file.{_files_of(path, '')}") from None
    except UnicodeDecodeError as error:
        raise SampleDataError(f"{path}: byte {error.start} is not UTF-8. Convert the file to UTF-8.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SampleDataError(f"{path}: the gzip data is truncated or damaged ({error}). Fetch it again.") from None
    except (OSError, ValueError) as error:
        raise SampleDataError(f"{path}: cannot be read: {error}. Check the path and its permissions.") from None
    if not text.strip():
        raise SampleDataError(f"{path}: the file is empty. Check that whatever wrote it had finished.")
    return text


def _files_of(folder: Path, name: str) -> str:
    """What a folder holds instead of the file asked for, with a did-you-mean."""
    try:
        names = sorted(one.name for one in folder.iterdir() if one.is_file())
    except OSError:
        return f" Nor is there a folder {folder}."
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    guess = f" Did you mean {folder / near[0]}?" if near else ""
    return f"{guess} Files of {folder}: {_first(names) or 'none'}."


def _from_jsonl(path: Path, text: str) -> list[Recorded]:
    # not splitlines(): JSON strings may hold U+2028 and its kin unescaped
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return [_from_line(path, number, line) for number, line in lines]


def _from_line(path: Path, number: int, line: str) -> Recorded:
    where = f"line {number}"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SampleDataError(
            f"{path}: {where} is not JSON: {error}. Mend or delete the line; a last line cut short means the file is "
            "incomplete."
        ) from None
    if not isinstance(row, dict):
        raise SampleDataError(f"{path}: {where} is a {type(row).__name__}, not an object. {FORMATS}")
    if not isinstance(row.get("task_id"), str):
        raise SampleDataError(
            f'{path}: {where}: "task_id" is {_value(row, "task_id")}. Give the benchmark\'s id as text, such as '
            '"HumanEval/0".'
        )
    fields = [name for name in ("solution", "completion") if name in row]
    if not fields:
        raise SampleDataError(
            f'{path}: {where}: neither "solution" nor "completion" is there. Give the program as "solution" or the '
            'raw answer as "completion".'
        )
    field = next((name for name in fields if row[name] is not None), fields[0])
    return Recorded(row["task_id"], _text(path, where, field, row[field]), field == "solution")


def _from_lists(path: Path, rows: Iterable[tuple[str, str, Any]]) -> list[Recorded]:
    """Samples of (task id, place in the file, list of programs or null) rows."""
    samples: list[Recorded] = []
    for task_id, place, programs in rows:
        if not isinstance(programs, list):
            raise SampleDataError(
                f"{path}: entry {place} is a {type(programs).__name__}, not a list of programs. {FORMATS}"
            )
        samples += [Recorded(task_id, _text(path, f"entry {place}", "program", one), True) for one in programs]
    return samples


def _is_coffe(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], list) and isinstance(value[1], bool)


def _text(path: Path, where: str, field: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SampleDataError(f'{path}: {_shown(where)}: "{field}" is {value!r:.60}, not text. Give text or null.')
    # JSON can spell lone surrogates, which no UTF-8 record can hold
    return value.encode("utf-8", "replace").decode()


def _value(row: dict[str, Any], field: str) -> str:
    return f"{row[field]!r:.60}" if field in row else "missing"


def _match(keys: Sequence[str], tasks: Sequence[Task]) -> dict[str, Task]:
    """The task of each key that has one.

    By id (ours or the benchmark's, `_` for `/`), then by prompt up to white space. A prompt that differs (ENAMEL
    edited ten of HumanEval's) goes by the function it asks for, where that name is used once among the keys and once
    among the tasks, and only if the texts share most of their words.
    """
    by_id: dict[str, Task] = {}
    for one in tasks:
        native = one.provenance.native_id
        by_id |= {one.id: one, native: one, native.replace("/", "_"): one}
    by_prompt = {_normal(one.prompt): one for one in tasks}
    unique = dict.fromkeys(keys)
    found = {key: task for key in unique if (task := by_id.get(key) or by_prompt.get(_normal(key)))}
    by_entry = _unambiguous((one.entry, one) for one in tasks if one.entry)
    names = _unambiguous((matches[-1], key) for key in unique if (matches := DEFINITION.findall(key)))
    for name in names.keys() & by_entry.keys():
        key, candidate = names[name], by_entry[name]
        if key not in found and _overlap(key, candidate.prompt) >= SAME_TASK_RATIO:
            found[key] = candidate
    return found


def _normal(text: str) -> str:
    return " ".join(text.split())


def _unambiguous(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    """The pairs whose name occurs once."""
    listed = list(pairs)
    times = Counter(name for name, _ in listed)
    return {name: value for name, value in listed if times[name] == 1}


def _overlap(one: str, other: str) -> float:
    """Words of both texts over words of either; 1 is the same vocabulary."""
    left, right = set(re.findall(r"\w+", one)), set(re.findall(r"\w+", other))
    return len(left & right) / max(1, len(left | right))


def _notices(path: Path, by_task: dict[str, list[Recorded]], strangers: Counter[str]) -> Iterator[Notice]:
    if strangers:
        yield Notice(
            code="samples_of_other_tasks",
            severity="info",
            seen=f"{path}: {strangers.total()} samples belong to no task of this run ({_first(strangers)}).",
            effect="They are left out.",
            remedy="",
        )
    missing = [task_id for task_id, samples in by_task.items() if not samples]
    if missing:
        yield Notice(
            code="tasks_without_sample",
            severity="warning",
            seen=f"{path}: {len(missing)} of {len(by_task)} tasks have no sample ({_first(missing)}).",
            effect="They cannot be scored, so the scores cover the other tasks only.",
            remedy="Complete the file, or leave these tasks out with --tasks or --subset.",
        )
    times = Counter((task_id, one.text) for task_id, samples in by_task.items() for one in samples if one.text)
    repeated = {key: count for key, count in times.items() if count > 1}
    if repeated:
        tasks = dict.fromkeys(task_id for task_id, _ in repeated)
        yield Notice(
            code="duplicate_samples",
            severity="info",
            seen=f"{path}: {sum(repeated.values()) - len(repeated)} samples repeat an earlier one of the same task "
            f"word for word, in {len(tasks)} tasks ({_first(tasks)}).",
            effect="They are kept: models do repeat themselves, and dropping them would bias pass@k.",
            remedy="If a file was joined with itself by accident, replay the original.",
        )


def _names(tasks: Sequence[Task]) -> list[str]:
    return [task.provenance.native_id for task in tasks]


def _shown(key: str) -> str:
    """A key fit for a message: an id as it is, a prompt by the function it asks for or its beginning."""
    if len(key) <= 60 and "\n" not in key:
        return key
    definitions = DEFINITION.findall(key)
    return f"the prompt of {definitions[-1]}" if definitions else f"{_normal(key)[:50]!r}…"


def _first(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


PLUGIN: Final[Generator] = Replay()
