"""How long it takes to publish the book's figures in all formats, and again when nothing has changed.

The cells that publish are taken from the chapters and run one after another, with a store of figures of their
own; results come from the user's store, and are measured first where they are not there. The goal: 1.5 s a
figure on average, and no drawing the second time. CNNBOOK_PROFILE and CNNBOOK_DATA choose the edition.
"""

import re
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cnnbook import workspace
from cnnbook.store import Store
from cnnbook.workspace import Book, open_book

GOAL_SECONDS = 1.5
ROOT = Path(__file__).resolve().parents[1]
CELL = re.compile(r"^```\{code-cell\}\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Timed:
    """A book that notes how long each figure takes, and how many bytes its files have."""

    def __init__(self, book: Book, figures: Store) -> None:
        book.store = figures
        self._book = book
        self.seconds: dict[str, float] = {}
        self.bytes: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._book, name)

    def publish(self, figure_id: str, *words: Any, **options: Any) -> None:
        """Publish a figure with a watch in hand."""
        begin = time.perf_counter()
        figure = self._book.publish(figure_id, *words, **options)
        self.seconds[figure_id] = time.perf_counter() - begin
        self.bytes[figure_id] = sum(file.bytes for file in figure.files) if figure else 0


def run_chapters(timed: Timed) -> None:
    """Run every chapter's cells."""
    for page in [ROOT / "index.md", *sorted((ROOT / "book").glob("*.md"))]:
        names: dict[str, Any] = {}
        for cell in CELL.findall(page.read_text(encoding="utf-8")):
            exec(cell, names)


def main() -> None:
    """Publish all figures twice, and print one table."""
    book = open_book(root=ROOT)
    book.facts()
    with tempfile.TemporaryDirectory() as folder:
        timed = Timed(book, Store(Path(folder), notify=print))
        original, workspace.open_book = workspace.open_book, lambda: timed  # pyright: ignore
        try:
            run_chapters(timed)
            first = dict(timed.seconds)
            run_chapters(timed)
        finally:
            workspace.open_book = original
        drawn = len(list(Path(folder, "figures").iterdir()))
    table = Table("figure", "first time [s]", "unchanged [s]", "all files [kB]")
    for figure_id, seconds in first.items():
        size = f"{timed.bytes[figure_id] / 1000:,.0f}"
        table.add_row(figure_id, f"{seconds:.2f}", f"{timed.seconds[figure_id]:.2f}", size)
    console = Console()
    console.print(table)
    mean, again = (sum(times.values()) / len(times) for times in (first, timed.seconds))
    kept = "nothing was drawn again" if drawn == len(first) else f"{drawn - len(first)} WERE DRAWN AGAIN"
    console.print(
        f"{len(first)} figures: {mean:.2f} s each on average (goal {GOAL_SECONDS}), "
        f"{again:.2f} s unchanged; {kept}"
    )


if __name__ == "__main__":
    main()
