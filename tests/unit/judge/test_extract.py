"""Which program is found in an answer, and how."""

import gzip
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from codeeff.core.ledger import ModelCall, Usage
from codeeff.core.sample import Completion, Extraction
from codeeff.core.task import Provenance, Task
from codeeff.judge.extract import extract, make_sample

PROMPT = 'from typing import List\n\n\ndef f(x: List[int]) -> int:\n    """The sum of x."""\n'
CODE = "def f(x):\n    return sum(x)\n"
OTHER = "def f(x):\n    total = 0\n    for one in x:\n        total += one\n    return total\n"
BODY = "    total = 0\n    for one in x:\n        total += one\n    return total\n"


def _task(entry: str = "f", prompt: str = PROMPT) -> Task:
    return Task(
        id="core/f",
        prompt=prompt,
        entry=entry,
        groups=(),
        references=(),
        provenance=Provenance(source="test", licence="MIT", native_id="f"),
    )


def _extract(text: str, entry: str = "f", prompt: str = PROMPT) -> tuple[str | None, Extraction]:
    return extract(Completion(task_id="core/f", index=0, text=text), _task(entry, prompt))


def _fence(code: str, language: str = "python") -> str:
    return f"```{language}\n{code.rstrip()}\n```\n"


def _runs(program: str | None) -> Any:
    """The value of f([1, 2]) in the program."""
    assert program is not None
    names: dict[str, Any] = {}
    exec(program, names)
    return names["f"]([1, 2])


def test_a_recorded_program_is_taken_as_it_is() -> None:
    completion = Completion(task_id="core/f", index=0, text="raw", program="not even python ```")
    assert extract(completion, _task()) == ("not even python ```", "recorded")


@pytest.mark.parametrize("program", ["", "  \n"])
def test_a_blank_recorded_program_is_none(program: str) -> None:
    assert extract(Completion(task_id="core/f", index=0, text=CODE, program=program), _task()) == (None, "none")


def test_a_sample_carries_everything_of_its_completion() -> None:
    call = ModelCall(
        id="core/f#3/0.0",
        number=0,
        round=0,
        role="generate",
        attempt=0,
        state="answered",
        model="m",
        asked_at="2026-01-01T00:00:00Z",
        usage=Usage(input_tokens=1),
    )
    completion = Completion(task_id="core/f", index=3, text=_fence(CODE), finish_reason="stop", calls=(call,), seed=7)
    sample = make_sample(completion, _task(), "replay:x.jsonl")
    assert (sample.id, sample.task_id, sample.index) == ("core/f#3", "core/f", 3)
    assert sample.task_digest == _task().content_digest
    assert (sample.completion, sample.program, sample.extraction) == (_fence(CODE), CODE, "fenced")
    assert (sample.generator, sample.finish_reason, sample.calls, sample.seed) == ("replay:x.jsonl", "stop", (call,), 7)


@pytest.mark.parametrize(
    "text",
    [
        _fence(CODE),
        _fence(CODE, ""),
        _fence(CODE, "py"),
        _fence(CODE, "Python3"),
        _fence(CODE, "python title=answer.py"),
        f"~~~python\n{CODE}~~~\n",
        f"````python\n{CODE}````\n",
        f"Here it is:\n\n{_fence(CODE)}\nIt's linear in `x`.",
        f"Here it is: ```python\n{CODE}```",
        f"```python\n{CODE}",
        "1. First:\n   ```python\n   def f(x):\n       return sum(x)\n   ```\n",
        "- ```python\n  def f(x):\n      return sum(x)\n  ```\n",
        "```python\n    def f(x):\n        return sum(x)\n```\n",
        f"````markdown\n# Answer\n\n```python\n{CODE}```\n````\n",
        f"````\n```python\n{CODE}```\n````\n",
        f"{_fence('pip install x', 'bash')}\n{_fence(CODE)}\n{_fence('6', 'text')}",
        f"<think>\nMaybe:\n{_fence(OTHER)}</think>\n{_fence(CODE)}",
        f"Maybe {_fence(OTHER)} or so.\n</think>\n\n{_fence(CODE)}",
        f"<Reasoning>use {_fence(OTHER)}</Reasoning>\n{_fence(CODE)}",
    ],
)
def test_the_one_fenced_block_is_the_program(text: str) -> None:
    assert _extract(text) == (CODE, "fenced")


