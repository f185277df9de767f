"""What a run's model calls and trials used up, and what serving its model took beside them, in words."""

from collections.abc import Sequence
from typing import get_args

from codeeff.core.manifest import RunManifest
from codeeff.core.serving import Serving
from codeeff.core.spending import Spending, TokenKind, totals
from codeeff.core.table import Table


def spending(manifest: RunManifest, table: Table) -> dict[str, str]:
    """Calls, tokens by kind, cost, trials, start-up and idle time; empty where no model was asked."""
    hour_usd = manifest.config.get("cpu_hour_usd")
    price = hour_usd if isinstance(hour_usd, float) else None
    found = totals(table, manifest.run_id, price)
    return _of(found[-1], price) | _served(manifest.served) if found else {}


def _of(run: Spending, cpu_hour_usd: float | None) -> dict[str, str]:
    beside = ", ".join(f"{run.calls[one]:.0f} {one}" for one in ("failed", "lost") if one in run.calls)
    rows = {"calls": f"{sum(run.calls.values()):.0f}" + (f" ({beside})" if beside else "")}
    rows |= {kind.replace("_", " "): _tokens(run, kind) for kind in get_args(TokenKind) if kind in run.tokens}
    rows["cost"] = _cost(run)
    if run.trials:
        rows["trials"] = f"{run.trials}, {run.executions} executions, {run.cpu_s:.1f} CPU seconds"
    if run.trials and run.cpu_usd is not None:
        rows["cost of trials"] = f"{run.cpu_usd:.6g} USD at {cpu_hour_usd:g} USD per CPU hour, beside the cost above"
    return rows


def _tokens(run: Spending, kind: TokenKind) -> str:
    """The sum, a lower bound where some calls do not tell."""
    silent = run.silent_calls.get(kind)
    told = f"{run.tokens[kind]:.0f}"
    return f"≥ {told}: {silent:.0f} calls did not tell" if silent else told


def _cost(run: Spending) -> str:
    if run.cost_usd is None:
        return "not known: give --prices"
    sign = "≥ " if run.unpriced_answers or run.unpriced_attempts else ""
    missing = f": the cost of {run.unpriced_answers:.0f} calls is not known" if run.unpriced_answers else ""
    return f"{sign}{run.cost_usd:.6g} USD{missing}"


def _served(sessions: Sequence[Serving]) -> dict[str, str]:
    """How fast a model that codeeff ran itself was, and what it took while nothing was asked."""
    if not sessions:
        return {}
    speeds = [
        f"{one.output_tokens_per_s:.4g} completion tokens a second at concurrency {one.concurrency}"
        for one in sessions
        if one.output_tokens_per_s is not None
    ]
    return {
        "throughput": "; ".join(speeds) or "nothing was answered",
        "start-up": _seconds([(one.start_up_s, one.usd_per_s) for one in sessions]),
        "idle": _seconds([(one.idle_s, one.usd_per_s) for one in sessions]),
    }


def _seconds(parts: Sequence[tuple[float, float | None]]) -> str:
    """The sum of all sessions', with its price where every session has one."""
    shown = f"{sum(seconds for seconds, _ in parts):.1f} s"
    costs = [seconds * usd for seconds, usd in parts if usd is not None]
    return f"{shown}, {sum(costs):.6g} USD beside the cost above" if len(costs) == len(parts) else shown
