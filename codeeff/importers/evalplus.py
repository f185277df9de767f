"""EvalPlus's `*eval_results.json` on HumanEval+ or MBPP+: programs and pass flags.

In: {"eval": {task id: [{"solution", "base_status", "plus_status"}]}}, statuses pass, fail, timeout. A sample passed
where it passed both; where only the base tests were run (plus_status null), where it passed those.
"""

from pathlib import Path
from typing import Final, Literal

from codeeff.core.errors import SampleDataError
from codeeff.core.verdict import Status
from codeeff.importers import Imported, Importer
from codeeff.importers._read import Row, read
from codeeff.importers._records import sample, task, verdict

Word = Literal["pass", "fail", "timeout"]
STATUS: Final = {"pass": Status.PASSED, "fail": Status.WRONG_ANSWER, "timeout": Status.TIME_LIMIT}
BENCHMARKS: Final = {"HumanEval": "humanevalplus", "Mbpp": "mbppplus"}
WHAT: Final = "the *eval_results.json that evalplus.evaluate writes"


class Result(Row):
    """One sample."""

    solution: str
    """The program."""
    base_status: Word
    """On the original tests."""
    plus_status: Word | None = None
    """On all tests; None where they were not run."""


class Results(Row):
    """The file."""

    eval: dict[str, list[Result]]
    """By task id."""


class EvalPlus:
    """Pass flags of samples."""

    def read(self, path: Path) -> Imported:
        found = read(path, Results, WHAT).eval
        benchmarks = {BENCHMARKS.get(native_id.split("/")[0]) for native_id in found}
        benchmark = benchmarks.pop() if len(benchmarks) == 1 else None
        if benchmark is None:
            raise SampleDataError(f"{path}: its tasks are not all of HumanEval/… or all of Mbpp/…. Give {WHAT}.")
        home = f"https://github.com/evalplus/{benchmark}_release"
        tasks = {native_id: task(benchmark, native_id, home, "Apache-2.0") for native_id in found}
        samples, verdicts = [], []
        for native_id, rows in found.items():
            for index, row in enumerate(rows):
                one = sample(tasks[native_id], index, row.solution, f"evalplus:{path}")
                said = row.plus_status if row.base_status == "pass" and row.plus_status else row.base_status
                samples.append(one)
                verdicts.append(verdict(one, STATUS[said], said))
        return Imported(benchmark, list(tasks.values()), samples, verdicts)


PLUGIN: Final[Importer] = EvalPlus()
