import doctest
import re
from types import ModuleType

import pytest
from builders import make_config, make_manifest, make_measurement, make_sample, make_score, make_task, make_verdict

from codeeff.core.notice import Notice
from codeeff.core.score import Interval
from codeeff.core.table import Table
from codeeff.core.verdict import Status
from codeeff.reports import _markdown_table, _sections, _text
from codeeff.reports.markdown import PLUGIN
from codeeff.reports.terminal import PLUGIN as TERMINAL


def rendered(reason: str = "AssertionError: 1 != 2") -> str:
    verdict = make_verdict(status=Status.WRONG_ANSWER, reason=reason)
    table = Table.join([make_task()], [make_sample()], [verdict], [])
    scores = [make_score({"demo/0": 0.0}, interval=Interval(low=0.0, high=0.5))]
    return PLUGIN.render(make_manifest(), table, scores)


def test_sections_are_headed_and_the_long_ones_folded() -> None:
    text = rendered()
    assert text.startswith(f"# codeeff: {make_config().run_id}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Run", "Scores", "Verdicts", "Spending"]
    assert re.findall(r"<summary>(.+)</summary>", text) == ["Parameters", "Why not passed (first 1 of 1)"]
    assert text.count("<details>") == text.count("</details>") == 2


def test_scores_are_a_table_with_numbers_to_the_right() -> None:
    text = rendered()
    assert "| metric | value | 95% interval | better | tasks | unscored | complete |" in text
    assert "| --- | ---: | ---: | --- | ---: | ---: | --- |" in text
    assert "| pass@1 | 0.000 | \\[0.000, 0.500\\] | higher | 1 | 0 | yes |" in text


def test_what_was_judged_in_the_program_s_own_process_is_counted_and_named() -> None:
    verdicts = [make_verdict("demo/0#0"), make_verdict("demo/0#1").model_copy(update={"how": "in_process"})]
    table = Table.join([make_task()], [make_sample(), make_sample(index=1)], verdicts, [])
    assert "| of these judged in_process (demo/0) | 1 | 50.0 |" in PLUGIN.render(make_manifest(), table, [])
    assert "process" not in rendered()


def test_work_at_import_has_a_column_of_its_own() -> None:
    measured = [
        make_measurement("demo/0#0", "level1", [[4_000_000]], load=2_500_000),
        make_measurement("demo/0#0", "level1", [[4_000_000]], "reference:best", load=500_000),
    ]
    table = Table.join([make_task(hardness=(1,))], [make_sample()], [make_verdict()], measured)
    text = PLUGIN.render(make_manifest(), table, [])
    assert "| sample | import | the reference's | dearest call |" in text
    assert "| demo/0#0 | 2.5 ms | 0.5 ms | 4 ms |" in text


def test_every_row_of_a_table_has_the_columns_of_its_head() -> None:
    for block in rendered("list[int] | None").split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 1


def test_model_text_cannot_become_markup() -> None:
    text = rendered("<script> ![x](http://a) `a|b` __init__ a_b & \\")
    expected = r"&lt;script&gt; !\[x\](http://a) \`a\|b\` \_\_init\_\_ a_b &amp; \\ |"
    assert expected in text


def test_control_characters_are_written_out_wherever_they_stand() -> None:
    evil = "\x1b[2J\x07\udc80\r\u202e"
    scores = [make_score({"demo/0": 0.0}, label=evil, tasks_unscored={evil: (evil,)})]
    verdict = make_verdict(status=Status.WRONG_ANSWER, reason=evil)
    task = make_task(category=evil)
    table = Table.join([task], [make_sample()], [verdict], [])
    notice = Notice(code="a", severity="warning", seen=evil, effect=evil, remedy=evil)
    manifest = make_manifest(run_id=evil, sandbox=evil, notices=(notice,))
    eff = make_score({"demo/0": 0.0}, metric="eff_at_k", label=evil)
    for text in (PLUGIN.render(manifest, table, [*scores, eff]), TERMINAL.render(manifest, table, [*scores, eff])):
        assert all(char.isprintable() or char == "\n" for char in text)
        assert "x1b" in text


@pytest.mark.parametrize("module", [_markdown_table, _sections, _text])
def test_examples(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
