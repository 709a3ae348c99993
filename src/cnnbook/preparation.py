"""Before the first chapter runs: data, networks and results made ready, and the digest of all of it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import jax
from rich.console import Console

from cnnbook import workspace
from cnnbook.atlas import ATLAS, write_atlas
from cnnbook.build_info import edition_label
from cnnbook.build_state import BuildState, lock_state_folder
from cnnbook.claims.committed import flips, read_committed
from cnnbook.claims.report import claim_record
from cnnbook.config.checked import to_dict
from cnnbook.digests import digest_of
from cnnbook.progress import Reporter
from cnnbook.publishing.book import BOOK, SITE_URL, find_file
from cnnbook.publishing.registry import FIGURES
from cnnbook.sources import PACKAGE, files_digest
from cnnbook.workspace import Book, cache_folder

LOCK_FILE = "requirements.lock"
"""The book's lock file, where it has one."""

SAMPLE_NOTICE = "Built on the sample of 5,000 digits: no number here is a result about MNIST."
"""What stands at the top of each page that was built on the sample."""


def prepare(root: Path, *, console: Console) -> BuildState:
    """Load, train and measure whatever is not in the store yet, showing progress.

    Builds of the same state, in whatever checkout, wait for one another before they do any of it.

    Args:
        root: the book's folder.
        console: where progress goes.

    Raises:
        ValueError: no such profile, or damaged data.
        FileNotFoundError: no such data, or this is not a book's folder.
    """
    book = workspace.open_book(root=root, reporter=Reporter(console))
    digest = state_digest(book)
    folder, lock = lock_state_folder(cache_folder() / "book", digest, console)
    values = book.facts()
    committed = read_committed(root)
    for flip in flips(book.judged, committed):
        book.say(f"verdict changed: {flip}; if that is right, 'cnnbook claims --accept' commits it")
    write_atlas(book.result, folder / ATLAS)
    return BuildState(
        digest=digest,
        folder=folder,
        lock=lock,
        values=values,
        notice=SAMPLE_NOTICE if book.digits.is_sample else "",
        environment=kernel_variables(book),
        settings={
            "cnnbook_claims": {judged.claim.id: claim_record(judged, committed) for judged in book.judged},
            "cnnbook_edition": edition_label(book.profile, book.digits),
            "cnnbook_inputs": {"nets": "network"},
        },
    )


def state_digest(book: Book) -> str:
    """SHA-256 over all that a cell's output depends on, besides the cell itself."""
    own = (find_file(book.root, BOOK), find_file(book.root, FIGURES))
    return digest_of(
        {
            "package": files_digest(PACKAGE, pattern="*.py"),
            "seeds": files_digest(book.root / "seeds"),
            "bench": _digest_if_there(book.root / "bench" / "results"),
            "lock": _digest_if_there(book.root / LOCK_FILE),
            "book": [_digest_if_there(path) for path in own],
            "site": os.environ.get(SITE_URL),
            "data": book.digits.digest,
            "profile": to_dict(book.profile),
            "build_info": dict(book.build_info),
            "python": sys.version,
            "jax": jax.__version__,
            "platform": jax.default_backend(),
        }
    )


def _digest_if_there(path: Path) -> str | None:
    """SHA-256 over a file, or over all files of a folder; None where there is none."""
    return files_digest(path) if path.exists() else None


def kernel_variables(book: Book) -> Mapping[str, str]:
    """Variables that make a kernel open the same profile, data and cache, without asking the network."""
    choice = os.environ.get("CNNBOOK_DATA") or "auto"
    if choice in ("auto", "full", "sample"):
        data = "sample" if book.digits.is_sample else "full"
    else:
        data = str(Path(choice).expanduser().absolute())
    return {
        "CNNBOOK_DATA": data,
        "CNNBOOK_PROFILE": book.profile.name,
        "CNNBOOK_CACHE": str(cache_folder()),
    }
