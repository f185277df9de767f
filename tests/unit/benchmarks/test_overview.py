import pytest
from typer.testing import CliRunner

from codeeff import cli, plugins
from codeeff.benchmarks._overview import overview


@pytest.mark.parametrize("name", plugins.names("benchmarks"))
def test_every_benchmark_has_a_paragraph_with_what_it_says_of_itself(name: str) -> None:
    (paragraph,) = [one for one in overview().split("\n\n") if one.startswith(f"{name}: ")]
    benchmark = plugins.load("benchmarks", name)
    said = (benchmark.licence, benchmark.home, benchmark.verified, *benchmark.subsets, *benchmark.metrics)
    for part in (f"  tasks       {benchmark.size:,}, ", *said):
        assert part in paragraph
    assert ("cpu_time" in paragraph) == benchmark.has_stress


def test_the_command_prints_it() -> None:
    result = CliRunner().invoke(cli.app, ["benchmarks"])
    assert (result.exit_code, result.output) == (0, overview() + "\n")