@pytest.mark.parametrize("text", [f"<think>\n{_fence(CODE)}", f"  <think>{CODE}", f"<reasoning>\n{_fence(CODE)}\nhm"])
def test_reasoning_that_never_ends_is_no_answer(text: str) -> None:
    assert _extract(text) == (None, "none")


def test_a_fence_deep_inside_a_docstring_does_not_close_the_block() -> None:
    code = 'def f(x):\n    """Adds.\n\n    ```\n    f([1])\n    ```\n    """\n    return sum(x)\n'
    assert _extract(_fence(code)) == (code, "fenced")
    margin = code.replace("    ```", "```").replace("    f(", "f(")
    for inner in (margin, margin.replace("```\nf", "```python\nf")):
        assert _extract(f"````python\n{inner}````") == (inner, "fenced")


def test_set_up_decorators_imports_and_usage_inside_the_block_stay() -> None:
    code = (
        "import functools\nLIMIT = 3\nif LIMIT:\n    CACHE = {}\n\n@functools.cache\ndef g(x):\n    return x\n\n\n"
        "def f(x):\n    return sum(map(g, x))\n\nprint(f([1]))\nassert f([]) == 0\n"
    )
    assert _extract(_fence(code)) == (code, "fenced")
    assert _extract(code) == (code, "bare")


def test_windows_line_ends_are_kept() -> None:
    assert _extract(_fence(CODE).replace("\n", "\r\n"))[0] == CODE.replace("\n", "\r\n")


def test_code_that_does_not_parse_is_handed_on_from_a_fence() -> None:
    broken = "def f(x):\n    return sum(x\n"
    assert _extract(_fence(broken)) == (broken, "fenced")
    assert _extract(f"{_fence(broken)}\n{_fence('print(1)')}") == (broken, "fenced_entry")


def test_of_several_versions_the_last_whole_one_counts() -> None:
    assert _extract(f"Naive:\n{_fence(OTHER)}Better:\n{_fence(CODE)}") == (CODE, "fenced_entry")
    assert _extract(f"{_fence(CODE)}\nCut off:\n```python\ndef f(x):\n    return (") == (CODE, "fenced_entry")


@pytest.mark.parametrize(
    "usage",
    [
        _fence("print(f([1]))\n"),
        _fence("def test_f():\n    assert f([1]) == 1\n"),
        _fence("def f(x):\n    ...\n"),
        _fence('def f(x):\n    """Adds."""\n'),
        _fence("6\n", ""),
        "3. then\n   ```python\n   total += x\n   ```\n",
    ],
)
def test_usage_and_stubs_behind_the_program_are_not_it(usage: str) -> None:
    assert _extract(f"{_fence(CODE)}\nFor example:\n{usage}") == (CODE, "fenced_entry")


@pytest.mark.parametrize(
    "entry_code", ["f = lambda x: sum(x)\n", "class f:\n    pass\n", "async def f(x):\n    return 1\n"]
)
def test_assignments_classes_and_coroutines_define_the_entry_too(entry_code: str) -> None:
    assert _extract(f"{_fence(entry_code)}\n{_fence('print(1)')}") == (entry_code, "fenced_entry")


def test_a_helper_from_another_block_is_put_in_front() -> None:
    helper, main = "def g(x):\n    return add(x)\n", "def f(x):\n    return g(x)\n"
    imports = "from operator import add as _\nadd = sum\n"
    program, how = _extract(f"{_fence(imports)}{_fence(helper)}{_fence('print(1)')}{_fence(main)}{_fence('print(2)')}")
    assert (program, how) == (f"{imports}\n\n{helper}\n\n{main}", "fenced_entry")
    assert _runs(program) == 3
    assert _runs(_extract(f"{_fence(main)}{_fence('def g(x):' + chr(10) + '    return sum(x)')}")[0]) == 3


def test_the_nearest_earlier_helper_is_taken_and_other_versions_never() -> None:
    main = "def f(x):\n    return g(x)\n"
    wrong, right = "def g(x):\n    return -1\n", "def g(x):\n    return sum(x)\n"
    assert _runs(_extract(_fence(wrong) + _fence(right) + _fence(main) + _fence(wrong))[0]) == 3
    assert _runs(_extract(_fence(main) + _fence(right) + _fence(wrong))[0]) == 3
    version = "print(1)\ndef g(x):\n    return 0\n\ndef f(x):\n    return g(x)\n"
    assert _extract(_fence(version) + _fence(main)) == (main, "fenced_entry")


