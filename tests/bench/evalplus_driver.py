"""Runs in EvalPlus's environment: `python -m bench.evalplus_driver SAMPLES BASE_ONLY` prints one JSON line."""

import contextlib
import importlib
import json
import sys

from bench.clock import Stopwatch


def main() -> None:
    """Evaluate with one worker, whatever EvalPlus prints put aside."""
    evaluate = importlib.import_module("evalplus.evaluate").evaluate
    with contextlib.redirect_stdout(sys.stderr), Stopwatch() as watch:
        evaluate(dataset="humaneval", samples=sys.argv[1], base_only=sys.argv[2] == "1", parallel=1)
    with open(sys.argv[1].replace(".jsonl", "_eval_results.json")) as file:
        results = [one for many in json.load(file)["eval"].values() for one in many]
    wrong = [one["task_id"] for one in results if {one["base_status"], one["plus_status"]} - {"pass", None}]
    print(json.dumps({"cpu_s": watch.cpu_s, "wall_s": watch.wall_s, "samples": len(results), "wrong": wrong}))


if __name__ == "__main__":
    main()
