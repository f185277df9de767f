"""RunConfig: a run is one YAML file, or the flags that make it; its digest names the run.

The only module that reads the environment.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from codeeff.core.errors import ConfigError, unknown_name
from codeeff.core.measurement import Quantity
from codeeff.core.record import Record, digest_of

AUTO: Final = "auto"
GENERATING: Final = (
    *("benchmark", "model", "tasks", "subset", "limit", "compat", "n", "temperature", "top_p", "stop", "max_tokens"),
    *("seed", "prompt", "strategy", "rounds", "paper_rule", "feedback_cases", "budget_tokens", "budget_usd"),
    *("budget_s", "budget_of", "corpus", "samples_per_request", "base_url"),
)
"""Keys that decide which samples there are."""
PLACE_KEYS = frozenset({"out", "workers", "concurrency", "tensor_parallel"})
"""Keys that say where and how fast, not what: they are no part of the digest."""
SHORT_SOURCES: Final = {"openai": "openai_chat", "hf": "transformers"}
"""What may stand in front of a model's colon instead of a plug-in's id; records have the id."""
GUESSED_SOURCES: Final = {
    r"\.jsonl?(\.gz)?$": "replay",
    r"\.ya?ml$": "scripted",
    r"\.gguf$": "transformers",
    r"^(chatgpt|gpt-\d|o\d(-|$))": "openai_chat",
}
"""The source of a model without one, by what its name looks like."""

IDLE_KEYS = frozenset({"metric_compat", "tau", "prices", "cpu_hour_usd"})
"""Keys that are part of the digest only where they are given."""


class RunConfig(Record):
    """Everything that makes a run."""

    benchmark: str
    """Which benchmark, by plug-in id; `codeeff benchmarks` lists them."""
    model: str
    """Where completions come from: openai_chat:MODEL (short openai:MODEL), vllm:MODEL, transformers:MODEL (short
    hf:MODEL), replay:FILE, scripted:FILE or reference:LABEL (best, worst). What is given in short is kept in full."""
    data: Path | None = None
    """The benchmark's own file or folder; None: CODEEFF_DATA, then the hub."""
    tasks: tuple[str, ...] = ()
    """Native task ids to keep; empty: all."""
    subset: str | None = None
    """A named subset of the benchmark; None: the whole."""
    limit: int | None = Field(default=None, ge=1)
    """Keep only the first so many tasks; None: all."""
    compat: str | None = None
    """A published harness's behaviour by name, such as enamel_published; None: ours."""
    n: int = Field(default=1, ge=1)
    """Samples per task; replayed files give as many as they hold."""
    temperature: float = Field(default=0.0, ge=0.0)
    """Sampling temperature."""
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    """Share of the probability that sampling keeps, most likely tokens first; 1: all."""
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Texts that end a completion and are no part of it."""
    max_tokens: int = Field(default=4096, ge=1)
    """Completion tokens per sample."""
    seed: int = 0
    """Of sampling and of every bootstrap."""
    prompt: str = "neutral"
    """The template of a task's first question, a file of the strategies' prompts."""
    strategy: str = "plain"
    """How the model is driven, by plug-in id; see `codeeff list strategies`."""
    rounds: int | None = Field(default=None, ge=0)
    """Feedback rounds; None: the strategy's own."""
    paper_rule: bool = False
    """Hand in what the strategy's paper does, even a rewrite that fails the feedback tests where the program before it
    passed. Both choices are scored."""
    feedback_cases: int | None = Field(default=None, ge=0)
    """So many of each task's correctness cases are feedback tests and judge nothing; None: as the strategy needs."""
    budget_tokens: int | None = Field(default=None, ge=1)
    """Tokens per sample after which no further question is asked."""
    budget_usd: float | None = Field(default=None, gt=0)
    """USD per sample, likewise."""
    budget_s: float | None = Field(default=None, gt=0)
    """Seconds per sample, likewise: latency of its calls and CPU of its trials."""
    budget_of: Path | None = None
    """A run folder: each sample may spend what the same sample of that run has spent, in USD where both know it, else
    in tokens; `best_of_n` asks until then. None: no such limit."""
    corpus: Path | None = None
    """A JSONL file of rewrites, programs `slow` and `fast`, for strategies that look some up; None: there is none."""
    samples_per_request: int = Field(default=1, ge=1)
    """How many samples of a task share one request for their first question, where the endpoint gives several answers:
    the prompt is then paid once."""
    base_url: str | None = None
    """An OpenAI-compatible endpoint; None: OPENAI_BASE_URL, then the client's default."""
    concurrency: int = Field(default=8, ge=1)
    """Requests under way at once; with transformers, completions generated in one batch."""
    tensor_parallel: int = Field(default=1, ge=1)
    """Accelerators that one model is spread over, with vllm."""
    max_retries: int = Field(default=5, ge=0)
    """Further attempts of a request that failed for a transient reason."""
    batch_api: bool = False
    """Ask through the endpoint's batch API: cheaper, and answered within a day."""
    request_timeout_s: float = Field(default=600.0, gt=0)
    """Seconds one request may take."""
    sandbox: str = AUTO
    """The engine, by plug-in id; auto: docker where an engine answers, else bubblewrap, else landlock."""
    i_trust_this_code: bool = False
    """Required for the engine `none`, which protects nothing."""
    workers: int = Field(default=0, ge=0)
    """Boxes that judge at once; 0: one per core."""
    meters: tuple[Quantity, ...] = ("cpu_time", "wall_time", "peak_memory")
    """Quantities to record; see `codeeff list meters`; empty: judge only."""
    counter: Literal["auto", "hardware", "emulated"] = AUTO
    """What counts instructions, where the meters include them; auto: hardware where the box has it, else emulated."""
    repetitions: int = Field(default=6, ge=1)
    """Calls per stress case and program, in one round."""
    precision: float | None = Field(default=None, ge=0)
    """Measure further rounds until every level's ratio of sample to reference is known this well (0.05: its 95 %
    interval is five in a hundred either way, or narrower); None and 0: one round."""
    measure_budget_s: float = Field(default=20.0, ge=0)
    """Seconds that rounds may take per sample; the first one is always made."""
    metrics: tuple[str, ...] = ("pass_at_k", "eff_at_k", "speedup")
    """Scorers, by plug-in id; see `codeeff list scorers`."""
    metric_compat: tuple[str, ...] = ()
    """Published formulas' quirks by name, such as mercury_legacy; the number without them stands beside."""
    k: tuple[Annotated[int, Field(ge=1)], ...] = (1, 10, 100)
    """The k of pass@k, eff@k and their like; those above the number of samples are left out."""
    quantity: Quantity = "cpu_time"
    """What efficiency metrics are computed on."""
    alpha: float | None = Field(default=None, gt=1)
    """ENAMEL's time-limit factor; None: the benchmark's."""
    hardness: tuple[float, ...] | None = None
    """ENAMEL's level weights, easiest stress level first; None: the benchmark's."""
    tau: tuple[Annotated[float, Field(gt=0, le=1)], ...] = (1.0, 0.9, 0.5)
    """From which reference / own on a right sample counts as efficient, where money is divided by efficient samples."""
    prices: Path | None = None
    """A YAML file of models' prices, which come before the listed ones; None: only those."""
    cpu_hour_usd: float | None = Field(default=None, gt=0)
    """USD per hour of CPU that runs solutions, for break-even executions and trials; None: they are not priced."""
    resamples: int = Field(default=2000, ge=100)
    """Bootstrap resamples."""
    out: Path | None = None
    """The run folder; None: results/runs/<run id>."""

    @field_validator("model")
    @classmethod
    def _model_in_full(cls, model: str) -> str:
        return full_model(model)

    @property
    def source(self) -> str:
        """The generator's plug-in id."""
        return self.model.split(":", 1)[0]

    @property
    def source_argument(self) -> str:
        """What follows the colon."""
        return self.model.split(":", 1)[1]

    def identity(self) -> dict[str, Any]:
        """The keys that decide what the run computes, as JSON."""
        idle = set(PLACE_KEYS)
        if not self.counts:
            idle.add("counter")
        idle |= {key for key in IDLE_KEYS if getattr(self, key) == type(self).model_fields[key].default}
        return {key: value for key, value in self.model_dump(mode="json").items() if key not in idle}

    @property
    def counts(self) -> bool:
        """Whether instructions are among the quantities to record."""
        return "instructions" in self.meters

    @property
    def config_digest(self) -> str:
        """The digest of `identity`."""
        return digest_of(self.identity())

    @property
    def run_id(self) -> str:
        """benchmark, model and digest, fit for a folder name."""
        name = re.sub(r"[^A-Za-z0-9.]+", "-", Path(self.source_argument).stem or self.source).strip("-")[:40]
        return f"{self.benchmark}-{self.source}-{name}-{self.config_digest[:8]}"

    @property
    def run_folder(self) -> Path:
        """Where the run's records go."""
        return self.out or Path("results") / "runs" / self.run_id