def test_a_whole_block_is_not_joined_with_anything() -> None:
    helper = "def g(x):\n    return sum(x)\n"
    whole = helper + "\ndef f(x):\n    return g(x)\n"
    assert _extract(_fence(helper) + _fence(whole)) == (whole, "fenced_entry")


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        f"\n{CODE}",
        "    def f(x):\n        return sum(x)\n",
        f"Here is the code.\n\n{CODE}",
        f"{CODE}\nThis works because it's a sum (of all.\n",
        f"Sure! It's this:\n{CODE}\nExplanation:\n1. it adds\n2. it returns\n",
        f"{CODE}```\n\nThis adds.\n",
        f"{CODE}\nFor example:\n```\nf([1])\n```\n",
    ],
)
def test_bare_code_is_found_with_and_without_prose_around_it(text: str) -> None:
    program, how = _extract(text)
    assert how == "bare"
    assert program is not None
    assert program.strip() == CODE.strip()


def test_bare_code_keeps_what_belongs_to_it() -> None:
    code = (
        "import math\nfrom typing import (\n    List,\n)\n\nMOD = 10**9 + 7\nTABLE: dict[str, int] = {}\n\n# adds\n"
        'def f(x):\n    """Adds.\n\nText at the margin\n    """\n    return sum(x)\n\n\nTABLE["a"] = 1\nprint(f([1]))\n'
    )
    program, how = _extract(f"Here it is, in full:\n\n{code}\nIt's fast.\n")
    assert how == "bare"
    assert program is not None
    assert program.strip() == code.strip()


def test_bare_code_keeps_the_constants_it_begins_with() -> None:
    code = "# modulus\nMOD = 7\n\ndef f(x):\n    return sum(x) % MOD\n"
    program, how = _extract(f"Here it is, in full:\n{code}\nIt's fast.\n")
    assert (program, how) == (code + "\n", "bare")


def test_bare_code_that_does_not_parse_is_handed_on() -> None:
    broken = "def f(x):\n    return sum(x\n"
    assert _extract(broken) == (broken, "bare")


def test_code_that_defines_something_else_is_the_programs_own_fault() -> None:
    wrong = "def g(x):\n    return sum(x)\n"
    assert _extract(wrong) == (wrong, "bare")
    assert _extract(_fence(wrong)) == (wrong, "fenced")
    assert _extract(_fence(wrong) + _fence("print(g(1))\n")) == (wrong, "fenced_entry")


@pytest.mark.parametrize(
    "text", ["", "  \n", "I cannot do that.", "Sorry", "Use sum (x).\n- it's quick", "```\n```", "  hm, it's"]
)
def test_text_without_code_has_no_program(text: str) -> None:
    assert _extract(text) == (None, "none")


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "\n\ndef g():\n    return 1\n",
        "\nif __name__ == '__main__':\n    print(f([1]))\n",
    ],
)
def test_a_body_continues_the_prompt(rest: str) -> None:
    assert _extract(BODY + rest) == (PROMPT + BODY + rest, "continuation")


@pytest.mark.parametrize(
    "rest",
    [
        "\nThis adds all numbers, it's simple.\n",
        "\nExplanation\n===========\nadds\n",
        '\n\ndef g(x):\n    """Cut off in the doc',
        "\n\nprint(f([1",
        "```\n\nThis adds.\n",
    ],
)
def test_what_follows_a_body_and_is_no_code_is_cut(rest: str) -> None:
    program, how = _extract(BODY + rest)
    assert how == "continuation"
    assert program is not None
    assert program.rstrip() == (PROMPT + BODY).rstrip()


def test_a_body_in_a_fence_continues_the_prompt() -> None:
    assert _extract(f"The body is:\n{_fence(BODY)}") == (PROMPT + BODY, "continuation")
    nested = "    def g(y):\n        return y\n    return sum(map(g, x))\n"
    assert _extract(_fence(nested)) == (PROMPT + nested, "continuation")


def test_a_body_that_repeats_the_function_behind_itself_is_still_a_body() -> None:
    text = BODY + "\n\n" + CODE
    assert _extract(text) == (PROMPT + text, "continuation")


@pytest.mark.parametrize("prompt", [PROMPT.rstrip("\n"), PROMPT + "    "])
def test_a_body_fits_behind_prompts_that_end_within_a_line(prompt: str) -> None:
    text = BODY.removeprefix("    ") if prompt.endswith(" ") else BODY
    program, how = _extract(text, prompt=prompt)
    assert how == "continuation"
    assert _runs(program) == 3


