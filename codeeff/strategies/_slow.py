"""The program that a task gives to be made faster."""

from codeeff.core.errors import ConfigError
from codeeff.core.task import Task


def slow_program(task: Task) -> str:
    """The least efficient reference: no benchmark here has a field for the program to optimise.

    Raises: ConfigError where the only reference is the best one, which must not be shown.
    """
    if len(task.references) < 2:
        raise ConfigError(
            f"{task.id}: the strategy shows a slow program, and the task has no reference but its best. Use a benchmark"
            " with several references a task, such as core or evalperf."
        )
    return max(task.references, key=lambda one: one.rank).program
