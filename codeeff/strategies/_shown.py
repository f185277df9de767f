"""Pieces of feedback text that several strategies show."""

from codeeff.core.feedback import Feedback, TestRun


def outcomes(feedback: Feedback) -> str:
    """Tests passed, and of each its outcome, time and memory; of failures what came instead. Inputs stay hidden."""
    if feedback.problem is not None:
        return feedback.problem
    lines = [f"{feedback.tests_passed} of {len(feedback.runs)} tests passed."]
    lines += [f"Test {number}: {_outcome(run)}" for number, run in enumerate(feedback.runs, 1)]
    return "\n".join(lines)


def _outcome(run: TestRun) -> str:
    if run.passed:
        cost = [] if run.cpu_s is None else [f"{run.cpu_s:.6f} s"]
        cost += [] if run.peak_bytes is None else [f"{run.peak_bytes // 1024} KB"]
        return ", ".join(["PASS", *cost])
    if run.error is not None:
        return f"FAIL, {run.error}"
    return f"FAIL, the output is {run.actual}, expected was {run.expected}"


def case(run: TestRun) -> str:
    """A test's input and what is expected of it."""
    return f"Input: {run.input}\nExpected output: {run.expected}"
