"""LeetCode's way of asking: a method of class Solution, with linked lists and trees written as lists.

The calls are read from assertions on `candidate`, never executed; what runs around a program is the text below it.
"""

import ast
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from codeeff.core.errors import TaskDataError

T = TypeVar("T")
ENTRY: Final = "Solution"
CALLED: Final = "codeeff_call"
BUILDERS: Final = {"list_node": "linked_list", "tree_node": "tree"}
COMPARERS: Final = {"is_same_list": "linked_list", "is_same_tree": "tree"}
CALL: Final = """

def codeeff_call(positional, keywords):
    return Solution().{method}(*positional, **keywords)
"""
NODES_CALL: Final = '''

def codeeff_call(positional, keywords):
    """Each call has an instance of its own; parameters and results that are nodes cross as lists of values."""
    shapes = {shapes!r}
    positional = [codeeff_nodes(shapes.get(at), value) for at, value in enumerate(positional)]
    keywords = {{name: codeeff_nodes(shapes.get(name), value) for name, value in keywords.items()}}
    return codeeff_values({result!r}, Solution().{method}(*positional, **keywords))
'''
NODES: Final = """
def codeeff_nodes(shape, values):
    if shape is None or values is None:
        return values
    if shape == "linked_list":
        head = None
        for value in reversed(values):
            node = ListNode(value)
            node.next = head
            head = node
        return head
    if not values:
        return None
    nodes = [None if value is None else TreeNode(value) for value in values]
    children = iter(nodes[1:])
    for node in [one for one in nodes if one is not None]:
        node.left = next(children, None)
        node.right = next(children, None)
    return nodes[0]

def codeeff_values(shape, node):
    if shape is None:
        return node
    values = []
    if shape == "linked_list":
        while node is not None:
            values.append(node.val)
            node = node.next
        return values
    level = [node]
    for node in level:
        values.append(None if node is None else node.val)
        if node is not None:
            level += [node.left, node.right]
    while values and values[-1] is None:
        values.pop()
    return values
"""
"""Between nodes and the lists of values they cross the wall as, by shape."""


class Call(NamedTuple):
    """One assertion: what `candidate` is called with, and what it has to return."""

    positional: list[Any]
    keywords: dict[str, Any]
    output: Any
    shapes: dict[int | str, str]
    """Parameters that are nodes, by place or name: linked_list or tree."""
    result: str | None
    """The result's shape; None: plain data."""


def template(preamble: str, method: str, shapes: Mapping[int | str, str], result: str | None) -> str:
    """The text around a program: the preamble above it, and below it the function that calls the method."""
    has_nodes = bool(shapes or result)
    call = (NODES_CALL if has_nodes else CALL).format(method=method, shapes=dict(shapes), result=result)
    return f"{preamble.rstrip()}\n\n{{program}}" + call + (NODES if has_nodes else "")


def calls_of(place: str, script: str) -> Iterator[Call]:
    """The assertions of `def check(candidate)`, in order.

    Raises: TaskDataError for anything that is no assertion on one call with plain data: it cannot be run as data.
    """
    try:
        (function,) = ast.parse(script).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TaskDataError(f"{place}: field 'test' is not one function: {error}.") from None
    for statement in getattr(function, "body", []):
        try:
            yield _call(statement, _is_candidate)
        except ValueError as error:
            shown = ast.unparse(statement)[:80]
            raise TaskDataError(f"{place}: field 'test': {shown!r} cannot be run as data: {error}.") from None


def method_calls_of(script: str, owner: str) -> tuple[str, list[Call]] | None:
    """The method and the calls of a script that does nothing but assert what `owner.method(...)` returns for literals.

    None: it does something else, or asserts on several methods.
    """
    methods, calls = set[str](), []

    def is_method(node: ast.expr) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == owner:
                methods.add(attribute)
                return True
        return False

    try:
        for statement in ast.parse(script).body:
            if ast.unparse(statement) != f"{owner} = {ENTRY}()":
                calls.append(_call(statement, is_method))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return (methods.pop(), calls) if len(methods) == 1 else None


def shapes_of(place: str, calls: Sequence[Call]) -> tuple[dict[int | str, str], str | None]:
    """The parameters that are nodes in any of the calls, and the result's shape, which are the same in all of them.

    Raises: TaskDataError where they differ.
    """
    shapes = {key: shape for one in calls for key, shape in one.shapes.items()}
    for one in calls:
        given = _keyed(one.positional, one.keywords)
        if one.result != calls[0].result or any(
            given.get(key) is not None and one.shapes.get(key) != shape for key, shape in shapes.items()
        ):
            raise TaskDataError(f"{place}: field 'test': what is a node in one assertion is plain data in another.")
    return shapes, calls[0].result


def _is_candidate(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "candidate"


def _call(statement: ast.stmt, is_called: Callable[[ast.expr], bool]) -> Call:
    match statement:
        case ast.Assert(test=ast.Compare(left=ast.Call() as call, ops=[ast.Eq()], comparators=[wanted])):
            result, output = None, _literal(wanted)
        case ast.Assert(test=ast.Call(func=ast.Name(id=comparer), args=[ast.Call() as call, wanted], keywords=[])):
            if comparer not in COMPARERS:
                raise ValueError(f"{comparer!r} is no known comparison")
            result = COMPARERS[comparer]
            shape, output = _argument(wanted)
            if shape != result and output is not None:
                raise ValueError(f"the result is not held against a {result}")
            output = _trimmed(output or [])
        case _:
            raise ValueError("it is no assertion on what one call returns")
    if not is_called(call.func):
        raise ValueError("it does not call 'candidate'")
    positional = [_argument(one) for one in call.args]
    keywords = {one.arg: _argument(one.value) for one in call.keywords if one.arg is not None}
    if len(keywords) != len(call.keywords):
        raise ValueError("it unpacks a dictionary")
    shapes = {key: shape for key, (shape, _) in _keyed(positional, keywords).items() if shape is not None}
    return Call([value for _, value in positional], {key: keywords[key][1] for key in keywords}, output, shapes, result)


def _keyed(positional: Sequence[T], keywords: Mapping[str, T]) -> dict[int | str, T]:
    """What belongs to each parameter, by place or name."""
    keyed: dict[int | str, T] = dict(enumerate(positional))
    keyed.update(keywords.items())
    return keyed


def _argument(node: ast.expr) -> tuple[str | None, Any]:
    """The shape and plain value of an argument."""
    match node:
        case ast.Call(func=ast.Name(id=builder), args=[values], keywords=[]) if builder in BUILDERS:
            return BUILDERS[builder], _literal(values)
    return None, _literal(node)


def _literal(node: ast.expr) -> Any:
    with contextlib.suppress(ValueError):
        return ast.literal_eval(node)  # nearly always: the walk for infinities takes twice as long
    try:
        return ast.literal_eval(_Infinite().visit(node))
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise ValueError(f"{ast.unparse(node)[:40]!r} is no literal") from None


class _Infinite(ast.NodeTransformer):
    """LeetCodeDataset's preambles define inf."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(float("inf")) if node.id == "inf" else node


def _trimmed(values: list[Any]) -> list[Any]:
    """A tree's values without the empty children at the end, which say nothing."""
    kept = len(values)
    while kept and values[kept - 1] is None:
        kept -= 1
    return values[:kept]
