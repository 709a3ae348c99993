"""The cells of all pages that must run: several pages at once, each in a kernel of its own.

Pages are begun when Sphinx knows which of them it will read; when it reads one, MyST-NB takes what ran. A
page runs when its cells have changed, or the code that they import; all else that they depend on names the
folder in which executed cells are kept.
"""

import ast
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.execute import cache as myst_nb_cache
from myst_nb.core.read import create_nb_reader
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from cnnbook.files import read_remembered, write_remembered
from cnnbook.machine import usable_cores
from cnnbook.sources import module_file, text_digest
from cnnbook.sphinx_ext.kernels import CAN_FORK, KernelServer
from cnnbook.sphinx_ext.pages import attached

NOTED = "cells.json"
"""In the state's folder: by page, the digest of the code that its cells imported when they ran there."""


def imported_modules(notebook: NotebookNode) -> tuple[str, ...]:
    """The modules of this package that a notebook's cells import, by name.

    Args:
        notebook: cells that are no plain Python count as importing nothing.
    """
    found: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            found.update(_imports(cell.source))
    return tuple(sorted(name for name in found if module_file(name)))


def _imports(source: str) -> Iterable[str]:
    """Names of modules, and of what may be one, that a cell imports."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def code_digest(modules: Sequence[str]) -> str:
    """SHA-256 over the code that cells import; "" if they import none of this package."""
    return text_digest(*modules) if modules else ""


class CellRunner:
    """Runs the cells of one build.

    Args:
        folder: of the state.
        executed: where executed cells are kept.
    """

    def __init__(self, folder: Path, executed: Path) -> None:
        self._noted, self._executed = folder / NOTED, executed
        self._digests: dict[str, str] = read_remembered(self._noted)
        self._server: KernelServer | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._running: dict[str, tuple[NotebookNode, Future[ExecutionResult]]] = {}

    def outdated_pages(self, env: BuildEnvironment) -> list[str]:
        """Pages that import code which has changed since they were read, or since their cells ran here."""
        current: dict[Sequence[str], str] = {}
        outdated = []
        for docname, (modules, read) in cell_imports(env).items():
            if modules not in current:
                current[modules] = code_digest([name for name in modules if module_file(name)])
            if {read, self._digests.get(docname)} != {current[modules]}:
                outdated.append(docname)
        return outdated

    def start_pages(self, app: Sphinx, docnames: Iterable[str], preload: Sequence[str]) -> int:
        """Begin to run the cells of those pages that must run.

        Args:
            app: that builds.
            docnames: of all pages that will be read.
            preload: modules that kernels find imported.

        Returns:
            How many pages run.
        """
        notebooks = {docname: _notebook(app, docname) for docname in docnames}
        cache, waiting = None, []
        for docname, notebook in notebooks.items():
            if notebook is None or not _has_cells_to_run(app.env, notebook):
                cell_imports(app.env).pop(docname, None)
                continue
            modules = imported_modules(notebook)
            digest = code_digest(modules)
            cell_imports(app.env)[docname] = modules, digest
            cache = cache or get_cache(str(self._executed))
            record = _executed(cache, notebook)
            if record is not None and self._digests.get(docname) == digest:
                continue
            if record is not None:
                cache.remove_cache(record.pk)
            self._digests[docname] = digest
            waiting.append((docname, notebook))
        if waiting:  # noted before they run
            write_remembered(self._noted, self._digests)
        if waiting and CAN_FORK:
            self._run(app, sorted(waiting, key=lambda page: -_publications(page[1])), preload)
        return len(waiting)

    def _run(self, app: Sphinx, pages: Sequence[tuple[str, NotebookNode]], preload: Sequence[str]) -> None:
        """Start kernels for these pages, as many at once as there are cores."""
        self._server = KernelServer(preload)
        os.environ.update(self._server.environment)
        self._pool = ThreadPoolExecutor(usable_cores(), thread_name_prefix="cells")
        for docname, notebook in pages:
            settings = _settings(app.env, notebook)
            future = self._pool.submit(
                single_nb_execution,
                notebook,
                cwd=str(Path(app.env.doc2path(docname)).parent),
                timeout=settings.execution_timeout,
                allow_errors=settings.execution_allow_errors,
            )
            self._running[docname] = notebook, future
        myst_nb_cache.single_nb_execution = lambda notebook, **options: self._take(app, notebook, options)

    def _take(self, app: Sphinx, notebook: NotebookNode, options: Mapping[str, Any]) -> ExecutionResult:
        """What ran for the page that is being read, put into its notebook."""
        running = self._running.pop(app.env.docname, None)
        if running is None:
            return single_nb_execution(notebook, **options)
        executed, future = running
        try:
            result = future.result()
        except (KeyboardInterrupt, CancelledError) as error:
            raise DeadKernelError("interrupted") from error
        for cell, ran in zip(notebook.cells, executed.cells, strict=True):
            cell.update(ran)
        notebook.metadata.update(executed.metadata)
        return result

    def close(self) -> None:
        """End all kernels, those that still run included."""
        myst_nb_cache.single_nb_execution = single_nb_execution
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        if self._server is not None:
            self._server.close()


def cell_imports(env: BuildEnvironment) -> dict[str, tuple[Sequence[str], str]]:
    """By page, the modules that its cells import and the digest of their code; the mapping itself."""
    return attached(env, "cnnbook_code", dict)


def _notebook(app: Sphinx, docname: str) -> NotebookNode | None:
    """A page as MyST-NB reads it; None if it has no cells or cannot be read, as is reported later."""
    path = Path(app.env.doc2path(docname))
    config: Any = app.env
    try:
        text = path.read_text(encoding="utf-8")
        reader = create_nb_reader(str(path), config.myst_config, config.mystnb_config, text)
        return reader.read(text) if reader else None
    except Exception:
        return None


def _settings(env: BuildEnvironment, notebook: NotebookNode) -> Any:
    """MyST-NB's configuration, with what the page's front matter says."""
    settings: Any = getattr(env, "mystnb_config")  # noqa: B009
    with suppress(Exception):  # MyST-NB reports what is wrong with it
        return settings.copy(**dict(notebook.metadata.get(settings.metadata_key, {})))
    return settings


def _has_cells_to_run(env: BuildEnvironment, notebook: NotebookNode) -> bool:
    """Whether MyST-NB will ask for the cells of a page."""
    has_code = any(cell.cell_type == "code" for cell in notebook.cells)
    return has_code and _settings(env, notebook).execution_mode == "cache"


def _executed(cache: Any, notebook: NotebookNode) -> Any:
    """The record of executed cells like these; None if there is none."""
    try:
        return cache.match_cache_notebook(notebook)
    except KeyError:
        return None


def _publications(notebook: NotebookNode) -> int:
    """How many figures the cells publish, as far as one sees: a guess at how long they take."""
    return sum(cell.source.count("publish(") for cell in notebook.cells if cell.cell_type == "code")
