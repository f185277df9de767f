"""What every way to drive a model keeps to, whichever plug-ins are installed."""

import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from asking import BEST, CASES, RIGHT, STRESS, WRONG, Played, Turn, coded, make_reversing_task, play, write_corpus

from codeeff import plugins
from codeeff.config import RunConfig
from codeeff.core.errors import ConfigError
from codeeff.core.feedback import Feedback
from codeeff.core.ledger import StoredCall
from codeeff.core.record import Record
from codeeff.pipeline.store import Store
from codeeff.strategies import Ask, Session, Strategy

NONSENSE, EMPTY, ERROR = "I would rather talk about the weather.", "", {"error": "too long"}


@pytest.fixture(params=plugins.names("strategies"))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def strategy(name: str) -> Strategy:
    loaded: Strategy = plugins.load("strategies", name)
    return loaded


def played(folder: Path, name: str, *turns: Turn, **values: Any) -> Played:
    return play(folder, name, turns, corpus=write_corpus(folder), **values)


def asked_at_once(strategy: Strategy, folder: Path) -> int:
    """The questions a strategy has before it knows any answer."""
    config = RunConfig.model_validate({"benchmark": "demo", "model": "scripted:none", "corpus": write_corpus(folder)})
    steps = next(strategy.propose(Session(make_reversing_task(), config, 0, lambda text: None)))
    assert all(isinstance(one, Ask) for one in steps)
    return len(steps)


def test_it_goes_through_to_a_program_and_keeps_the_bill(name: str, strategy: Strategy, tmp_path: Path) -> None:
    result = played(tmp_path, name, RIGHT)
    (sample,) = result.samples
    assert (sample.strategy, sample.program) == (name, result.candidates[0].program)
    assert sample.candidate in [one.number for one in result.candidates]
    assert [one.number for one in result.candidates] == list(range(len(result.candidates)))
    assert [one.number for one in result.questions] == list(range(len(result.questions)))
    assert [one.round for one in result.questions] == sorted(one.round for one in result.questions)
    assert [(one.number, one.state) for one in sample.calls] == [(one.number, "answered") for one in result.questions]
    assert bool(strategy.feedback_cases) == (len(result.candidates) > 1 or bool(result.trials))
    assert "def f(text)" in result.shown(0)


@pytest.mark.parametrize("turns", [[RIGHT], [WRONG]], ids=["right", "wrong"])
def test_nothing_hidden_is_ever_told(name: str, strategy: Strategy, tmp_path: Path, turns: list[Turn]) -> None:
    result = played(tmp_path, name, *turns)
    runs = "\n".join(run.input for one in result.trials for run in one.runs)
    feedback = {one for one in CASES if one in runs}
    assert len(feedback) in (0, strategy.feedback_cases)
    assert BEST not in result.told
    for one in {*CASES, *STRESS} - feedback:
        assert one not in result.told
        assert one[::-1] not in result.told


def test_it_stops_at_its_budget(name: str, strategy: Strategy, tmp_path: Path) -> None:
    result = played(tmp_path, name, RIGHT, budget_tokens=1)
    assert len(result.questions) == asked_at_once(strategy, tmp_path)
    assert len(result.samples) == 1


@pytest.mark.parametrize("answer", [NONSENSE, EMPTY], ids=["nonsense", "empty"])
def test_it_survives_answers_without_a_program(name: str, tmp_path: Path, answer: str) -> None:
    result = played(tmp_path, name, answer)
    (sample,) = result.samples
    assert sample.program is None
    assert all(one.program is None for one in result.candidates)
    later = played(tmp_path, name, RIGHT, answer, out="later")
    assert later.samples[0].program == next((one.program for one in later.candidates if one.program), None)


def test_it_survives_a_model_that_refuses_all_but_the_first_question(name: str, tmp_path: Path) -> None:
    result = played(tmp_path, name, RIGHT, ERROR)
    (sample,) = result.samples
    assert [one.state for one in sample.calls] == ["answered", *["failed"] * (len(sample.calls) - 1)]
    assert sample.program == next((one.program for one in result.candidates), None)