def full_model(model: str) -> str:
    """SOURCE:NAME with a plug-in's id as source: short sources are spelled out, a missing one is guessed.

    Raises: ValueError where no guess is safe, saying what to write.
    """
    prefix = re.match(r"[a-z0-9_]+(?=:)", model)
    if prefix:
        return SHORT_SOURCES.get(prefix[0], prefix[0]) + model[prefix.end() :]
    for pattern, source in GUESSED_SOURCES.items():
        if re.search(pattern, model, re.IGNORECASE):
            return f"{source}:{model}"
    if "/" in model:
        raise ValueError(
            f"several sources could have it; write vllm:{model} (vLLM, here), hf:{model} (transformers, here) or "
            f"openai:{model} (an OpenAI-compatible endpoint)"
        )
    raise ValueError(
        "write SOURCE:NAME, such as vllm:Qwen/Qwen3-8B, openai:gpt-4o, replay:samples.jsonl, reference:best"
    )


def read_config(path: Path | None, flags: dict[str, Any]) -> RunConfig:
    """The configuration of a YAML file with flags laid over it; either may be absent.

    Raises: ConfigError naming the file, key, value and remedy.
    """
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigError(f"{path}: not a readable YAML file: {error}. Give --config a run's YAML file.") from None
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: a run's YAML file is a mapping of keys, this is a {type(values).__name__}.")
    values |= {key: value for key, value in flags.items() if value is not None}
    return make_config(values, str(path) if path else "flags")


