"""What every report says, as titled tables of plain text; the output forms only lay it out.

In: a run's manifest, records and scores. Out: sections, those with nothing to say left out. All text is on one line
and printable: reasons quote what a model wrote.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from codeeff.core.leverage import TOP, leverage
from codeeff.core.manifest import RunManifest
from codeeff.core.measurement import Unit
from codeeff.core.ratio import level_ratio
from codeeff.core.score import Interval, Score
from codeeff.core.table import Table
from codeeff.core.verdict import Status, Verdict
from codeeff.reports._spending import spending
from codeeff.reports._text import printable

SMALL = 0.01
"""Below this, three decimals say too little: a call may cost a thousandth of a cent."""
ABSENT = "–"
"""Stands where there is no value."""
SHOWN_IDS = 3
"""Task ids shown per reason."""
SHOWN_RATIOS = 10
"""Samples shown whose ratio to the reference is least certain."""
SHOWN_IMPORTS = 10
"""Samples shown whose import is dearest beside their call."""
SHOWN_FAILURES = 10
"""Samples shown that did not pass."""
LINE_LENGTH = 160
"""Longest quoted text."""


@dataclass(frozen=True)
class Section:
    """A titled table."""

    title: str
    """Its heading."""
    columns: tuple[str, ...]
    """Column heads; empty for pairs of key and value."""
    rows: tuple[tuple[str, ...], ...]
    """Cells, as many a row as there are columns."""
    numeric: frozenset[str] = frozenset()
    """Columns that are aligned to the right."""
    is_detail: bool = False
    """Whether a form that can fold should fold it."""


def sections(manifest: RunManifest, table: Table, scores: Sequence[Score]) -> tuple[Section, ...]:
    """The report's sections in reading order."""
    every = (
        _header(manifest, table),
        _scores(scores),
        _parameters(scores),
        _verdicts(table),
        _unscored(scores),
        Section("Spending", (), tuple(spending(manifest, table).items())),
        _leverage(scores),
        _notices(manifest),
        _categories(table, scores),
        _ratios(manifest, table),
        _imports(manifest, table),
        _failures(table),
    )
    return tuple(
        replace(one, columns=_printable(one.columns), rows=tuple(map(_printable, one.rows)))
        for one in every
        if one.rows
    )


def number(value: float | None) -> str:
    """Three decimals, of what is below a hundredth three digits, or the sign for no value.

    >>> number(0.5), number(0.00042), number(None)
    ('0.500', '0.00042', '–')
    """
    if value is None:
        return ABSENT
    return f"{value:.3g}" if 0 < abs(value) < SMALL else f"{value:.3f}"


def _printable(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(printable, cells))


def first_line(text: str) -> str:
    """The text's first line, cut at LINE_LENGTH."""
    line = (text.strip().splitlines() or [""])[0]
    return line if len(line) <= LINE_LENGTH else line[: LINE_LENGTH - 1] + "…"


def _header(manifest: RunManifest, table: Table) -> Section:
    config, host = manifest.config, manifest.host
    wall = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in manifest.wall_s.items())
    rows = {
        "benchmark": f"{config.get('benchmark', ABSENT)} (digest {manifest.benchmark_digest})",
        "model": str(config.get("model", ABSENT)),
        "status": manifest.status,
        "tasks": str(manifest.tasks),
        "samples": str(sum(len(one) for one in table.samples.values())),
        "sandbox": manifest.sandbox,
        "meters": ", ".join(meter.split(":")[0] for meter in manifest.meters) or "none",
        "compatibility": str(config.get("compat") or "none"),
        "configuration": manifest.config_digest,
        "host": f"{host.cpu_model}, {host.cores} cores, {host.memory_bytes / 2**30:.1f} GiB, Python {host.python}",
        "noise floor": _noise(manifest),
        "wall seconds": wall or ABSENT,
        "made": f"{manifest.created_at} by codeeff {manifest.codeeff_version}",
    }
    return Section("Run", (), tuple(rows.items()))


def _noise(manifest: RunManifest) -> str:
    """What a program differs from itself by, of each quantity that was measured."""
    known = manifest.noise or {}
    wanted = [meter.split()[0] for meter in manifest.meters]
    floors = ", ".join(f"{name} {percent(known[name])}" for name in wanted if name in known)
    if not floors:
        return "not measured on this host: codeeff doctor --measure"
    return f"{floors} (a program against itself, measured {manifest.noise_measured_at})"


