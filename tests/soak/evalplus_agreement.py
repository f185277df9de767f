"""Do we judge as EvalPlus does? Canonical solutions and GPT-4o's completions on HumanEval+ and MBPP+, side by side.

python tests/soak/evalplus_agreement.py --out FOLDER --evalplus PYTHON [--sandbox ENGINE]

needs `tests` on PYTHONPATH and CODEEFF_DATA; PYTHON is an interpreter that has EvalPlus. GPT-4o's completions are those
that COFFE ships, of all HumanEval tasks and those MBPP ones it has. Both judge the very same programs. FOLDER holds our
runs and EvalPlus's results: what is there is not done again. Exit code 0: no verdict differs but those of tasks in
EXPLAINED, with the reason given there; 1: some do, and are printed with what we say of them.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from studies import data

import codeeff
from codeeff.config import make_config
from codeeff.core.sample import Sample
from codeeff.core.table import Table

EXPLAINED: Final = {
    "HumanEval/32": "EvalPlus 0.3.1 fails every program: its check of roots goes on before it books the case as passed",
    "Mbpp/255": "on one input its own reference returns more than a gigabyte: EvalPlus fails every program there, the"
    " reference too; we leave the input out and say so",
    "Mbpp/287": "the reference divides and is off by 128 at n = 1000000; EvalPlus fails the program's exact integer for"
    " its type, we pass it within the tolerance for floats",
}
"""Tasks on which we differ, and why ours is right."""
PATIENT: Final = ("--min_time_limit", "60", "--gt_time_limit_factor", "40")
FILES: Final = {
    "humanevalplus": ("HUMANEVAL_OVERRIDE_PATH", "humanevalplus/HumanEvalPlus.jsonl.gz", "humaneval"),
    "mbppplus": ("MBPP_OVERRIDE_PATH", "mbppplus/MbppPlus.jsonl.gz", "mbpp"),
}


def main() -> None:
    """Judge what is missing, then compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="where runs and results go")
    parser.add_argument("--evalplus", required=True, help="a python that has EvalPlus")
    parser.add_argument("--sandbox", default="auto", help="the engine; the default is a run's own")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    unexplained = 0
    for benchmark in FILES:
        for name, model in (
            ("canonical", "reference:best"),
            ("gpt-4o", f"replay:{completions(benchmark, options.out)}"),
        ):
            folder = options.out / f"{benchmark}-{name}"
            table = judged(benchmark, model, folder, options.sandbox)
            unexplained += compare(table, theirs(benchmark, table, folder, options.evalplus), f"{benchmark} {name}")
    sys.exit(1 if unexplained else 0)


def completions(benchmark: str, out: Path) -> Path:
    """GPT-4o's completions by task; COFFE keys them by prompts of its own."""
    shipped = data() / "coffe" / "examples"
    if benchmark == "humanevalplus":
        return shipped / "openai_humaneval-GPT-4o.json"
    known = json.loads((data() / "coffe" / "function" / "data.json").read_text())
    number_of = {row["final_prompt"]: row["task_id"] for row in known if row["dataset"] == "mbpp"}
    tasks = {
        task.native_id for task in codeeff.load(make_config({"benchmark": benchmark, "model": "reference:best"}, ""))
    }
    found: dict[str, Any] = json.loads((shipped / "mbpp-GPT-4o.json").read_text())
    rows = [
        {"task_id": f"Mbpp/{number_of[prompt]}", "completion": text}
        for prompt, (texts, is_valid) in found.items()
        if is_valid and prompt in number_of and f"Mbpp/{number_of[prompt]}" in tasks
        for text in texts
    ]
    path = out / "mbpp-gpt-4o.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def judged(benchmark: str, model: str, folder: Path, sandbox: str) -> Table:
    """Our verdicts; correctness only."""
    keys = {"benchmark": benchmark, "model": model, "meters": [], "metrics": ["pass_at_k"]}
    config = make_config(keys | {"out": folder, "sandbox": sandbox}, "the study")
    return codeeff.run(config, resume=folder.exists()).table


def theirs(benchmark: str, table: Table, folder: Path, python: str) -> dict[str, str]:
    """EvalPlus's word on every sample, by our id: pass, fail or timeout.

    What it fails and we pass it is given once more, with time: it reports a program that its clock cut as failed.
    """
    samples = [one for many in table.samples.values() for one in many]
    found = asked(benchmark, table, samples, folder / "for_evalplus.jsonl", [python])
    doubtful = [one for one in samples if found[one.id] != "pass" and table.verdicts[one.id].passed]
    if doubtful:
        again = asked(benchmark, table, doubtful, folder / "again.jsonl", [python, *PATIENT])
        cut = [one for one, word in again.items() if word == "pass"]
        print(f"  EvalPlus passes {', '.join(cut) or 'none'} of {len(doubtful)} when it has time", flush=True)
        found |= again
    return found


def asked(
    benchmark: str, table: Table, samples: Sequence[Sample], path: Path, python_and_limits: Sequence[str]
) -> dict[str, str]:
    """EvalPlus's word on some samples."""
    folder, (python, *limits) = path.parent, python_and_limits
    rows = [
        {"task_id": table.tasks[one.task_id].native_id, "solution": table.tasks[one.task_id].place(one.program or "")}
        for one in samples
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    results = list(folder.glob(f"{path.stem}*eval_results.json"))
    if not results:
        variable, file, dataset = FILES[benchmark]
        unpacked = folder / "tasks.jsonl"
        unpacked.write_bytes(gzip.decompress((data() / file).read_bytes()))
        given = {row["task_id"] for row in rows}
        lines = [line for line in unpacked.read_text().splitlines() if json.loads(line)["task_id"] in given]
        unpacked.write_text("\n".join(lines) + "\n")
        words = [python, "-m", "evalplus.evaluate", dataset, "--samples", str(path), "--parallel", "1", *limits]
        subprocess.run(words, env=os.environ | {variable: str(unpacked)}, check=True, stdout=sys.stderr)
        results = list(folder.glob(f"{path.stem}*eval_results.json"))
    found = json.loads(results[0].read_text())["eval"]
    return {
        one.id: next(
            word
            for row in found[table.tasks[one.task_id].native_id]
            for word in [row["plus_status"] if row["base_status"] == "pass" else row["base_status"]]
        )
        for one in samples
    }


def compare(table: Table, found: dict[str, str], title: str) -> int:
    """Print where we differ; how often without an explanation."""
    differing = [one for one, said in found.items() if (said == "pass") is not table.verdicts[one].passed]
    for one in differing:
        verdict = table.verdicts[one]
        known = EXPLAINED.get(table.tasks[verdict.task_id].native_id, "NOT EXPLAINED")
        reason = verdict.first_failure.reason if verdict.first_failure else "; ".join(verdict.notes)
        print(f"  {one}: EvalPlus {found[one]}, ours {verdict.status.value} ({reason[:160]}): {known}")
    print(f"{title}: {len(found)} samples, {len(found) - len(differing)} alike, {len(differing)} not", flush=True)
    return sum(table.tasks[table.verdicts[one].task_id].native_id not in EXPLAINED for one in differing)


if __name__ == "__main__":
    main()
