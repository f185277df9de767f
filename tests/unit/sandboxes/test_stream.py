"""A stream to a process of this machine ends once."""

from pathlib import Path

from codeeff.sandboxes._stream import ProcessStream


def test_only_the_first_close_removes_the_boxs_folder(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    stream = ProcessStream(["/bin/sh", "-c", "echo said >&2"], folder)
    assert stream.close() == "said"
    assert not folder.exists()
    folder.mkdir()
    assert stream.close() == ""
    assert folder.exists()
