"""Models that codeeff runs itself: both engines, for real, on a tiny model with random weights.

vLLM is too large for the default tests; `make models` has it, and runs these again.
"""

import copy
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import tiny_model

from codeeff import plugins
from codeeff.config import make_config
from codeeff.core.errors import ConfigError
from codeeff.core.ledger import Message, Question, Reply
from codeeff.generators import Refused

Open = Callable[..., Any]
PROMPT = "def add(first, second):"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("transformers", marks=pytest.mark.capability("transformers")),
        pytest.param("vllm", marks=pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM is not installed")),
    ],
)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("model")
    tiny_model.write_model(folder)
    return folder


@pytest.fixture(scope="module")
def opened(engine: str, model: Path) -> Iterator[Open]:
    """A chat with a model, opened once, and with whatever of its configuration is asked for."""
    chats: dict[Path, Any] = {}

    def open_once(folder: Path = model, **values: Any) -> Any:
        if folder not in chats:
            chats[folder] = open_chat(engine, folder)
        chat = copy.copy(chats[folder])
        chat.config = chat.config.model_copy(update=values)
        return chat

    yield open_once
    for chat in chats.values():
        chat.close()


def open_chat(engine: str, folder: Path) -> Any:
    config = make_config({"benchmark": "core", "model": f"{engine}:{folder}"}, "test")
    return plugins.load("generators", engine).open(config, (), _unexpected)


def _unexpected(notice: object) -> None:
    raise AssertionError(notice)


def ask(content: str = PROMPT, **values: Any) -> Question:
    count = values.pop("count", 1)
    given = {
        "id": "core/a#0/0",
        "samples": tuple(f"core/a#{at}" for at in range(count)),
        "number": 0,
        "round": 0,
        "role": "generate",
        "messages": (Message(role="user", content=content),),
        "temperature": 0.0,
        "seed": 0,
        "max_tokens": 24,
    }
    return Question.model_validate(given | values)


def answer(chat: Any, *questions: Question) -> list[Reply]:
    replies = chat.answer(questions)
    assert all(isinstance(one, Reply) for one in replies), replies
    return list(replies)


def texts(reply: Reply) -> list[str]:
    return [one.text for one in reply.answers]


