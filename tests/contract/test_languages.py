"""Every language: its first program, its compiler's errors, a task of the core benchmark, and its counts."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from boxes import engine, engines_with, make_job, run
from builders import executed
from counting import calls, counted, has_emulator

from codeeff.core.errors import SandboxUnavailable
from codeeff.core.job import Exit
from codeeff.core.language import HELLO
from codeeff.core.value import decode, encode
from codeeff.sandboxes import Box
from codeeff.sandboxes._languages import language, names

HERE = Path(__file__).parent.parent
CORE = HERE.parent / "tasks" / "core" / "odd_divisor_sums" / "references" / "divisor_loop.py"
EXACT = frozenset({"python", "c", "cpp", "cpp_20", "cpp_o3", "rust"})
"""Languages whose counts repeat to the instruction; the others draw seeds, or have threads of their own."""
SHARE = 0.2
"""How far apart the two nearest of four counts of the others' smallest programs may lie."""
BROKEN = "+{\n"
LANGUAGES = engines_with(names(), has_emulator)
IN_C = [one for one in LANGUAGES if one.values[1] == "c"]


@pytest.fixture(scope="module")
def boxes() -> Iterator[dict[str, Box]]:
    opened: dict[str, Box] = {}
    yield opened
    for box in opened.values():
        box.close()


@pytest.fixture
def box(boxes: dict[str, Box], engine_name: str) -> Box:
    if engine_name not in boxes:
        boxes[engine_name] = engine(engine_name).open(None)
    return boxes[engine_name]


def program(name: str) -> str:
    """The sum of odd divisors over a range, read from standard input."""
    return (HERE / "languages" / f"{name.partition('_')[0]}.txt").read_text(encoding="utf-8")


def written(box: Box, text: str, name: str, *read: str, **values: Any) -> list[str]:
    outcome, blobs = run(box, text, [(one,) for one in read], entry=None, language=name, **values)
    assert [case.exit for case in outcome.all_cases] == [Exit.OK] * len(read), outcome
    return [decode(blob) for blob in blobs]


@pytest.mark.parametrize(("engine_name", "name"), LANGUAGES)
def test_programs_compile_and_run(box: Box, name: str) -> None:
    assert written(box, language(name).hello, name, "") == [HELLO]
    assert written(box, language(name).empty, name, "") == [""]
    pairs = [(1, 6), (9, 9), (5, 4), (45, 1500)]
    sums = executed(CORE.read_text(encoding="utf-8"))["odd_divisor_sums"]
    found = written(box, program(name), name, *(f"{low} {high}\n" for low, high in pairs))
    assert found == [f"{sums(*pair)}\n" for pair in pairs]
    outcome, _ = run(box, BROKEN, [("",)], entry=None, language=name)
    assert outcome.load is Exit.COMPILE
    assert any(one in (outcome.load_detail or "") for one in (language(name).source, "line 1")), outcome.load_detail


C = {
    "executes another": 'execl("/bin/echo", "echo", "1", (char *)0);',
    "executes itself": 'execl("/proc/self/exe", "main", (char *)0);',
    "starts a process": 'if (fork() >= 0) puts("1");',
    "writes to the channel": 'if (write(100, "V", 1) == 1) puts("1");',
    "writes to the counter": 'if (write(101, "V", 1) == 1) puts("1");',
    "writes elsewhere": 'if (fopen("/tmp/kept", "w") || fopen("../kept", "w")) puts("1");',
    "asks the emulator": 'long answer = -38; syscall(0x7A11, 4, 0, &answer); if (answer != -38) puts("1");',
    "reads the emulator": 'if (fopen("/proc/self/mem", "r") || fopen("/proc/1/maps", "r")) puts("1");',
}
"""What a program that is counted tries; it then writes 0."""


@pytest.mark.parametrize(("engine_name", "name"), IN_C)
@pytest.mark.parametrize("attempt", C)
def test_a_counted_program_stays_where_it_is_counted(box: Box, name: str, attempt: str) -> None:
    text = f'#include <stdio.h>\n#include <unistd.h>\nint main(void) {{ {C[attempt]} puts("0"); return 0; }}\n'
    case, value = counted(box, "#define _GNU_SOURCE\n" + text, ("",), entry=None, language=name)
    assert (case.exit, value) == (Exit.OK, "0\n"), case


