"""Task: what is asked, how a program is called, and what proves it right and fast.

A task holds its correctness cases and stress levels as encoded arguments or as a generator that runs in the
sandbox; expected values come from its best reference and live on the host only.
"""

import re
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from codeeff.core.measurement import Quantity, Unit
from codeeff.core.record import Record

FUTURE = re.compile(r"^from __future__ import .*$", re.MULTILINE)


class Limits(Record):
    """What a program may use; each limit has a verdict of its own."""

    cpu_s: float = 10.0
    """CPU seconds per case, children and threads included."""
    wall_s: float = 30.0
    """Wall seconds per case, the safety net for programs that sleep."""
    memory_bytes: int = 4 << 30
    """Address space of the child."""
    output_bytes: int = 64 << 20
    """Bytes of a returned value, and of everything printed."""
    processes: int = 64
    """Processes and threads of the child."""
    open_files: int = 256
    """Open descriptors of the child."""
    file_bytes: int = 64 << 20
    """Size of one written file, and of the private temporary folder."""
    recursion_limit: int | None = 100_000
    """Python's recursion limit in the child; None keeps the interpreter's default of 1000."""


class CaseProgram(Record):
    """A program that makes cases inside the sandbox, under a pinned hash seed."""

    program: str
    """Source that defines `entry`."""
    entry: str
    """A function that returns one argument tuple, or a list of them."""
    calls: tuple[tuple[int, ...], ...]
    """What `entry` is called with, call by call; the results follow each other as the group's cases."""


class CaseGroup(Record):
    """Cases of one purpose: a correctness group such as base or plus, or one stress level."""

    name: str
    """The group's name in records, unique in the task."""
    level: int | None = None
    """The stress level, from 1; None where only correctness is judged."""
    hardness: float = 0.0
    """The level's weight in eff@k (ENAMEL's h)."""
    cases: tuple[bytes, ...] | None = None
    """Encoded argument tuples; None when a program makes them, or where they are the calls of the task's script."""
    maker: CaseProgram | None = None
    """Makes the cases; None when they are stored, or the script's calls."""
    expected: tuple[bytes, ...] | None = None
    """The benchmark's own encoded outputs of stored cases; None: the best reference's outputs are right."""
    cpu_factor: float | None = None
    """Cost beyond factor times the reference's dearest stress case is cut (ENAMEL's alpha); None: limits only."""
    cpu_slack_s: float = 0.0
    """Seconds added to that limit (ENAMEL's tolerance)."""
    judge_margin: float = 4.0
    """How many times that limit judging allows before it cuts; measuring decides the rest. 1: the limit itself."""


class Reference(Record):
    """A solution whose efficiency is known."""

    label: str
    """Its approach, unique in the task."""
    program: str
    """A whole program that defines the task's entry."""
    rank: int
    """1 is the most efficient; larger is slower."""
    score: float | None = None
    """EvalPerf's score of a program as fast, 0 to 100: the share of known solutions that are no faster, in per cent;
    None where the benchmark has none."""


class Distribution(Record):
    """What others' solutions to a task cost, as published: what percentiles, Beyond and DPS are held against."""

    quantity: Quantity
    """What was counted."""
    unit: Unit
    """The unit of all costs."""
    costs: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1)
    """One per solution, all stress cases together, in any order; with `scores`, of one solution per cluster."""
    scores: tuple[float, ...] | None = None
    """EvalPerf's score of each cost's cluster, 0 to 100; None: clusters are made from the costs."""
    reference_cost: float | None = Field(default=None, gt=0)
    """What the task's first reference cost in the same study: costs are then compared as multiples of it, so that the
    machine cancels out. None: as they are, which holds for a machine and an interpreter like the publisher's."""

    @model_validator(mode="after")
    def _one_score_a_cost(self) -> Self:
        if self.scores is not None and len(self.scores) != len(self.costs):
            raise ValueError(f"{len(self.costs)} costs and {len(self.scores)} scores: give one score a cost, or none")
        return self