class Peer:
    """The same model driven token by token, without a batch, a cache or a sampler."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModelForCausalLM.from_pretrained(folder)

    def prompt(self, content: str) -> list[int]:
        text = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
        )
        return list(self.tokenizer(text)["input_ids"])

    def probabilities(self, tokens: Sequence[int], temperature: float) -> Any:
        import torch

        with torch.no_grad():
            logits = self.model(torch.tensor([list(tokens)])).logits[0, -1]
        return (logits / temperature).softmax(-1)

    def greedy(self, content: str, count: int) -> list[int]:
        prompt, made = self.prompt(content), list[int]()
        while len(made) < count:
            made.append(int(self.probabilities([*prompt, *made], 1.0).argmax()))
        return made


@pytest.fixture(scope="module")
def peer(model: Path) -> Peer:
    return Peer(model)


def test_greedy_answers_are_the_models_own_whatever_they_are_batched_with(opened: Open, peer: Peer) -> None:
    asked = [PROMPT, "x", "a much longer prompt: " + PROMPT * 4]
    replies = answer(opened(), *[ask(one) for one in asked])
    for content, reply in zip(asked, replies, strict=True):
        expected = peer.tokenizer.decode(peer.greedy(content, 24), skip_special_tokens=True)
        assert texts(reply) == [expected]
        assert texts(answer(opened(), ask(content))[0]) == [expected]


def test_tokens_are_counted_the_prompt_once_and_the_completions_all(opened: Open, peer: Peer) -> None:
    chat = opened()
    before = chat.serving
    [reply] = answer(chat, ask(count=3, temperature=1.0, seed=5, max_tokens=17))
    assert len(reply.answers) == 3
    assert {one.finish_reason for one in reply.answers} == {"length"}
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (len(peer.prompt(PROMPT)), 3 * 17)
    assert reply.usage.reasoning_tokens == 0
    after = chat.serving
    assert after.input_tokens - before.input_tokens == len(peer.prompt(PROMPT))
    assert after.output_tokens - before.output_tokens == 51
    assert after.busy_s > before.busy_s
    assert after.start_up_s > 0
    assert after.output_tokens_per_s == pytest.approx(after.output_tokens / after.busy_s)


def test_what_the_engine_had_already_read_is_counted(opened: Open, engine: str, peer: Peer) -> None:
    question = ask("~" * 200, max_tokens=1)
    first, again = (answer(opened(), question)[0].usage for _ in range(2))
    assert (first.cached_tokens, first.input_tokens) == (0, len(peer.prompt("~" * 200)))
    if engine == "vllm":  # the one of the two that keeps prompts
        assert again.cached_tokens is not None
        assert 0 < again.cached_tokens < len(peer.prompt("~" * 200))
        assert answer(opened(), ask("~" * 200, count=2, temperature=1.0))[0].usage.cached_tokens is None
    else:
        assert again.cached_tokens == 0


def test_an_answer_may_be_longer_than_an_engines_default(opened: Open) -> None:
    [reply] = answer(opened(), ask(max_tokens=40))
    assert reply.usage.output_tokens == 40


def test_greedy_samples_of_one_question_are_all_there(opened: Open) -> None:
    [reply] = answer(opened(), ask(count=3))
    assert len(texts(reply)) == 3
    assert len(set(texts(reply))) == 1


def test_a_seed_repeats_its_samples_and_they_differ(opened: Open) -> None:
    question = ask(count=3, temperature=1.0, seed=7)
    [first], [again] = answer(opened(), question), answer(opened(), question)
    assert texts(first) == texts(again)
    assert len(set(texts(first))) == 3
    assert not set(texts(first)) & set(texts(answer(opened(), ask(count=3, temperature=1.0, seed=70))[0]))


def test_the_samples_of_a_question_have_consecutive_seeds_in_any_batch(opened: Open) -> None:
    [together] = answer(opened(), ask(count=3, temperature=1.0, seed=7))
    apart = answer(opened(), *[ask(temperature=1.0, seed=seed) for seed in (9, 8, 7)])
    assert texts(together) == [texts(one)[0] for one in reversed(apart)]


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_tokens_are_drawn_as_often_as_the_model_says(opened: Open, peer: Peer, temperature: float) -> None:
    probabilities = peer.probabilities(peer.prompt("x"), temperature)
    likely = int(probabilities.argmax())
    decoded = peer.tokenizer.decode([likely])
    [reply] = answer(opened(concurrency=512), ask("x", count=2000, temperature=temperature, max_tokens=1))
    share = Counter(texts(reply))[decoded] / 2000
    expected = float(sum(one for at, one in enumerate(probabilities) if peer.tokenizer.decode([at]) == decoded))
    assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 2000) ** 0.5)


def test_top_p_leaves_out_what_is_unlikely(opened: Open, peer: Peer) -> None:
    ranked = peer.probabilities(peer.prompt("x"), 1.0).sort(descending=True)
    kept = int((ranked.values.cumsum(0) < 0.3).sum()) + 1
    allowed = {peer.tokenizer.decode([int(one)], skip_special_tokens=True) for one in ranked.indices[:kept]}
    [reply] = answer(opened(top_p=0.3, concurrency=512), ask("x", count=500, temperature=1.0, max_tokens=1))
    assert len(allowed) > 1
    assert set(texts(reply)) == allowed


def test_a_stop_text_ends_an_answer_and_is_no_part_of_it(opened: Open, peer: Peer) -> None:
    whole = texts(answer(opened(), ask())[0])[0]
    stop = peer.tokenizer.decode(peer.greedy(PROMPT, 9)[7:])
    assert stop.isprintable()
    chat = opened(stop=(stop, "never said"))
    stopped, free = answer(chat, ask(), ask("x"))
    assert texts(stopped) == [whole[: whole.index(stop)]]
    assert stopped.answers[0].finish_reason == "stop"
    assert stopped.usage.output_tokens == 9
    assert (free.answers[0].finish_reason, free.usage.output_tokens) == ("length", 24)


def test_every_token_that_ends_a_turn_does(opened: Open, model: Path, peer: Peer, tmp_path: Path) -> None:
    made = peer.greedy(PROMPT, 6)
    folder = Path(shutil.copytree(model, tmp_path / "ending"))
    tiny_model.end_with(folder, made[5])
    [reply] = answer(opened(folder), ask())
    assert reply.answers[0].finish_reason == "stop"
    assert reply.usage.output_tokens == made.index(made[5]) + 1
    assert texts(reply)[0].startswith(peer.tokenizer.decode(made[: made.index(made[5])]))


def test_a_prompt_that_is_too_long_is_refused_alone(opened: Open, peer: Peer) -> None:
    room = tiny_model.CONTEXT - len(peer.prompt(""))
    before, long, exact, after = opened().answer([ask(), ask("~" * 2 * room), ask("~" * (room - 5)), ask("x")])
    assert isinstance(long, Refused)
    assert long.is_about_question
    assert str(tiny_model.CONTEXT) in str(long)
    assert isinstance(before, Reply)
    assert isinstance(after, Reply)
    assert exact.usage.output_tokens == 5
    assert exact.answers[0].finish_reason == "length"


def test_a_conversation_that_the_template_refuses_is_refused_alone(opened: Open) -> None:
    conversation = (Message(role="system", content="be brief"), Message(role="user", content="x"))
    refused, answered = opened().answer([ask(messages=conversation), ask("x")])
    assert isinstance(refused, Refused)
    assert refused.is_about_question
    assert "no system message, please" in str(refused)
    assert isinstance(answered, Reply)


def test_reasoning_is_kept_apart_and_counted(opened: Open) -> None:
    question = ask("think", count=200, temperature=1.0, max_tokens=60)  # the prompt's template opens the reasoning
    [together] = answer(opened(concurrency=256), question)
    assert all(one.reasoning is not None and "</think>" not in one.reasoning for one in together.answers)
    has_ended = [bool(one.text) for one in together.answers]
    for seed in (has_ended.index(True), has_ended.index(False)):
        [alone] = answer(opened(), ask("think", temperature=1.0, max_tokens=60, seed=seed))
        assert alone.answers[0] == together.answers[seed]
        assert alone.usage.reasoning_tokens is not None
        assert alone.usage.output_tokens is not None
        if has_ended[seed]:
            assert 0 < alone.usage.reasoning_tokens < alone.usage.output_tokens
        else:
            assert alone.usage.reasoning_tokens == alone.usage.output_tokens


def test_a_closed_model_ends_what_is_under_way(engine: str, model: Path) -> None:
    chat = open_chat(engine, model)
    ended: list[BaseException] = []

    def work() -> None:
        try:
            chat.answer([ask(count=500, temperature=1.0, max_tokens=200)] * 20)
        except Refused as refusal:
            ended.append(refusal)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    time.sleep(0.2)
    assert thread.is_alive()
    chat.close()
    thread.join(30)
    assert not thread.is_alive()
    assert "closed" in str(ended[0])


def test_a_model_that_is_not_there_is_named(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot open .*nothing"):
        opened(tmp_path / "nothing")


def test_a_model_without_a_chat_template_is_refused(opened: Open, model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model, tmp_path / "base"))
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ConfigError, match="no chat template"):
        opened(folder).answer([ask()])


@pytest.mark.parametrize("name", ["transformers", "vllm"])
def test_what_is_not_installed_is_said_with_the_remedy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    config = make_config({"benchmark": "core", "model": f"{name}:org/model"}, "test")
    with pytest.raises(ConfigError, match=rf"codeeff\[{name}\]"):
        plugins.load("generators", name).open(config, (), _unexpected)


@pytest.mark.parametrize("name", ["transformers", "vllm"])
def test_a_model_has_to_be_named(name: str) -> None:
    config = make_config({"benchmark": "core", "model": f"{name}:"}, "test")
    with pytest.raises(ConfigError, match="No model is named"):
        plugins.load("generators", name).open(config, (), _unexpected)