def test_a_body_that_does_not_parse_is_handed_on_behind_the_prompt() -> None:
    assert _extract("    return sum(x") == (PROMPT + "    return sum(x", "continuation")


def test_a_prompt_without_the_entry_is_never_continued() -> None:
    assert _extract(BODY, prompt="Write a function f that adds.\n") == (None, "none")


def test_invalid_escapes_in_an_answer_raise_no_warning() -> None:
    code = "def f(x):\n    return '\\d' or 1if x else 2\n"
    assert _extract(_fence(OTHER) + _fence(code)) == (code, "fenced_entry")


@pytest.mark.parametrize(
    "text", ["f = " + "-" * 100_000 + "1", "f = " + "(" * 5000, "f = '\x00'", "f = " + "1+" * 100_000 + "1"]
)
def test_code_that_exhausts_the_parser_is_handed_on_and_harms_nothing(text: str) -> None:
    assert _extract(_fence(text + "\n")) == (text + "\n", "fenced")


def _seconds(text: str) -> float:
    started = time.process_time()
    _extract(text)
    return time.process_time() - started


@pytest.mark.parametrize(
    "piece",
    [
        CODE,
        BODY,
        _fence(CODE),
        _fence("def g(x):\n    return h(x)\n"),
        "```python\n",
        "```\n",
        "`",
        "~",
        "<think>\n",
        "<think>a</think>\n",
        "</think> \t",
        "This is prose, and it's long.\n",
        " ",
        "(#",
        "a, ",
        "a[",
        '"""\n',
    ],
)
@pytest.mark.parametrize("around", [("", ""), ("    return 1\na", "\nIt's prose\n"), ("```", "`x\n")])
def test_the_time_grows_no_faster_than_the_text(piece: str, around: tuple[str, str]) -> None:
    small, large = (around[0] + piece * (size // len(piece)) + around[1] for size in (10_000, 160_000))
    # 16 times the text: linear time gives 16, quadratic 256; the constant forgives what a busy machine does
    assert min(_seconds(large) for _ in range(2)) < 64 * min(_seconds(small) for _ in range(3)) + 0.25


def _data() -> Path:
    value = os.environ.get("CODEEFF_DATA")
    if not value:
        pytest.skip("CODEEFF_DATA is not set")
    return Path(value)


def _human_eval(data: Path) -> list[dict[str, Any]]:
    with gzip.open(data / "humanevalplus" / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as rows:
        return [json.loads(row) for row in rows]


def test_every_real_chat_answer_gives_a_program_that_compiles_and_defines_the_entry() -> None:
    data = _data()
    path = data / "coffe" / "examples" / "openai_humaneval-GPT-4o.json"
    answers = {" ".join(key.split()): value[0][0] for key, value in json.loads(path.read_text("utf-8")).items()}
    found: Counter[str] = Counter()
    for row in _human_eval(data):
        program, how = _extract(answers[" ".join(row["prompt"].split())], row["entry_point"], row["prompt"])
        found[how] += 1
        assert program is not None, row["task_id"]
        assert f"def {row['entry_point']}(" in program, row["task_id"]
        compile(program, row["task_id"], "exec")
    assert found == {"fenced": 148, "fenced_entry": 16}


@pytest.mark.parametrize("rest", ["", "\n\nThis is it, isn't it?\n", '\n\ndef other(x):\n    """Cut', "\n```\nDone.\n"])
def test_every_real_body_continues_its_prompt(rest: str) -> None:
    for row in _human_eval(_data()):
        program, how = _extract(row["canonical_solution"] + rest, row["entry_point"], row["prompt"])
        assert how == "continuation", row["task_id"]
        assert program is not None
        assert program.rstrip() == (row["prompt"] + row["canonical_solution"]).rstrip(), row["task_id"]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Here:\n```python\nprint(input())\n```\n", "python", ("print(input())\n", "fenced")),
        ("```python\nprint(1)\n```\nor\n```python\nprint(2\n```\n", "python", ("print(1)\n", "fenced_entry")),
        ("print(input())\n", "python", ("print(input())\n", "bare")),
        ("I do not know how.", "python", (None, "none")),
        ("```cpp\nint main() {}\n```\n```\n3\n```\n", "cpp", ("int main() {}\n", "fenced_entry")),
    ],
)
def test_without_an_entry_a_whole_program_is_taken(text: str, language: str, expected: tuple[str | None, str]) -> None:
    task = _task().model_copy(update={"entry": None, "language": language})
    assert extract(Completion(task_id="core/f", index=0, text=text), task) == expected
