"""The chat client against a real HTTP server on the loopback interface."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from endpoint import KEY, Reply, Server, answer, serving

from codeeff.config import RunConfig, make_config
from codeeff.core.errors import ConfigError, ProviderError
from codeeff.core.ledger import ModelCall
from codeeff.core.notice import Notice
from codeeff.core.sample import Sample
from codeeff.core.task import Provenance, Task
from codeeff.pipeline import asking
from codeeff.pipeline.generating import make_samples
from codeeff.strategies._prompts import user


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in [one for one in os.environ if one.upper().endswith("_PROXY") or one.startswith("OPENAI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(asking, "BACKOFF_S", 0.01)
    with serving() as running:
        yield running


def _task(name: str) -> Task:
    return Task(
        id=f"core/{name}",
        prompt=f"def {name}(x):\n    '''Cost: $x and ${{y}}.'''\n",
        entry=name,
        groups=(),
        references=(),
        provenance=Provenance(source="test", licence="MIT", native_id=name),
    )


TASKS = [_task("a"), _task("b")]


def _config(server: Server, **more: Any) -> RunConfig:
    values = {"benchmark": "core", "model": "openai_chat:m", "base_url": server.url, "concurrency": 1, **more}
    return make_config(values, "test")


def _arriving(server: Server, done: frozenset[str] = frozenset(), **more: Any) -> Iterator[Sample]:
    for made in make_samples(TASKS, _config(server, **more), None, done, lambda _: None):
        yield made.sample


def _chat(server: Server, done: frozenset[str] = frozenset(), **more: Any) -> list[Sample]:
    return sorted(_arriving(server, done, **more), key=lambda one: one.id)


def _error(server: Server, **more: Any) -> tuple[list[Sample], str]:
    """What came before the ProviderError, and its text."""
    samples: list[Sample] = []
    with pytest.raises(ProviderError) as caught:
        samples.extend(_arriving(server, **more))
    assert KEY not in str(caught.value)
    return samples, str(caught.value)


def _last(sample: Sample) -> ModelCall:
    """The attempt that brought the answer, behind those that failed."""
    assert [one.state for one in sample.calls] == ["failed"] * (len(sample.calls) - 1) + ["answered"]
    assert [one.attempt for one in sample.calls] == list(range(len(sample.calls)))
    return sample.calls[-1]


def test_each_sample_is_one_request_with_its_own_seed_and_ledger_row(server: Server) -> None:
    usage = {
        "prompt_tokens": 7,
        "completion_tokens": 5,
        "total_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    server.replies = [Reply(body=answer(usage=usage)) for _ in range(6)]
    completions = _chat(server, n=3, seed=10, temperature=0.5, max_tokens=99, concurrency=4)
    assert sorted((one.task_id, one.index, one.seed) for one in completions) == [
        (f"core/{name}", index, 10 + index) for name in "ab" for index in range(3)
    ]
    assert len(server.requests) == len(completions) == sum(len(one.calls) for one in completions) == 6
    assert sorted(one["seed"] for one in server.requests) == [10, 10, 11, 11, 12, 12]
    assert {(one["model"], one["temperature"], one["max_tokens"]) for one in server.requests} == {("m", 0.5, 99)}
    assert not any("n" in one for one in server.requests)
    call = _last(completions[0])
    assert (call.model, call.attempt, call.role, call.round, call.shared_by) == ("m-2024", 0, "generate", 0, 1)
    assert call.usage.model_dump() == {
        "input_tokens": 7,
        "output_tokens": 5,
        "cached_tokens": 3,
        "reasoning_tokens": 2,
    }
    assert call.latency_s
    assert completions[0].finish_reason == "stop"
    assert completions[0].completion == "```python\npass\n```"


def test_what_sampling_cuts_and_ends_at_is_sent_where_it_is_asked_for(server: Server) -> None:
    _chat(server, top_p=0.9, stop=["\n\n", "###"])
    assert {(one["top_p"], *one["stop"]) for one in server.requests} == {(0.9, "\n\n", "###")}
    server.requests.clear()
    _chat(server)
    assert not any({"top_p", "stop"} & set(one) for one in server.requests)


def test_the_request_carries_the_rendered_prompt_of_its_task(server: Server) -> None:
    _chat(server, prompt="efficient")
    asked = [one["messages"] for one in server.requests]
    assert asked == [[user("efficient", task).model_dump()] for task in TASKS]


@pytest.mark.parametrize(
    ("language", "spelt", "tag"),
    [("python", "Python", "python"), ("cpp_o3", "C++", "cpp"), ("javascript", "JavaScript", "javascript")],
)
def test_prompts_of_programs_name_their_language_and_no_entry(language: str, spelt: str, tag: str) -> None:
    task = TASKS[0].model_copy(update={"entry": None, "language": language, "prompt": "Print $x."})
    neutral, efficient = (user(name, task).content for name in ("neutral", "efficient"))
    for text in (neutral, efficient):
        assert text.startswith(f"Write a {spelt} program for the task below.")
        assert "\n\nPrint $x.\n\n" in text
        assert f"starts with ```{tag}. " in text
        assert "standard input" in text and "None" not in text
    assert "running time" in efficient and "running time" not in neutral


def test_prompts_hold_the_task_unchanged_and_only_the_efficient_one_asks_for_speed() -> None:
    neutral, efficient = (user(name, TASKS[0]).content for name in ("neutral", "efficient"))
    for text in (neutral, efficient):
        assert TASKS[0].prompt.strip("\n") in text
        assert "`a`" in text
    assert "large inputs" in efficient
    assert not any(word in neutral for word in ("efficien", "fast", "memory", "large"))


def test_stored_samples_are_not_asked_for_again(server: Server) -> None:
    completions = _chat(server, frozenset({"core/a#0", "core/b#1"}), n=2)
    assert sorted((one.task_id, one.index) for one in completions) == [("core/a", 1), ("core/b", 0)]
    assert len(server.requests) == 2


def test_requests_under_way_are_bounded_by_concurrency_and_do_overlap(server: Server) -> None:
    server.replies = [Reply(body=answer(), hold_s=0.1) for _ in range(12)]
    _chat(server, n=6, concurrency=3)
    assert server.most_under_way == 3


def test_completions_come_while_others_are_still_under_way(server: Server) -> None:
    server.replies = [Reply(body=answer("slow"), hold_s=60), Reply(body=answer("quick"))]
    arriving = _arriving(server, concurrency=2)
    assert next(arriving).completion == "quick"
    server.released.set()
    assert next(arriving).completion == "slow"
    assert next(arriving, None) is None


def test_retry_after_is_honoured(server: Server) -> None:
    server.replies = [Reply(429, {"error": {"message": "slow down"}}, {"retry-after": "1"})]
    completions = _chat(server)
    assert server.times[1] - server.times[0] >= 1.0
    assert _last(completions[0]).attempt == 1
    assert len(server.requests) == 3


def test_a_rate_limit_makes_everybody_wait(server: Server) -> None:
    server.replies = [Reply(429, {"error": {"message": "slow down"}}, {"retry-after": "1"})]
    _chat(server, n=8, concurrency=2)
    during = [at for at in server.times[1:] if at < server.times[0] + 0.9]
    assert len(during) <= 2, "what the other thread had sent already, and its next"


def test_samples_that_share_a_request_pay_its_prompt_once(server: Server) -> None:
    def reply(asked: dict[str, Any], number: int) -> Reply:
        body = answer(usage={"prompt_tokens": 7, "completion_tokens": 5 * asked["n"]})
        body["choices"] = [{**body["choices"][0], "index": at} for at in range(asked["n"])]
        return Reply(body=body)

    server.reply = reply
    samples = _chat(server, n=5, samples_per_request=3, seed=10)
    assert sorted(one["n"] for one in server.requests) == [2, 2, 3, 3]
    assert len(samples) == 10
    rows = {one.id: one for sample in samples for one in sample.calls}
    assert len(rows) == 4
    assert sum(one.usage.input_tokens or 0 for one in rows.values()) == 4 * 7
    shares = sum((one.usage.output_tokens or 0) / one.shared_by for sample in samples for one in sample.calls)
    assert shares == 2 * 5 * 5


def test_an_endpoint_that_gives_fewer_answers_than_asked_for_is_named(server: Server) -> None:
    assert "fewer than 2 messages" in _error(server, n=2, samples_per_request=2, max_retries=0)[1]


def test_a_model_that_insists_on_the_other_token_limit_gets_it(server: Server) -> None:
    said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server.reply = lambda asked, _: (
        Reply(400, {"error": {"message": said}}) if "max_tokens" in asked else Reply(body=answer())
    )
    samples = _chat(server, max_tokens=77)
    assert [one.get("max_completion_tokens") for one in server.requests] == [None, 77, 77]
    assert [len(one.calls) for one in samples] == [2, 1]


def test_a_question_the_model_refuses_costs_its_own_sample_only(server: Server) -> None:
    server.replies = [Reply(body=answer("one")), Reply(400, {"error": {"message": "the prompt is too long"}})]
    notices = list[Notice]()
    made = [one.sample for one in make_samples(TASKS, _config(server, n=2), None, frozenset(), notices.append)]
    assert [one.completion for one in sorted(made, key=lambda one: one.id)].count("") == 1
    assert [one.finish_reason for one in made].count("refused") == 1
    assert [one.code for one in notices] == ["refused_questions"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(408, {"error": {"message": "the request came too slowly"}}),
        Reply(409, {"error": {"message": "conflict"}}),
        Reply(500, {"error": {"message": "oops"}}),
        Reply(503, b"<html>busy</html>", {"content-type": "text/html"}),
        Reply(200, b'{"id": "1", "choices": [', cut=500),
        Reply(200, b'{"id": "1", "choices": ['),
        Reply(200, b"<html>hello</html>", {"content-type": "text/html"}),
        Reply(200, {"error": {"message": "upstream is down", "code": 502}}),
        Reply(200, {"choices": []}),
        Reply(200, {"choices": [{"message": None}]}),
        Reply(200, {"choices": ["text"]}),
        Reply(200, {"choices": [{"message": {"content": {"text": 3}}}]}),
        Reply(200, []),
        Reply(200, b"null"),
    ],
    ids=lambda reply: f"{reply.status}-{reply.body[:40].decode()}",
)
def test_a_transient_failure_is_tried_again(server: Server, reply: Reply) -> None:
    server.replies = [reply]
    completions = _chat(server)
    assert [_last(one).attempt for one in completions] == [1, 0]
    assert len(server.requests) == 3


def test_a_timeout_is_tried_again(server: Server) -> None:
    server.replies = [Reply(body=answer(), hold_s=5)]
    assert [_last(one).attempt for one in _chat(server, request_timeout_s=0.3)] == [1, 0]


def test_used_up_retries_keep_what_was_completed_and_point_to_resume(server: Server) -> None:
    server.replies = [Reply(body=answer("kept")), *(Reply(500, {"error": {"message": "oops"}}) for _ in range(9))]
    completions, message = _error(server, max_retries=2)
    assert [one.completion for one in completions] == ["kept"]
    assert len(server.requests) == 1 + 3
    for said in (server.url, "'m'", "attempts: 3", "status 500", "oops", "1 samples are stored", "--resume"):
        assert said in message


def test_after_a_failure_answers_under_way_are_kept_and_no_more_are_asked_for(server: Server) -> None:
    server.replies = [Reply(body=answer("paid for"), hold_s=0.5), Reply(401, {"error": {"message": "no"}})]
    completions, _ = _error(server, n=20, concurrency=2)
    assert [one.completion for one in completions] == ["paid for"]
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "remedy"), [(400, "--max-tokens"), (401, "OPENAI_API_KEY"), (403, "OPENAI_API_KEY"), (404, "--base-url")]
)
def test_a_refusal_is_final_and_named_with_its_remedy(server: Server, status: int, remedy: str) -> None:
    server.replies = [Reply(status, {"error": {"message": f"Incorrect API key provided: {KEY}."}})]
    completions, message = _error(server)
    assert completions == []
    assert len(server.requests) == 1
    for said in (server.url, "'m'", f"status {status}", "[key]", remedy):
        assert said in message


def test_an_exhausted_quota_is_final_although_its_status_is_429(server: Server) -> None:
    server.replies = [Reply(429, {"error": {"message": "quota", "code": "insufficient_quota"}})]
    assert "quota and billing" in _error(server)[1]
    assert len(server.requests) == 1


def test_a_dead_endpoint_is_named_after_its_retries(server: Server) -> None:
    _, message = _error(server, base_url="http://127.0.0.1:9/v1", max_retries=1)
    assert "http://127.0.0.1:9/v1" in message
    assert "attempts: 2" in message
    assert "0 samples are stored" in message


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "7", "completion_tokens": None}, "free"])
def test_missing_usage_is_none_never_zero(server: Server, usage: Any) -> None:
    server.replies = [Reply(body=answer(usage=usage))]
    assert set(_last(_chat(server)[0]).usage.model_dump().values()) == {None}


def test_content_null_is_an_empty_text_and_hidden_reasoning_is_no_part_of_it(server: Server) -> None:
    silent, thinking = answer(None), answer("answer")
    thinking["choices"][0]["message"]["reasoning_content"] = "hidden thoughts"
    server.replies = [Reply(body=silent), Reply(body=thinking)]
    samples = _chat(server)
    assert [one.completion for one in samples] == ["", "answer"]
    assert [one.reasoning for one in samples] == [None, "hidden thoughts"]


def test_a_lone_surrogate_becomes_something_a_record_can_hold(server: Server) -> None:
    server.replies = [Reply(body=answer("a\ud800b"))]
    assert _chat(server)[0].completion == "a?b"


def test_the_key_is_sent_and_enters_no_record(server: Server) -> None:
    completions = _chat(server)
    assert server.keys == [f"Bearer {KEY}"] * 2
    assert KEY not in "".join(one.to_line() for one in completions)


def test_a_server_without_a_key_gets_a_placeholder(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert len(_chat(server)) == 2
    assert server.keys == ["Bearer none"] * 2


def test_credentials_in_the_address_stay_out_of_messages(server: Server) -> None:
    server.replies = [Reply(404, {"error": {"message": "no such model"}})]
    _, message = _error(server, base_url=server.url.replace("//", "//user:hush@"))
    assert "hush" not in message
    assert server.url in message


def test_neither_key_nor_address_says_what_to_export(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ConfigError, match=r"OPENAI_API_KEY.*--base-url"):
        _chat(server, base_url=None)
    with pytest.raises(ConfigError, match="No model"):
        _chat(server, model="openai_chat:")


# A connection that was just being made when the client was closed is left to the interpreter.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_closing_the_generator_asks_for_nothing_more(server: Server) -> None:
    server.replies = [Reply(body=answer("first")), *(Reply(body=answer(), hold_s=5) for _ in range(40))]
    arriving = _arriving(server, n=20, concurrency=2)
    assert next(arriving).completion == "first"
    started = time.monotonic()
    getattr(arriving, "close")()  # noqa: B009  Iterator has no close, the generator behind it has
    assert time.monotonic() - started < 3
    server.released.set()
    time.sleep(0.5)
    assert len(server.requests) <= 3


INTERRUPTED = """
import sys
from codeeff.config import make_config
from codeeff.core.task import Provenance, Task
from codeeff.pipeline.generating import make_samples
task = Task(id="core/a", prompt="", entry="a", groups=(), references=(),
            provenance=Provenance(source="test", licence="MIT", native_id="a"))
config = make_config({"benchmark": "core", "model": "openai_chat:m", "base_url": sys.argv[1], "n": 4}, "test")
for one in make_samples([task], config, None, frozenset(), print):
    print(one.sample.completion)
"""


def test_ctrl_c_ends_the_process_while_requests_hang(server: Server) -> None:
    server.replies = [Reply(body=answer(), hold_s=120) for _ in range(4)]
    command = [sys.executable, "-c", INTERRUPTED, server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while len(server.requests) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(server.requests) == 4
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert process.returncode != 0