def percent(share: float) -> str:
    """Two digits of a relative difference, or more where it is large.

    >>> percent(0.0312), percent(0.0), percent(2.5)
    ('3.1 %', '0 %', '250 %')
    """
    return f"{100 * share:.0f} %" if abs(share) >= 1 else f"{100 * share:.2g} %"


def _scores(scores: Sequence[Score]) -> Section:
    rows = []
    for score in scores:
        rows.append(
            (
                score.label,
                *value_and_interval(
                    score.value,
                    score.interval,
                    score.parameters.get("at_least"),
                    is_lower_bound=score.parameters.get("is_lower_bound") is True,
                ),
                "higher" if score.higher_is_better else "lower",
                str(score.tasks_scored),
                str(len(_left_out(score))),
                "yes" if score.is_complete else "NO: harness errors",
            )
        )
    columns = ("metric", "value", "95% interval", "better", "tasks", "unscored", "complete")
    return Section("Scores", columns, tuple(rows), frozenset({"value", "95% interval", "tasks", "unscored"}))


def value_and_interval(
    value: float | None, interval: Interval | None, at_least: JsonValue, *, is_lower_bound: bool
) -> tuple[str, str]:
    """Both in words; `at_least` stands for the one whose upper end is infinite.

    >>> value_and_interval(None, None, 0.032, is_lower_bound=False)
    ('≥ 0.032', '–')
    >>> value_and_interval(0.06, None, 0.02, is_lower_bound=True)
    ('≥ 0.060', '≥ 0.020')
    """
    shown = f"[{number(interval.low)}, {number(interval.high)}]" if interval else ABSENT
    bound = f"≥ {number(at_least)}" if isinstance(at_least, float) else None
    if value is None:
        return bound or ABSENT, shown
    return ("≥ " if is_lower_bound else "") + number(value), bound or shown


def _left_out(score: Score) -> set[str]:
    """Tasks without a score; a reason may also list tasks that lost only some samples and have one."""
    return {one for ids in score.tasks_unscored.values() for one in ids} - score.per_task.keys()


def _parameters(scores: Sequence[Score]) -> Section:
    rows = [
        (score.label, ", ".join(f"{key} = {_plain(value)}" for key, value in score.parameters.items()))
        for score in scores
        if score.parameters
    ]
    return Section("Parameters", ("metric", "parameters"), tuple(rows), is_detail=True)


