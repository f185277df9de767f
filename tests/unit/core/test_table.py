"""What a table refuses to join."""

import pytest
from builders import measured_pair

from codeeff.core.errors import ConfigError
from codeeff.core.measurement import Measurement
from codeeff.core.table import Table

HARDWARE, EMULATED = "instructions 1; hardware: instructions:u", "instructions 1; emulated: qemu 7.2"


def taken_by(meter: str, sample_id: str) -> list[Measurement]:
    pair = measured_pair(sample_id, [5], [4])
    return [one.model_copy(update={"quantity": "instructions", "meter": meter}) for one in pair]


def test_counts_of_two_counters_are_never_scored_together() -> None:
    with pytest.raises(ConfigError) as caught:
        Table.join([], [], [], taken_by(HARDWARE, "demo/0#0") + taken_by(EMULATED, "demo/0#1"))
    assert [word in str(caught.value) for word in (HARDWARE, EMULATED, "demo/0#1", "--counter")] == [True] * 4


def test_one_counter_beside_other_quantities_is_one_way() -> None:
    counts = taken_by(HARDWARE, "demo/0#0") + taken_by(HARDWARE, "demo/0#1")
    assert Table.join([], [], [], counts + measured_pair("demo/0#0", [5], [4])).measurements.keys() == {
        "demo/0#0",
        "demo/0#1",
    }


def test_what_was_cut_before_any_counter_read_it_is_taken_by_none() -> None:
    (unread,) = [one for one in taken_by("instructions 1", "demo/0#1")][:1]
    Table.join([], [], [], [*taken_by(HARDWARE, "demo/0#0"), unread.model_copy(update={"cases": (), "is_cut": True})])
