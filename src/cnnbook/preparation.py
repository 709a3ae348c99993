"""Before the first chapter runs: data, networks and results made ready, and the digest of all of it."""

import os
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from rich.console import Console

from cnnbook import workspace
from cnnbook.atlas import ATLAS, write_atlas
from cnnbook.build_info import edition_label
from cnnbook.build_state import BuildState, lock_state_folder
from cnnbook.config.checked import to_dict
from cnnbook.digests import digest_of
from cnnbook.environment import COMPUTING
from cnnbook.prepared import PreparedState, read_prepared_state, write_prepared_state
from cnnbook.progress import Reporter
from cnnbook.publishing.book import BOOK, SITE_URL, find_file
from cnnbook.publishing.registry import FIGURES
from cnnbook.publishing.request import installed_versions
from cnnbook.sources import PACKAGE, files_digest, text_digest
from cnnbook.timing import PAGES, Timing
from cnnbook.workspace import Book, cache_folder

TIMING = "timing.json"
"""In the cache: what the parts of builds took."""

LOCK_FILE = "requirements.lock"
"""The book's lock file, where it has one."""

CODE = ("cnnbook.preparation", "cnnbook.sphinx_ext", "cnnbook.book_ext")
"""Modules on which all pages depend, with what they import; chapters depend on what cells import too."""

SAMPLE_NOTICE = "Built on the sample of 5,000 digits: no number here is a result about MNIST."
"""What stands at the top of each page that was built on the sample."""

DRAFT_NOTICE = "A draft, for writing: fewer networks, images, starts and steps than the book's."
"""What stands there, after that, if the edition is a draft."""

_ACCELERATORS = ("nvidia0", "kfd", "accel0")
"""Devices of Linux that JAX computes on instead of the CPU, if it has the packages for them."""


def prepare(root: Path, *, console: Console) -> BuildState:
    """Load, train and measure whatever is not in the store yet, showing progress.

    Builds of the same state, in whatever checkout, wait for one another before they do any of it. A state
    that was prepared once is taken as it is: neither JAX nor the results are needed then.

    Args:
        root: the book's folder.
        console: where progress goes.

    Raises:
        ValueError: no such profile, or damaged data.
        FileNotFoundError: no such data, or this is not a book's folder.
    """
    reporter = Reporter(console)
    book = workspace.open_book(root=root, reporter=reporter)
    digest = state_digest(book)
    folder, lock = lock_state_folder(cache_folder() / "book", digest, console)
    prepared = read_prepared_state(folder)
    reporter.timing = Timing(cache_folder() / TIMING, f"{book.digits.name}, {book.profile.name}")
    if prepared is None or not _is_stored(prepared, book):
        reporter.timing.expect(PAGES)
        write_prepared_state(_prepare(book, folder), folder)
        prepared = read_prepared_state(folder)  # as the next build will: JSON makes lists of tuples
        assert prepared is not None
    for remark in prepared.remarks:
        book.say(remark)
    return BuildState(
        digest=digest,
        folder=folder,
        lock=lock,
        values=prepared.values,
        notice=_notice(book),
        environment=kernel_variables(book),
        timing=reporter.timing,
        settings={
            "cnnbook_claims": dict(prepared.claims),
            "cnnbook_statistics": dict(prepared.statistics),
            "cnnbook_judged": not (book.is_sample or book.profile.is_draft),
            "cnnbook_edition": edition_label(book.profile, is_sample=book.is_sample),
            "cnnbook_inputs": {"nets": "network"},
            "cnnbook_preload": ["cnnbook.workspace", *_modules_in("figures")],
        },
    )


def _prepare(book: Book, folder: Path) -> PreparedState:
    """Compute what is missing, and say what there is; the atlas is left in the state's folder."""
    from cnnbook.claims import read_judge_changes, read_ledger
    from cnnbook.claims.accepted import flips, read_accepted, undeclared_changes
    from cnnbook.claims.verdicts import too_few

    accepted = read_accepted(book.root)
    changes = read_judge_changes(book.root)
    if faults := undeclared_changes(read_ledger(book.root), changes, book.definitions, accepted):
        raise ValueError("\n".join(faults))
    values = book.facts()
    write_atlas(book.result, folder / ATLAS)
    runner = book.runner
    return PreparedState(
        data=book.digits.name,
        values=values,
        statistics=book.statistics(),
        claims=book.claims,
        remarks=[*map(_flipped, flips(book.judged, accepted)), *too_few(book.judged)],
        results={name: runner.key(each).digest for name, each in runner.experiments.items()},
    )


def _flipped(flip: str) -> str:
    return f"verdict changed: {flip}; if that is right, 'cnnbook claims --accept' accepts it"


def _is_stored(prepared: PreparedState, book: Book) -> bool:
    """Whether the store still has all results; whoever reads one looks whether it is sound."""
    return all(book.store.has_entry("results", digest) for digest in prepared.results.values())


def _notice(book: Book) -> str:
    """What stands at the top of each page; "" for the book's own edition on all of MNIST."""
    said = {SAMPLE_NOTICE: book.is_sample, DRAFT_NOTICE: book.profile.is_draft}
    return " ".join(notice for notice, holds in said.items() if holds)


def state_digest(book: Book) -> str:
    """SHA-256 over all that pages depend on, besides their own text and the code that their cells import."""
    own = (find_file(book.root, BOOK), find_file(book.root, FIGURES))
    return digest_of(
        {
            "code": text_digest(*CODE, *_modules_in("experiments"), package=PACKAGE),
            "seeds": files_digest(book.root / "seeds"),
            "bench": _digest_if_there(book.root / "bench" / "results"),
            "lock": _digest_if_there(book.root / LOCK_FILE),
            "book": [_digest_if_there(path) for path in own],
            "site": os.environ.get(SITE_URL),
            "data": book.digits.digest,
            "profile": to_dict(book.profile),
            "versions": dict(installed_versions(*COMPUTING)),
            "python": sys.version,
            "platform": _platform(),
        }
    )


def _modules_in(room: str) -> list[str]:
    """The names of all modules in a folder of this package, imported by name or not."""
    return [f"cnnbook.{room}.{path.stem}" for path in sorted((PACKAGE / room).glob("[!_]*.py"))]


def _platform() -> list[str]:
    """What decides on which kind of device JAX computes, without starting it."""
    plugins = {each.name for each in metadata.distributions() if each.name.startswith("jax")}
    devices = [name for name in _ACCELERATORS if Path("/dev", name).exists()]
    return [os.environ.get("JAX_PLATFORMS", ""), *sorted(plugins), *devices]


def _digest_if_there(path: Path) -> str | None:
    """SHA-256 over a file, or over all files of a folder; None where there is none."""
    return files_digest(path) if path.exists() else None


def kernel_variables(book: Book) -> Mapping[str, str]:
    """Variables that make a kernel open the same profile, data and cache, without asking the network."""
    choice = os.environ.get("CNNBOOK_DATA") or "auto"
    if choice in ("auto", "full", "sample"):
        data = "sample" if book.is_sample else "full"
    else:
        data = str(Path(choice).expanduser().absolute())
    return {
        "CNNBOOK_DATA": data,
        "CNNBOOK_PROFILE": book.profile.name,
        "CNNBOOK_CACHE": str(cache_folder()),
    }
