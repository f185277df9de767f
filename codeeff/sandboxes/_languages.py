"""The languages programs may be written in: one file each in `sandbox/languages/`."""

import functools
import shutil
import subprocess
from typing import Final

import yaml

from codeeff.core.errors import ConfigError, unknown_name
from codeeff.core.job import Job
from codeeff.core.language import Language
from codeeff.sandboxes._folder import sandbox_folder

BOX_PATH: Final = "/usr/bin:/bin"
"""Where programs are looked for in a box."""


def names() -> list[str]:
    """All languages."""
    return sorted(path.stem for path in (sandbox_folder() / "languages").glob("*.yaml"))


@functools.cache
def language(name: str) -> Language:
    """The language of a name.

    Raises: ConfigError for an unknown name.
    """
    if name not in names():
        raise ConfigError(unknown_name("language", name, names()))
    path = sandbox_folder() / "languages" / f"{name}.yaml"
    return Language.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def informed(job: Job) -> Job:
    """The job with what a box has to know of its programs' languages."""
    found = {one.language: language(one.language) for one in job.subjects if one.entry is None}
    return job.model_copy(update={"languages": found}) if found else job


def version_here(name: str) -> str | None:
    """What this host's own tools say of a language, as the embedded engines' boxes have them; None without them."""
    known = language(name)
    if shutil.which(known.version[0], path=BOX_PATH) is None:
        return None
    said = subprocess.run(
        known.version, capture_output=True, text=True, check=False, timeout=30, env={"PATH": BOX_PATH}
    )
    return (said.stdout or said.stderr).partition("\n")[0].strip()
