"""A chat model of a few kilobytes: random weights, and a tokenizer trained on a few lines. It says nothing sensible."""

import json
from pathlib import Path
from typing import Any

CONTEXT = 256
"""Tokens it takes, prompt and completion together."""
TEMPLATE = (
    "{% for one in messages %}"
    "{% if one.role == 'system' %}{{ raise_exception('no system message, please') }}{% endif %}"
    "<|{{ one.role }}|>{{ one.content }}<|end|>"
    "{% endfor %}<|assistant|>{% if 'think' in messages[-1].content %}<think>{% endif %}"
)
LINES = [
    "def add(first, second):",
    "    return first + second",
    "think about lists",
    "for one in range(10): print(one)",
]


def write_model(folder: Path) -> None:
    """A Llama with the same weights every time."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer()
    torch.manual_seed(0)
    settings = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=CONTEXT,
        initializer_range=0.2,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    LlamaForCausalLM(settings).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def end_with(folder: Path, token: int) -> None:
    """Have the model of a folder end its completions with another token too."""
    path = folder / "generation_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(settings | {"eos_token_id": [settings["eos_token_id"], token]}), encoding="utf-8")


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|end|>", "<|user|>", "<|assistant|>"]
    alphabet = [*map(chr, range(ord("!"), ord("~") + 1)), "Ġ", "Ċ"]  # ASCII only: half a character is no text
    tokenizer.train_from_iterator(
        LINES, trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=alphabet)
    )
    tokenizer.add_tokens(["<think>", "</think>"])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", chat_template=TEMPLATE)
