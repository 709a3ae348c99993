"""Before the first chapter runs: data, networks and results made ready, and the digest of all of it."""

import os
import sys
import time
from pathlib import Path

import jax
from rich.console import Console

from cnnbook import workspace
from cnnbook.atlas.making import make_atlas
from cnnbook.build_state import Prepared, state_folder
from cnnbook.claims.committed import flips, read_committed
from cnnbook.claims.report import record
from cnnbook.config.checked import to_dict
from cnnbook.digests import digest_of
from cnnbook.progress import Reporter
from cnnbook.publishing.book import BOOK, SITE_URL, find_file
from cnnbook.publishing.publisher import BUILD
from cnnbook.publishing.registry import FIGURES
from cnnbook.sources import PACKAGE, files_digest
from cnnbook.workspace import EXECUTION, Book, cache_folder

LOCK_FILE = "requirements.lock"
"""The book's lock file, where it has one."""

ATLAS = "atlas"
"""The folder of the atlas in a state's folder; the Sphinx extension looks for it there."""


def prepare(root: Path, *, console: Console) -> Prepared:
    """Load, train and measure whatever is not in the store yet, showing progress.

    Args:
        root: the book's folder.
        console: where progress goes.

    Raises:
        ValueError: no such profile, or damaged data.
        FileNotFoundError: no such data, or this is not a book's folder.
    """
    book = workspace.open_book(root=root, reporter=Reporter(console))
    values = book.facts()
    committed = read_committed(root)
    for flip in flips(book.judged, committed):
        book.say(f"verdict changed: {flip}; if that is right, 'cnnbook claims --accept' commits it")
    digest = state_digest(book)
    folder = state_folder(cache_folder() / "book", digest)
    make_atlas(book.result, folder / ATLAS)
    return Prepared(
        digest=digest,
        folder=folder,
        values=values,
        is_sample=book.digits.is_sample,
        environment=_environment(book, folder),
        claims={one.claim.id: record(one, committed) for one in book.judged},
    )


def state_digest(book: Book) -> str:
    """SHA-256 over all that a cell's output depends on, besides the cell itself."""
    lock = book.root / LOCK_FILE
    told = [path for name in (BOOK, FIGURES) if (path := find_file(book.root, name)).is_file()]
    return digest_of(
        {
            "package": files_digest(PACKAGE, pattern="*.py"),
            "seeds": files_digest(book.root / "seeds"),
            "bench": files_digest(measured)
            if (measured := book.root / "bench" / "results").is_dir()
            else None,
            "lock": files_digest(lock) if lock.is_file() else None,
            "told": [files_digest(*told), os.environ.get(SITE_URL)],
            "data": book.digits.digest,
            "profile": to_dict(book.profile),
            "edition": dict(book.build_info),
            "python": sys.version,
            "jax": jax.__version__,
            "platform": jax.default_backend(),
        }
    )


def _environment(book: Book, folder: Path) -> dict[str, str]:
    """Variables that make a kernel open the same profile, data and cache, without asking the network."""
    asked = os.environ.get("CNNBOOK_DATA") or "auto"
    found = "sample" if book.digits.is_sample else "full"
    is_word = asked in ("auto", "full", "sample")
    choice = found if is_word else str(Path(asked).expanduser().absolute())
    return {
        "CNNBOOK_DATA": choice,
        "CNNBOOK_PROFILE": book.profile.name,
        "CNNBOOK_CACHE": str(cache_folder()),
        EXECUTION: str(folder),
        BUILD: f"{os.getpid()}-{time.time_ns()}",
    }
