"""What stops a build, told so that it can be mended: the chapter, the cell, the error."""

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def cells_of(env: BuildEnvironment) -> dict[str, Any] | None:
    """What MyST-NB noted on running the cells of the page being read; None for a page without cells."""
    return getattr(env, "nb_metadata", {}).get(env.docname, {}).get("exec_data")


def report_failed_cell(app: Sphinx) -> None:
    """Name chapter, cell and error when a cell of the page just read has failed."""
    docname = app.env.docname
    executed = cells_of(app.env)
    if executed is None or executed["succeeded"]:
        return
    settings: Any = getattr(app.env, "mystnb_config")  # noqa: B009
    notebook = nbformat.read(Path(settings.output_folder) / f"{docname}.ipynb", as_version=4)
    cells = [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    number, index, error, trace = _failed_cell(cells, executed["traceback"])
    lines = notebook.metadata.get("source_map")
    logger.error(
        "cell %d of %d failed: %s\n%s",
        number, len(cells), error, plain(trace),
        location=(docname, lines[index] if lines else None), type="cnnbook", subtype="cell",
    )  # fmt: skip


def _failed_cell(cells: list[tuple[int, Any]], whole: str) -> tuple[int, int, str, str]:
    """Number and index of the cell that ended the run, its error in one line, and the traceback."""
    number, index = len(cells), cells[-1][0]
    for number, (index, cell) in enumerate(cells, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                return number, index, f"{output.ename}: {plain(output.evalue)}", "\n".join(output.traceback)
        if cell.execution_count is None:
            break
    last = whole.strip().splitlines()[-1]
    return number, index, last, whole


def plain(text: str) -> str:
    """The text without the codes that colour a terminal."""
    return _COLOUR.sub("", text)


def explain_dead_kernel(app: Sphinx, error: BaseException | None) -> str | None:
    """A line about a kernel that ended before its cells did, or None if that is not what happened."""
    while error is not None and not isinstance(error, DeadKernelError):
        error = error.__cause__ or error.__context__
    if error is None:
        return None
    page = app.env.doc2path(app.env.docname, base=False)
    return f"{page}: stopped while its cells ran, by Ctrl-C or for lack of memory; nothing was published."


@contextmanager
def told_in_one_line(package: Path) -> Iterator[None]:
    """End with one line instead of a traceback on Ctrl-C, and on an error that a package raised on purpose.

    Such an error says what is wrong and what to do. One that comes from elsewhere is our fault and keeps its
    traceback.

    Args:
        package: the folder of the code whose errors are meant for the builder.
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
