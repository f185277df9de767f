"""argv → RunConfig → api → report."""

import functools
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from tqdm import tqdm

from codeeff import api, plugins
from codeeff.config import RunConfig, demo_config, read_config
from codeeff.core.errors import CodeeffError
from codeeff.core.manifest import RunManifest
from codeeff.core.score import Score
from codeeff.pipeline.engine import settled
from codeeff.pipeline.importing import import_results
from codeeff.pipeline.loading import stored_config, stored_manifest
from codeeff.pipeline.run import RunResult
from codeeff.pipeline.score import rescore
from codeeff.pipeline.store import Store
from codeeff.reports import Report
from codeeff.reports._text import visible

INCOMPLETE = 3
"""Exit code of a finished run with harness errors: its scores are incomplete."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measures how efficient LLM-written code is. Start with: codeeff run --benchmark core --model reference:best",
)
sandbox = typer.Typer(no_args_is_help=True, help="The docker engine's image.")
app.add_typer(sandbox, name="sandbox")
Flag = typer.Option


class Bar:
    """Progress on standard error."""

    def __init__(self) -> None:
        self.bar: Any = None

    def begin(self, stage: str, total: int, done: int) -> None:
        """See `Progress`."""
        pause_s = 0.1 if sys.stderr.isatty() else 10.0
        self.bar = tqdm(total=total, initial=done, desc=f"{stage:<9}", file=sys.stderr, mininterval=pause_s)

    def advance(self, count: int) -> None:
        """See `Progress`."""
        self.bar.update(count)

    def end(self) -> None:
        """See `Progress`."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None


@app.command("run")
def run_command(
    config: Annotated[Path | None, Flag("--config", help="A run's YAML file; flags override it.")] = None,
    benchmark: Annotated[str | None, Flag(help="See `codeeff list benchmarks`.")] = None,
    model: Annotated[
        str | None,
        Flag(help="vllm:MODEL, hf:MODEL, openai:MODEL, replay:FILE, reference:LABEL (best, worst) or scripted:FILE."),
    ] = None,
    data: Annotated[Path | None, Flag(help="The benchmark's file or folder; default: CODEEFF_DATA, the hub.")] = None,
    tasks: Annotated[str | None, Flag(help="Only these tasks, native ids separated by commas.")] = None,
    subset: Annotated[str | None, Flag(help="A named subset, such as enamel's algo and impl.")] = None,
    limit: Annotated[int | None, Flag(help="Only the first so many tasks.")] = None,
    compat: Annotated[str | None, Flag(help="A published harness's behaviour, such as enamel_published.")] = None,
    n: Annotated[int | None, Flag("-n", "--n", help="Samples per task.")] = None,
    temperature: Annotated[float | None, Flag(help="Sampling temperature.")] = None,
    top_p: Annotated[float | None, Flag(help="Share of the probability that sampling keeps; 1: all.")] = None,
    stop: Annotated[list[str] | None, Flag(help="A text that ends a completion; again and again for more.")] = None,
    max_tokens: Annotated[int | None, Flag(help="Completion tokens per sample.")] = None,
    seed: Annotated[int | None, Flag(help="Of sampling and of the bootstrap.")] = None,
    prompt: Annotated[str | None, Flag(help="Template of the first question, such as neutral or efficient.")] = None,
    strategy: Annotated[str | None, Flag(help="How the model is driven; see `codeeff list strategies`.")] = None,
    rounds: Annotated[int | None, Flag(help="Feedback rounds; default: the strategy's own.")] = None,
    paper_rule: Annotated[bool | None, Flag("--paper-rule", help="Hand in what the strategy's paper does.")] = None,
    feedback_cases: Annotated[
        int | None, Flag(help="Correctness cases a task gives up for feedback tests; default: as the strategy needs.")
    ] = None,
    budget_tokens: Annotated[int | None, Flag(help="Tokens per sample after which nothing more is asked.")] = None,
    budget_usd: Annotated[float | None, Flag(help="USD per sample, likewise.")] = None,
    budget_s: Annotated[float | None, Flag(help="Seconds per sample, likewise.")] = None,
    samples_per_request: Annotated[
        int | None, Flag(help="Samples of a task that share a request, where the endpoint gives several answers.")
    ] = None,
    base_url: Annotated[str | None, Flag(help="OpenAI-compatible endpoint; the key is OPENAI_API_KEY's.")] = None,
    concurrency: Annotated[int | None, Flag(help="Requests under way at once.")] = None,
    tensor_parallel: Annotated[int | None, Flag(help="Accelerators that vllm spreads one model over.")] = None,
    max_retries: Annotated[int | None, Flag(help="Further attempts of a request that failed for the moment.")] = None,
    sandbox: Annotated[str | None, Flag(help="docker, bubblewrap, landlock or none; see `codeeff doctor`.")] = None,
    i_trust_this_code: Annotated[bool | None, Flag("--i-trust-this-code", help="Needed by --sandbox none.")] = None,
    workers: Annotated[int | None, Flag(help="Boxes that judge at once; default: one per core.")] = None,
    meters: Annotated[
        str | None, Flag(help="Quantities to record, separated by commas; see `codeeff list meters`.")
    ] = None,
    counter: Annotated[str | None, Flag(help="What counts instructions: hardware, emulated or auto.")] = None,
    repetitions: Annotated[int | None, Flag(help="Calls per stress case and program.")] = None,
    precision: Annotated[float | None, Flag(help="Repeat until ratios are known this well, such as 0.05.")] = None,
    measure_budget_s: Annotated[float | None, Flag(help="Seconds per sample that --precision may take.")] = None,
    metrics: Annotated[str | None, Flag(help="See `codeeff list scorers`; separated by commas.")] = None,
    metric_compat: Annotated[
        str | None, Flag(help="Quirks of published formulas, such as mercury_legacy; separated by commas.")
    ] = None,
    k: Annotated[str | None, Flag(help="The k of pass@k, eff@k and their like, separated by commas.")] = None,
    quantity: Annotated[
        str | None, Flag(help="Efficiency on one of the meters' quantities; default: cpu_time.")
    ] = None,
    alpha: Annotated[float | None, Flag(help="ENAMEL's time-limit factor.")] = None,
    out: Annotated[Path | None, Flag(help="The run folder; default: results/runs/<run id>.")] = None,
    resume: Annotated[bool, Flag("--resume", help="Go on with the run folder; nothing stored is done again.")] = False,
) -> None:
    """Rank one model's code on a benchmark: generate, judge, measure, score, report."""
    _run(_config(locals()), resume=resume)


