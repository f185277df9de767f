"""Work done while a program is imported: what goes beyond its import statements is charged to every call.

An answer may be prepared at import, where nothing is timed, for inputs that are public. What an import costs depends
on what the program imports, so a program that takes much longer than the reference beside it is compared with one
that is compiled alike and imports the same, and nothing else. What both programs do is charged to neither.
"""

from collections.abc import Sequence

from codeeff.core.errors import SandboxFault
from codeeff.core.job import CaseOutcome, Exit, Job, Reading, Subject
from codeeff.core.value import NotPlainData, decode, encode
from codeeff.sandboxes._keeper import Keeper

NOISE = 1_000_000
NOISE_SHARE = 0.25
"""An excess below a millisecond, or a million instructions, and a quarter of what is needed is noise of starting."""
CALIBRATIONS = 3
PICK_LIMIT_NS = 5 * 10**9
PICK = '''
import ast

VALUE = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.expr_context)
SIGNATURE = (*VALUE, ast.Attribute, ast.Subscript, ast.arguments, ast.arg)
SIGNS = (ast.operator, ast.unaryop)


def holds_only(node, kinds):
    return node is None or all(isinstance(one, (*kinds, *SIGNS)) for one in ast.walk(node))


def picked(statement):
    """The statement without what is no import; None where it could make a later import cheaper than it is here."""
    match statement:
        case ast.ImportFrom(module="__future__") | ast.Expr(value=ast.Constant()) | ast.Pass():
            return ast.Pass()
        case ast.Import() | ast.ImportFrom():
            return statement
        case ast.Assign() if all(isinstance(one, ast.Name) for one in statement.targets):
            return ast.Pass() if holds_only(statement.value, VALUE) else None
        case ast.FunctionDef() | ast.AsyncFunctionDef() if not statement.decorator_list:
            is_plain = holds_only(statement.args, SIGNATURE) and holds_only(statement.returns, SIGNATURE)
            return ast.Pass() if is_plain and not statement.name.startswith("__") else None
        case ast.Try(orelse=[], finalbody=[]):
            bodies = [all_picked(one) for one in (statement.body, *(each.body for each in statement.handlers))]
            if None in bodies or not all(holds_only(one.type, SIGNATURE) for one in statement.handlers):
                return None
            handlers = [ast.ExceptHandler(one.type, None, body) for one, body in zip(statement.handlers, bodies[1:])]
            return ast.Try(bodies[0], handlers, [], [])
    return None


def all_picked(statements):
    found = [picked(one) for one in statements]
    return None if None in found else found


def imports(text):
    """The import statements the program runs before any other code of its own."""
    found = []
    for statement in ast.parse(text).body:
        kept = picked(statement)
        if kept is None:
            break
        if not isinstance(kept, ast.Pass):
            found.append(ast.unparse(ast.fix_missing_locations(kept)))
    return "\\n".join(found)
'''
"""Only leading imports count: behind other code an import can be made to cost nothing, and would pay for what is no
import. Parsing is done in the box, for a text that was made to break the parser."""


def excesses(job: Job, cases: Sequence[Sequence[CaseOutcome]], keeper: Keeper) -> list[list[int]]:
    """For a job's two programs, case by case, the cost of loading beyond the other one's and its own imports'.

    In nanoseconds of CPU, or in instructions where the job counts them. Of a program without an entry nothing runs
    while it is loaded.

    Raises: SandboxFault.
    """
    if any(subject.entry is None for subject in job.subjects):
        return [[0] * len(each) for each in cases]
    loads = [[load(case) for case in each] for each in cases]
    found = []
    for place, subject in enumerate(job.subjects):
        needed = max(loads[1 - place], default=0)
        if needed and any(_is_beyond(one, needed) for one in loads[place]):
            needed = max(needed, _imports(subject, job, keeper))
        found.append([one - needed if needed and _is_beyond(one, needed) else 0 for one in loads[place]])
    return found


def load(case: CaseOutcome) -> int:
    """What the first load of a case cost, that of a fresh process; 0 where none was read."""
    return _cost(case.readings[0]) if case.readings else 0


def _cost(reading: Reading) -> int:
    return reading.load_ns if reading.instructions is None else reading.instructions.load


def _is_beyond(load: int, needed: int) -> bool:
    return load - needed > NOISE + NOISE_SHARE * needed


def _imports(subject: Subject, measured: Job, keeper: Keeper) -> int:
    """The cost of a program that is compiled and imports like the subject; 0 when that cannot be told."""
    picking = Subject(label="imports", program=PICK, entry="imports")
    roomy = measured.limits.model_copy(update={"cpu_ns": (PICK_LIMIT_NS,)})
    job = Job(id="imports", kind="judge", subjects=(picking,), cases=1, limits=roomy)
    outcome, values = keeper.run(job, [encode((subject.program,))])
    case = outcome.subjects[0].all_cases[0]
    if case.exit is Exit.UNFINISHED:
        raise SandboxFault(f"finding its imports {case.detail}")
    if case.exit is not Exit.OK or case.value is None:
        return 0
    try:
        statements = decode(values[case.value])
    except NotPlainData:
        return 0
    importing = Subject(label="imports", program=importing_program(subject.program, str(statements)), entry="imports")
    job = Job(
        id="imports",
        kind="measure",
        subjects=(importing,),
        cases=1,
        repetitions=CALIBRATIONS,
        fresh_children=True,
        counter=measured.counter,
        limits=roomy,
    )
    readings = keeper.run(job, [encode(())])[0].subjects[0].cases[0].readings
    return max(map(_cost, readings), default=0)


def importing_program(text: str, statements: str) -> str:
    """Compiles the text as the runner does, and executes the statements only."""
    lines = "".join(f"    {line}\n" for line in statements.splitlines())
    return (
        f"compile({text!r}, '<program>', 'exec', dont_inherit=True)\n"
        f"try:\n    pass\n{lines}except BaseException:\n    pass\n\n\ndef imports():\n    return None\n"
    )
