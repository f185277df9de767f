"""Mercury's stored evaluations: programs on their slugs, and whether Mercury passed them."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from builders import make_sample

from codeeff.core.sample import Sample
from codeeff.core.task import Task

FILES = {"gpt-4": "gpt-4-1106-preview_eval", "deepseek-6.7b": "deepseek-coder-6.7b-instruct_eval_new"}
"""One program a task of gpt-4's, five of deepseek's."""


def stored(data: Path, model: str, tasks: Mapping[str, Task]) -> list[tuple[Sample, bool]]:
    """A sample for each stored program whose slug is a task, and Mercury's verdict; tasks: by slug."""
    with gzip.open(data / "mercury" / f"{FILES[model]}.json.gz", "rt", encoding="utf-8") as file:
        rows = json.load(file)
    return [
        (
            make_sample(
                tasks[slug].id,
                at,
                program=one["solution"],
                completion=one["solution"],
                extraction="recorded",
                task_digest=tasks[slug].content_digest,
            ),
            one["result"]["result"] == "passed",
        )
        for slug, evaluated in rows.items()
        if slug in tasks
        for at, one in enumerate(evaluated)
    ]
