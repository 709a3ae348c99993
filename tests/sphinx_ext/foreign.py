"""Another book that uses the extension: nothing is trained, and `book.yaml` lies beside `_config.yml`."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tiny import Outcome, TinyBook

HIDING = Path(__file__).parent / "hiding.py"
"""Hides all that is about CNNs from processes that find it as `sitecustomize.py` in the book's folder."""

DRAWS = "    figure = Figure(figsize=(4, 3))"
"""The first line of the function that draws."""

KILLED = "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)"
"""What stands there in its place, where the system kills the process."""

PUBLISHED = 'rain.publisher().publish("fig-rain", rain.rain_figure)'


class ForeignBook(TinyBook):
    """A book in a folder of its own, with one figure."""

    @property
    def cell_runs(self) -> int:
        """How often the cells have run."""
        return len((self.root / ".runs").read_text().splitlines())

    @property
    def execution(self) -> Path:
        """The execution folder of the latest build."""
        states = (self.root / "_build" / ".cnnbook").glob("[!.]*")
        return max(states, key=lambda path: path.stat().st_mtime)

    def attempt(self, page: str, old: str, new: str) -> Outcome:
        """Build with an edit, and take the edit back."""
        path = self.root / page
        before = path.read_text()
        self.replace(page, old, new)
        outcome = self.build("-W")
        path.write_text(before)
        return outcome


@dataclass(frozen=True)
class ForeignStory:
    """What each build of the foreign book gave."""

    book: ForeignBook
    first: Outcome
    again: tuple[Outcome, int]
    retitled: tuple[Outcome, int, str]
    newer: tuple[Outcome, str]
    faults: dict[str, Outcome]


def tell_foreign_story(root: Path) -> ForeignStory:
    """Build it, build it again, change it, and make each mistake once."""
    shutil.copytree(Path(__file__).parent / "foreignbook", root)
    shutil.copy(HIDING, root / "sitecustomize.py")
    book = ForeignBook(root)
    first = book.build("-W")
    again = (book.build("-W"), book.cell_runs)
    faults = {
        "no units": book.attempt("rain.py", '"units": "mm", ', ""),
        "not registered": book.attempt("rain.md", 'publish("fig-rain"', 'publish("fig-snow"'),
        "withdrawn": book.attempt("rain.md", 'publish("fig-rain"', 'publish("fig-hail"'),
        "published twice": book.attempt("rain.md", "import rain\n", f"import rain\n{PUBLISHED}\n"),
        "shown nowhere": book.attempt(
            "figures.yaml", 'withdrawn: "in 2.0: the gauge was broken"', "withdrawn:"
        ),
        "no title": book.attempt("book.yaml", "title: Rain", "name: Rain"),
        "unwritable": _unwritable(book),
        "killed": book.attempt(
            "rain.py", DRAWS, "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)"
        ),
        "hangs": _hanging(book),
    }
    book.replace("book.yaml", "title: Rain", "title: Rain and more")
    retitled = (book.build("-W"), book.cell_runs, book.page("figures/fig-rain"))
    shutil.copytree(book.html, root / "versions" / "v2.1")
    book.replace("book.yaml", '"2.1"', '"2.2"')
    book.replace("rain.py", "122.0", "120.0")
    newer = (book.build("-W"), book.page("figures/fig-rain"))
    return ForeignStory(book, first, again, retitled, newer, faults)


def _hanging(book: ForeignBook) -> Outcome:
    """Build with a function that draws for longer than the page allows, and with a process of its own."""
    path, before = book.root / "rain.py", (book.root / "rain.py").read_text()
    sleep = "    import subprocess\n    subprocess.run(['sleep', '600'])"
    path.write_text(before.replace(DRAWS, sleep))
    outcome = book.attempt("rain.md", "kernelspec:", "mystnb: {execution_timeout: 12}\nkernelspec:")
    path.write_text(before)
    return outcome


def _unwritable(book: ForeignBook) -> Outcome:
    """Build where a cell cannot leave the record of its figure: a file is in the way of the folder."""
    book.build("-W")
    records = book.execution / "figures"
    shutil.rmtree(records)
    records.touch()
    outcome = book.attempt("rain.md", "import rain\n", "import rain  # again\n")
    records.unlink()
    return outcome
