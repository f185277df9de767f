"""Completions of a small model that transformers runs in this process, on the CPU or one accelerator.

In: a model's folder, its name on the hub, or a GGUF file. Out: replies whose tokens are counted by their ids. Every
completion has a random generator of its own, so that it does not depend on what it is batched with (up to rounding);
the publisher's sampling defaults are not applied. What thinks between <think> tags is parted.
"""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from codeeff.config import RunConfig
from codeeff.core.errors import ConfigError
from codeeff.core.ledger import Answer, Question, Reply, Usage
from codeeff.core.notice import Notice
from codeeff.core.serving import Serving
from codeeff.core.task import Task
from codeeff.generators import Chat, ChatModel, Refused
from codeeff.generators._reasoning import PROMPT_END_TOKENS, part, tokens_until

if TYPE_CHECKING:
    import torch


class Transformers:
    """`transformers:MODEL`, a model's folder or name, or `transformers:FILE.gguf`."""

    def open(self, config: RunConfig, tasks: Sequence[Task], notify: Callable[[Notice], None]) -> Chat:
        name = config.source_argument
        if not name:
            raise ConfigError("No model is named. Write it behind the colon: transformers:Qwen/Qwen3-0.6B.")
        started = time.monotonic()
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError as error:
            raise ConfigError(
                f"transformers cannot be imported: {error}. Install it with pip install 'codeeff[transformers]'."
            ) from None
        device = "cuda" if torch.cuda.is_available() else "cpu"
        given = {"gguf_file": Path(name).name} if name.lower().endswith(".gguf") else {}
        where = str(Path(name).parent) if given else name
        try:
            tokenizer = AutoTokenizer.from_pretrained(where, padding_side="left", **given)
            # most processors have no fast arithmetic on the short types that weights are kept in
            dtype = "auto" if device == "cuda" else torch.float32
            model = AutoModelForCausalLM.from_pretrained(where, dtype=dtype, **given).to(device).eval()
        except Exception as error:  # of many kinds, and few name the model
            raise ConfigError(
                f"transformers cannot open {name!r}: {error}. Give a folder with a model, its name on the hub or a "
                "GGUF file, and check that it fits into memory."
            ) from None
        if tokenizer.chat_template is None:
            raise ConfigError(f"{name!r} has no chat template. Take the model's instruct or chat version.")
        return TransformersChat(model, tokenizer, config, time.monotonic() - started)


@dataclass(frozen=True)
class _Row:
    """One completion to be made: a row of a batch."""

    prompt: list[int]
    limit: int
    """The most tokens it may have."""
    temperature: float
    seed: int


@dataclass(frozen=True)
class _Completion:
    """A row's tokens, its text and why it ended."""

    tokens: list[int]
    text: str
    finish_reason: str


