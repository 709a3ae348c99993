"""What a builder waits for: whole builds from nothing and after edits; writes the part `building`.

Each build runs in a copy of the checkout with a cache of its own. With `--beside FOLDER` another checkout is
built in turn, such as that of an earlier version. `--mnist` builds from all of MNIST as well, as CNNBOOK_DATA
names it: half an hour a round.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from machine import RESULTS, write_results

ROOT = Path(__file__).resolve().parents[1]
PAGE, MODULE = Path("book", "patterns-and-features.md"), Path("src", "cnnbook", "figures", "kernels.py")
"""What is edited: a page without a cell that computes, and the code of some figures."""


@dataclass(frozen=True)
class Checkout:
    """A copy of a checkout, to be built and edited.

    Attributes:
        name: "now", or "before" for the other one.
        root: of the copy.
        cache: of its own.
    """

    name: str
    root: Path
    cache: Path

    def build(self, profile: str, data: str) -> tuple[float, int]:
        """Build the book.

        Returns:
            Seconds, and the most bytes that one of its processes held.

        Raises:
            RuntimeError: the build failed.
        """
        environment = os.environ | {
            "CNNBOOK_CACHE": str(self.cache),
            "CNNBOOK_PROFILE": profile,
            "CNNBOOK_DATA": data,
            "PYTHONPATH": str(self.root / "src"),
        }
        program = str(Path(sys.executable).with_name("jupyter-book"))
        command = [program, "build", "-q", "-W", "--keep-going", "."]
        with tempfile.TemporaryFile() as output:
            begin = time.perf_counter()
            process = subprocess.Popen(command, cwd=self.root, env=environment, stdout=output, stderr=output)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
            if status:
                output.seek(0)
                raise RuntimeError(f"{self.root}: {output.read().decode(errors='replace')[-2000:]}")
        return seconds, 1024 * usage.ru_maxrss

    def forget(self) -> None:
        """Begin from nothing."""
        for folder in (self.cache, self.root / "_build"):
            shutil.rmtree(folder, ignore_errors=True)

    def edit(self, path: Path, text: str) -> None:
        """Append to a file."""
        with (self.root / path).open("a") as stream:
            stream.write(text)


def copy_of(checkout: Path, name: str, folder: Path) -> Checkout:
    """A copy of a checkout as it stands, without what was built."""
    unwanted = shutil.ignore_patterns("_build", ".venv", "__pycache__", ".git", "*_cache")
    root = Path(shutil.copytree(checkout, folder / name, ignore=unwanted))
    return Checkout(name, root, folder / f"cache-{name}")


def steps(data: str | None) -> Iterator[tuple[str, Callable[[Checkout, int], tuple[float, int]]]]:
    """The builds of a round by name; those after edits go on from the one before."""

    def cold(profile: str, data: str = "sample") -> Callable[[Checkout, int], tuple[float, int]]:
        def build(checkout: Checkout, number: int) -> tuple[float, int]:
            checkout.forget()
            return checkout.build(profile, data)

        return build

    def after(path: Path | None, text: str = "") -> Callable[[Checkout, int], tuple[float, int]]:
        def build(checkout: Checkout, number: int) -> tuple[float, int]:
            if path is not None:
                checkout.edit(path, text.format(number=number))
            return checkout.build("book", "sample")

        return build

    if data:
        yield "all of MNIST, cold", cold("book", data)
    yield "sample, draft, cold", cold("draft")
    yield "sample, book, cold", cold("book")
    yield "nothing changed", after(None)
    yield "a sentence", after(PAGE, "\nSentence {number}.\n")
    yield "a figure's code", after(MODULE, "\n_EDITED = {number}\n")


def measure(
    checkouts: Sequence[Checkout], rounds: int, data: str | None, console: Console
) -> list[dict[str, Any]]:
    """Build all of it in turn, as often as asked."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for number in range(rounds):
        for step, build in steps(data):
            for checkout in checkouts:
                seconds, peak = build(checkout, number)
                row = rows.setdefault((step, checkout.name), {"step": step, "checkout": checkout.name})
                row.setdefault("seconds", []).append(round(seconds, 1))
                row["peak_bytes"] = max(peak, row.get("peak_bytes", 0))
                console.print(f"  {step}, {checkout.name}: {seconds:.1f} s")
    return [row | {"median": statistics.median(row["seconds"])} for row in rows.values()]


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=RESULTS, help="the folder of the results")
    parser.add_argument("--rounds", type=int, default=3, help="how often each build is made")
    parser.add_argument("--beside", type=Path, help="another checkout, built in turn")
    parser.add_argument("--mnist", action="store_true", help="from all of MNIST too; CNNBOOK_DATA says where")
    given = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        checkouts = [copy_of(ROOT, "now", Path(folder))]
        if given.beside:
            checkouts.insert(0, copy_of(given.beside.resolve(), "before", Path(folder)))
        data = os.environ.get("CNNBOOK_DATA", "full") if given.mnist else None
        if data and Path(data).is_dir():
            data = str(Path(data).resolve())
        rows = measure(checkouts, given.rounds, data, console)
    path = write_results("building", {"unit": "s", "rounds": given.rounds, "rows": rows}, given.results)
    console.print(f"  {path}")


if __name__ == "__main__":
    main()
