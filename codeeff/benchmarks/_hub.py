"""Data sets on the Hugging Face hub: their rows, which revision they were, and whether they are still the same.

No revision is pinned unless a loader names one; what was resolved, and a digest of the rows, go to whoever watches.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Final

from codeeff import config
from codeeff.core.errors import TaskDataError
from codeeff.core.files import add_to_mapping, read_mapping
from codeeff.core.manifest import HubData
from codeeff.core.notice import Notice

MEMORY: Final = "hub.json"
"""In the cache folder: what each data set was when it was last loaded."""
_watching: ContextVar[list[HubData] | None] = ContextVar("_watching", default=None)


def hub_rows(hub_id: str, split: str, revision: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a data set on the Hugging Face hub.

    revision: a commit, branch or tag; None: the newest.
    Raises: TaskDataError when it cannot be had, with the offline ways.
    """
    try:
        import datasets

        builder = datasets.load_dataset_builder(hub_id, revision=revision)
        builder.download_and_prepare()
        rows = builder.as_dataset(split=split)
    except Exception as error:  # the client raises a dozen unrelated types
        raise TaskDataError(
            f"{hub_id} cannot be loaded from the hub: {type(error).__name__}: {str(error)[:200]}."
            " Offline, give --data PATH or set CODEEFF_DATA to a folder that holds the benchmark's files."
        ) from None
    content = hashlib.sha256()
    for number, row in enumerate(rows, 1):
        content.update(json.dumps(row, sort_keys=True, default=repr).encode() + b"\n")
        yield f"{hub_id}, row {number}", dict(row)
    watching = _watching.get()
    if watching is not None:
        digest = content.hexdigest()
        watching.append(HubData(id=hub_id, split=split, revision=builder.hash, content_digest=digest))


@contextlib.contextmanager
def watched() -> Iterator[list[HubData]]:
    """Gathers what is loaded from the hub within."""
    found: list[HubData] = []
    token = _watching.set(found)
    try:
        yield found
    finally:
        _watching.reset(token)


def remember(found: HubData) -> Notice | None:
    """Keep what a data set is now; a warning where it holds something else than when it was last loaded here."""
    path, name = config.cache_home() / MEMORY, f"{found.id}, {found.split}"
    before = read_mapping(path).get(name)
    now = {"revision": found.revision, "digest": found.content_digest}
    if before != now:
        add_to_mapping(path, {name: now})
    if before is None or before["digest"] == found.content_digest:
        return None
    return Notice(
        code="hub_data_changed",
        severity="warning",
        seen=f"{name} on the hub holds other rows than when it was last loaded here: revision {found.revision} instead"
        f" of {before['revision']}.",
        effect="Scores cannot be compared with those on the earlier rows; the manifests tell them apart.",
        remedy="Rerun the earlier models, or give --data a file of the earlier rows.",
    )
