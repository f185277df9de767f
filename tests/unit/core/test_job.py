import pytest
from builders import make_task

from codeeff.core.job import Subject


@pytest.mark.parametrize(("called", "entry"), [(None, "f"), ("around", "around")])
def test_a_task_calls_its_entry_or_its_templates_own_function(called: str | None, entry: str) -> None:
    task = make_task(called=called, template="{program}\ndef around(): return f()\n")
    subject = Subject.of(task, "sample", "def f(): ...")
    assert subject.entry == entry
    assert subject.program == "def f(): ...\ndef around(): return f()\n"
