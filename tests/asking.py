"""A scripted model that a strategy asks: what was asked, in which order, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from builders import make_task

from codeeff.config import make_config
from codeeff.core.candidate import Candidate
from codeeff.core.feedback import Feedback
from codeeff.core.ledger import StoredCall
from codeeff.core.notice import Notice
from codeeff.core.sample import Sample
from codeeff.core.task import CaseGroup, Reference, Task
from codeeff.core.value import encode
from codeeff.pipeline.generating import make_samples
from codeeff.pipeline.store import Store

CASES = [f"case-{number}-of-many" for number in range(100, 112)]
STRESS = ["stress-901-of-few", "stress-902-of-few"]
BEST, SLOW = "def f(text):\n    return text[:: -1]", "def f(text):\n    return ''.join(reversed(list(text)))"
CORPUS = [
    '{"slow": "def f(text):\\n    return \'\'.join(reversed(list(text)))  # nearly", "fast": "first_of_corpus"}',
    '{"slow": "import os", "fast": "second_of_corpus"}',
]
Turn = str | dict[str, str]


def coded(text: str, directive: str = "") -> str:
    """An answer with a program; the fake engine heeds the directive."""
    return f"Here it is.\n```python\n{directive and f'# fake: {directive}'}\ndef f(text):\n    return {text}\n```\n"


RIGHT, WRONG = coded("text[::-1]"), coded("text", '{"exit": "wrong"}')


def make_reversing_task(**values: Any) -> Task:
    """Turn a text round: twelve correctness cases and two stress inputs, none of which occurs anywhere else."""
    groups = (
        CaseGroup(name="base", cases=tuple(encode((one,)) for one in CASES)),
        CaseGroup(name="level1", level=1, hardness=1.0, cases=tuple(encode((one,)) for one in STRESS)),
    )
    references = (Reference(label="best", program=BEST, rank=1), Reference(label="slow", program=SLOW, rank=2))
    prompt = "def f(text):\n    '''Turn the text round.'''"
    return make_task(**({"prompt": prompt, "groups": groups, "references": references} | values))


@dataclass(frozen=True)
class Played:
    """What came of a strategy on one task."""

    samples: list[Sample]
    candidates: list[Candidate]
    questions: list[StoredCall]
    """One row a question, with its messages, in order."""
    trials: list[Feedback]
    notices: list[Notice]
    folder: Path

    @property
    def roles(self) -> list[str]:
        return [one.role for one in self.questions]

    def shown(self, number: int) -> str:
        """The last message of a question."""
        return (self.questions[number].messages or ())[-1].content

    @property
    def told(self) -> str:
        """Everything that was said to the model."""
        return "\n".join(message.content for one in self.questions for message in one.messages or ())


def play(
    folder: Path, strategy: str, turns: Sequence[Turn], task: Task | None = None, out: str = "run", **values: Any
) -> Played:
    """The strategy on one sample of one task; the model's turns are given, the last one repeats."""
    script = folder / f"{out}.yaml"
    script.write_text(yaml.safe_dump({"*": [list(turns)]}), encoding="utf-8")
    plain = {"benchmark": "demo", "model": f"scripted:{script}", "strategy": strategy, "sandbox": "fake", "workers": 1}
    store = Store(folder / out)
    store.folder.mkdir(exist_ok=True)
    notices: list[Notice] = []
    config = make_config(plain | values, "test")
    made = list(make_samples([task or make_reversing_task()], config, store, frozenset(), notices.append))
    store.append("samples", [one.sample for one in made])
    return Played(
        samples=[one.sample for one in made],
        candidates=[candidate for one in made for candidate in one.candidates],
        questions=[one for one in store.read("calls", StoredCall) if one.state == "asked"],
        trials=store.read("trials", Feedback),
        notices=notices,
        folder=store.folder,
    )


def write_corpus(folder: Path, lines: Sequence[str] = CORPUS) -> Path:
    path = folder / "corpus.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
