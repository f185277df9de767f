"""Splits a task's correctness cases into feedback tests, which a strategy may show, and hidden ones, which judge.

No input is on both sides, and none of the feedback tests is a stress input: they are disjoint by construction.
"""

import random
from dataclasses import replace

from codeeff.core.prepared import PreparedGroup, PreparedTask


def feedback_part(prepared: PreparedTask, count: int) -> PreparedTask:
    """The feedback tests: so many of the correctness cases, drawn by the task's digest, or as many as leave one hidden.

    None where all cases are judged as a whole, by a script.
    """
    chosen = _chosen(prepared, count)
    groups = [_kept(group, chosen) for group in prepared.groups if group.group.level is None]
    return replace(prepared, groups=tuple(one for one in groups if one.arguments))


def hidden_part(prepared: PreparedTask, count: int) -> PreparedTask:
    """What judges: everything but the feedback tests, however often one of their inputs occurs."""
    chosen = _chosen(prepared, count)
    if not chosen:
        return prepared
    groups = [
        group if group.group.level is not None else _kept(group, set(group.arguments) - chosen)
        for group in prepared.groups
    ]
    return replace(prepared, groups=tuple(groups))


def _chosen(prepared: PreparedTask, count: int) -> set[bytes]:
    if prepared.problem or prepared.task.comparator.kind == "script":
        return set()
    stress = {blob for group in prepared.stress() for blob in group.arguments}
    known = {blob: None for group in prepared.groups if group.group.level is None for blob in group.arguments}
    eligible = [blob for blob in known if blob not in stress]
    rng = random.Random(prepared.task.content_digest)
    return set(rng.sample(eligible, max(0, min(count, len(known) - 1, len(eligible)))))


def _kept(group: PreparedGroup, wanted: set[bytes]) -> PreparedGroup:
    kept = [pair for pair in zip(group.arguments, group.expected, strict=True) if pair[0] in wanted]
    return replace(
        group, arguments=tuple(blob for blob, _ in kept), expected=tuple(blob for _, blob in kept), reference_cpu_ns=()
    )
