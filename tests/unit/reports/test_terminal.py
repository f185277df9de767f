from builders import make_config, make_manifest, make_measurement, make_score, make_table, make_task

from codeeff.core.notice import Notice
from codeeff.core.score import Interval
from codeeff.core.table import Table
from codeeff.core.verdict import CaseFailure, Status, Verdict
from codeeff.reports.terminal import PLUGIN, WIDTH

PASSED, WRONG, LOST = Status.PASSED, Status.WRONG_ANSWER, Status.HARNESS_ERROR


def flat(text: str) -> str:
    """With runs of white space joined, so that column widths do not matter."""
    return " ".join(text.split())


def with_reason(table: Table, sample_id: str, reason: str) -> Table:
    failure = CaseFailure(group="base", case=3, reason=reason)
    verdict = Verdict(sample_id=sample_id, task_id="demo/0", status=WRONG, groups={}, first_failure=failure)
    return Table(table.tasks, table.samples, {**table.verdicts, sample_id: verdict}, table.measurements)


def test_header_says_what_the_run_was_made_of() -> None:
    manifest = make_manifest(make_config(compat="enamel_published"))
    text = flat(PLUGIN.render(manifest, make_table({"demo/0": [PASSED, WRONG]}), []))
    for said in (
        "benchmark demo (digest 0123456789abcdef)",
        "model scripted:demo.jsonl",
        "tasks 1",
        "samples 2",
        "sandbox bubblewrap 0.11: namespaces, seccomp",
        "compatibility enamel_published",
        f"configuration {manifest.config_digest}",
        "host Demo CPU, 2 cores",
        "wall seconds judge 1.2, measure 2.5",
    ):
        assert said in text


def test_scores_have_three_decimals_and_say_what_is_missing() -> None:
    scores = [
        make_score(
            {"demo/0": 1 / 3, "demo/1": 1.0},
            interval=Interval(low=1 / 3, high=1.0),
            tasks_unscored={"harness error": ("demo/2",), "harness error on some samples": ("demo/0",)},
        ),
        make_score({}, label="pass@10", tasks_unscored={"no sample": ("a", "b", "c", "d", "e")}),
    ]
    text = flat(PLUGIN.render(make_manifest(), make_table({"demo/0": [PASSED]}), scores))
    assert "pass@1 0.667 [0.333, 1.000] higher 2 1 NO: harness errors" in text
    assert "pass@10 – – higher 0 5 yes" in text
    assert "pass@10 no sample 5 a, b, c, … 2 more" in text
    assert "nan" not in text.lower()


def test_what_may_be_infinite_is_told_by_what_it_is_at_least() -> None:
    scores = [
        make_score({}, label="cost-of-pass USD", parameters={"at_least": 0.0321}),
        make_score({"demo/0": 0.00064}, label="CoEP_1 USD", parameters={"at_least": 0.00042}),
        make_score({"demo/0": 0.5}, label="graded CoEP USD", parameters={"is_lower_bound": True}),
    ]
    text = flat(PLUGIN.render(make_manifest(), make_table({"demo/0": [PASSED]}), scores))
    assert "cost-of-pass USD ≥ 0.032 – higher" in text
    assert "CoEP_1 USD 0.00064 ≥ 0.00042 higher" in text
    assert "graded CoEP USD ≥ 0.500 – higher" in text


def test_verdicts_are_counted_with_those_that_are_missing() -> None:
    table = make_table({"demo/0": [PASSED, PASSED, WRONG, LOST]})
    kept = {key: one for key, one in table.verdicts.items() if key != "demo/0#1"}
    text = flat(PLUGIN.render(make_manifest(), Table(table.tasks, table.samples, kept), []))
    assert "passed 1 25.0 wrong_answer 1 25.0 harness_error 1 25.0 not judged 1 25.0" in text


def test_leverage_of_means_is_shown_and_of_nothing_else() -> None:
    per_task = {f"demo/{at}": 100.0 if at == 7 else 1.0 for at in range(20)}
    scores = [
        make_score(per_task, label="mean"),
        make_score(per_task, label="geometric", parameters={"mean": "geometric"}),
        make_score({}, label="none"),
    ]
    text = flat(PLUGIN.render(make_manifest(), make_table({}), scores))
    leverage = text[text.index("Leverage") :]
    assert "mean 92 % 50 % 4.950 demo/7" in leverage
    assert "geometric" not in leverage and "none" not in leverage


