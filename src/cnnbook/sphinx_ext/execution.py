"""How cells run: in which kernels and when, what they leave in the state's folder, how they fail."""

import os
import re
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from cnnbook.build_state import BuildState
from cnnbook.publishing.publisher import BUILD, EXECUTION, IN_PROGRESS
from cnnbook.publishing.record import FigureRecord
from cnnbook.publishing.record_files import read_record

logger = logging.getLogger(__name__)

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TIMED_OUT = re.compile(r"A cell timed out .*(?=\.$)", re.MULTILINE)
_KERNEL_CONFIG = "c.IPKernelApp.log_level = 50  # the build reports what a cell prints; the rest is noise\n"


def executed_cells(folder: Path) -> Path:
    """Where Jupyter Book keeps executed cells, in a state's folder."""
    return folder / "jupyter"


def figure_record(folder: Path, figure_id: str) -> Path:
    """Where a cell leaves the record of a figure.

    Args:
        folder: the state's folder.
        figure_id: such as "fig-rain".
    """
    return folder / "figures" / f"{figure_id}.json"


def published_figure(env: BuildEnvironment, figure_id: str) -> FigureRecord | None:
    """The record of a figure as a cell left it; None if none did.

    Args:
        env: of the build.
        figure_id: of the figure.

    Raises:
        ValueError: the record is damaged.
    """
    path = figure_record(Path(env.config.cnnbook_folder), figure_id)
    return read_record(path) if path.exists() else None


def clear_figures_in_progress(folder: Path) -> None:
    """Remove the notes of an earlier build about figures that its cells did not finish."""
    for note in (folder / "figures").glob(f"*{IN_PROGRESS}"):
        note.unlink(missing_ok=True)


def figures_in_progress(env: BuildEnvironment) -> str:
    """Which figures of the page being read its cells have begun and not finished, for a message; or ""."""
    notes = (Path(env.config.cnnbook_folder) / "figures").glob(f"*{IN_PROGRESS}")
    text = Path(env.doc2path(env.docname)).read_text(encoding="utf-8")
    begun = [note.name.removesuffix(IN_PROGRESS) for note in sorted(notes)]
    named = [figure_id for figure_id in begun if re.search(rf"\b{figure_id}\b(?!-)", text)]
    return f", drawing {' and '.join(named)}" if named else ""


def figure_faults(folder: Path) -> list[str]:
    """What is wrong with the figures that cells published: records damaged, files missing or damaged."""
    faults = [_figure_fault(path) for path in sorted((folder / "figures").glob("fig-*.json"))]
    return [fault for fault in faults if fault]


def _figure_fault(path: Path) -> str | None:
    """What is wrong with a figure that a cell published, or None."""
    try:
        return read_record(path).find_damage()
    except ValueError as error:
        return str(error)


def configure_execution(config: Config, state: BuildState) -> None:
    """Let Jupyter Book run cells when, and only when, what they depend on has changed.

    Its cache looks at the cells alone, so the cache's folder is named by all the rest; and since the digest
    is a configuration value of the environment, all pages are read again when it changes.

    Args:
        config: Sphinx's configuration, changed in place.
        state: in which the cells run.
    """
    settings = {
        "cnnbook_digest": state.digest,
        "cnnbook_folder": str(state.folder),
        "cnnbook_values": dict(state.values),
        "nb_execution_mode": "cache",
        "nb_execution_cache_path": str(executed_cells(state.folder)),
        # Our own report names the cell, and the other pages are read too.
        "nb_execution_raise_on_error": False,
        "suppress_warnings": [*config.suppress_warnings, "mystnb.exec"],
    }
    for name, value in (settings | dict(state.settings)).items():
        setattr(config, name, value)


def kernel_environment(state: BuildState) -> dict[str, str]:
    """Environment variables for the kernels: this environment's Python, and no personal start-up files."""
    personal = state.folder / "ipython"
    path = personal / "profile_default" / "ipython_kernel_config.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_KERNEL_CONFIG)
    return {
        "IPYTHONDIR": str(personal),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        EXECUTION: str(state.folder),
        BUILD: f"{os.getpid()}-{time.time_ns()}",
        **state.environment,
    }


def execution_data(env: BuildEnvironment) -> dict[str, Any] | None:
    """What MyST-NB noted on running the cells of the page being read; None for a page without cells."""
    return getattr(env, "nb_metadata", {}).get(env.docname, {}).get("exec_data")


def report_failed_cell(app: Sphinx) -> None:
    """Name chapter, cell and error when a cell of the page just read has failed."""
    docname = app.env.docname
    executed = execution_data(app.env)
    if executed is None or executed["succeeded"]:
        return
    settings: Any = getattr(app.env, "mystnb_config")  # noqa: B009
    notebook = nbformat.read(Path(settings.output_folder) / f"{docname}.ipynb", as_version=4)
    cells = [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    number, index, error, trace = _failed_cell(cells, executed["traceback"])
    if late := _TIMED_OUT.search(executed["traceback"]):
        error = late[0]
    lines = notebook.metadata.get("source_map")
    location = (docname, lines[index] if lines else None)
    where = f"cell {number} of {len(cells)} failed{figures_in_progress(app.env)}"
    message = f"{where}: {error}\n{without_colour_codes(trace)}"
    logger.error("%s", message, location=location, type="cnnbook", subtype="cell")


def _failed_cell(cells: list[tuple[int, Any]], whole: str) -> tuple[int, int, str, str]:
    """Number and index of the cell that ended the run, its error in one line, and the traceback."""
    number, index = len(cells), cells[-1][0]
    for number, (index, cell) in enumerate(cells, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                return (
                    number,
                    index,
                    f"{output.ename}: {without_colour_codes(output.evalue)}",
                    "\n".join(output.traceback),
                )
        if cell.execution_count is None:
            break
    return number, index, whole.strip().splitlines()[-1], whole


def without_colour_codes(text: str) -> str:
    """The text without the codes that colour a terminal."""
    return _COLOUR.sub("", text)


def explain_dead_kernel(app: Sphinx, error: BaseException | None) -> str | None:
    """A line about a kernel that ended before its cells did, or None if that is not what happened.

    Args:
        app: whose page was being read.
        error: that ended the build, if one did.
    """
    while error is not None and not isinstance(error, DeadKernelError):
        error = error.__cause__ or error.__context__
    if error is None:
        return None
    page = app.env.doc2path(app.env.docname, base=False)
    stopped = f"stopped while its cells ran{figures_in_progress(app.env)}"
    return f"{page}: {stopped}, by Ctrl-C or for lack of memory; nothing was published."
