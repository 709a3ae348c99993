"""The figures' files in the output: pictures and data, records, citations, and what older versions showed."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from cnnbook.publishing.citation import CITATION_FILES, citations
from cnnbook.publishing.history import EarlierFigure
from cnnbook.publishing.record import FOLDER, SUFFIXES, FigureRecord
from cnnbook.publishing.record_files import write_index, write_json
from cnnbook.sphinx_ext.citable.records import Records
from cnnbook.sphinx_ext.citable.rendering import earlier_picture_address
from cnnbook.sphinx_ext.citable.shown import all_shown
from cnnbook.sphinx_ext.execution import published_figure
from cnnbook.sphinx_ext.output import copy_changed

PAGE = (".html", ".json")
"""What follows a figure's id in the names of the files that every figure has that was ever published."""

CITATIONS = tuple(kind.suffix for kind in CITATION_FILES)
"""And in the names of the files that cite it as it is in this version of the book."""


def place_files(app: Sphinx, env: BuildEnvironment) -> None:
    """Put the figures' files where the pages expect them, whether or not their cells had to run."""
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder, shown=set(all_shown(env)), registered=set(app.config.cnnbook_registered))
    for record in filter(None, (published_figure(env, figure_id) for figure_id in all_shown(env))):
        for file in record.files:
            copy_changed((record.folder or Path()) / file.name, folder / file.name)


def _clear(folder: Path, *, shown: set[str], registered: set[str]) -> None:
    """Remove the files of figures that the book no longer shows, but for what their own pages need."""
    expected = {figure_id + suffix for figure_id in shown for suffix in (*SUFFIXES, *CITATIONS)}
    expected |= {figure_id + suffix for figure_id in shown | registered for suffix in PAGE}
    for path in folder.iterdir():
        if path.is_file() and path.name not in expected | {"index.html"}:
            path.unlink()


class MetadataWriter:
    """Writes what goes with the figures: a record and citations for each, and the list of all records.

    Args:
        records: of all figures.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def write(self, app: Sphinx, error: Exception | None) -> None:
        """Write all of it, when pages were written."""
        records = self._records
        if error is not None or not records.has_pages or not records.is_complete:
            return
        for record in records.by_id.values():
            if record.files:
                self._write_citations(app, record)
            write_json(Path(app.outdir) / FOLDER / f"{record.id}.json", record.as_json())
            for old in records.earlier_versions(record):
                _copy_old(Path(app.outdir), old)
        write_index(Path(app.outdir), records.by_id.values())

    def _write_citations(self, app: Sphinx, record: FigureRecord) -> None:
        """Write the citations of a figure, a file each."""
        texts = citations(record, self._records.book)
        for kind in CITATION_FILES:
            path = Path(app.outdir) / FOLDER / f"{record.id}{kind.suffix}"
            path.write_text(texts[kind.key].rstrip() + "\n", encoding="utf-8")


def _copy_old(output: Path, old: EarlierFigure) -> None:
    """Put the picture of an older version where the figure's page shows it."""
    source, copy = old.record.path(".png"), output / earlier_picture_address(old.version, old.record.id)
    if source.is_file():
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy_changed(source, copy)


def setup(app: Sphinx, records: Records) -> None:
    """Register what puts files in place."""
    app.connect("env-updated", place_files)
    app.connect("build-finished", MetadataWriter(records).write, priority=800)
