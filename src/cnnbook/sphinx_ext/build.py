"""The course of a build: lock, prepare, run the cells that must run, and publish only what is whole."""

import atexit
import gc
import os
import shutil
import sys
import time
from pathlib import Path
from textwrap import dedent

from docutils import nodes
from filelock import BaseFileLock
from rich.console import Console
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.console import color_terminal, nocolor

from cnnbook.build_state import lock_folder
from cnnbook.sphinx_ext.cells import CellRunner
from cnnbook.sphinx_ext.citable.directive import unpublished
from cnnbook.sphinx_ext.citable.shown import pages_with_list
from cnnbook.sphinx_ext.execution import (
    clear_figures_in_progress,
    configure_execution,
    executed_cells,
    execution_data,
    explain_dead_kernel,
    figure_faults,
    kernel_environment,
    report_failed_cell,
)
from cnnbook.sphinx_ext.incremental import generated_pages, shared_content_digest
from cnnbook.sphinx_ext.output import BuildOutput
from cnnbook.sphinx_ext.pages import set_announcement
from cnnbook.sphinx_ext.prepare import SOURCES, run_preparation
from cnnbook.sphinx_ext.search_index import save_index_entries
from cnnbook.timing import PAGES, Timing

LONG = 30.0
"""Seconds of a build after which it says what took longest."""


class Build:
    """One build of the book, from its first event to its last.

    Args:
        app: the application, before it has read its configuration.
    """

    def __init__(self, app: Sphinx) -> None:
        self._output = BuildOutput(target=Path(app.outdir), doctrees=Path(app.doctreedir))
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._locks: list[BaseFileLock] = []
        self._begin = time.time()
        self._timing, self._prepared_at = Timing(), time.monotonic()
        self._has_read = False
        self._cells: CellRunner | None = None

    def start(self, app: Sphinx, config: Config) -> None:
        """Prepare all that cells need, before Sphinx looks at its environment."""
        _report_everything(app)
        _end_in_our_words()
        doctrees = self._output.doctrees
        self._locks.append(lock_folder(doctrees, doctrees / ".build.lock", self._console))
        self._output.restore_published()
        state = run_preparation(config, Path(app.srcdir), self._console)
        self._locks.append(state.lock)
        self._timing, self._prepared_at = state.timing, time.monotonic()
        _keep_garbage()
        self._output.begin_build()
        clear_figures_in_progress(state.folder)
        if faults := figure_faults(state.folder):
            self._say(f"{faults[0]}: the cells run again.")
            self._drop_cells(state.folder)
        app.outdir = type(app.outdir)(self._output.staging)
        configure_execution(config, state)
        set_announcement(config, state.notice)
        os.environ.update(kernel_environment(state))
        self._cells = CellRunner(state.folder, executed_cells(state.folder))
        atexit.register(self._cells.close)

    def find_outdated(
        self, app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
    ) -> list[str]:
        """Pages whose cells import code that has changed."""
        return self._cells.outdated_pages(env) if self._cells else []

    def purge_pages_to_read(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Forget all pages about to be read first, so that a figure may move from one to another."""
        self._has_read = bool(docnames)
        for docname in docnames:
            app.emit("env-purge-doc", env, docname)
            env.clear_doc(docname)
        running = self._cells.start_pages(app, docnames, app.config.cnnbook_preload) if self._cells else 0
        if running:
            self._say(f"Running the cells of {running} page{'s' if running > 1 else ''}.")
        count = f"Reading {len(docnames)} of {len(env.found_docs)} pages."
        self._say(count if docnames else "No page has changed.")

    def pages_to_write(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Besides the pages just read, all that may show something of them which has changed."""
        assets = [*app.config.html_static_path, *app.config.cnnbook_templates]
        all_anew = self._output.is_older_than(Path(app.srcdir) / path for path in assets)
        before, now = getattr(env, "cnnbook_surroundings", None), shared_content_digest(app, env)
        setattr(env, "cnnbook_surroundings", now)  # noqa: B010
        if all_anew or before != now:
            self._output.remove_stale_assets()
            generated_pages(app).mark_all_changed()
            return sorted(env.found_docs)
        self._output.remove_stale_style()
        return sorted(pages_with_list(env)) if self._has_read else []

    def report_cells(self, app: Sphinx, doctree: nodes.document) -> None:
        """Report on the cells of a page."""
        cells = execution_data(app.env)
        if cells and cells["mtime"] >= self._begin:
            self._say(f"{app.env.docname}: cells ran in {cells['runtime']:.1f} s.")
            self._timing.add("cells", f"cells of {app.env.docname}", cells["runtime"])
        report_failed_cell(app)

    def finish(self, app: Sphinx, error: Exception | None) -> None:
        """Publish the build, or say that it is not published."""
        if self._cells:
            self._cells.close()
        if line := explain_dead_kernel(app, error):
            print(line, file=sys.stderr)
            raise SystemExit(1)
        if error is None and app._warncount == 0:
            generated_pages(app).save()
            save_index_entries(app)
            self._output.publish()
            self._report_time()
            app.outdir = type(app.outdir)(self._output.target)
            atexit.register(print, f"The book is at {self._output.path_to_open()}", flush=True)
        elif error is None:
            self._end_unpublished(app)
        for lock in reversed(self._locks):
            lock.release()

    def _report_time(self) -> None:
        """Say what took longest, if the build took long, and keep it for the next one."""
        seconds = time.monotonic() - self._prepared_at
        if self._has_read:
            self._timing.add(PAGES, PAGES, seconds)
        if time.time() - self._begin > LONG:
            self._say("\n".join(["What took longest:", *self._timing.longest_parts()]))
        self._timing.save()

    def _end_unpublished(self, app: Sphinx) -> None:
        """End with exit code 1, and let no later build believe what this one left behind."""
        app.statuscode = 1
        if unpublished(app.env):
            self._drop_cells(Path(app.config.cnnbook_folder))
        problems = f"{app._warncount} problem{'s' if app._warncount > 1 else ''}, named above"
        before = "; what was published before is unchanged" if self._output.has_been_published() else ""
        self._say(f"Not published: {problems}{before}.")

    def _drop_cells(self, folder: Path) -> None:
        """Make all cells run again."""
        shutil.rmtree(executed_cells(folder), ignore_errors=True)
        self._output.forget_environment()

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False)