def _plain(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"({', '.join(_plain(one) for one in value)})"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _verdicts(table: Table) -> Section:
    samples = [one for of_task in table.samples.values() for one in of_task]
    counts = Counter(table.verdicts[one.id].status for one in samples if one.id in table.verdicts)
    rows = [(status.value, counts[status]) for status in Status if counts[status]]
    if missing := len(samples) - counts.total():
        rows.append(("not judged", missing))
    judged = [table.verdicts[one.id] for one in samples if one.id in table.verdicts]
    if within := [one.task_id for one in judged if one.how == "in_process"]:
        rows.append((f"of these judged in_process ({first_ids(list(dict.fromkeys(within)))})", len(within)))
    shown = tuple((name, str(count), f"{100 * count / len(samples):.1f}") for name, count in rows)
    return Section("Verdicts", ("verdict", "samples", "%"), shown, frozenset({"samples", "%"}))


def _unscored(scores: Sequence[Score]) -> Section:
    rows = [
        (score.label, reason, str(len(ids)), first_ids(ids))
        for score in scores
        for reason, ids in score.tasks_unscored.items()
    ]
    return Section("Unscored tasks", ("metric", "reason", "tasks", "ids"), tuple(rows), frozenset({"tasks"}))


def _leverage(scores: Sequence[Score]) -> Section:
    """Of the arithmetic means; other means have no such shares."""
    rows = []
    for score in scores:
        found = leverage(score.per_task) if "mean" not in score.parameters else None
        if found is not None:
            shares = (percent(found.top_share), percent(found.even_share))
            rows.append((score.label, *shares, number(found.largest_move), found.mover))
    columns = ("metric", f"top {TOP} tasks carry", "alike", "one task moves it by", "which")
    return Section("Leverage", columns, tuple(rows), frozenset(columns[1:4]), is_detail=True)


def first_ids(ids: Sequence[str]) -> str:
    """The first SHOWN_IDS of them, and how many more there are."""
    more = f", … {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return ", ".join(ids[:SHOWN_IDS]) + more


def _notices(manifest: RunManifest) -> Section:
    rows = tuple((one.severity, str(one)) for one in manifest.notices)
    return Section("Notices", ("severity", "notice"), rows)


def _categories(table: Table, scores: Sequence[Score]) -> Section:
    """Pass rate over samples, eff@1 over tasks, by the tasks' category."""
    eff = next((one for one in scores if one.metric == "eff_at_k" and one.parameters.get("k") == 1), None)
    by_category: dict[str, list[str]] = {}
    for task in table.tasks.values():
        if task.category is not None:
            by_category.setdefault(task.category, []).append(task.id)
    columns = ("category", "tasks", "pass rate") + ((eff.label,) if eff else ())
    rows: list[tuple[str, ...]] = []
    for category, ids in sorted(by_category.items()):
        judged = [verdict.passed for task_id in ids for verdict in table.judged(task_id)[0]]
        row: tuple[str, ...] = (category, str(len(ids)), number(_mean(judged)))
        if eff:
            row += (number(_mean(eff.per_task[task_id] for task_id in ids if task_id in eff.per_task)),)
        rows.append(row)
    return Section("Categories", columns, tuple(rows), frozenset(columns[1:]))


def _ratios(manifest: RunManifest, table: Table) -> Section:
    """Cost of a sample / cost of the reference beside it on its top level, the least certain ones."""
    quantity = str(manifest.config.get("quantity"))
    found = []
    for sample_id in table.measurements:
        own, reference = table.costs(sample_id, quantity)
        task = table.tasks[next(iter(table.measurements[sample_id])).task_id]
        top = task.stress_groups[-1].name if task.stress_groups else ""
        ratio = level_ratio(own[top], reference[top]) if top in own and top in reference else None
        if ratio is not None and ratio.low:
            found.append((ratio, sample_id, own[top].rounds))
    found.sort(key=lambda one: (-one[0].half_width, one[1]))
    rows = tuple(
        (sample_id, number(one.value), f"[{number(one.low)}, {number(one.high)}]", percent(one.half_width), str(rounds))
        for one, sample_id, rounds in found[:SHOWN_RATIOS]
    )
    columns = ("sample", "ratio", "95% interval", "either way", "rounds")
    title = f"{quantity} / the reference's, top level: the least certain {len(rows)} of {len(found)}"
    return Section(title, columns, rows, frozenset(columns[1:]), is_detail=True)


def _imports(manifest: RunManifest, table: Table) -> Section:
    """Work at import beside the calls of the top level, where it weighs most."""
    quantity = str(manifest.config.get("quantity"))
    found = []
    for sample_id in table.measurements:
        own, reference = (list(one.values()) for one in table.costs(sample_id, quantity))
        if own and own[-1].load is not None and own[-1].net_medians:
            calls = max(own[-1].net_medians)
            found.append((own[-1].load, calls, reference[-1].load if reference else None, sample_id, own[-1].unit))
    found.sort(key=lambda one: (-one[0] / one[1], one[3]))
    rows = tuple(
        (sample_id, amount(load, unit), amount(beside, unit), amount(calls, unit))
        for load, calls, beside, sample_id, unit in found[:SHOWN_IMPORTS]
    )
    columns = ("sample", "import", "the reference's", "dearest call")
    title = f"{quantity} of importing the program: the {len(rows)} of {len(found)} where it weighs most"
    return Section(title, columns, rows, frozenset(columns[1:]), is_detail=True)


def amount(reading: float | None, unit: Unit) -> str:
    """A reading in words.

    >>> amount(2_500_000, "ns"), amount(2_500_000, "instructions"), amount(None, "ns")
    ('2.5 ms', '2.5 million', '–')
    """
    if reading is None:
        return ABSENT
    return f"{reading / 1e6:.3g} {'ms' if unit == 'ns' else 'million'}"


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def _failures(table: Table) -> Section:
    failed = [
        table.verdicts[sample.id]
        for of_task in table.samples.values()
        for sample in of_task
        if sample.id in table.verdicts and not table.verdicts[sample.id].passed
    ]
    shown = failed[:SHOWN_FAILURES]
    rows = tuple((one.sample_id, one.status.value, first_line(_reason(one))) for one in shown)
    title = f"Why not passed (first {len(shown)} of {len(failed)})"
    return Section(title, ("sample", "verdict", "reason"), rows, is_detail=True)


def _reason(verdict: Verdict) -> str:
    if verdict.first_failure is not None:
        failure = verdict.first_failure
        return f"{failure.group}[{failure.case}]: {failure.reason}"
    if verdict.status is Status.NO_PROGRAM:
        return "the completion holds no program"
    return "; ".join(verdict.notes) or ABSENT
