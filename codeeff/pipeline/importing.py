"""Turns another harness' result file into a run folder, which any metric can be computed from and compared with.

In: a format's name and a file. Out: a run folder that holds its tasks, too, since nothing of them can be run.
"""

from datetime import UTC, datetime
from pathlib import Path

from codeeff import plugins
from codeeff.config import make_config
from codeeff.core.errors import ConfigError, SampleDataError
from codeeff.core.manifest import HostInfo, RunManifest
from codeeff.core.record import digest_of
from codeeff.importers import Imported, Importer
from codeeff.pipeline import host
from codeeff.pipeline.run import RunResult
from codeeff.pipeline.score import rescore
from codeeff.pipeline.store import Store

UNKNOWN = HostInfo(cpu_model="not recorded", cores=0, memory_bytes=0, kernel="not recorded", python="not recorded")
"""Of the machine the results came from."""


def import_results(name: str, path: Path, out: Path | None) -> RunResult:
    """The file's records in a new run folder, and the scores that they are enough for.

    Raises: PluginError for an unknown format, SampleDataError for a bad file, ConfigError when the folder is taken.
    """
    importer: Importer = plugins.load("importers", name)
    found = importer.read(path)
    if not found.samples:
        raise SampleDataError(f"{path}: it holds no sample. Check that what wrote it had finished.")
    config = make_config(
        {
            "benchmark": found.benchmark,
            "model": f"{name}:{path}",
            "meters": [found.quantity] if found.quantity else [],
            "quantity": found.quantity or "cpu_time",
            "metrics": found.metrics,
            "metric_compat": found.metric_compat,
            "out": out,
        },
        str(path),
    )
    store = Store(config.run_folder)
    if (store.folder / "manifest.json").exists():
        raise ConfigError(f"{store.folder} holds a run already. Give --out another folder.")
    store.lock()
    try:
        _write(store, found)
        store.write_manifest(
            RunManifest(
                run_id=config.run_id,
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                status="finished",
                codeeff_version=host.package_version(),
                config=config.identity(),
                config_digest=config.config_digest,
                benchmark_digest=digest_of([task.content_digest for task in found.tasks]),
                tasks=len(found.tasks),
                host=UNKNOWN,
                sandbox=f"imported from {path}: judged and measured elsewhere",
                meters=tuple(dict.fromkeys(one.meter for one in found.measurements)),
            )
        )
        result = rescore(store.folder, {})
        store.write_scores(result.scores)
        return result
    finally:
        store.unlock()


def _write(store: Store, found: Imported) -> None:
    store.append("tasks", found.tasks)
    store.append("samples", found.samples)
    store.append("verdicts", found.verdicts)
    store.append("measurements", found.measurements)
    store.sync()