class Comparator(Record):
    """How an output is held against the reference's output; equal bytes always agree."""

    kind: Literal["exact", "equal", "float", "multiset", "output", "checker", "script"] = "exact"
    """exact: of the same type and equal (ENAMEL's rule: what lists hold is compared by ==); equal: Python's ==;
    float: within tolerances; multiset: the order of a list is free; output: a program's text, line by line, white
    space at the end of lines and empty lines at the end being free, and numbers, unless both are whole ones, within
    tolerances where there are any; checker: a benchmark's own function; script: a benchmark's own assertions,
    which make the calls themselves."""
    absolute: float = 0.0
    """Absolute tolerance of kinds float and output."""
    relative: float = 0.0
    """Relative tolerance of kinds float and output."""
    program: str | None = None
    """Source of the checker's `check(arguments, expected, actual)` or of the script's `script(call)`, run in a process
    of its own; None for the built-in kinds. `call(*arguments)` returns what the program makes of a case's arguments, or
    raises what it raises; what the template has above the program stands above the script, too."""
    nan_equals_nan: bool = True
    """Any NaN agrees with any NaN. False: only with one of the same bytes, else Python's == decides, as published
    harnesses have it."""
    allows_iterator: bool = False
    """A returned iterator counts as the list of its items; making it is charged to the call."""


class Provenance(Record):
    """Where the task comes from."""

    source: str
    """The benchmark's home."""
    licence: str
    """SPDX identifier."""
    native_id: str
    """The id in the benchmark's own files."""


class Task(Record):
    """One thing to program: prompt, entry point, cases, references and judge."""

    id: str
    """benchmark/slug."""
    prompt: str
    """What the model is given."""
    entry: str | None
    """The function that is called, or the class a program has to define where the template calls its method; None: the
    program reads standard input and writes standard output. A case's arguments are then one text, what it reads, and
    its value is the text it has written by its end."""
    groups: tuple[CaseGroup, ...]
    """Correctness groups first, then stress levels, easiest first. Levels alone will do where nothing is censored."""
    references: tuple[Reference, ...]
    """Best first; the first one is the oracle and the yardstick. Empty only where every group has its outputs and no
    stress level is measured."""
    provenance: Provenance
    """Where the task comes from."""
    template: str = "{program}"
    """The text a program is placed in before it runs: a preamble, a published harness's own lines."""
    called: str | None = None
    """The template's own function that is called in the entry's place, with a case's arguments; None: the entry."""
    future_first: bool = True
    """Whether `from __future__` lines are repeated above the template, where Python demands them."""
    comparator: Comparator = Comparator()
    """How outputs are held against the reference's."""
    limits: Limits = Limits()
    """What a program may use on correctness cases, and at most on stress levels."""
    censoring: tuple[str, ...] = ("memory_limit", "time_limit")
    """Statuses or exception names that on a stress level cut the measurement and leave the verdict passed."""
    category: str | None = None
    """The kind of problem, for tables; None where the benchmark has none."""
    subsets: tuple[str, ...] = ()
    """Named subsets of the benchmark the task belongs to."""
    distributions: tuple[Distribution, ...] = ()
    """Published costs of other solutions, one a quantity; empty where the benchmark has none."""
    language: str = "python"
    """The language programs are written in; functions are called in Python only."""

    @cached_property
    def content_digest(self) -> str:
        """The digest of everything above."""
        return self.digest()

    @property
    def stress_groups(self) -> tuple[CaseGroup, ...]:
        """The stress levels, easiest first."""
        return tuple(group for group in self.groups if group.level is not None)

    @property
    def native_id(self) -> str:
        """The id in the benchmark's own files."""
        return self.provenance.native_id

    def place(self, program: str) -> str:
        """The whole text that runs: the program in the task's template, its `__future__` imports first."""
        future = "".join(f"{line}\n" for line in FUTURE.findall(program)) if self.future_first else ""
        return future + self.template.replace("{program}", program)
