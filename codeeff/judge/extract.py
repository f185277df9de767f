"""Finds the program in a model's answer.

In: a completion and its task. Out: the program as the model wrote it, or None, and how it was found. Every step is
linear in the text: each piece is parsed once, and no search tries one range of lines after another.
"""

import ast
import builtins
import re
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from codeeff.core.sample import Completion, Extraction, Sample
from codeeff.core.task import Task
from codeeff.judge.fences import fenced, pythonic

TAGS: Final = "think|thinking|thought|reasoning"
REASONING_OPENS: Final = re.compile(rf"^[ \t]*<({TAGS})>", re.MULTILINE | re.IGNORECASE)
REASONING_ENDS: Final = re.compile(rf"^[ \t]*</(?:{TAGS})>|</(?:{TAGS})>[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
STARTS_CODE: Final = re.compile(
    r"(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[ \t]*[:(]|@\w[\w.]*[ \t]*(?:\(.*)?$"
    r"|from[ \t]+[\w.]+[ \t]+import\b|import[ \t]+\w[\w.]*(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:[,#;].*)?$"
)
ASSIGNS: Final = re.compile(
    r"\w[\w.]*(?:\[[^\]]*\])*(?:[ \t]*,[ \t]*\w[\w.]*)*[ \t]*(?::[ \t]*[\w.]+(?:\[[^=]*\])?[ \t]*)?[-+*/%|&^]{0,2}=[^=]"
)
CONTINUES_CODE: Final = re.compile(
    r"[ \t)\]}#'\"]|(?:if|elif|for|while|with|except|match)\b.*:|(?:else|try|finally)[ \t]*:"
    r"|(?:assert|del|global|raise|pass|return)\b"
)
CALLS: Final = re.compile(r"\w[\w.]*[\[(]")
BODY_STARTS: Final = re.compile(
    r"(?:return|yield|raise|assert|pass|global|nonlocal|del|import|from|try)\b|(?:if|for|while|with|match)\b.*[:(]|[#'\"]"
)
TRIPLE_QUOTES: Final = re.compile("\"\"\"|'''")
BUILTINS: Final = frozenset(dir(builtins))
SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def make_sample(completion: Completion, task: Task, generator: str) -> Sample:
    """The sample of a completion; generator is what was given to --model."""
    program, extraction = extract(completion, task)
    return Sample(
        id=f"{task.id}#{completion.index}",
        task_id=task.id,
        task_digest=task.content_digest,
        index=completion.index,
        generator=generator,
        completion=completion.text,
        program=program,
        extraction=extraction,
        finish_reason=completion.finish_reason,
        reasoning=completion.reasoning,
        calls=completion.calls,
        seed=completion.seed,
    )


def extract(completion: Completion, task: Task) -> tuple[str | None, Extraction]:
    """The program in a completion and how it was found; `None` and `none` where there is no code.

    A program the source recorded is taken as it is. In a text, reasoning is removed first, and an answer whose
    reasoning never ends is none. Then, the first that applies:

    1. Of the fenced blocks in Python or without a language (of all blocks where there are none of these), the last
       that parses and really defines the entry, else the last whose text defines it. Blocks that define the entry
       earlier are taken for other versions and left out. Where the chosen block uses names it lacks, the nearest
       earlier block that binds them is put in front of it, else the nearest later one, unless that defines the
       entry too.
    2. The text ahead of the first fence: whole, as the prompt's continuation when it begins indented, or from its
       first line of code to where prose begins.
    3. A block that is only a body, put behind the prompt.
    4. The last block that defines anything, else the first; the entry is missing then, and that is the program's fault.

    Nothing inside a chosen block is rewritten or dropped; code that does not parse is handed on all the same. A task
    without an entry takes a whole program: the last block that parses, else the longest, or a text without fences.
    """
    if completion.program is not None:
        return (completion.program, "recorded") if completion.program.strip() else (None, "none")
    outside, found = fenced(_without_reasoning(completion.text))
    if task.language != "python":
        return _longest(outside, [code for _, code in found])
    codes = pythonic(found)
    if task.entry is None:
        return _last_that_parses(outside, codes)
    entry = _Entry.of(task.entry)
    blocks = [_Block(entry.at_margin(code), place) for place, code in enumerate(codes)]
    how: Extraction = "fenced" if len(blocks) == 1 else "fenced_entry"
    chosen = entry.choose(blocks)
    if chosen is not None:
        return _with_what_it_lacks(chosen, blocks, entry), how
    program, extraction = _unfenced(outside, task, entry)
    if program is not None:
        return program, extraction
    for block in blocks:
        continued = _continuation(block.code, task, entry)
        if continued is not None:
            return continued, "continuation"
    if blocks:
        defining = [block for block in blocks if block.defines_something]
        return (defining or blocks[:1])[-1].code, how
    return None, "none"


def _last_that_parses(outside: str, codes: Sequence[str]) -> tuple[str | None, Extraction]:
    """The program that is run as it stands."""
    parsing = [code for code in codes if _parsed(code) is not None]
    if parsing:
        return parsing[-1], "fenced" if len(codes) == 1 else "fenced_entry"
    return _longest(outside, codes) if codes or _parsed(outside) is not None else (None, "none")


def _longest(outside: str, codes: Sequence[str]) -> tuple[str | None, Extraction]:
    """The longest block, else the text, of a language that nobody here reads."""
    if codes:
        return max(codes, key=len), "fenced" if len(codes) == 1 else "fenced_entry"
    return (outside, "bare") if outside.strip() else (None, "none")


@dataclass(frozen=True)
class _Block:
    """A piece of text that may be code; it is parsed at most once."""

    code: str
    place: int = 0
    """Its number among the blocks of the answer."""

    @cached_property
    def tree(self) -> ast.Module | None:
        return _parsed(self.code)

    @cached_property
    def bound(self) -> frozenset[str]:
        """Names the module binds outside functions and classes; none when it does not parse."""
        return _names_bound_by(_outside_scopes(self.tree)) if self.tree else frozenset()

    @cached_property
    def missing(self) -> frozenset[str]:
        """Names that are used, but bound nowhere in the block, in whatever scope."""
        if self.tree is None:
            return frozenset()
        nodes = list(ast.walk(self.tree))
        used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
        return frozenset(used - _names_bound_by(nodes) - arguments - BUILTINS)

    @property
    def defines_something(self) -> bool:
        return self.tree is not None and any(isinstance(node, SCOPES) for node in self.tree.body)


@dataclass(frozen=True)
class _Entry:
    """What a program has to define."""

    name: str
    textual: re.Pattern[str]
    """Finds a definition in text that does not parse."""

    @classmethod
    def of(cls, called: str) -> "_Entry":
        match = re.match(r"\w+", called)
        name = match.group() if match else ""
        definition = rf"^(?:(?:async[ \t]+)?def|class)[ \t]+{name}\b|^{name}[ \t]*=[^=]"
        return cls(name, re.compile(definition, re.MULTILINE))

    def defined_by(self, block: _Block) -> bool:
        """Whether the block parses and binds the name to more than a signature to be filled in."""
        if block.tree is None or self.name not in block.bound:
            return False
        functions = [
            one for one in block.tree.body if isinstance(one, SCOPES) and getattr(one, "name", "") == self.name
        ]
        return not functions or not all(_is_stub(one) for one in functions)

    def claimed_by(self, block: _Block) -> bool:
        """Whether the block does not parse, but its text defines the name."""
        return block.tree is None and self.textual.search(block.code) is not None

    def choose(self, blocks: Sequence[_Block]) -> _Block | None:
        defining = [block for block in blocks if self.defined_by(block)]
        candidates = defining or [block for block in blocks if self.claimed_by(block)]
        return candidates[-1] if candidates else None

    def at_margin(self, code: str) -> str:
        """Code that is indented as a whole and defines the entry, moved to the margin; other code as it is."""
        if not code.lstrip("\r\n")[:1].isspace():
            return code
        moved = textwrap.dedent(code)
        return moved if self.textual.search(moved) else code


def _without_reasoning(text: str) -> str:
    """The text outside <think>…</think> and its kin; a closing tag alone ends reasoning that the prompt opened."""
    kept, at = [], 0
    while opening := REASONING_OPENS.search(text, at):
        kept.append(text[at : opening.start()])
        closing = re.compile(f"</{opening.group(1)}>", re.IGNORECASE).search(text, opening.end())
        at = closing.end() if closing else len(text)
    answer = "".join([*kept, text[at:]])
    ends = [end.end() for end in REASONING_ENDS.finditer(answer)]
    return answer[ends[-1] :] if ends else answer


def _unfenced(text: str, task: Task, entry: _Entry) -> tuple[str | None, Extraction]:
    """The program in text without fences."""
    whole = _Block(entry.at_margin(text))
    if entry.defined_by(whole):
        return whole.code, "bare"
    continued = _continuation(text, task, entry)
    if continued is not None:
        return continued, "continuation"
    lines = text.split("\n")
    start = next(
        (number for number, line in enumerate(lines) if STARTS_CODE.match(line) or entry.textual.match(line)), None
    )
    if start is None:
        return None, "none"
    while start and (not lines[start - 1].strip() or lines[start - 1][0] == "#" or ASSIGNS.match(lines[start - 1])):
        start -= 1
    block = _Block("\n".join(lines[start:])) if start else whole
    if block.tree is None:
        block = _Block(_cut_at_prose(block.code))
    is_code = entry.name in block.bound or entry.claimed_by(block) or block.defines_something
    return (block.code, "bare") if is_code else (None, "none")


def _continuation(text: str, task: Task, entry: _Entry) -> str | None:
    """The prompt with the text as the body of its last function; None when the text is no body.

    Where that does not parse, what follows the body is cut: prose, or the statement in which the model was stopped.
    """
    tail = task.prompt.rpartition("\n")[2]
    body = text if tail.strip() else tail + text
    first = next((line for line in body.split("\n") if line.strip()), "")
    if not first[:1].isspace() or not entry.textual.search(task.prompt):
        return None
    prompt = task.prompt + ("\n" if tail.strip() and not text.startswith(("\n", "\r")) else "")
    for kept in dict.fromkeys((text, _cut_at_prose(text), _cut_last_statement(text))):
        if entry.defined_by(_Block(prompt + kept)):
            return prompt + kept
    return prompt + text if _starts_body(first.strip()) else None


def _starts_body(line: str) -> bool:
    return any(pattern.match(line) for pattern in (STARTS_CODE, ASSIGNS, CALLS, BODY_STARTS))


def _continues_code(line: str) -> bool:
    if CALLS.match(line) and line.rstrip().endswith((")", "]", "(", "[", "{", ",")):
        return True
    return any(pattern.match(line) for pattern in (CONTINUES_CODE, STARTS_CODE, ASSIGNS))


def _cut_at_prose(code: str) -> str:
    """The code up to its first line at the margin that cannot be code, outside long strings."""
    lines = code.split("\n")
    prose = (number for number, line in _margin_lines(lines) if number and not _continues_code(line))
    end = next(prose, len(lines))
    return code if end == len(lines) else "\n".join(lines[:end]) + "\n"


def _cut_last_statement(code: str) -> str:
    """The code without its last statement at the margin."""
    lines = code.split("\n")
    starts = [number for number, line in enumerate(lines) if line[:1].strip() and line[0] not in ")]}"]
    return "\n".join(lines[: starts[-1]]) + "\n" if starts else code


def _margin_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Numbered lines that begin at the margin, outside triple quotes."""
    quotes = ""
    for number, line in enumerate(lines):
        if not quotes and line[:1].strip():
            yield number, line
        for mark in TRIPLE_QUOTES.findall(line):
            if not quotes:
                quotes = mark
            elif quotes == mark:
                quotes = ""


def _with_what_it_lacks(chosen: _Block, blocks: Sequence[_Block], entry: _Entry) -> str:
    """The block behind those others that bind the names it lacks, and the names those lack."""
    if len(blocks) == 1:
        return chosen.code
    others = [block for block in blocks if not entry.defined_by(block)]
    farthest_first = [*others[::-1], *(one for one in others if one.place < chosen.place)]
    binder = {name: block for block in farthest_first for name in block.bound}
    needed: dict[int, _Block] = {}
    lacked = list(chosen.missing)
    while lacked:
        found = binder.get(lacked.pop())
        if found and found.place not in needed:
            needed[found.place] = found
            lacked += found.missing
    return "\n\n".join([*(needed[place].code for place in sorted(needed)), chosen.code])


def _parsed(code: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in the model's code are no concern of the reader
        try:
            return ast.parse(code)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None


def _outside_scopes(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module without those inside functions and classes."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, SCOPES):
            stack += ast.iter_child_nodes(node)


def _names_bound_by(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names that these nodes themselves bind."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler | ast.MatchAs):
            names.add(node.name or "_")
    return frozenset(names)


def _is_stub(node: ast.AST) -> bool:
    """Whether a function's body is nothing but a docstring, `...` or `pass`."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and all(
        isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in node.body
    )
