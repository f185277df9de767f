"""Result files of other harnesses: what they say, in our records, and what is wrong with those that say nothing."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from codeeff import plugins
from codeeff.core.errors import CodeeffError, ConfigError, SampleDataError
from codeeff.core.score import Score
from codeeff.pipeline.importing import import_results
from codeeff.pipeline.score import rescore

EVALPLUS = {
    "date": "2024-01-01",
    "eval": {
        "HumanEval/0": [
            {"task_id": "HumanEval/0", "solution": "a", "base_status": "pass", "plus_status": "pass"},
            {"task_id": "HumanEval/0", "solution": "b", "base_status": "pass", "plus_status": "fail"},
        ],
        "HumanEval/1": [
            {"task_id": "HumanEval/1", "solution": "c", "base_status": "timeout", "plus_status": "fail"},
            {"task_id": "HumanEval/1", "solution": "d", "base_status": "pass", "plus_status": None},
        ],
    },
}
EVALPERF = {
    "eval": {
        "HumanEval/9": {
            "results": [
                {"solution": "x", "pass": True, "profiled": True, "_num_cpu_instructions": count}
                for count in [100.0, 60.0, 41.0, 40.0, 9.0] * 2
            ],
            "ref": [
                {"solution": "r", "score": score, "_num_cpu_instructions": count}
                for score, count in ((20.0, None), (50.0, 60.0), (100.0, 40.0))
            ],
        }
    }
}
COFFE = {
    "m_PASSED_SOLUTIONS.json": {"p": [["right", False]], "q": []},
    "m_SOLUTIONS.json": {"p": [["right", False], [-1, False]], "q": [["wrong", True]]},
    "m_STRESSFUL_INSTRUCTION.json": {"p": [[30.0, 40.0]]},
    "verified_groundtruths_stressful_instruction_count.json": {"p": [[50.0, 90.0]], "q": [[1.0, 9999999999999999]]},
}
ENAMEL = {
    "s~r~passes.json": {"0": [True, False], "7": [True]},
    "s~r~elapsed.json": {"0": [[[0.25], [0.5, 1.0]], [[]]], "7": [[[0.25]]]},
}


def written(folder: Path, files: dict[str, Any]) -> Path:
    """The first of the files."""
    for name, content in files.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder / next(iter(files))


def imported(name: str, path: Path, out: Path) -> dict[str, Score]:
    """Scores by metric, at k = 1 where there are several."""
    return {one.metric: one for one in reversed(import_results(name, path, out).scores)}


def test_evalplus_flags_are_verdicts(tmp_path: Path) -> None:
    result = import_results("evalplus", written(tmp_path, {"eval_results.json": EVALPLUS}), tmp_path / "run")
    assert [one.status.value for one in result.table.verdicts.values()] == [
        "passed",
        "wrong_answer",
        "time_limit",
        "passed",
    ]
    assert result.scores[0].per_task == {"humanevalplus/HumanEval/0": 0.5, "humanevalplus/HumanEval/1": 0.5}
    assert result.manifest.sandbox.startswith("imported from ")


def test_evalperf_counts_give_its_scores_again(tmp_path: Path) -> None:
    scores = imported("evalperf", written(tmp_path, {"m_evalperf_results.json": EVALPERF}), tmp_path / "run")
    assert scores["dps"].value == pytest.approx((20 * 0 + 50 + 50 + 100 + 100) / 5)
    assert scores["dps_norm"].value == pytest.approx(100 * (0 + 2 + 2 + 3 + 3) / 3 / 5)


def test_evalperf_s_published_files_give_their_pass_rates_again(data: Path, tmp_path: Path) -> None:
    for path in sorted((data / "evalperf").glob("*.brief.json.gz")):
        published = json.loads(gzip.decompress(path.read_bytes()))["summary"]["pass@1"]
        assert imported("evalperf", path, tmp_path / path.stem)["pass_at_k"].value == pytest.approx(
            published / 100, abs=1e-9
        )


@pytest.mark.parametrize(
    ("name", "passed", "beyond"),
    [("deepseek-coder-6.7b-instruct", 0.6875, 0.5492), ("CodeLlama-7b-Instruct-hf", 0.3672, 0.2798)],
)
def test_mercury_s_stored_evaluations_give_the_published_table(
    data: Path, tmp_path: Path, name: str, passed: float, beyond: float
) -> None:
    scores = imported("mercury", data / "mercury" / f"{name}_eval.json.gz", tmp_path / "run")
    assert scores["pass_at_k"].value == pytest.approx(passed, abs=5e-5)
    assert scores["beyond_at_k"].value == pytest.approx(beyond, abs=5e-5)


def test_mercury_s_old_results_gain_a_metric(data: Path, tmp_path: Path) -> None:
    import_results("mercury", data / "mercury" / "gpt-4-1106-preview_eval.json.gz", tmp_path / "run")
    asked = {"metrics": ("beyond_at_k", "fast_p"), "metric_compat": ("mercury_unclipped",)}
    beyond, *others = rescore(tmp_path / "run", asked).scores
    assert beyond.value == pytest.approx(0.6784, abs=5e-5)
    assert others and all(one.tasks_scored == 256 for one in others)


def test_coffe_s_files_give_efficient_at_1(tmp_path: Path) -> None:
    scores = imported("coffe", written(tmp_path, COFFE), tmp_path / "run")
    assert scores["pass_at_k"].value == 0.25
    assert scores["efficient_at_k"].value == 0.25, "one of two samples of one of two tasks is right, and cheaper"
    assert scores["coffe_speedup"].value == pytest.approx(140 / 70)


def test_coffe_s_failed_count_is_a_cut(tmp_path: Path) -> None:
    failed = COFFE | {"m_STRESSFUL_INSTRUCTION.json": {"p": [[30.0, 9999999999999999]]}}
    assert imported("coffe", written(tmp_path, failed), tmp_path / "run")["efficient_at_k"].value == 0


def test_enamel_s_flags_and_times(tmp_path: Path) -> None:
    result = import_results("enamel", written(tmp_path, ENAMEL), tmp_path / "run")
    assert result.scores[0].value == pytest.approx(0.75)
    whole, cut = (result.table.measurements[f"enamel/HumanEval/{number}#0"][0] for number in (0, 7))
    assert (whole.net_medians, whole.is_cut) == ((0.25e9, 0.5e9, 1e9), False)
    assert (cut.net_medians, cut.is_cut) == ((0.25e9,), True)


def test_bigcode_s_generations_are_samples_nobody_judged(tmp_path: Path) -> None:
    path = written(tmp_path, {"generations_humaneval.json": [["def a(): pass", "def b(): pass"], []]})
    (score,) = import_results("bigcode", path, tmp_path / "run").scores
    assert score.tasks_unscored == {"not judged": ("humaneval/HumanEval/0",), "no sample": ("humaneval/HumanEval/1",)}


BAD = {
    "evalplus": ("eval_results.json", EVALPLUS),
    "evalperf": ("m_evalperf_results.json", EVALPERF),
    "mercury": (
        "m_eval.json",
        {"a": [{"solution": "x", "status": {"result": "passed", "runtime": 1.0}, "runtimes": [1.0]}]},
    ),
    "coffe": ("m_PASSED_SOLUTIONS.json", COFFE["m_PASSED_SOLUTIONS.json"]),
    "enamel": ("s~passes.json", ENAMEL["s~r~passes.json"]),
    "bigcode": ("generations_humaneval.json", [["def a(): pass"]]),
}


def broken(value: Any) -> list[Any]:
    """The value with one thing wrong at a time, wherever something can be."""
    found: list[Any] = [7, -1.0, float("nan"), float("inf"), 1e300]
    if isinstance(value, dict):
        for key in value:
            found += [{**value, key: one} for one in broken(value[key])]
    elif isinstance(value, list) and value:
        found += [[one, *value[1:]] for one in broken(value[0])]
    return found


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_wrong_is_named_with_file_and_place(name: str, tmp_path: Path) -> None:
    file, good = BAD[name]
    texts = [json.dumps(one) for one in broken(good)] + [json.dumps(good)[:-3], "", "null", '{"eval": {}}']
    refused = 0
    for number, text in enumerate(texts):
        try:
            import_results(name, written(tmp_path, {file: text}), tmp_path / f"run{number}")
        except CodeeffError as error:
            refused += 1
            assert isinstance(error, SampleDataError), error
            assert file in str(error) and "\n" not in str(error)
            assert not (tmp_path / f"run{number}").exists(), "nothing is left behind"
    assert refused >= 5


def test_what_cannot_be_read_at_all_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_bytes(gzip.compress(b"{}" * 1000)[:-9])
    (tmp_path / "latin.json").write_bytes("é".encode("latin-1"))
    for path in (tmp_path / "absent.json", tmp_path, tmp_path / "torn.json", tmp_path / "latin.json"):
        with pytest.raises(SampleDataError, match=str(path)):
            import_results("mercury", path, tmp_path / "run")


def test_a_folder_is_imported_into_once(tmp_path: Path) -> None:
    path = written(tmp_path, {"eval_results.json": EVALPLUS})
    import_results("evalplus", path, tmp_path / "run")
    with pytest.raises(ConfigError, match="--out"):
        import_results("evalplus", path, tmp_path / "run")


def test_every_importer_is_tested() -> None:
    assert set(plugins.names("importers")) == set(BAD)
