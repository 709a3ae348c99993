"""Writes what follows from the modules that there are, or says that it is out of date.

That is the layout in CONTRIBUTING.md, from the first lines of docstrings, and the sections of the API pages.

python tools/layout.py            # exit code 1 if it is out of date
python tools/layout.py --write
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
API = {name: ROOT / "book" / f"api-{name}.md" for name in ("fcp", "oip", "nets")}
"""The page of each package that a cell may import from; its sections are the package's modules."""

BEGIN, END = "<!-- layout: written by `make layout` -->", "<!-- end of the layout -->"


def first_line(path: Path) -> str:
    """The first line of a module's docstring.

    Raises:
        ValueError: it has none.
    """
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not docstring:
        raise ValueError(f"{path}: expected a docstring; its first line says what the module holds")
    return docstring.splitlines()[0].strip()


def lines(package: Path, *, depth: int = 0) -> Iterator[str]:
    """A list item for each package and, on the first level, each module below a package."""
    for path in sorted(package.iterdir()):
        if (path / "__init__.py").is_file():
            yield f"{'  ' * depth}- `{path.name}/` {first_line(path / '__init__.py')}"
            yield from lines(path, depth=depth + 1)
        elif depth == 0 and path.suffix == ".py" and not path.stem.startswith("__"):
            yield f"- `{path.name}` {first_line(path)}"


def with_layout(page: str, layout: str) -> str:
    """The page with this layout between its two comments.

    Args:
        page: the Markdown of CONTRIBUTING.md.
        layout: what stands between the comments.

    Raises:
        ValueError: the comments are not there.
    """
    pattern = re.compile(f"({re.escape(BEGIN)}\n).*?({re.escape(END)})", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"{PAGE.name}: expected the two comments {BEGIN} and {END}")
    return pattern.sub(lambda found: f"{found[1]}\n{layout}\n\n{found[2]}", page)


def with_sections(page: str, package: Path) -> str:
    """An API page with one section for each module and package in its package, in place of those that it has.

    Args:
        page: the Markdown of the page; its head, up to the first section, stays.
        package: the package's folder.
    """
    head = page.partition("\n## ")[0].rstrip("\n")
    inner = sorted(
        ".".join(path.relative_to(package).with_suffix("").parts) for path in package.rglob("*.py")
    )
    names = [f"{package.name}.{name.removesuffix('.__init__')}" for name in inner if name != "__init__"]
    sections = [f"## {name}\n\n```{{eval-rst}}\n.. automodule:: cnnbook.{name}\n```" for name in names]
    return "\n\n".join([head, *sections]) + "\n"


def pages() -> dict[Path, str]:
    """Each page that follows from the modules, as it should be."""
    package = ROOT / "src" / "cnnbook"
    layout = "\n".join(lines(package))
    return {PAGE: with_layout(PAGE.read_text(encoding="utf-8"), layout)} | {
        path: with_sections(path.read_text(encoding="utf-8"), package / name) for name, path in API.items()
    }


def main(argv: list[str] | None = None) -> int:
    """Compare or write; exit code 1 if a page is out of date."""
    parser = argparse.ArgumentParser(description="Writes the layout and the sections of the API pages.")
    parser.add_argument("--write", action="store_true", help="write what is out of date")
    writing = parser.parse_args(argv).write
    old = {path: text for path, text in pages().items() if path.read_text(encoding="utf-8") != text}
    for path, text in old.items():
        if writing:
            path.write_text(text, encoding="utf-8")
        else:
            print(f"{path.relative_to(ROOT)}: out of date; run `make layout`", file=sys.stderr)
    return 1 if old and not writing else 0


if __name__ == "__main__":
    sys.exit(main())
