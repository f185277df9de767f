"""RunConfig: what names a run, and what is said about a key or value that makes no sense."""

from pathlib import Path
from typing import Any

import pytest

from codeeff import config
from codeeff.config import RunConfig, make_config, read_config
from codeeff.core.errors import ConfigError

PLAIN: dict[str, Any] = {"benchmark": "core", "model": "reference:best"}


def refused(values: dict[str, Any], origin: str = "flags") -> str:
    with pytest.raises(ConfigError) as caught:
        make_config(values, origin)
    return str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"), [("out", "elsewhere"), ("workers", 3), ("concurrency", 1), ("tensor_parallel", 2)]
)
def test_where_and_how_fast_is_no_part_of_the_digest(key: str, value: Any) -> None:
    plain, placed = make_config(PLAIN, "flags"), make_config(PLAIN | {key: value}, "flags")
    assert plain != placed
    assert plain.config_digest == placed.config_digest
    assert plain.run_id == placed.run_id
    assert key not in placed.identity()


def test_the_counter_counts_only_where_instructions_do() -> None:
    counting = PLAIN | {"meters": ["instructions"]}
    digests = [make_config(counting | {"counter": one}, "flags").config_digest for one in ("hardware", "emulated")]
    assert len(set(digests)) == 2
    assert make_config(PLAIN | {"counter": "hardware"}, "flags").run_id == make_config(PLAIN, "flags").run_id
    assert "counter = 'abacus'" in refused(PLAIN | {"counter": "abacus"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("benchmark", "enamel"),
        ("model", "reference:worst"),
        ("data", "elsewhere"),
        ("tasks", ["a"]),
        ("subset", "algo"),
        ("limit", 3),
        ("compat", "enamel_published"),
        ("n", 2),
        ("temperature", 0.8),
        ("top_p", 0.95),
        ("stop", ["\n\n"]),
        ("max_tokens", 5),
        ("seed", 1),
        ("prompt", "efficient"),
        ("sandbox", "fake"),
        ("meters", ["cpu_time"]),
        ("repetitions", 1),
        ("metrics", ["pass_at_k"]),
        ("k", [1]),
        ("quantity", "wall_time"),
        ("alpha", 3.0),
        ("hardness", [1, 1, 1]),
        ("resamples", 100),
        ("tau", [0.8]),
        ("prices", "prices.yaml"),
        ("cpu_hour_usd", 0.05),
    ],
)
def test_what_decides_the_records_changes_the_digest(key: str, value: Any) -> None:
    assert make_config(PLAIN | {key: value}, "flags").config_digest != make_config(PLAIN, "flags").config_digest


def test_the_order_of_keys_does_not_matter() -> None:
    values = PLAIN | {"n": 3, "seed": 4}
    backwards = dict(reversed(values.items()))
    assert make_config(values, "flags").config_digest == make_config(backwards, "flags").config_digest


def test_a_default_written_out_is_the_default() -> None:
    assert make_config(PLAIN | {"n": 1, "k": [1, 10, 100]}, "flags").config_digest == (
        make_config(PLAIN, "flags").config_digest
    )


def test_keys_that_runs_did_not_always_have_leave_their_names_alone() -> None:
    assert not {"metric_compat", "tau", "prices", "cpu_hour_usd"} & make_config(PLAIN, "flags").identity().keys()


def test_a_run_is_named_by_benchmark_model_and_digest() -> None:
    found = make_config(PLAIN | {"model": "replay:some/dir/my samples (2).jsonl"}, "flags")
    assert found.run_id == f"core-replay-my-samples-2-{found.config_digest[:8]}"
    assert found.run_folder == Path("results") / "runs" / found.run_id
    assert make_config(PLAIN | {"out": "here"}, "flags").run_folder == Path("here")


@pytest.mark.parametrize("model", ["openai_chat:org/model:free", "openai_chat:../../etc", "replay:/a/..", "replay:"])
def test_a_run_id_is_one_folder_name_whatever_the_model_is(model: str) -> None:
    run_id = make_config(PLAIN | {"model": model}, "flags").run_id
    assert "/" not in run_id
    assert run_id.startswith("core-")


def test_a_model_is_split_at_its_first_colon() -> None:
    found = make_config(PLAIN | {"model": "openai_chat:org/model:free"}, "flags")
    assert (found.source, found.source_argument) == ("openai_chat", "org/model:free")


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("vllm:Qwen/Qwen3-8B", "vllm:Qwen/Qwen3-8B"),
        ("openai:gpt-4o", "openai_chat:gpt-4o"),
        ("openai_chat:gpt-4o", "openai_chat:gpt-4o"),
        ("openai:hf:org/model", "openai_chat:hf:org/model"),
        ("hf:models/small.gguf", "transformers:models/small.gguf"),
        ("models/small.GGUF", "transformers:models/small.GGUF"),
        ("gpt-4o", "openai_chat:gpt-4o"),
        ("o3", "openai_chat:o3"),
        ("o4-mini", "openai_chat:o4-mini"),
        ("some/dir/samples.jsonl", "replay:some/dir/samples.jsonl"),
        ("some/gpt-4o.jsonl.gz", "replay:some/gpt-4o.jsonl.gz"),
        ("script.yaml", "scripted:script.yaml"),
    ],
)
def test_a_model_in_short_is_kept_in_full(given: str, full: str) -> None:
    assert make_config(PLAIN | {"model": given}, "flags").model == full


@pytest.mark.parametrize("model", ["Qwen/Qwen3-8B", "openai/gpt-oss-20b", "./here"])
def test_a_model_that_several_sources_could_have_is_refused_with_every_spelling(model: str) -> None:
    message = refused(PLAIN | {"model": model})
    for spelling in (f"vllm:{model} ", f"hf:{model} ", f"openai:{model} "):
        assert spelling in message