@app.command(
    "generate", help="Ask the model only and store its answers; takes what `run` takes. Then: codeeff judge RUN"
)
@functools.wraps(run_command)
def generate_command(**flags: Any) -> None:
    """The first stage of `run`."""
    store = api.generate_only(_config(flags), resume=flags["resume"], progress=Bar())
    _say(f"Samples are stored: codeeff judge {store.folder}")


@app.command("judge")
def judge_command(
    run: Annotated[Path, typer.Argument(help="A run folder with samples.")],
    sandbox: Annotated[str | None, Flag(help="docker, bubblewrap, landlock or none; see `codeeff doctor`.")] = None,
    i_trust_this_code: Annotated[bool | None, Flag("--i-trust-this-code", help="Needed by --sandbox none.")] = None,
    workers: Annotated[int | None, Flag(help="Boxes that judge at once; default: one per core.")] = None,
    meters: Annotated[str | None, Flag(help="Quantities to record, separated by commas.")] = None,
    metrics: Annotated[str | None, Flag(help="See `codeeff list scorers`; separated by commas.")] = None,
    data: Annotated[Path | None, Flag(help="The benchmark's file or folder, where it has moved.")] = None,
) -> None:
    """Judge, measure and score samples that are stored; no model is asked for any of them."""
    flags: dict[str, Any] = {"sandbox": sandbox, "i_trust_this_code": i_trust_this_code, "workers": workers}
    flags |= {"data": data, "meters": _words(meters), "metrics": _words(metrics), "out": run}
    _show(api.run(stored_config(run, flags), resume=True, asks=False, progress=Bar()))


def _config(flags: dict[str, Any]) -> RunConfig:
    """The configuration of `run`'s flags and of the file they name."""
    given = {name: value for name, value in flags.items() if name not in ("config", "resume")}
    for name in ("tasks", "meters", "metrics", "metric_compat", "k"):
        given[name] = _words(given[name])
    given["stop"] = given["stop"] or None
    config = read_config(flags["config"], given)
    if given["model"] not in (None, config.model):
        _say(f"--model {given['model']} is taken for {config.model}.", err=True)
    return config


def _run(config: RunConfig, *, resume: bool) -> NoReturn:
    """Run, show the report and where it lies; the exit code says whether the scores are complete."""
    _show(api.run(config, resume=resume, progress=Bar()))


def _show(result: RunResult) -> NoReturn:
    report: Report = plugins.load("reports", "terminal")
    _say(report.render(result.manifest, result.table, result.scores))
    _say(f"Run folder: {result.store.folder}")
    raise typer.Exit(INCOMPLETE if result.has_harness_errors else 0)


@app.command("demo")
def demo_command() -> None:
    """Rank real GPT-4o completions on ENAMEL where CODEEFF_DATA has them, else second-best references on core."""
    config, why = demo_config()
    config = settled(config)
    _say(why)
    _run(config, resume=config.run_folder.exists())