def test_notices_are_shown() -> None:
    notice = Notice(
        code="busy", severity="warning", seen="Load is 7.", effect="Times are high.", remedy="Stop other jobs."
    )
    text = flat(PLUGIN.render(make_manifest(notices=(notice,)), make_table({}), []))
    assert "warning Load is 7. Times are high. Stop other jobs." in text


def test_the_least_certain_ratios_are_shown_with_their_intervals() -> None:
    table = make_table({f"demo/{at}": [PASSED] for at in range(12)}, hardness=(1,))
    for at in range(12):
        own = [100 + at * step for step in range(6)]
        table.measurements[f"demo/{at}#0"] = [  # type: ignore[index]
            make_measurement(f"demo/{at}#0", "level1", [readings], subject, rounds=2)
            for subject, readings in ((None, own), ("reference:best", [50] * 6))
        ]
    text = flat(PLUGIN.render(make_manifest(make_config(quantity="cpu_time")), table, []))
    assert "cpu_time / the reference's, top level: the least certain 10 of 12" in text
    assert "demo/11#0 2.548 [2.000, 3.100] 24 % 2 demo/10#0" in text
    assert "demo/1#0 2" not in text.split("least certain")[1], "it is among the surest"
    assert "least certain" not in PLUGIN.render(make_manifest(), make_table({"demo/0": [PASSED]}), [])


def test_header_shows_the_noise_floor_of_what_was_measured_or_how_to_get_it() -> None:
    known = make_manifest(noise={"cpu_time": 0.0312, "wall_time": 2.5}, noise_measured_at="2026-01-01")
    table = make_table({"demo/0": [PASSED]})
    assert "noise floor cpu_time 3.1 % (a program against itself, measured 2026-01-01)" in flat(
        PLUGIN.render(known, table, [])
    )
    assert "not measured on this host: codeeff doctor --measure" in flat(PLUGIN.render(make_manifest(), table, []))


def test_categories_show_pass_rate_and_eff_at_1() -> None:
    tasks = {
        f"demo/{at}": make_task(f"demo/{at}", category=kind) for at, kind in enumerate(["sorting", "sorting", "graph"])
    }
    plain = make_table({"demo/0": [PASSED, WRONG], "demo/1": [PASSED, PASSED], "demo/2": [LOST]})
    table = Table(tasks, plain.samples, plain.verdicts)
    eff = make_score({"demo/0": 0.25, "demo/1": 0.75}, metric="eff_at_k", label="eff@1 (cpu_time)")
    text = flat(PLUGIN.render(make_manifest(), table, [eff]))
    assert "graph 1 – – sorting 2 0.750 0.500" in text
    assert "Categories" not in PLUGIN.render(make_manifest(), plain, [eff])


def test_why_not_passed_lists_the_first_ten_with_a_one_line_reason() -> None:
    table = with_reason(make_table({"demo/0": [WRONG] * 12}), "demo/0#0", "ValueError: no\nTraceback")
    text = flat(PLUGIN.render(make_manifest(), table, []))
    assert "Why not passed (first 10 of 12)" in text
    assert "demo/0#0 wrong_answer base[3]: ValueError: no" in text
    assert "Traceback" not in text
    assert "demo/0#10" not in text


def test_model_text_reaches_the_terminal_as_plain_text() -> None:
    reason = "[bold]x[/bold] :smile: \x1b[31mred\x07 \udc80"
    text = PLUGIN.render(make_manifest(), with_reason(make_table({"demo/0": [WRONG]}), "demo/0#0", reason), [])
    assert r"[bold]x[/bold] :smile: \x1b[31mred\x07 \udc80" in flat(text)
    assert all(char.isprintable() or char == "\n" for char in text)
    text.encode()


def test_lines_fit_the_width() -> None:
    table = with_reason(make_table({"demo/0": [WRONG]}), "demo/0#0", "x" * 1000)
    text = PLUGIN.render(make_manifest(), table, [make_score({"demo/0": 0.0}, parameters={"long": "y " * 200})])
    assert max(len(line) for line in text.splitlines()) <= WIDTH