def make_config(values: dict[str, Any], origin: str) -> RunConfig:
    """A RunConfig of plain values.

    Raises: ConfigError naming origin, key, value and remedy.
    """
    try:
        return RunConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise ConfigError(f"{origin}: {unknown_name('key', key, RunConfig.model_fields)}") from None
        if first["type"] == "missing":
            raise ConfigError(
                f"{origin}: {key!r} is missing. Give --{key} or put `{key}:` into the YAML file."
            ) from None
        shown = repr(first["input"])[:80]
        raise ConfigError(f"{origin}: {key} = {shown}: {first['msg']}.") from None


def demo_config() -> tuple[RunConfig, str]:
    """What `codeeff demo` runs, and a sentence that says so."""
    home = data_home()
    samples = home and home / "coffe" / "examples" / "openai_humaneval-GPT-4o.json"
    if samples and samples.is_file():
        config = make_config({"benchmark": "enamel", "model": f"replay:{samples}"}, "demo")
        return config, f"CODEEFF_DATA = {home}: ranking GPT-4o's recorded HumanEval completions on ENAMEL."
    config = make_config({"benchmark": "core", "model": "reference:2"}, "demo")
    where = f"CODEEFF_DATA = {home} has no GPT-4o completions" if home else "CODEEFF_DATA is not set"
    return config, f"{where}: ranking the second-best references of our own benchmark `core` against the best."


def data_home() -> Path | None:
    """The folder of benchmark data that CODEEFF_DATA names; None when it is unset."""
    value = os.environ.get("CODEEFF_DATA")
    return Path(value) if value else None


def cache_home() -> Path:
    """Where prepared cases are kept: CODEEFF_CACHE, else the user's cache folder."""
    value = os.environ.get("CODEEFF_CACHE")
    if value:
        return Path(value)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codeeff"


def docker_hosts() -> list[str | None]:
    """Where a Docker engine may listen, in the order tried; None: what DOCKER_HOST and its kin say."""
    if os.environ.get("DOCKER_HOST"):
        return [None]
    sockets = ["/var/run/docker.sock", "/run/podman/podman.sock"]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        sockets[1:1] = [f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock"]
    found = [f"unix://{path}" for path in sockets if Path(path).exists()]
    return [*found] or [f"unix://{sockets[0]}"]


def api_key() -> str | None:
    """The endpoint's key, from OPENAI_API_KEY only; it never enters a record."""
    return os.environ.get("OPENAI_API_KEY")


def base_url(config: RunConfig) -> str | None:
    """The endpoint's address: the configuration's, else OPENAI_BASE_URL."""
    return config.base_url or os.environ.get("OPENAI_BASE_URL")
