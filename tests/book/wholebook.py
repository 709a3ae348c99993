"""A copy of the book's sources, and the command that builds it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]

SOURCES = "_config.yml _toc.yml index.md bench book figures seeds src requirements.lock".split()
"""What a build reads."""


@dataclass(frozen=True)
class BuiltBook:
    """A copy of the book's sources and what `jupyter-book build` makes of it."""

    root: Path
    cache: Path

    @property
    def html(self) -> Path:
        return self.root / "_build" / "html"

    def build(self) -> subprocess.CompletedProcess[str]:
        """Run the command that `make book` runs, on this copy and with this copy's package."""
        environment = os.environ | {
            "CNNBOOK_CACHE": str(self.cache),
            "CNNBOOK_DATA": "sample",
            "CNNBOOK_PROFILE": "draft",
            "PYTHONPATH": str(self.root / "src"),
        }
        command = [
            str(Path(sys.executable).parent / "jupyter-book"),
            "build",
            "-q",
            "-W",
            "--keep-going",
            ".",
        ]
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )

    def pages(self) -> dict[str, BeautifulSoup]:
        """Every page that a reader can reach, by its address."""
        folders = (self.html / "book", self.html / "figures")
        found = [
            self.html / "index.html",
            *(path for place in folders for path in sorted(place.glob("*.html"))),
        ]
        return {
            str(path.relative_to(self.html)): BeautifulSoup(path.read_text(), "html.parser") for path in found
        }


def copy_sources(root: Path) -> None:
    """Copy what a build reads into a new folder."""
    root.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