@pytest.mark.parametrize("model", ["", "best", "gpt2", "gpt-oss:20b", "o", "omni"])
def test_a_model_that_looks_like_nothing_known_is_not_guessed(model: str) -> None:
    assert "write SOURCE:NAME" in refused(PLAIN | {"model": model})


def test_flags_lie_over_the_file_and_absent_ones_do_not(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("benchmark: core\nmodel: reference:best\nn: 4\nk: [1, 2]\n", encoding="utf-8")
    found = read_config(path, {"n": 7, "seed": None, "model": "reference:worst"})
    assert (found.n, found.seed, found.model, found.k) == (7, 0, "reference:worst", (1, 2))


def test_flags_alone_are_enough_and_an_empty_file_adds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("# nothing\n", encoding="utf-8")
    assert read_config(None, PLAIN) == read_config(path, PLAIN) == make_config(PLAIN, "flags")


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("n", 0, "greater than or equal to 1"),
        ("n", "many", "valid integer"),
        ("limit", 0, "greater than or equal to 1"),
        ("temperature", -0.5, "greater than or equal to 0"),
        ("temperature", float("nan"), "finite"),
        ("top_p", 0.0, "greater than 0"),
        ("top_p", 1.5, "less than or equal to 1"),
        ("tensor_parallel", 0, "greater than or equal to 1"),
        ("alpha", 1, "greater than 1"),
        ("quantity", "cpu", "'cpu_time', 'wall_time', 'peak_memory'"),
        ("resamples", 1, "greater than or equal to 100"),
        ("request_timeout_s", 0, "greater than 0"),
        ("max_retries", -1, "greater than or equal to 0"),
        ("workers", -1, "greater than or equal to 0"),
        ("i_trust_this_code", "maybe", "valid boolean"),
        ("model", "reference", "SOURCE:NAME"),
        ("model", "Reference:best", "SOURCE:NAME"),
    ],
)
def test_a_bad_value_is_named_with_origin_key_value_and_what_is_allowed(key: str, value: Any, why: str) -> None:
    message = refused(PLAIN | {key: value}, "my.yaml")
    assert message.startswith(f"my.yaml: {key} = {value!r}: ")
    assert why in message


def test_a_bad_item_is_named_by_its_place_in_the_list() -> None:
    assert refused(PLAIN | {"meters": ["cpu_time", "joules"]}).startswith("flags: meters.1 = 'joules': ")


def test_a_long_value_is_cut() -> None:
    assert len(refused(PLAIN | {"n": "x" * 10_000})) < 300


@pytest.mark.parametrize("missing", ["benchmark", "model"])
def test_a_missing_key_says_both_ways_to_give_it(missing: str) -> None:
    message = refused({key: value for key, value in PLAIN.items() if key != missing})
    assert message == f"flags: {missing!r} is missing. Give --{missing} or put `{missing}:` into the YAML file."


def test_an_unknown_key_gets_a_guess_and_the_list() -> None:
    message = refused(PLAIN | {"temprature": 1}, "my.yaml")
    assert message.startswith("my.yaml: Unknown key 'temprature'. Did you mean 'temperature'? Known: ")
    for known in RunConfig.model_fields:
        assert known in message


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"benchmark: [core", "not a readable YAML file"),
        (b"\xff\xfe\x00", "not a readable YAML file"),
        (b"- core\n- reference:best\n", "a mapping of keys, this is a list"),
        (b"just words\n", "a mapping of keys, this is a str"),
        (b"5\n", "a mapping of keys, this is a int"),
        (b"benchmark: !!python/object/apply:os.getcwd []\n", "not a readable YAML file"),
    ],
)
def test_a_file_that_is_no_mapping_in_yaml_is_refused_by_name(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_config(path, PLAIN)
    assert str(caught.value).startswith(f"{path}: ")
    assert complaint in str(caught.value)


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_refused_with_what_to_give(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"not a readable YAML file.*Give --config"):
        read_config(tmp_path / name, PLAIN)


@pytest.mark.parametrize("content", ["1: core\n", "null: core\n"])
def test_a_key_that_is_no_text_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"run.yaml: "):
        read_config(path, PLAIN)


def test_an_empty_stop_would_end_every_completion() -> None:
    assert "stop.0 = ''" in refused(PLAIN | {"stop": [""]})


@pytest.mark.parametrize("k", [[0], [-1], [1, 0]])
def test_k_below_one_is_refused(k: list[int]) -> None:
    assert "k" in refused(PLAIN | {"k": k})


def test_a_configuration_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match="frozen"):
        make_config(PLAIN, "flags").n = 3  # type: ignore[misc]


def test_the_environment_gives_places_address_and_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = make_config(PLAIN, "flags")
    for name in ("CODEEFF_DATA", "CODEEFF_CACHE", "XDG_CACHE_HOME", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert (config.data_home(), config.api_key(), config.base_url(found)) == (None, None, None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert config.cache_home() == tmp_path / "codeeff"
    monkeypatch.setenv("CODEEFF_CACHE", str(tmp_path / "own"))
    assert config.cache_home() == tmp_path / "own"
    monkeypatch.setenv("CODEEFF_DATA", str(tmp_path))
    monkeypatch.setenv("OPENAI_BASE_URL", "http://there/v1")
    assert config.data_home() == tmp_path
    assert config.base_url(found) == "http://there/v1"
    assert config.base_url(make_config(PLAIN | {"base_url": "http://here/v1"}, "flags")) == "http://here/v1"


def test_the_key_is_never_part_of_what_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    assert config.api_key() == "sk-very-secret"
    assert "sk-very-secret" not in make_config(PLAIN, "flags").model_dump_json()