class TransformersChat:
    """A loaded model."""

    endpoint: str | None = None
    workers = 1

    def __init__(self, model: Any, tokenizer: Any, config: RunConfig, start_up_s: float) -> None:
        import transformers

        self.model, self.tokenizer, self.config = model, tokenizer, config
        self.name = f"transformers (model {config.source_argument!r})"
        self.batch = config.concurrency
        self.stopped = threading.Event()
        # absent where positions are no table
        self.context = getattr(model.config.get_text_config(), "max_position_embeddings", None) or sys.maxsize
        ends = model.generation_config.eos_token_id
        self.ends = {*(ends if isinstance(ends, list) else [ends]), tokenizer.eos_token_id} - {None}
        model.generation_config = transformers.GenerationConfig()
        self.serving = Serving(
            engine=f"transformers {transformers.__version__}",
            device=_device_name(model.device),
            device_count=1,
            dtype=str(model.dtype).removeprefix("torch."),
            concurrency=config.concurrency,
            start_up_s=start_up_s,
        )

    def samples(self, task: Task) -> int:
        return self.config.n

    def answer(self, questions: Sequence[Question]) -> Sequence[Reply | Refused]:
        started = time.monotonic()
        asked = [self._rows(question) for question in questions]
        rows = [row for one in asked if not isinstance(one, Refused) for row in one]
        size = self.config.concurrency
        completions = iter([one for at in range(0, len(rows), size) for one in self._generate(rows[at : at + size])])
        results = [
            one if isinstance(one, Refused) else self._reply(one[0], [next(completions) for _ in one]) for one in asked
        ]
        replies = [one for one in results if isinstance(one, Reply)]
        self.serving = self.serving.after(replies, time.monotonic() - started)
        return results

    def close(self) -> None:
        self.stopped.set()

    def _rows(self, question: Question) -> list[_Row] | Refused:
        """One row a sample, its seed the question's and those that follow."""
        from jinja2 import TemplateError

        messages = [one.model_dump() for one in question.messages]
        try:
            prompt = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
        except TemplateError as error:
            return Refused(f"the model's chat template refuses the conversation: {error}", is_about_question=True)
        room = self.context - len(prompt)
        if room < 1:
            return Refused(
                f"the prompt has {len(prompt)} tokens, the model takes {self.context}", is_about_question=True
            )
        limit = min(question.max_tokens, room)
        return [_Row(prompt, limit, question.temperature, question.seed + at) for at in range(len(question.samples))]

    def _generate(self, rows: Sequence[_Row]) -> list[_Completion]:
        """One batch.

        Raises: Refused when it was closed meanwhile, ConfigError when it does not fit into memory.
        """
        import torch
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        pad = self.tokenizer.pad_token_id if self.tokenizer.pad_token_id is not None else min(self.ends, default=0)
        width = max(len(row.prompt) for row in rows)
        padded = [[pad] * (width - len(row.prompt)) + row.prompt for row in rows]
        mask = [[0] * (width - len(row.prompt)) + [1] * len(row.prompt) for row in rows]
        settings = GenerationConfig(
            do_sample=False,  # the rows' own generators draw, see _Sampling
            max_new_tokens=max(row.limit for row in rows),
            eos_token_id=sorted(self.ends) or None,
            pad_token_id=pad,
        )
        try:
            with torch.inference_mode():
                output = self.model.generate(
                    torch.tensor(padded, device=self.model.device),
                    attention_mask=torch.tensor(mask, device=self.model.device),
                    generation_config=settings,
                    logits_processor=LogitsProcessorList([_Sampling(rows, self.config.top_p, self.model.device)]),
                    stopping_criteria=StoppingCriteriaList([_Stopping(self, rows, width)]),
                )
        except torch.OutOfMemoryError as error:
            raise ConfigError(f"{error} Lower --concurrency ({self.config.concurrency}) or --max-tokens.") from None
        if self.stopped.is_set():
            raise Refused("the model was closed")
        return [self._completion(row, tokens) for row, tokens in zip(rows, output[:, width:].tolist(), strict=True)]

    def _completion(self, row: _Row, tokens: list[int]) -> _Completion:
        """What a row of the output is up to the first thing that ends it; behind that there is padding."""
        tokens, finish_reason = tokens[: row.limit], "length"
        for count, token in enumerate(tokens, 1):
            if token in self.ends:
                tokens, finish_reason = tokens[:count], "stop"
                break
        text = self.text(tokens)
        found = [stop for stop in self.config.stop if stop in text]
        if found:
            tokens = tokens[: min(tokens_until(stop, tokens, self.text) for stop in found)]
            text, finish_reason = text[: min(text.index(stop) for stop in found)], "stop"
        return _Completion(tokens, text, finish_reason)

    def text(self, tokens: Sequence[int]) -> str:
        """What tokens stand for."""
        text: str = self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def _reply(self, row: _Row, completions: Sequence[_Completion]) -> Reply:
        prompt_end = self.tokenizer.decode(row.prompt[-PROMPT_END_TOKENS:])
        parted = [part(one.text, prompt_end, one.tokens, self.text) for one in completions]
        return Reply(
            answers=tuple(
                Answer(text=parts.answer, reasoning=parts.reasoning, finish_reason=one.finish_reason)
                for parts, one in zip(parted, completions, strict=True)
            ),
            usage=Usage(
                input_tokens=len(row.prompt),
                output_tokens=sum(len(one.tokens) for one in completions),
                cached_tokens=0,
                reasoning_tokens=sum(parts.reasoning_tokens for parts in parted),
            ),
            model=self.config.source_argument,
        )


class _Sampling:
    """Draws by adding noise and taking the largest (Gumbel's trick), each row with its own generator."""

    def __init__(self, rows: Sequence[_Row], top_p: float, device: "torch.device") -> None:
        import torch
        from transformers import TopPLogitsWarper

        self.cut = TopPLogitsWarper(top_p) if top_p < 1 else None
        self.scale = torch.tensor([[row.temperature or 1.0] for row in rows], device=device)
        self.generators = [torch.Generator(device).manual_seed(row.seed) if row.temperature else None for row in rows]

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        scores = scores / self.scale
        if self.cut is not None:
            scores = self.cut(input_ids, scores)
        for row, generator in zip(scores, self.generators, strict=True):
            if generator is not None:
                row -= row.new_empty(row.shape).exponential_(generator=generator).log_()
        return scores


class _Stopping:
    """Says which rows have ended for a reason of ours: their limit, a stop text, or that the model was closed."""

    def __init__(self, chat: TransformersChat, rows: Sequence[_Row], width: int) -> None:
        self.chat, self.rows, self.width = chat, rows, width

    def __call__(self, input_ids: "torch.Tensor", scores: Any, **_: Any) -> "torch.Tensor":
        made = input_ids[:, self.width :]
        ended = [self._has_ended(row, tokens) for row, tokens in zip(self.rows, made, strict=True)]
        return input_ids.new_tensor(ended).bool()

    def _has_ended(self, row: _Row, tokens: "torch.Tensor") -> bool:
        if self.chat.stopped.is_set() or len(tokens) >= row.limit:
            return True
        stops = self.chat.config.stop
        return bool(stops) and any(stop in self.chat.text(tokens.tolist()) for stop in stops)


def _device_name(device: "torch.device") -> str:
    import torch

    return str(torch.cuda.get_device_name(device) if device.type == "cuda" else device.type)


PLUGIN: Final[ChatModel] = Transformers()