THREADS = """
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
__attribute__((noipa)) void *work(void *at) { for (volatile int i = 0; i < 5000000; i++); return at; }
int main(void) {
    pthread_t threads[4];
    int count = getchar() - '0';
    if (mmap(0, 4096, PROT_READ, MAP_SHARED, open("program/main", O_RDONLY), 0) == MAP_FAILED)
        return 1;
    work(0);
    for (int i = 0; i < count; i++) pthread_create(threads + i, 0, work, 0);
    for (int i = 0; i < count; i++) pthread_join(threads[i], 0);
    return puts("done") < 0;
}
"""


@pytest.mark.parametrize(("engine_name", "name"), IN_C)
def test_threads_of_a_counted_program_lose_no_instruction(box: Box, name: str) -> None:
    """They run what was run before there were any, and a page was shared, which the emulator takes for threads."""
    one, four = (min(calls(counted(box, THREADS, (threads,), entry=None, language=name)[0])) for threads in "14")
    assert four == pytest.approx(5 / 2 * one, rel=0.01)


NATIVE = {
    "keeps standard output open behind its end": (
        'if (!fork()) { setsid(); sleep(600); } puts("1");',
        (Exit.OK, "1\n"),
    ),
    "writes over what is run": (
        'FILE *f = fopen("program/main", "w"); printf("%d", !f && errno == ETXTBSY);',
        (Exit.OK, "1"),
    ),
    "puts another in its place": (
        'unlink("program/main"); FILE *f = fopen("program/main", "w"); printf("%d", !!f);',
        (Exit.OK, "1"),
    ),
    "kills all": ('kill(-1, 9); puts("1");', (Exit.OK, "1\n")),
    "takes all memory": ("for (;;) memset(malloc(1 << 24), 1, 1 << 24);", (Exit.SIGNAL, None)),
    "is killed by a signal without a name": ("raise(40);", (Exit.SIGNAL, None)),
    "ends badly": ('fputs("1\\nbad end\\n", stderr); return 3;', (Exit.EXCEPTION, None)),
}


@pytest.mark.parametrize(("engine_name", "name"), IN_C)
@pytest.mark.parametrize("attempt", NATIVE)
def test_every_case_meets_the_program_as_it_was_compiled(box: Box, name: str, attempt: str) -> None:
    body, expected = NATIVE[attempt]
    headers = "".join(f"#include <{one}.h>\n" for one in ("errno", "signal", "stdio", "stdlib", "string", "unistd"))
    text = f"#define _GNU_SOURCE\n{headers}int main(void) {{ {body} return 0; }}\n"
    outcome, blobs = run(box, text, [("",)] * 2, entry=None, language=name, limits={"memory_bytes": 300 << 20})
    found = [(case.exit, None if case.value is None else decode(blobs[case.value])) for case in outcome.all_cases]
    assert found[0] == expected, outcome
    assert found[1] in (expected, (Exit.NOT_RUN, None))


@pytest.mark.capability("landlock")
def test_an_engine_that_starts_no_process_says_so() -> None:
    job = make_job(language("c").empty, 1, None, "c")
    box = engine("landlock").open(None)
    with pytest.raises(SandboxUnavailable, match=r"cannot run programs in c: .*Install gcc"):
        box.run(job, [encode(("",))])
    box.close()


@pytest.mark.parametrize(("engine_name", "name"), LANGUAGES)
def test_counts_repeat_and_grow_with_the_work(box: Box, name: str) -> None:
    def counts(read: str, repetitions: int) -> list[int]:
        case, _ = counted(box, program(name), (read,), entry=None, language=name, repetitions=repetitions)
        return sorted(calls(case))

    least = counts("1 1\n", 2)
    if name not in EXACT and nearest(least) > SHARE * least[0]:
        least = sorted(least + counts("1 1\n", 2))
    assert nearest(least) <= (0 if name in EXACT else SHARE * least[0])
    assert counts("1 2000000\n", 1)[0] - least[-1] > 2_000_000


def nearest(counts: list[int]) -> int:
    """How far apart the two nearest of sorted counts are."""
    return min(more - less for less, more in pairwise(counts))
