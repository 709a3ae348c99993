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
def _imports(code: bytes) -> tuple[tuple[str, str], ...]:
    """What a source file imports: pairs of module and name; the name is "" where a whole module is imported.

    Kept by content, as is `_code`: a build asks for the same files many times, and parsing takes the time.
    """
    found: dict[tuple[str, str], None] = {}
    for node in _statements(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= dict.fromkeys((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= dict.fromkeys((node.module, alias.name) for alias in node.names)
    return tuple(found)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """A syntax tree's statements and branches; the many expressions hold neither imports nor docstrings."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for field in _BLOCKS:
            waiting += getattr(node, field, ())


@cache
def _code(code: bytes) -> str:
    """A source file's code, without docstrings and comments."""
    tree = ast.parse(code)
    for node in _statements(tree):
        if body := getattr(node, "body", None):
            node.body = [item for item in body if not _is_bare_string(item)]  # pyright: ignore
    return ast.dump(tree)


@cache
def _imported(code: bytes, modules: frozenset[str]) -> tuple[str, ...]:
    """Those of a package's modules that a source file imports."""
    inner = ((module, f"{module}.{name}") for module, name in _imports(code))
    return tuple({whole if whole in modules else module for module, whole in inner} & modules)


def dependencies(*modules: str, package: Path = PACKAGE) -> tuple[str, ...]:
    """Modules and every module of this package that they import, directly or through others.

    Args:
        modules: dotted names, such as "cnnbook.training.program".
        package: the package's folder.

    Returns:
        Dotted names, sorted.

    Raises:
        ValueError: there is no such module.
    """
    for module in modules:
        if module_file(module, package=package) is None:
            raise ValueError(f"module={module!r}: no such module in {package}")
    files = _module_files(package)
    known = frozenset(files)
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _imported(files[name].read_bytes(), known)
    return tuple(sorted(seen))


def _module_files(package: Path) -> dict[str, Path]:
    """The files of all modules of a package, by dotted name."""
    files: dict[str, Path] = {}
    for path in sorted(package.rglob("*.py"), key=lambda path: path.name != "__init__.py", reverse=True):
        parts = path.relative_to(package.parent).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def _is_bare_string(item: ast.stmt) -> bool:
    return (
        isinstance(item, ast.Expr)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    )


def source_digest(*modules: str, package: Path = PACKAGE) -> str:
    """SHA-256 over the code that the results of some modules depend on.

    Args:
        modules: dotted names.
        package: the package's folder.

    Raises:
        ValueError: there is no such module.
    """
    digest = hashlib.sha256()
    for name in dependencies(*modules, package=package):
        path = module_file(name, package=package)
        if path is not None:
            code = _code(path.read_bytes())
            digest.update(f"{name}\n{code}\n".encode())
    return digest.hexdigest()


def text_digest(*modules: str, package: Path = PACKAGE) -> str:
    """SHA-256 over the files of some modules and of all that they import here, comments included.

    For what may show or cite the source itself: a comment moves lines.

    Args:
        modules: dotted names.
        package: the package's folder.

    Raises:
        ValueError: there is no such module.
    """
    paths = (module_file(name, package=package) for name in dependencies(*modules, package=package))
    return files_digest(*filter(None, paths))


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
