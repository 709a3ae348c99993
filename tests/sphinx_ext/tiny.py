"""A tiny book, built by the real command with the real configuration and a workspace of its own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from cnnbook.sources import PACKAGE

REPOSITORY = Path(__file__).parents[2]
COMMAND = [str(Path(sys.executable).with_name("jupyter-book")), "build", "-q"]


@dataclass(frozen=True)
class Outcome:
    """What a build gave."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class TinyBook:
    """A book in a folder of its own."""

    root: Path

    @property
    def html(self) -> Path:
        """Where its pages are."""
        return self.root / "_build" / "html"

    def page(self, name: str) -> str:
        """A page as published."""
        return (self.html / f"{name}.html").read_text()

    def pages(self) -> dict[str, str]:
        """All pages as published, by their path."""
        paths = [*self.html.glob("*.html"), *self.html.glob("book/*.html"), *self.html.glob("figures/*.html")]
        return {str(path.relative_to(self.html)): path.read_text() for path in paths}

    def files(self) -> dict[str, bytes]:
        """All files as published, by their path."""
        paths = [path for path in sorted(self.html.rglob("*")) if path.is_file()]
        return {str(path.relative_to(self.html)): path.read_bytes() for path in paths}

    def runs(self, state: str) -> int:
        """How often the cells have run in a state."""
        return len((self.root / "_build" / "state" / state / "runs").read_text().splitlines())

    def replace(self, page: str, old: str, new: str) -> None:
        """Edit a page."""
        path = self.root / page
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def start(self, *options: str, state: str = "one") -> subprocess.Popen[str]:
        """Begin a build."""
        path = os.pathsep.join([str(self.root), str(PACKAGE.parent)])
        environment = os.environ | {"TINY_STATE": state, "PYTHONPATH": path}
        with _heeding_ctrl_c():
            return subprocess.Popen(
                [*COMMAND, *options, "."],
                cwd=self.root,
                env=environment,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def build(self, *options: str, state: str = "one") -> Outcome:
        """Build to the end."""
        process = self.start(*options, state=state)
        out, err = process.communicate(timeout=600)
        return Outcome(process.returncode, out, err)

    def interrupt(self, *, state: str, when: str) -> Outcome:
        """Begin a build and press Ctrl-C once it has said something."""
        process = self.start(state=state)
        assert process.stderr is not None
        said = ""
        while when not in said:
            said += process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=600)
        return Outcome(process.returncode, out, said + err)


@contextmanager
def _heeding_ctrl_c() -> Iterator[None]:
    """Let children heed Ctrl-C even in a shell's background, which ignores it and passes that on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def make_book(root: Path) -> TinyBook:
    """Lay out the tiny book, configured as the real one is."""
    shutil.copytree(Path(__file__).parent / "tinybook", root)
    shutil.copytree(REPOSITORY / "book" / "_static", root / "book" / "_static")
    shutil.copy(REPOSITORY / "book" / "references.bib", root / "book")
    config = yaml.safe_load((REPOSITORY / "_config.yml").read_text())
    config["sphinx"]["config"]["cnnbook_prepare"] = "tinybook:prepare"
    (root / "_config.yml").write_text(yaml.safe_dump(config))
    return TinyBook(root)


@dataclass(frozen=True)
class Story:
    """A tiny book's life: what each of its builds gave, and how often its cells had run by then."""

    book: TinyBook
    first: Outcome
    first_pages: dict[str, str]
    again: tuple[Outcome, int]
    style_edited: tuple[Outcome, str]
    prose_edited: tuple[Outcome, int, str]
    other_state: tuple[Outcome, int, str]
    output_gone: tuple[Outcome, int, bytes]
    written_again: dict[str, bytes]
    written_clean: dict[str, bytes]
    figure_damaged: tuple[Outcome, int]
    broken: Outcome
    broken_again: Outcome
    pages_after_broken: dict[str, str]
    mended: Outcome
    sample: Outcome
    sample_pages: dict[str, str]


def tell_story(root: Path) -> Story:
    """Build the tiny book, edit it, break it, mend it."""
    book = make_book(root)
    first = book.build()
    pages = book.pages()
    again = (book.build(), book.runs("one"))

    book.replace("book/_static/cnnbook.css", ":root {", ":root { /* edited */")
    style_edited = (book.build(), (book.html / "_static" / "cnnbook.css").read_text())

    book.replace("book/prose.md", "Nothing but prose", "Only prose")
    prose_edited = (book.build(), book.runs("one"), book.page("book/prose"))

    written_again = book.files()

    other_state = (book.build(state="two"), book.runs("two"), book.page("book/lines"))

    shutil.rmtree(book.html)
    shutil.rmtree(book.html.with_name(".html"))
    output_gone = (book.build(), book.runs("one"), (book.html / "figures" / "fig-line.png").read_bytes())

    written_clean = book.files()

    damaged = book.root / "_build" / "state" / "one" / "store" / "fig-line" / "fig-line-dark.svg"
    damaged.write_text("nothing")
    figure_damaged = (book.build(), book.runs("one"))

    before = book.pages()
    shutil.copy(book.root / "book" / "prose.md", book.root / "prose.md.good")
    shutil.copy(Path(__file__).parent / "broken.md", book.root / "book" / "prose.md")
    broken, broken_again = book.build(), book.build("-W")
    pages_after_broken = {name: text for name, text in book.pages().items() if before.get(name) != text}
    shutil.copy(book.root / "prose.md.good", book.root / "book" / "prose.md")
    mended = book.build()
    return Story(
        book,
        first,
        pages,
        again,
        style_edited,
        prose_edited,
        other_state,
        output_gone,
        written_again,
        written_clean,
        figure_damaged,
        broken,
        broken_again,
        pages_after_broken,
        mended,
        book.build(state="sample"),
        book.pages(),
    )
