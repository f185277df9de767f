"""A run folder: a manifest and append-only JSONL records, durable before anything depends on them.

A torn last line, the trace of a crash, is dropped when the folder is opened again. One process at a time holds it.
"""

import fcntl
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from codeeff.core.errors import RecordError
from codeeff.core.manifest import SCHEMA_VERSION, RunManifest
from codeeff.core.record import Record
from codeeff.core.score import Score

R = TypeVar("R", bound=Record)
SYNC_S = 0.5


class Store:
    """One run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: int | None = None
        self._unsynced: set[str] = set()
        self._writing = threading.Lock()
        self._synced_at = 0.0

    def lock(self) -> None:
        """Make the folder and hold it; its own .gitignore keeps runs out of commits.

        Raises: RecordError when another process holds it or it cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RecordError(f"{self.folder} is in use by another codeeff process. Wait for it or end it.") from None
        except OSError as error:
            raise RecordError(f"{self.folder} cannot be written: {error}. Give --out a folder that can.") from None

    def unlock(self) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def has_records(self) -> bool:
        """Whether a run has stored anything here, calls of a model included."""
        return any(self.path(name).exists() for name in ("samples", "calls"))

    def path(self, name: str) -> Path:
        """The file of a kind of record."""
        return self.folder / f"{name}.jsonl"

    def append(self, name: str, records: Sequence[Record]) -> None:
        """Write records: one write, so that a killed process leaves all or none; durable after half a second at most.

        `sync` makes them durable now, before anything that depends on them starts. Safe from any thread.
        """
        if not records:
            return
        data = "".join(record.to_line() + "\n" for record in records).encode()
        with self._writing:
            with self.path(name).open("ab", buffering=0) as file:
                file.write(data)
            self._unsynced.add(name)
        if monotonic() - self._synced_at > SYNC_S:
            self.sync()

    def sync(self) -> None:
        """Make everything written durable."""
        with self._writing:
            for name in self._unsynced:
                with self.path(name).open("rb") as file:
                    os.fsync(file.fileno())
            self._unsynced.clear()
            self._synced_at = monotonic()

    def read(self, name: str, kind: type[R], *, repair: bool = False) -> list[R]:
        """All records of a kind; repair: cut a torn last line off the file for good.

        Raises: RecordError naming file and line when a whole line cannot be read.
        """
        path = self.path(name)
        if not path.exists():
            return []
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if repair and len(whole) < len(data):
            with path.open("r+b") as file:
                file.truncate(len(whole))
                os.fsync(file.fileno())
        records = []
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                records.append(kind.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"])) or "the line"
                raise RecordError(
                    f"{path}, line {number}: {field}: {first['msg']}. The file was changed or written by another"
                    " version; delete the run folder and run again."
                ) from None
        return records

    def drop_last(self, name: str, count: int) -> None:
        """Take the last records off a file: an incomplete batch."""
        lines = self.path(name).read_bytes().splitlines(keepends=True)
        self._replace(self.path(name), b"".join(lines[: len(lines) - count]))

    def write_manifest(self, manifest: RunManifest) -> None:
        """Replace the manifest, whole or not at all."""
        self._replace(self.folder / "manifest.json", manifest.model_dump_json(indent=2).encode())

    def read_manifest(self) -> RunManifest | None:
        """The manifest; None when there is none.

        Raises: RecordError when it is damaged or of another schema.
        """
        path = self.folder / "manifest.json"
        if not path.exists():
            return None
        try:
            manifest = RunManifest.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise RecordError(f"{path}: not a run's manifest: {error.errors()[0]['msg']}.") from None
        if manifest.schema_version != SCHEMA_VERSION:
            raise RecordError(f"{path}: schema {manifest.schema_version}, this codeeff reads {SCHEMA_VERSION}.")
        return manifest

    def write_scores(self, scores: Sequence[Score]) -> None:
        """Replace scores.json."""
        self._replace(self.folder / "scores.json", TypeAdapter(list[Score]).dump_json(list(scores), indent=2))

    def read_scores(self) -> list[Score]:
        """The scores; RecordError when the run has none yet."""
        path = self.folder / "scores.json"
        try:
            return TypeAdapter(list[Score]).validate_json(path.read_bytes())
        except OSError:
            raise RecordError(f"{path}: not there: the run is not finished. `codeeff run --resume` goes on.") from None
        except ValidationError as error:
            raise RecordError(f"{path}: not scores: {error.errors()[0]['msg']}.") from None

    def write_text(self, name: str, text: str) -> None:
        """Replace a text file of the folder."""
        self._replace(self.folder / name, text.encode())

    def _replace(self, path: Path, data: bytes) -> None:
        new = path.with_suffix(path.suffix + ".new")
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
