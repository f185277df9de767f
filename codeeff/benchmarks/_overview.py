"""All benchmarks in words: what each holds, what can be computed on it, and how far its loader was verified."""

from typing import get_args

from codeeff import plugins
from codeeff.benchmarks import Benchmark
from codeeff.core.measurement import Quantity


def overview() -> str:
    """One paragraph a benchmark."""
    return "\n\n".join(_paragraph(name, plugins.load("benchmarks", name)) for name in plugins.names("benchmarks"))


def _paragraph(name: str, benchmark: Benchmark) -> str:
    quantities = ", ".join(get_args(Quantity)) if benchmark.has_stress else "none, correctness only"
    return "\n".join(
        [
            f"{name}: {plugins.purpose('benchmarks', name)}",
            f"  tasks       {benchmark.size:,}, {benchmark.licence}, {benchmark.home}",
            f"  subsets     {', '.join(benchmark.subsets) or 'none'}",
            f"  quantities  {quantities}",
            f"  metrics     {', '.join(benchmark.metrics)}",
            f"  verified    {benchmark.verified}",
        ]
    )
