from typing import Any

import pytest
from builders import make_config, make_manifest, make_score
from pydantic import JsonValue

from codeeff.core.errors import ConfigError
from codeeff.core.manifest import HostInfo
from codeeff.core.score import Score
from codeeff.pipeline.compare import FREE_KEYS, RunView, compare
from codeeff.reports._comparison import render


def view(per_task: dict[str, float] | None = None, *scores: Score, **config: Any) -> RunView:
    manifest = make_manifest(make_config(**config))
    return RunView(manifest, [*([make_score(per_task)] if per_task is not None else []), *scores])


def ratio_score(per_task: dict[str, float]) -> Score:
    return make_score(per_task, metric="speedup", label="speedup (cpu_time)", parameters={"mean": "geometric"})


def by_task(*values: float) -> dict[str, float]:
    return {f"demo/{at}": value for at, value in enumerate(values)}


def test_differing_keys_are_all_named_with_both_values() -> None:
    first = RunView(make_manifest(make_config(alpha=2.0)), [])
    host = HostInfo(cpu_model="Other CPU", cores=2, memory_bytes=1, kernel="6.1", python="3.11.7")
    other = make_manifest(
        make_config(alpha=3.0, sandbox="docker"),
        benchmark_digest="f" * 16,
        host=host,
        meters=("cpu_time 2",),
        sandbox="docker 7",
        schema_version=2,
    )
    with pytest.raises(ConfigError) as caught:
        compare(first, RunView(other, []))
    named = [line.strip().split(":")[0] for line in str(caught.value).splitlines() if line.startswith("  ")]
    assert named == [
        "benchmark_digest",
        "config.alpha",
        "config.sandbox",
        "host.cpu_model",
        "meters",
        "sandbox",
        "schema_version",
    ]
    assert "host.cpu_model: Demo CPU | Other CPU" in str(caught.value)
    assert "config.alpha: 2.0 | 3.0" in str(caught.value)


def test_what_is_compared_and_how_fast_it_ran_may_differ() -> None:
    free = {
        "model": "openai_chat:other",
        "out": "elsewhere",
        "n": 5,
        "temperature": 0.8,
        "max_tokens": 9,
        "seed": 1,
        "prompt": "efficient",
        "base_url": "http://localhost",
        "concurrency": 1,
        "max_retries": 1,
        "request_timeout_s": 1.0,
        "workers": 1,
        "data": "elsewhere.jsonl",
        "i_trust_this_code": True,
        "k": [1, 2],
        "metrics": ["pass_at_k"],
        "resamples": 200,
        "prices": "prices.yaml",
        "strategy": "best_of_n",
        "rounds": 2,
        "paper_rule": True,
        "budget_of": "elsewhere",
        "budget_s": 1.0,
        "budget_tokens": 1,
        "budget_usd": 1.0,
        "corpus": "corpus.jsonl",
        "samples_per_request": 2,
        "batch_api": True,
        "stop": ["END"],
        "tensor_parallel": 2,
        "top_p": 0.9,
        "tau": [0.8],
    }
    assert free.keys() == FREE_KEYS
    assert compare(view(by_task(1.0)), view(by_task(1.0), **free)).metrics[0].change == 0.0


def test_only_common_tasks_are_compared() -> None:
    first = view({"demo/0": 0.0, "demo/1": 0.5, "demo/2": 0.0})
    second = view({"demo/0": 0.5, "demo/1": 1.0, "demo/9": 0.0})
    (found,) = compare(first, second).metrics
    assert (found.tasks, found.first, found.second, found.change) == (2, 0.25, 0.75, 0.5)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (0.5, 0.5)
    assert found.better == "second"


def test_pairing_sees_a_small_steady_difference_between_hard_and_easy_tasks() -> None:
    hard_and_easy = [at / 20 for at in range(20)]
    first = view(by_task(*hard_and_easy))
    second = view(by_task(*(value - 0.01 for value in hard_and_easy)))
    assert compare(first, second).metrics[0].better == "first"


def test_interval_that_holds_no_change_is_a_tie() -> None:
    first, second = by_task(0.0, 1.0, 0.0, 1.0), by_task(1.0, 0.0, 0.0, 1.0)
    assert compare(view(first), view(second)).metrics[0].better == "tie"
    assert compare(view(first), view(first)).metrics[0].better == "tie"


def test_lower_is_better_turns_the_answer() -> None:
    first, second = (view(None, make_score(by_task(*one), higher_is_better=False)) for one in ((2, 2), (1, 1)))
    assert compare(first, second).metrics[0].better == "second"
    assert compare(second, first).metrics[0].better == "first"


def test_ratios_are_compared_by_ratio() -> None:
    (found,) = compare(view(None, ratio_score(by_task(1.0, 4.0))), view(None, ratio_score(by_task(2.0, 8.0)))).metrics
    assert found.first == pytest.approx(2.0)
    assert found.second == pytest.approx(4.0)
    assert found.change == pytest.approx(2.0)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(2.0)
    assert (found.is_ratio, found.better) == (True, "second")


