"""What prepares a build: the function that the book names, or a digest of the files its cells depend on."""

import importlib
import inspect
import os
import platform
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from rich.console import Console
from sphinx.config import Config
from sphinx.errors import ConfigError

from cnnbook import __version__
from cnnbook.build_state import BuildState, lock_state_folder
from cnnbook.digests import digest_of
from cnnbook.publishing.book import BOOK, SITE_URL, find_file
from cnnbook.publishing.registry import FIGURES
from cnnbook.sources import PACKAGE, files_digest

SOURCES = ("*.py", "book/*.py", "requirements*.txt")
"""Files that cells depend on, unless the book says otherwise."""


@runtime_checkable
class Prepare(Protocol):
    """What `cnnbook_prepare` names: it makes all that cells need, and is quick when nothing is missing."""

    def __call__(self, root: Path, *, console: Console) -> BuildState:
        """Prepare the book in the folder `root`, showing progress."""
        ...


@dataclass(frozen=True, kw_only=True)
class PrepareFromSources:
    """Prepares a book that computes nothing before its cells run: when one of its sources changes, they run.

    Attributes:
        sources: patterns of the files that cells depend on, within the book's folder.
        values: the numbers that prose may quote, by name.
    """

    sources: Sequence[str] = SOURCES
    values: Mapping[str, str]

    def __call__(self, root: Path, *, console: Console) -> BuildState:
        """Digest the sources, and make the state's folder."""
        digest = self._digest(root)
        folder, lock = lock_state_folder(root / "_build" / ".cnnbook", digest, console)
        paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {"PYTHONPATH": os.pathsep.join(paths)}
        return BuildState(
            digest=digest, folder=folder, lock=lock, values=self.values, environment=environment
        )

    def _digest(self, root: Path) -> str:
        """SHA-256 over all that a cell's output depends on, besides the cell itself."""
        files = {path for pattern in self.sources for path in root.glob(pattern) if path.is_file()}
        own = [find_file(root, name) for name in (BOOK, FIGURES)]
        return digest_of(
            {
                "sources": {path.relative_to(root).as_posix(): files_digest(path) for path in sorted(files)},
                "book": [files_digest(path) for path in own if path.is_file()],
                "site": os.environ.get(SITE_URL),
                "values": dict(self.values),
                "publishing": files_digest(PACKAGE / "publishing", pattern="*.py"),
                "cnnbook": __version__,
                "python": platform.python_version(),
            }
        )


def run_preparation(config: Config, root: Path, console: Console) -> BuildState:
    """Prepare a build as its configuration says; an error that is meant for the builder takes one line.

    Args:
        config: Sphinx's configuration.
        root: the book's folder.
        console: where progress goes.

    Raises:
        ConfigError: there is no such preparation.
        SystemExit: it failed in a way that the builder can mend, or was interrupted.
    """
    if config.cnnbook_prepare:
        prepare = load_prepare(config.cnnbook_prepare)
    else:
        prepare = PrepareFromSources(sources=config.cnnbook_sources, values=config.cnnbook_values)
    source = inspect.getfile(prepare if inspect.isfunction(prepare) else type(prepare))
    with errors_in_one_line(Path(source).parent):
        return prepare(root, console=console)


def load_prepare(name: str) -> Prepare:
    """The function that an import string such as "cnnbook.preparation:prepare" names.

    Raises:
        ConfigError: there is no such function.
    """
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"cnnbook_prepare={name!r}: expected 'module:function' ({error})") from error


@contextmanager
def errors_in_one_line(package: Path) -> Iterator[None]:
    """End with one line instead of a traceback on Ctrl-C, and on an error that a package raised on purpose.

    Such an error says what is wrong and what to do. One that comes from elsewhere is our fault and keeps its
    traceback.

    Args:
        package: the folder of the code whose errors are meant for the builder.

    Raises:
        SystemExit: with code 130 on Ctrl-C, else 1.
    """
    try:
        yield
    except KeyboardInterrupt:
        print("Interrupted; nothing was published.", file=sys.stderr)
        raise SystemExit(130) from None
    except (ValueError, OSError) as error:
        if not Path(traceback.extract_tb(error.__traceback__)[-1].filename).is_relative_to(package):
            raise
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