@pytest.mark.parametrize("paper_rule", [False, True])
def test_what_is_handed_in_is_one_of_its_candidates(name: str, tmp_path: Path, paper_rule: bool) -> None:
    result = played(tmp_path, name, RIGHT, WRONG, paper_rule=paper_rule)
    (sample,) = result.samples
    assert sample.candidate == (sample.candidate_by_paper if paper_rule else sample.candidate_by_guard)
    passing = [one.number for one in result.candidates if one.passed]
    assert sample.candidate_by_guard in (passing or [one.number for one in result.candidates])


def test_it_says_what_it_costs_and_where_it_is_from(name: str) -> None:
    said = str(sys.modules[f"codeeff.strategies.{name}"].__doc__)
    assert "Calls:" in said
    assert "arXiv:" in said or name in ("plain", "best_of_n")


def test_without_feedback_tests_it_says_that_it_needs_them(name: str, strategy: Strategy, tmp_path: Path) -> None:
    if strategy.feedback_cases:
        with pytest.raises(ConfigError, match=f"{name} needs feedback tests"):
            played(tmp_path, name, RIGHT, feedback_cases=0)
    else:
        assert played(tmp_path, name, RIGHT, feedback_cases=0).trials == []


def many_sided(number: int) -> str:
    """An answer in which any strategy finds what it asks for: a program, a test, a list and a verdict on a test."""
    program = coded("text[::-1]", f'{{"cpu_ns": {1000 * abs(number - 2)}}}') if number else WRONG
    return f"{program}(('ab',), 'ba')\n1: valid\n1. Idea {number}\n2. Further idea {number}\n"


MANY_SIDED = [many_sided(number) for number in range(30)]


def play_and_copy(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Played, list[Path]]:
    """What comes of a run, and its folder as kill -9 would leave it while the model answers a question, for each."""
    copies, append = list[Path](), Store.append

    def copying(store: Store, kind: str, records: Sequence[Record]) -> None:
        append(store, kind, records)
        if isinstance(records[0], StoredCall) and records[0].state == "asked":
            copies.append(shutil.copytree(store.folder, folder / f"killed-{len(copies)}"))

    with monkeypatch.context() as patched:
        patched.setattr(Store, "append", copying)
        return played(folder, name, *MANY_SIDED), copies


def answered(folder: Path) -> dict[int, StoredCall]:
    """By number of the question."""
    return {one.number: one for one in Store(folder).read("calls", StoredCall) if one.state == "answered"}


def course(result: Played) -> list[Any]:
    """All that a kill must not change."""
    asked = [(one.role, one.round, one.asked_digest, one.answers) for one in answered(result.folder).values()]
    found = [(one.number, one.round, one.program, one.feedback) for one in result.candidates]
    chosen = [(one.program, one.candidate_by_guard, one.candidate_by_paper) for one in result.samples]
    return [asked, found, chosen, result.trials]


def test_killed_at_a_question_it_asks_that_one_again_and_goes_on_the_same_way(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, copies = play_and_copy(tmp_path, name, monkeypatch)
    count = len(whole.questions)
    assert len(copies) == count
    for killed_at in sorted({0, count // 2, count - 1}):
        folder = copies[killed_at]
        stored, trials = answered(folder), Store(folder).read("trials", Feedback)
        assert list(stored) == list(range(killed_at))
        again = played(tmp_path, name, *MANY_SIDED, out=folder.name)
        assert course(again) == course(whole)
        assert stored.items() <= answered(folder).items()
        assert again.trials[: len(trials)] == trials
        assert Counter(one.number for one in again.questions) == Counter([*range(count), killed_at])
        lost = [(one.number, one.attempt) for one in again.samples[0].calls if one.state == "lost"]
        assert lost == [(killed_at, 0)]