@app.command("score")
def score_command(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    metric: Annotated[list[str], Flag(help="See `codeeff list scorers`; again and again, or separated by commas.")],
    metric_compat: Annotated[str | None, Flag(help="Quirks of published formulas, separated by commas.")] = None,
    quantity: Annotated[str | None, Flag(help="One of the quantities the run measured.")] = None,
    k: Annotated[str | None, Flag(help="The k of pass@k, eff@k and their like, separated by commas.")] = None,
    alpha: Annotated[float | None, Flag(help="ENAMEL's time-limit factor.")] = None,
    data: Annotated[Path | None, Flag(help="The benchmark's file or folder, where it has moved.")] = None,
) -> None:
    """Compute any metric from a run's stored records; nothing runs, and the folder stays as it is."""
    asked = {"metrics": _words(",".join(metric)), "metric_compat": _words(metric_compat), "k": _words(k)}
    _show(rescore(run, asked | {"quantity": quantity, "alpha": alpha, "data": data}))


@app.command("import")
def import_command(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="See `codeeff list importers`.")],
    file: Annotated[Path, typer.Argument(help="The result file of another harness.")],
    out: Annotated[Path | None, Flag(help="The run folder; default: results/runs/<run id>.")] = None,
) -> None:
    """Make a run folder of another harness' results, which `codeeff score` and `compare` read like any other."""
    _show(import_results(form, file, out))


@app.command("compare")
def compare_command(
    first: Annotated[Path, typer.Argument(help="A run folder.")],
    second: Annotated[Path, typer.Argument(help="Another one.")],
    further: Annotated[list[Path] | None, typer.Argument(help="More of them, to rank all by win rates.")] = None,
) -> None:
    """Hold runs against each other on the tasks they have in common, or say why they may not be."""
    from codeeff.pipeline.compare import RunView, compare
    from codeeff.pipeline.ranking import rank
    from codeeff.reports import _comparison, _ranking

    runs = [RunView(*_stored(folder)) for folder in (first, second, *(further or []))]
    _say(_ranking.render(rank(runs)) if further else _comparison.render(compare(*runs)))


@app.command("doctor")
def doctor_command(
    measure: Annotated[bool, Flag("--measure", help="A/A study: what the numbers of this host are worth.")] = False,
    sandbox: Annotated[str, Flag(help="The engine of the study; default: the one a run takes.")] = "auto",
) -> None:
    """Say which sandbox engines can run and count here, which one is chosen, and how to get the others."""
    from codeeff import doctor

    findings = doctor.examine()
    _say(doctor.render(findings))
    if measure and doctor.is_fit(findings):
        _say(doctor.measured(sandbox, Bar()))
    raise typer.Exit(0 if doctor.is_fit(findings) else 2)


@sandbox.command("build")
def build_command(
    base: Annotated[str | None, Flag(help="Any image of Debian bookworm; default: a local one, else Debian's.")] = None,
    languages: Annotated[bool, Flag("--languages", help="The large image, which holds all languages.")] = False,
) -> None:
    """Build the docker engine's image, unless it is there; a run does the same on first use."""
    from codeeff.sandboxes.docker import build

    _say(build(base, has_languages=languages))


@app.command("benchmarks")
def benchmarks_command() -> None:
    """Say of every benchmark what it holds, what can be computed on it, and how far its loader was verified."""
    from codeeff.benchmarks._overview import overview

    _say(overview())


@app.command("list")
def list_command(kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(plugins.KINDS)}.")]) -> None:
    """Name all plug-ins of a kind, with what each is for."""
    for name in plugins.names(kind):
        _say(f"{name:<16}{plugins.purpose(kind, name)}")


def _words(text: str | None) -> tuple[str, ...] | None:
    """A comma-separated flag; an empty one means none of them."""
    return None if text is None else tuple(word.strip() for word in text.split(",") if word.strip())


def _stored(folder: Path) -> tuple[RunManifest, list[Score]]:
    """A run folder's manifest and scores."""
    store = Store(folder)
    return stored_manifest(store), store.read_scores()


def _say(text: str, *, err: bool = False) -> None:
    """Print; what models and endpoints wrote is quoted in many messages, and a terminal must not obey it."""
    typer.echo(visible(text), err=err)


def main() -> NoReturn:
    """Run a command; a user's mistake is one message and exit code 2, Ctrl-C is exit code 130."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except CodeeffError as error:
        _say(f"codeeff: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        _say("codeeff: stopped; what is stored stays. The same command with --resume goes on.", err=True)
        sys.exit(130)
    sys.exit(0)
