"""The BigCode harness' `generations_humaneval.json`: programs by problem, not judged.

In: a list of lists, as `--save_generations` writes it for `--tasks humaneval`. The harness keeps no sample's verdict;
`codeeff run --benchmark humaneval --model replay:FILE` judges the same file.
"""

from pathlib import Path
from typing import Final

from codeeff.core.errors import SampleDataError
from codeeff.importers import Imported, Importer
from codeeff.importers._read import read
from codeeff.importers._records import sample, task

HOME: Final = "https://github.com/bigcode-project/bigcode-evaluation-harness"
NAME: Final = "humaneval"
WHAT: Final = "the generations_humaneval.json that bigcode's --save_generations writes for HumanEval"


class BigCode:
    """Programs only."""

    def read(self, path: Path) -> Imported:
        if NAME not in path.name:
            raise SampleDataError(f"{path}: whose tasks it answers is told by its name alone. Give {WHAT}.")
        found = read(path, list[list[str]], WHAT)
        tasks = [task("humaneval", f"HumanEval/{number}", HOME, "MIT") for number in range(len(found))]
        samples = [
            sample(one, index, program, f"bigcode:{path}")
            for one, programs in zip(tasks, found, strict=True)
            for index, program in enumerate(programs)
        ]
        return Imported("humaneval", tasks, samples, ())


PLUGIN: Final[Importer] = BigCode()
