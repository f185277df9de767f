"""The docker engine's image: named after the files it is built from, so that a stale one is never used."""

import fcntl
import io
import sys
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from codeeff.config import cache_home
from codeeff.core.errors import SandboxUnavailable
from codeeff.core.job import Job
from codeeff.sandboxes._folder import sandbox_folder
from codeeff.sandboxes._languages import language, names

NAME: Final = "codeeff-sandbox"
SMALL: Final = frozenset({"python3", "gcc", "g++", "libc6-dev"})
"""Debian's packages of languages in every image; the large one has those of all other languages, too."""
LOCAL_BASE: Final = "codeeff-base:bookworm"
"""Used as the base where it exists; sandbox/base.sh makes it without any image registry."""


def image_tag(*, has_languages: bool = False) -> str:
    """The tag of the image that belongs to this version of `sandbox/`, or of the large one with all languages."""
    digest = sha256()
    for name, content in _context():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    if has_languages:
        digest.update(" ".join(_packages()).encode())
    return f"{NAME}:{'languages-' if has_languages else ''}{digest.hexdigest()[:12]}"


def needs_languages(job: Job) -> bool:
    """Whether a job has programs in a language that the small image lacks."""
    used = [language(one.language).packages for one in job.subjects if one.entry is None]
    return any(not SMALL.issuperset(packages) for packages in used)


def _packages() -> list[str]:
    """What the large image holds besides."""
    return sorted({one for name in names() for one in language(name).packages} - SMALL)


def ensure(client: Any, base: str | None = None, *, has_languages: bool = False) -> Any:
    """The image, built first where the engine does not have it; only one process of this user builds at a time.

    has_languages: whether the large image is meant.
    base: the image to build on; None: the local base where there is one, else the one the Dockerfile pins.
    Raises: SandboxUnavailable with the end of the build's output.
    """
    import docker.errors

    tag = image_tag(has_languages=has_languages)
    folder = cache_home()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "image.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return client.images.get(tag)
        except docker.errors.ImageNotFound:
            arguments = {"PACKAGES": " ".join(_packages())} if has_languages else {}
            found = base or _local_base(client)
            _build(client, tag, arguments if found is None else arguments | {"BASE": found})
            return client.images.get(tag)


def _build(client: Any, tag: str, arguments: dict[str, str]) -> None:
    tqdm.write(f"Building the sandbox image {tag}, once; this takes some minutes.", file=sys.stderr)
    said: list[str] = []
    answers = client.api.build(
        fileobj=io.BytesIO(_tar()),
        custom_context=True,
        tag=tag,
        buildargs=arguments,
        network_mode="host",
        rm=True,
        forcerm=True,
        decode=True,
    )
    for answer in answers:
        text = str(answer.get("stream") or answer.get("error") or "").strip()
        if text.startswith("Step "):
            tqdm.write(f"  {text.splitlines()[0][:110]}", file=sys.stderr)
        if text:
            said.append(text)
        if "error" in answer:
            raise SandboxUnavailable(
                f"The sandbox image could not be built: {' … '.join(said[-4:])[-600:]}\nWhere no registry of images is"
                f" in reach, `sudo sandbox/base.sh` makes the base {LOCAL_BASE} with debootstrap; any image with Debian"
                " bookworm will do: `codeeff sandbox build --base IMAGE`. Or use another engine: --sandbox bubblewrap."
            )


def _local_base(client: Any) -> str | None:
    return LOCAL_BASE if client.images.list(name=LOCAL_BASE) else None


def _context() -> list[tuple[str, bytes]]:
    """What the image is built from: names and contents, sorted."""
    folder = sandbox_folder()
    paths = [folder / "Dockerfile", *(folder / "runner").iterdir(), *(folder / "insn_counter").iterdir()]
    paths = [path for path in paths if path.name == "Dockerfile" or path.suffix in (".py", ".json", ".c")]
    return sorted((str(path.relative_to(folder)), path.read_bytes()) for path in paths)


def _tar() -> bytes:
    """The build context, the same bytes for the same files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in _context():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def seccomp_path() -> Path:
    """The containers' system-call profile."""
    return sandbox_folder() / "seccomp.json"
