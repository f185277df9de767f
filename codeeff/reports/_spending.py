"""What a run's model calls and trials used up, in words."""

from collections import Counter
from collections.abc import Sequence

from codeeff.core.ledger import ModelCall
from codeeff.core.table import Table

KINDS = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
"""Kinds of tokens, parts behind what they are part of."""
PARTS = frozenset({"cached_tokens", "reasoning_tokens"})
"""What endpoints leave out where there is none of it: absent, they are not missing."""


def spending(table: Table) -> dict[str, str]:
    """Calls, tokens by kind, cost and trials; empty where no model was asked."""
    calls = {call.id: call for samples in table.samples.values() for one in samples for call in one.calls}
    if not calls:
        return {}
    states = Counter(one.state for one in calls.values())
    beside = ", ".join(f"{states[one]} {one}" for one in ("failed", "lost") if states[one])
    answered = [one for one in calls.values() if one.state == "answered"]
    rows = {"calls": f"{len(calls)}" + (f" ({beside})" if beside else "")}
    rows |= {kind.replace("_", " "): text for kind in KINDS if (text := _tokens(answered, kind)) is not None}
    rows["cost"] = _cost(answered, is_bound=bool(beside))
    trials = [one.feedback for found in table.candidates.values() for one in found if one.feedback is not None]
    if trials:
        rows["trials"] = f"{len(trials)}, {sum(one.cpu_s for one in trials):.1f} CPU seconds"
    return rows


def _tokens(calls: Sequence[ModelCall], kind: str) -> str | None:
    """The sum, a lower bound where some calls do not tell; None where none does."""
    told = [count for one in calls if (count := getattr(one.usage, kind)) is not None]
    if not told:
        return None
    is_bound = len(told) < len(calls) and kind not in PARTS
    missing = f": {len(calls) - len(told)} calls did not tell" if is_bound else ""
    return f"{'≥ ' if is_bound else ''}{sum(told)}{missing}"


def _cost(calls: Sequence[ModelCall], *, is_bound: bool) -> str:
    known = [one.cost_usd for one in calls if one.cost_usd is not None]
    if not known:
        return "not known: give --prices"
    missing = len(calls) - len(known)
    sign = "≥ " if missing or is_bound else ""
    return f"{sign}{sum(known):.6g} USD" + (f": the cost of {missing} calls is not known" if missing else "")
