"""What a function is defined by: its own source, and that of all it calls in this package.

`cnnbook.sources` knows the modules that a result depends on, and asks for it anew when any of them changes.
Here single functions, classes and constants count, so that a definition changes when what it computes may
have changed, and not when its neighbour in a file has. Comments, docstrings, line breaks and the version of
Python make no difference.
"""

import ast
import io
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from cnnbook.sources import module_file

_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)
_BLOCKS = {tokenize.INDENT: "{", tokenize.DEDENT: "}", tokenize.NEWLINE: ";"}
_CLOSING = (")", "]", "}")

Name = tuple[str, str]
"""A module, and a name at its top level."""


@dataclass(frozen=True)
class SourceModule:
    """A module, read but not run.

    Attributes:
        name: dotted.
        text: its source.
        defined: the statements that give each name at its top level its meaning.
        imported: what each name that it imports stands for; the second part is "" for a whole module.
    """

    name: str
    text: str
    defined: Mapping[str, tuple[ast.stmt, ...]]
    imported: Mapping[str, Name]


@cache
def read_module(name: str) -> SourceModule:
    """A module of this package.

    Raises:
        ValueError: there is no such module.
    """
    path = module_file(name)
    if path is None:
        raise ValueError(f"module={name!r}: no such module in this package")
    return parse_module(name, path.read_text(encoding="utf-8"))


def parse_module(name: str, text: str) -> SourceModule:
    """A module of this source.

    Args:
        name: dotted.
        text: its source.
    """
    defined: dict[str, tuple[ast.stmt, ...]] = {}
    for statement in ast.parse(text).body:
        for each in _names_given(statement):
            defined[each] = (*defined.get(each, ()), statement)
    imported = {alias: target for node in ast.parse(text).body for alias, target in _imports(node)}
    return SourceModule(name, text, defined, imported)


def _names_given(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a meaning."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (node.id for each in targets for node in ast.walk(each) if isinstance(node, ast.Name))


def _imports(node: ast.AST) -> Iterator[tuple[str, Name]]:
    """The names that an import brings, with what they stand for."""
    if isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            yield alias.asname or alias.name, (node.module, alias.name)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], (alias.name, "")


def definition(module: SourceModule, roots: Iterable[ast.AST], *, without: Collection[Name] = ()) -> str:
    """The source of some nodes, and of everything of this package that they name, directly or through others.

    Args:
        module: where the nodes stand.
        roots: expressions or statements of it.
        without: names that are not followed.
    """
    nodes = list(roots)
    found: dict[Name, str] = {}
    waiting = [name for node in nodes for name in _references(module, node)]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in without:
            found[name], used = _meaning(name)
            waiting += used
    own = [normalised(module.text, node) for node in nodes]
    return "\n".join([*own, *(f"{'.'.join(name)}\n{text}" for name, text in sorted(found.items()))])


@cache
def _meaning(name: Name) -> tuple[str, tuple[Name, ...]]:
    """The source that defines a name, and the names that it uses in turn."""
    home = read_module(name[0])
    statements = home.defined[name[1]]
    text = "\n".join(normalised(home.text, each) for each in statements)
    return text, tuple(dict.fromkeys(used for each in statements for used in _references(home, each)))


def _references(module: SourceModule, node: ast.AST) -> Iterator[Name]:
    """The names of this package that a node uses."""
    local = {alias: target for each in ast.walk(node) for alias, target in _imports(each)}
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield from _resolved(module, each.id, local)
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            target = local.get(each.value.id) or module.imported.get(each.value.id)
            whole = ".".join(filter(None, target)) if target else ""
            if whole and module_file(whole):
                yield from _resolved(read_module(whole), each.attr, {})


def _resolved(module: SourceModule, name: str, local: Mapping[str, Name]) -> Iterator[Name]:
    """Where a name is defined, if this package defines it."""
    if name in local:
        target = local[name]
    elif name in module.defined:
        yield module.name, name
        return
    else:
        target = module.imported.get(name, ("", ""))
    if target[1] and module_file(target[0]) and not module_file(".".join(target)):
        yield from _resolved(read_module(target[0]), target[1], {})


def normalised(text: str, node: ast.AST) -> str:
    """A node's source without comments, docstrings, line breaks within a statement, and trailing commas.

    Args:
        text: of the whole module.
        node: of its syntax tree.
    """
    lines = text.splitlines(keepends=True)
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])  # pyright: ignore
    segment = "".join(lines[first - 1 : node.end_lineno])  # pyright: ignore
    if isinstance(node, ast.expr):
        segment = f"({ast.get_source_segment(text, node)})"
        bare: set[int] = set()
    else:
        bare = {
            each.lineno - first + 1
            for each in ast.walk(node)
            if isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Constant)
            and isinstance(each.value.value, str)
        }
    pieces: list[str] = []
    for line, piece in _pieces(segment):
        if line in bare and piece.lstrip("rRuU")[:1] in ("'", '"'):
            continue
        if piece in _CLOSING and pieces[-1:] == [","]:
            pieces.pop()
        pieces.append(piece)
    return " ".join(pieces)


def _pieces(segment: str) -> Iterator[tuple[int, str]]:
    """The tokens of some source with their lines; a formatted string is one, as before Python 3.12."""
    lines = segment.splitlines(keepends=True)
    start, depth = (0, 0), 0
    for token in tokenize.generate_tokens(io.StringIO(segment).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "FSTRING_START":
            start, depth = (start if depth else token.start), depth + 1
        elif kind == "FSTRING_END":
            depth -= 1
            if not depth:
                yield start[0], _slice(lines, start, token.end)
        elif not depth and token.type not in _LAYOUT:
            yield token.start[0], _BLOCKS.get(token.type, token.string)


def _slice(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """Text between two places, given by line (from 1) and column."""
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]]
    middle = lines[start[0] : end[0] - 1]
    return "".join([lines[start[0] - 1][start[1] :], *middle, lines[end[0] - 1][: end[1]]])
