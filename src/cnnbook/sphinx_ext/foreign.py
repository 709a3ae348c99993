"""The preparation of a book that trains nothing: what its cells depend on is digested, and that is all.

`cnnbook_prepare: ""` chooses it. The files that cells depend on are those of `cnnbook_sources`; when one of
them changes all cells run again.
"""

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from cnnbook import __version__
from cnnbook.build_state import Prepared, state_folder
from cnnbook.digests import digest_of
from cnnbook.publishing.book import BOOK, SITE_URL, find_file
from cnnbook.publishing.publisher import BUILD, EXECUTION
from cnnbook.publishing.registry import FIGURES
from cnnbook.sources import PACKAGE, files_digest

SOURCES = ("*.py", "book/*.py", "requirements*.txt")
"""Files that cells depend on, unless the book says otherwise."""


@dataclass(frozen=True, kw_only=True)
class PrepareForeign:
    """Prepares a book from its sources.

    Attributes:
        sources: patterns of files, within the book's folder.
        values: the numbers that prose may quote, by name.
    """

    sources: Sequence[str]
    values: Mapping[str, str]

    def __call__(self, root: Path, *, console: Console) -> Prepared:
        """Digest the sources, and make the execution folder."""
        digest = self._digest(root)
        folder = state_folder(root / "_build" / ".cnnbook", digest)
        paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
        return Prepared(
            digest=digest,
            folder=folder,
            values=self.values,
            is_sample=False,
            environment={
                EXECUTION: str(folder),
                BUILD: f"{os.getpid()}-{time.time_ns()}",
                "PYTHONPATH": os.pathsep.join(paths),
            },
        )

    def _digest(self, root: Path) -> str:
        """SHA-256 over all that a cell's output depends on, besides the cell itself."""
        found = {path for pattern in self.sources for path in root.glob(pattern) if path.is_file()}
        own = [find_file(root, name) for name in (BOOK, FIGURES)]
        return digest_of(
            {
                "sources": {path.relative_to(root).as_posix(): files_digest(path) for path in sorted(found)},
                "book": [files_digest(path) for path in own if path.is_file()],
                "site": os.environ.get(SITE_URL),
                "values": dict(self.values),
                "publishing": files_digest(PACKAGE / "publishing", pattern="*.py"),
                "cnnbook": __version__,
                "python": platform.python_version(),
            }
        )
