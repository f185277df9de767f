"""argv → RunConfig → api → report."""

import inspect
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn, get_args, get_origin

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
REPEATED = {"stop"}
"""Keys whose option is given again and again, since their texts may hold commas and blanks."""

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


def _takes_config(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command an option for every key of RunConfig, with the key's docstring as its help."""
    options: dict[str, Any] = {
        "config": Annotated[Path | None, Flag("--config", help="A run's YAML file; flags override it.")]
    }
    for name, field in RunConfig.model_fields.items():
        text = " ".join((field.description or "").replace("None:", "default:").split())
        spelled = ["-n"] * (name == "n") + [f"--{name.replace('_', '-')}"]
        kind = list[str] | None if name in REPEATED else _option_type(field.annotation)
        options[name] = Annotated[kind, Flag(*spelled, help=text)]
    resume = Flag("--resume", help="Go on with the run folder; nothing stored is done again.")
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(one, keyword, default=None, annotation=kind) for one, kind in options.items()]
    parameters.append(inspect.Parameter("resume", keyword, default=False, annotation=Annotated[bool, resume]))
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def _option_type(kind: Any) -> Any:
    """What the command line reads for a key's type: lists are one word, names are text."""
    of = next((one for one in (*get_args(kind), kind) if one in (bool, int, float, Path)), str)
    return (str if _is_list(kind) else of) | None


def _is_list(kind: Any) -> bool:
    return any(get_origin(one) is tuple for one in (*get_args(kind), kind))


@app.command("run")
@_takes_config
def run_command(**flags: Any) -> None:
    """Rank one model's code on a benchmark: generate, judge, measure, score, report."""
    _run(_config(flags), resume=flags["resume"])


@app.command("generate")
@_takes_config
def generate_command(**flags: Any) -> None:
    """Ask the model only, and store its answers; takes what `run` takes. `codeeff judge` goes on."""
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
    for name, field in RunConfig.model_fields.items():
        if name in REPEATED:
            given[name] = given[name] or None
        elif _is_list(field.annotation):
            given[name] = _words(given[name])
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
    if result.has_harness_errors:
        again = f"codeeff judge {result.store.folder}"
        _say(f"Failures of ours kept samples from a verdict (harness_error). Tried again by: {again}", err=True)
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
    tau: Annotated[str | None, Flag(help="From which reference / own on a sample is efficient, by commas.")] = None,
    cpu_hour_usd: Annotated[float | None, Flag(help="USD per CPU hour, for break_even_executions.")] = None,
    data: Annotated[Path | None, Flag(help="The benchmark's file or folder, where it has moved.")] = None,
) -> None:
    """Compute any metric from a run's stored records; nothing runs, and the folder stays as it is."""
    asked = {name: value for name, value in locals().items() if name not in ("run", "metric")}
    for name in ("metric_compat", "k", "tau"):
        asked[name] = _words(asked[name])
    _show(rescore(run, asked | {"metrics": _words(",".join(metric))}))


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


@app.command("frontier")
def frontier_command(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, with as many attempts at every task.")],
    efficient: Annotated[str | None, Flag(help="A success is efficient too: a tau such as 0.9, or graded.")] = None,
    human: Annotated[
        Path | None, Flag(help="YAML file of an expert's wage and minutes a task, and their source.")
    ] = None,
) -> None:
    """What tasks cost with the best of several models and strategies, and how much each of them matters."""
    from codeeff.cost.human import read_human
    from codeeff.pipeline.frontier import frontier
    from codeeff.reports import _frontier

    _say(_frontier.render(frontier(runs, efficient, read_human(human) if human else None)))


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
    names = plugins.names(kind)
    width = max(16, *(len(name) + 2 for name in names))
    for name in names:
        _say(f"{name:<{width}}{plugins.purpose(kind, name)}")


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
