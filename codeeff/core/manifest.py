"""RunManifest: everything that decides whether two runs may be compared."""

from typing import Literal

from pydantic import Field, JsonValue

from codeeff.core.measurement import Quantity
from codeeff.core.notice import Notice
from codeeff.core.record import Record
from codeeff.core.serving import Serving

SCHEMA_VERSION = 1


class HostInfo(Record):
    """The machine a run was made on."""

    cpu_model: str
    """As the kernel names it."""
    cores: int
    """Cores this process may use."""
    memory_bytes: int
    """Physical memory."""
    kernel: str
    """Kernel release."""
    python: str
    """The interpreter's version; the embedded engines run programs with it."""


class HubData(Record):
    """A data set that was loaded from the Hugging Face hub."""

    id: str
    """Its name there."""
    split: str
    """Which of its splits."""
    revision: str
    """The commit that was resolved."""
    content_digest: str
    """SHA-256 of the rows as JSON: a new commit need not change them."""


class RunManifest(Record):
    """What a run was made of."""

    schema_version: int = SCHEMA_VERSION
    """Of the run folder's records."""
    run_id: str
    """benchmark, model and config digest."""
    created_at: str
    """UTC, ISO 8601."""
    status: Literal["running", "interrupted", "generated", "finished"]
    """interrupted and running runs can be resumed."""
    codeeff_version: str
    """The package's version."""
    config: dict[str, JsonValue]
    """The run's configuration as resolved."""
    config_digest: str
    """Its digest: names the run."""
    benchmark_digest: str
    """The digest of all its tasks, in order."""
    tasks: int
    """How many tasks were asked."""
    source_digest: str | None = None
    """SHA-256 of the file the samples were read from; None where a model was asked."""
    hub_data: tuple[HubData, ...] = ()
    """What they were read from on the hub; empty where a file or a folder was."""
    host: HostInfo
    """The machine."""
    sandbox: str
    """Engine, its version and how it isolates."""
    meters: tuple[str, ...]
    """Meter, version and policy of each."""
    notices: tuple[Notice, ...] = ()
    """What a reader has to know."""
    wall_s: dict[str, float] = Field(default={})
    """Wall seconds by stage, over all sessions of the run."""
    served: tuple[Serving, ...] = ()
    """The sessions in which codeeff ran the model itself; empty where an endpoint or a file was asked."""
    noise: dict[Quantity, float] | None = None
    """The noise floor of each quantity on this host with this engine, relative, by `codeeff doctor --measure`; None
    when it had not been measured."""
    noise_measured_at: str | None = None
    """When it was measured: UTC, ISO 8601."""
