"""Which source files a result depends on, read from their imports.

A result is computed anew when code that it depends on changes, and only then. Comments, blank lines and
docstrings do not count as a change.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
"""The folder of the installed package."""

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where a statement, or a branch of one, keeps the statements within it."""


def module_file(module: str, *, package: Path = PACKAGE) -> Path | None:
    """The file of a module of this package, or None when it has none (another package, or a name in one).

    Args:
        module: dotted name.
        package: the package's folder.
    """
    head, *parts = module.split(".")
    if head != package.name:
        return None
    place = package.joinpath(*parts)
    candidates = (place / "__init__.py", place.with_suffix(".py")) if parts else (place / "__init__.py",)
    return next((path for path in candidates if path.is_file()), None)


@cache
def _read(code: bytes) -> tuple[tuple[tuple[str, str], ...], str]:
    """What a source file imports, and its code without docstrings.

    Imports are pairs of module and name; the name is "" where a whole module is imported.
    Kept by content: a build asks for the same files many times, and parsing them is what takes time.
    """
    tree = ast.parse(code)
    found: dict[tuple[str, str], None] = {}
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            found |= dict.fromkeys((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= dict.fromkeys((node.module, alias.name) for alias in node.names)
        elif body := getattr(node, "body", None):
            node.body = [item for item in body if not _is_bare_string(item)]  # pyright: ignore
    return tuple(found), ast.dump(tree)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """A syntax tree's statements and branches; the many expressions hold neither imports nor docstrings."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for field in _BLOCKS:
            waiting += getattr(node, field, ())


def _imports(code: bytes, *, package: Path) -> set[str]:
    """Modules of this package that a source file imports."""
    found: set[str] = set()
    for module, name in _read(code)[0]:
        inner = f"{module}.{name}"
        found.add(inner if name and module_file(inner, package=package) else module)
    return {name for name in found if module_file(name, package=package)}


def dependencies(module: str, *, package: Path = PACKAGE) -> tuple[str, ...]:
    """A module and every module of this package that it imports, directly or through others.

    Args:
        module: dotted name, such as "cnnbook.training.program".
        package: the package's folder.

    Returns:
        Dotted names, sorted.

    Raises:
        ValueError: there is no such module.
    """
    if module_file(module, package=package) is None:
        raise ValueError(f"module={module!r}: no such module in {package}")
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = module_file(name, package=package)
        if name not in seen and path is not None:
            seen.add(name)
            waiting += _imports(path.read_bytes(), package=package)
    return tuple(sorted(seen))


def _is_bare_string(item: ast.stmt) -> bool:
    return (
        isinstance(item, ast.Expr)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    )


def source_digest(module: str, *, package: Path = PACKAGE) -> str:
    """SHA-256 over the code that a module's results depend on.

    Args:
        module: dotted name.
        package: the package's folder.

    Raises:
        ValueError: there is no such module.
    """
    digest = hashlib.sha256()
    for name in dependencies(module, package=package):
        path = module_file(name, package=package)
        if path is not None:
            code = _read(path.read_bytes())[1]
            digest.update(f"{name}\n{code}\n".encode())
    return digest.hexdigest()


def files_digest(*roots: Path, pattern: str = "*") -> str:
    """SHA-256 over names and bytes of all files below some folders, or of the files given.

    Args:
        roots: folders and files.
        pattern: of the names of the files in folders.
    """
    digest = hashlib.sha256()
    for root in roots:
        found = sorted(root.rglob(pattern)) if root.is_dir() else [root]
        for path in found:
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(root) if root.is_dir() else path.name
                digest.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
