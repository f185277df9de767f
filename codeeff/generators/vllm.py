"""Completions of a model that vLLM runs in this process: one engine for the whole run, all waiting questions at once.

In: a model's folder or its name on the hub. Out: replies whose tokens are counted by their ids. Sampling is vLLM's own
with the run's seeds; the publisher's sampling defaults are not applied. What thinks between <think> tags is parted.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from codeeff.config import RunConfig
from codeeff.core.errors import ConfigError
from codeeff.core.ledger import Answer, Question, Reply, Usage
from codeeff.core.notice import Notice
from codeeff.core.serving import Serving
from codeeff.core.task import Task
from codeeff.generators import Chat, ChatModel, Refused
from codeeff.generators._reasoning import PROMPT_END_TOKENS, part

if TYPE_CHECKING:
    from vllm import LLM, RequestOutput

BATCH: Final = 4096
"""Many times what an engine runs at once, so that it is never short of work; what a kill loses is bounded by it."""
CLOSED: Final = "the engine was closed"


class Vllm:
    """`vllm:MODEL`."""

    def open(self, config: RunConfig, tasks: Sequence[Task], notify: Callable[[Notice], None]) -> Chat:
        if not config.source_argument:
            raise ConfigError("No model is named. Write it behind the colon: vllm:Qwen/Qwen3-8B.")
        try:
            import vllm
            from vllm.platforms import current_platform
        except ImportError as error:
            raise ConfigError(
                f"vLLM cannot be imported: {error}. Install it with pip install 'codeeff[vllm]', or ask an endpoint "
                "with openai_chat."
            ) from None
        started = time.monotonic()
        try:
            llm = vllm.LLM(
                model=config.source_argument,
                tensor_parallel_size=config.tensor_parallel,
                seed=config.seed,
                enable_prefix_caching=True,
                max_model_len=-1,  # the model's own, or what fits into memory
                # most processors have no fast arithmetic on the short types that weights are kept in
                dtype="float32" if current_platform.is_cpu() else "auto",
                log_level="ERROR",  # its log goes to standard output, where the report belongs
            )
        except Exception as error:  # of many kinds, and none names the model
            raise ConfigError(
                f"vLLM cannot open {config.source_argument!r}: {error}. Give a folder with a model, or its name on the "
                "hub, and check that it fits into memory."
            ) from None
        return VllmChat(llm, config, _serving(llm, time.monotonic() - started))


class VllmChat:
    """An engine that runs."""

    endpoint: str | None = None
    workers = 1
    batch = BATCH

    def __init__(self, llm: "LLM", config: RunConfig, serving: Serving) -> None:
        self.llm, self.config, self.serving = llm, config, serving
        self.name = f"vllm (model {config.source_argument!r})"
        self.stopped, self.stepping = threading.Event(), threading.Lock()

    def samples(self, task: Task) -> int:
        return self.config.n

    def answer(self, questions: Sequence[Question]) -> Sequence[Reply | Refused]:
        started = time.monotonic()
        results = dict[int, Reply | Refused]()
        asked = dict[int, list[str]]()
        with self.stepping:
            if self.stopped.is_set():
                raise Refused(CLOSED)
            for place, question in enumerate(questions):
                try:
                    asked[place] = self._enqueue(question)
                except Refused as refusal:
                    results[place] = refusal
            outputs = iter(self._finish([one for ids in asked.values() for one in ids]))
        replies = {place: self._reply([next(outputs) for _ in ids]) for place, ids in asked.items()}
        self.serving = self.serving.after(replies.values(), time.monotonic() - started)
        results |= replies
        return [results[place] for place in range(len(questions))]

    def close(self) -> None:
        self.stopped.set()
        with self.stepping:
            self.llm.llm_engine.engine_core.shutdown()

    def _enqueue(self, question: Question) -> list[str]:
        """The engine's ids for a question: one, or as many as samples where sampling is greedy, which vLLM asks for.

        Raises: Refused when the prompt is not one the model can take, ConfigError when it takes no conversations.
        """
        from vllm import SamplingParams
        from vllm.exceptions import VLLMClientError
        from vllm.renderers.chat_utils import ChatTemplateResolutionError

        count = len(question.samples)
        width = count if question.temperature else 1
        params = SamplingParams(
            n=width,
            temperature=question.temperature,
            top_p=self.config.top_p,
            seed=question.seed,
            stop=list(self.config.stop),
            max_tokens=question.max_tokens,
        )
        messages: Any = [one.model_dump() for one in question.messages]
        try:
            return [self.llm.enqueue_chat(messages, params, use_tqdm=False)[0] for _ in range(count // width)]
        except ChatTemplateResolutionError:
            raise ConfigError(
                f"{self.config.source_argument!r} has no chat template. Take the model's instruct or chat version."
            ) from None
        except (VLLMClientError, ValueError) as error:
            raise Refused(str(error), is_about_question=True) from None

    def _finish(self, ids: list[str]) -> list["RequestOutput"]:
        """What the engine makes of the questions it was given, in their order.

        Not `wait_for_completion`: nothing could end it from another thread.
        Raises: Refused when it was closed meanwhile, or died.
        """
        from vllm import RequestOutput
        from vllm.v1.engine.exceptions import EngineDeadError

        engine, finished = self.llm.llm_engine, list[RequestOutput]()
        try:
            while engine.has_unfinished_requests():
                if self.stopped.is_set():
                    engine.abort_request(ids, internal=True)
                    raise Refused(CLOSED)
                finished += [one for one in engine.step() if isinstance(one, RequestOutput) and one.finished]
        except EngineDeadError as error:
            raise Refused(f"vLLM's engine died: {error}") from None
        return sorted(finished, key=lambda one: int(one.request_id))

    def _reply(self, outputs: Sequence["RequestOutput"]) -> Reply:
        decode = self.llm.get_tokenizer().decode
        prompt = outputs[0].prompt_token_ids or []
        prompt_end = decode(prompt[-PROMPT_END_TOKENS:])
        completions = [one for output in outputs for one in output.outputs]
        parted = [part(one.text, prompt_end, one.token_ids, decode) for one in completions]
        # of several samples vLLM says what the last one found, which is the prompt that the first one left
        is_cached_known = len(completions) == len(outputs)
        return Reply(
            answers=tuple(
                Answer(text=parts.answer, reasoning=parts.reasoning, finish_reason=one.finish_reason)
                for parts, one in zip(parted, completions, strict=True)
            ),
            usage=Usage(
                input_tokens=len(prompt),
                output_tokens=sum(len(one.token_ids) for one in completions),
                cached_tokens=outputs[0].num_cached_tokens if is_cached_known else None,
                reasoning_tokens=sum(parts.reasoning_tokens for parts in parted),
            ),
            model=self.config.source_argument,
        )


def _serving(llm: "LLM", start_up_s: float) -> Serving:
    from vllm import __version__
    from vllm.platforms import current_platform

    settled = llm.llm_engine.vllm_config
    return Serving(
        engine=f"vllm {__version__}",
        device=current_platform.get_device_name(),
        device_count=llm.get_world_size(),
        dtype=str(settled.model_config.dtype).removeprefix("torch."),
        concurrency=settled.scheduler_config.max_num_seqs,
        start_up_s=start_up_s,
    )


PLUGIN: Final[ChatModel] = Vllm()