def _end_in_our_words() -> None:
    """Leave Jupyter Book's last words to this extension, which has said where the book is, or why not.

    Its own repeat that in a box, with colour codes in files too. What it raises keeps its message.
    """
    command = sys.modules.get("jupyter_book.cli.main")
    if command is not None:
        setattr(command, "_message_box", lambda message, *args, **options: dedent(message))  # noqa: B010


def _keep_garbage() -> None:
    """Search for no garbage from now on: pages leave little, and the search took a quarter of a short build.

    What is computed before is not concerned: its arrays are large.
    """
    gc.disable()
    atexit.register(gc.freeze)  # nor when the process ends


def _report_everything(app: Sphinx) -> None:
    """Make each warning count as an error, with or without -W, and report all of them in one run."""
    app.warningiserror = False
    app.keep_going = True
    app.parallel = 1
    if not color_terminal():  # Jupyter Book writes colour codes into files too
        nocolor()


def setup(app: Sphinx) -> None:
    """Register the course of a build."""
    app.add_config_value("cnnbook_prepare", "", "", str)
    app.add_config_value("cnnbook_sources", list(SOURCES), "", list)
    app.add_config_value("cnnbook_digest", "", "env", str)
    app.add_config_value("cnnbook_folder", "", "", str)
    app.add_config_value("cnnbook_values", {}, "env", dict)
    app.add_config_value("cnnbook_preload", [], "", list)
    build = Build(app)
    app.connect("config-inited", build.start)
    app.connect("env-get-outdated", build.find_outdated)
    app.connect("env-before-read-docs", build.purge_pages_to_read)
    app.connect("doctree-read", build.report_cells)
    app.connect("env-get-updated", build.pages_to_write)
    app.connect("build-finished", build.finish, priority=900)
