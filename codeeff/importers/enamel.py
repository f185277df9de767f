"""ENAMEL's `*~passes.json`, with the `*~elapsed.json` beside it: pass flags and seconds by level and test.

In, by problem number: one flag per sample; for each of its levels the estimated run times of the level's tests. Levels
behind the one a sample was cut on are missing. The references' times are not stored, so eff@k cannot be had again.
"""

from pathlib import Path
from typing import Final

from codeeff.core.errors import SampleDataError
from codeeff.core.verdict import Status
from codeeff.importers import Imported, Importer
from codeeff.importers._read import Cost, read
from codeeff.importers._records import measurement, sample, task, verdict

HOME: Final = "https://github.com/q-rz/enamel"
METER: Final = "wall_time of ENAMEL: Hodges-Lehmann over six calls"
PASSES: Final = "~passes.json"
ELAPSED: Final = "~elapsed.json"
WHAT: Final = f"the *{PASSES} that ENAMEL's demo.py writes"

Times = list[list[Cost | None]]
"""By level and test; None where a call did not end."""


class Enamel:
    """Pass flags and times."""

    def read(self, path: Path) -> Imported:
        if not path.name.endswith(PASSES):
            raise SampleDataError(f"{path}: the name does not end in {PASSES}. Give {WHAT}.")
        passes = read(path, dict[str, list[bool]], WHAT)
        beside = path.with_name(path.name.removesuffix(PASSES) + ELAPSED)
        elapsed = read(beside, dict[str, list[Times]], WHAT) if beside.exists() else {}
        levels = max((len(one) for times in elapsed.values() for one in times), default=0)
        tasks, samples, verdicts, measurements = [], [], [], []
        for number, flags in passes.items():
            tasks.append(task("enamel", f"HumanEval/{number}", HOME, "Apache-2.0"))
            for index, flag in enumerate(flags):
                one = sample(tasks[-1], index, None, f"enamel:{path}")
                samples.append(one)
                verdicts.append(verdict(one, Status.PASSED if flag else Status.WRONG_ANSWER, "not passed"))
                times = elapsed.get(number, [])
                if flag and index < len(times):
                    spent = [round(1e9 * test) for level in times[index] for test in level if test is not None]
                    found = measurement(one, "wall_time", "ns", METER, spent)
                    measurements.append(found.model_copy(update={"is_cut": len(times[index]) < levels}))
        return Imported("enamel", tasks, samples, verdicts, measurements, "wall_time" if measurements else None)


PLUGIN: Final[Importer] = Enamel()