@pytest.mark.parametrize(("per_task", "change"), [(by_task(1.0), 1.0), ({"demo/7": 1.0}, None), ({}, None)])
def test_too_few_common_tasks_decide_nothing(per_task: dict[str, float], change: float | None) -> None:
    (found,) = compare(view(by_task(0.0)), view(per_task)).metrics
    assert found.change == change
    assert (found.interval, found.better) == (None, None)


def test_metrics_of_one_run_only_are_left_out() -> None:
    first = view(by_task(1.0), make_score({}, label="pass@10"))
    assert [one.label for one in compare(first, view(by_task(1.0), ratio_score({}))).metrics] == ["pass@1"]


def test_rendered_as_a_table() -> None:
    lost = make_score(by_task(0.0, 0.0), label="pass@10", tasks_unscored={"harness error": ("demo/5",)})
    first = view(by_task(0.0, 0.0), ratio_score(by_task(1.0, 1.0)), lost)
    second = view(by_task(0.5, 0.5), ratio_score(by_task(2.0, 2.0)), lost)
    text = render(compare(first, second))
    assert "| pass@1 | 2 | 0.000 | 0.500 | +0.500 | \\[0.500, 0.500\\] | second |" in text
    assert "| speedup (cpu_time) | 2 | 1.000 | 2.000 | ×2.000 |" in text
    assert "| pass@10 (!) | 2 | 0.000 | 0.000 | +0.000 | \\[0.000, 0.000\\] | tie |" in text
    assert "(!) Harness errors" in text
    assert "no metric in common" in render(compare(view(), view()))


def test_rendered_text_has_no_control_characters() -> None:
    evil = "\x1b[2J\x07\udc80"
    views = [RunView(make_manifest(run_id=evil + name), [make_score(by_task(0.5), label=evil)]) for name in ("a", "b")]
    text = render(compare(*views))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "x1b" in text


def speedups(smallest: float, *values: float) -> RunView:
    parameters: dict[str, JsonValue] = {"mean": "geometric", "smallest_difference": smallest}
    return view(None, make_score(by_task(*values), metric="speedup", label="speedup", parameters=parameters))


def test_tasks_within_the_smallest_difference_are_ties_and_no_wins() -> None:
    (found,) = compare(speedups(0.01, 1.0, 1.0, 1.0, 1.0), speedups(0.05, 1.04, 0.97, 1.2, 0.7)).metrics
    assert found.smallest_difference == 0.05
    assert (found.tasks_first, found.tied, found.tasks_second) == (1, ("demo/0", "demo/1"), 1)
    assert found.tasks_first + len(found.tied) + found.tasks_second == found.tasks


def test_steady_change_within_the_smallest_difference_is_a_tie() -> None:
    (found,) = compare(speedups(0.05, 1.0, 2.0, 3.0), speedups(0.05, 1.03, 2.06, 3.09)).metrics
    assert found.interval is not None and found.interval.low > 1
    assert found.better == "tie"
    (found,) = compare(speedups(0.01, 1.0, 2.0, 3.0), speedups(0.01, 1.03, 2.06, 3.09)).metrics
    assert (found.better, found.tasks_second) == ("second", 3)


def test_differences_of_eff_are_held_against_it_too() -> None:
    first, second = (
        view(None, make_score(by_task(*one), parameters={"smallest_difference": 0.02}))
        for one in ((0.5, 0.5, 0.5), (0.519, 0.53, 0.48))
    )
    (found,) = compare(first, second).metrics
    assert (found.tasks_first, found.tied, found.tasks_second) == (0, ("demo/0", "demo/2"), 1)


def test_without_a_known_noise_only_equal_scores_are_tied() -> None:
    (found,) = compare(view(by_task(0.0, 1.0, 1.0)), view(by_task(0.0, 1.0, 0.99))).metrics
    assert (found.tasks_first, found.tied, found.tasks_second) == (1, ("demo/0", "demo/1"), 0)
    assert found.smallest_difference is None


def test_ties_are_rendered() -> None:
    text = render(compare(speedups(0.05, 1.0, 1.0, 1.0), speedups(0.05, 1.04, 0.97, 1.2)))
    assert "| 0 / 2 / 1 | 0.050 |" in text
    assert "speedup, tied: demo/0, demo/1\n" in text


def test_tasks_that_alone_decide_the_order_are_named() -> None:
    compared = compare(view(by_task(0.5, 0.5, 0.5)), view(by_task(1.0, 0.4, 0.3)))
    assert compared.metrics[0].deciding == ("demo/0",)
    assert "pass@1, another order without one of: demo/0" in render(compared)
    ratios = [view(None, ratio_score(by_task(*one))) for one in ((1.0, 1.0, 1.0), (8.0, 0.5, 0.5))]
    assert compare(*ratios).metrics[0].deciding == ("demo/0",)
    assert compare(view(by_task(0.0, 0.0)), view(by_task(1.0, 1.0))).metrics[0].deciding == ()


def test_a_ratio_of_sums_is_not_paired_by_tasks() -> None:
    score = make_score(by_task(1.0, 2.0), metric="coffe_speedup", parameters={"mean": "ratio of sums"})
    assert compare(view(None, score), view(None, score)).metrics == ()
