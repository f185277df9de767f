"""Languages are data: what is in their files, who is told of them, and which image they need."""

import re

import pytest
from boxes import make_job

from codeeff.core.errors import ConfigError
from codeeff.sandboxes import _languages
from codeeff.sandboxes._image import image_tag, needs_languages
from codeeff.sandboxes._languages import informed, language, names, version_here


def test_every_language_has_a_file() -> None:
    assert names() == ["c", "cpp", "cpp_20", "cpp_o3", "go", "java", "javascript", "python", "ruby", "rust"]


@pytest.mark.parametrize("name", names())
def test_what_is_compiled_is_run_and_the_other_way_round(name: str) -> None:
    found = language(name)
    assert (found.run is None) is (found.compile == ())
    assert found.run is None or any("program" in word for word in (*found.run, *found.compile))
    assert "hello" in found.hello
    assert "hello" not in found.empty


def test_an_unknown_language_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=re.escape("Unknown language 'pyton'. Did you mean 'python'?")):
        language("pyton")


def test_a_box_is_told_of_the_languages_of_programs_only() -> None:
    function, program = make_job("", entry="f"), make_job("", entry=None, language="c")
    assert informed(function) is function
    assert informed(program).languages == {"c": language("c")}


@pytest.mark.parametrize(
    ("entry", "name", "needed"),
    [("f", "python", False), (None, "python", False), (None, "cpp", False), (None, "java", True), (None, "ruby", True)],
)
def test_the_large_image_is_for_languages_that_the_small_one_lacks(entry: str | None, name: str, needed: bool) -> None:
    assert needs_languages(make_job("", entry=entry, language=name)) is needed
    assert image_tag(has_languages=True) != image_tag()


def test_a_host_without_the_tools_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_languages, "BOX_PATH", "/nowhere")
    assert version_here("c") is None
