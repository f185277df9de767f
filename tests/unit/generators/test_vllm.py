"""Which settings reach vLLM, and how often an engine is made.

Here a stand-in records what vLLM would be told, and answers what it is given: it shows settings, nothing else. What
the real engine makes of them is tested with it, in test_local_models.py, by `make models`.
"""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
from asking import RIGHT, make_reversing_task

from codeeff.config import make_config
from codeeff.pipeline.generating import make_samples


class NeverRaised(Exception):
    """What vLLM's own errors are here."""


class RequestOutput(SimpleNamespace):
    """One finished request."""


class LLM:
    """Keeps what it was made with, and how each of its requests is to be sampled."""

    made: ClassVar[list["LLM"]]

    def __init__(self, **settings: Any) -> None:
        LLM.made.append(self)
        self.settings = settings
        self.asked: list[SimpleNamespace] = []
        self.waiting: list[RequestOutput] = []
        self.closed = 0
        self.llm_engine = SimpleNamespace(
            vllm_config=SimpleNamespace(
                model_config=SimpleNamespace(dtype="torch.bfloat16"), scheduler_config=SimpleNamespace(max_num_seqs=256)
            ),
            has_unfinished_requests=lambda: bool(self.waiting),
            step=lambda: [self.waiting.pop()],
            engine_core=SimpleNamespace(shutdown=self.shutdown),
        )

    def shutdown(self) -> None:
        self.closed += 1

    def get_world_size(self) -> int:
        return int(self.settings["tensor_parallel_size"])

    def get_tokenizer(self) -> SimpleNamespace:
        return SimpleNamespace(decode=lambda tokens: "." * len(tokens))

    def enqueue_chat(self, messages: Any, params: SimpleNamespace, use_tqdm: bool) -> list[str]:
        name = str(len(self.asked))
        self.asked.append(params)
        answers = [SimpleNamespace(text=RIGHT, token_ids=[1] * 5, finish_reason="stop")] * params.n
        self.waiting.append(
            RequestOutput(
                request_id=name, prompt_token_ids=[1] * 7, outputs=answers, num_cached_tokens=0, finished=True
            )
        )
        return [name]


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[LLM]:
    """Those that were made, in vLLM's place."""
    monkeypatch.setattr(LLM, "made", [], raising=False)
    platform = SimpleNamespace(is_cpu=lambda: False, get_device_name=lambda: "an accelerator")
    modules: dict[str, dict[str, Any]] = {
        "vllm": {"LLM": LLM, "SamplingParams": SimpleNamespace, "RequestOutput": RequestOutput, "__version__": "0"},
        "vllm.platforms": {"current_platform": platform},
        "vllm.exceptions": {"VLLMClientError": NeverRaised},
        "vllm.renderers": {},
        "vllm.renderers.chat_utils": {"ChatTemplateResolutionError": NeverRaised},
        "vllm.v1": {},
        "vllm.v1.engine": {},
        "vllm.v1.engine.exceptions": {"EngineDeadError": NeverRaised},
    }
    for name, content in modules.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    return LLM.made


def test_one_engine_serves_all_rounds_of_a_run_with_the_settings_asked_for(engines: list[LLM]) -> None:
    given = {"benchmark": "demo", "model": "vllm:org/model", "tensor_parallel": 2, "samples_per_request": 2}
    sampling = {"n": 2, "temperature": 0.7, "top_p": 0.9, "stop": ["###", "\n\n\n"], "max_tokens": 77, "seed": 11}
    strategy = {"strategy": "ecco_self_refine", "rounds": 2, "sandbox": "fake", "workers": 1}
    config = make_config(given | sampling | strategy, "test")
    made = list(make_samples([make_reversing_task()], config, None, frozenset(), lambda _: None))
    assert {call.round for one in made for call in one.sample.calls} == {0, 1, 2}
    [engine] = engines
    assert engine.settings == {
        "model": "org/model",
        "tensor_parallel_size": 2,
        "seed": 11,
        "enable_prefix_caching": True,
        "max_model_len": -1,
        "dtype": "auto",
        "log_level": "ERROR",
    }
    first, *later = [vars(params) for params in engine.asked]
    common = {"temperature": 0.7, "top_p": 0.9, "stop": ["###", "\n\n\n"], "max_tokens": 77}
    assert first == common | {"n": 2, "seed": 11}
    assert later == [common | {"n": 1, "seed": one["seed"]} for one in later]
    assert len({one["seed"] for one in later} | {11, 12}) == 2 + 2 * 4
    assert engine.closed == 1
