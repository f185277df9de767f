"""Table: a run's records joined by ids, as scorers and reports read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codeeff.core.candidate import Candidate
from codeeff.core.errors import ConfigError
from codeeff.core.measurement import Measurement, Quantity
from codeeff.core.sample import Sample
from codeeff.core.task import Task
from codeeff.core.verdict import Status, Verdict


@dataclass(frozen=True)
class Table:
    """Records of one run, joined.

    Verdicts and measurements are keyed by sample id; `measurements[sample_id]` holds the sample's own ones and those
    of the reference measured beside it.
    """

    tasks: Mapping[str, Task]
    samples: Mapping[str, Sequence[Sample]]
    """By task id, in index order; a task without samples has an empty sequence."""
    verdicts: Mapping[str, Verdict]
    measurements: Mapping[str, Sequence[Measurement]] = field(default_factory=dict)
    noise_floor: Mapping[Quantity, float] = field(default_factory=dict)
    """The manifest's; empty where it was not measured."""
    candidates: Mapping[str, Sequence[Candidate]] = field(default_factory=dict)
    """What a strategy came up with on the way to each sample, by sample id, in order.

    Verdicts and measurements of those that were not handed in bear the candidate's id; empty where there was no choice.
    """

    @classmethod
    def join(
        cls,
        tasks: Sequence[Task],
        samples: Sequence[Sample],
        verdicts: Sequence[Verdict],
        measurements: Sequence[Measurement],
        noise_floor: Mapping[Quantity, float] | None = None,
        candidates: Sequence[Candidate] = (),
    ) -> "Table":
        """Join records by their ids; their order does not matter.

        Raises: ConfigError when one quantity was measured in two ways.
        """
        _refuse_mixed_meters(measurements)
        by_task: dict[str, list[Sample]] = {task.id: [] for task in tasks}
        for sample in sorted(samples, key=lambda one: one.index):
            if sample.task_id in by_task:
                by_task[sample.task_id].append(sample)
        by_sample: dict[str, list[Measurement]] = {}
        for measurement in measurements:
            by_sample.setdefault(measurement.sample_id, []).append(measurement)
        by_id = {task.id: task for task in tasks}
        ways: dict[str, dict[int, Candidate]] = {}
        for candidate in candidates:
            ways.setdefault(candidate.sample_id, {})[candidate.number] = candidate
        in_order = {sample_id: [found[at] for at in sorted(found)] for sample_id, found in ways.items()}
        by_verdict = {one.sample_id: one for one in verdicts}
        return cls(by_id, by_task, by_verdict, by_sample, noise_floor or {}, in_order)

    def judged(self, task_id: str) -> tuple[list[Verdict], str | None]:
        """The task's verdicts that are evidence, and why there is none to score (None when there is)."""
        samples = self.samples.get(task_id, ())
        if not samples:
            return [], "no sample"
        verdicts = [self.verdicts[one.id] for one in samples if one.id in self.verdicts]
        if len(verdicts) < len(samples):
            return [], "not judged"
        evidence = [one for one in verdicts if one.status is not Status.HARNESS_ERROR]
        return evidence, None if evidence else "harness error"

    def costs(self, sample_id: str, quantity: str) -> tuple[dict[str, Measurement], dict[str, Measurement]]:
        """The sample's measurements and its reference's, each by stress level's group name."""
        own: dict[str, Measurement] = {}
        reference: dict[str, Measurement] = {}
        for one in self.measurements.get(sample_id, ()):
            if one.quantity == quantity:
                (own if one.subject == sample_id else reference)[one.group] = one
        return own, reference


def _refuse_mixed_meters(measurements: Sequence[Measurement]) -> None:
    """One quantity's readings are comparable when one meter took them; what was cut unread has none."""
    found: dict[str, str] = {}
    for one in measurements:
        if one.cases and found.setdefault(one.quantity, one.meter) != one.meter:
            raise ConfigError(
                f"Measurements of {one.quantity} were taken in two ways and cannot be scored together:\n"
                f"  {found[one.quantity]}\n  {one.meter} (sample {one.sample_id})\n"
                "Measure all samples again in one way (for instructions: one --counter), or score them apart."
            )
