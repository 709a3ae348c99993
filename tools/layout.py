"""Writes the layout in CONTRIBUTING.md from the first lines of docstrings, or says that it is out of date.

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


def main(argv: list[str] | None = None) -> int:
    """Compare or write; exit code 1 if the page is out of date."""
    parser = argparse.ArgumentParser(description="Writes the layout in CONTRIBUTING.md.")
    parser.add_argument("--write", action="store_true", help="write it")
    written = parser.parse_args(argv).write
    page = PAGE.read_text(encoding="utf-8")
    wanted = with_layout(page, "\n".join(lines(ROOT / "src" / "cnnbook")))
    if written:
        PAGE.write_text(wanted, encoding="utf-8")
    elif page != wanted:
        print(f"{PAGE.name}: the layout is out of date; run `make layout`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
