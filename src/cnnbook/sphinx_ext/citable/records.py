"""All final records of a book, put together once a build has read every page."""

from functools import cached_property
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from cnnbook.publishing.history import changes_since, earlier
from cnnbook.publishing.record import PublishedFigure, read_record
from cnnbook.publishing.registry import Entry, Registry
from cnnbook.sphinx_ext.citable.about_book import registry_of
from cnnbook.sphinx_ext.citable.captions import Caption, captions_on
from cnnbook.sphinx_ext.citable.final import Placed, Record, address_of, final_record
from cnnbook.sphinx_ext.citable.shown import (
    Shown,
    all_shown,
    figures_by_page,
    reading_order,
    references_by_page,
)
from cnnbook.sphinx_ext.execution import figure_record

logger = logging.getLogger(__name__)


class Records:
    """The records of one build, each made when the first one is asked for.

    Args:
        app: after all pages are read and figures have their numbers.
    """

    def __init__(self, app: Sphinx) -> None:
        self._app, self._env = app, app.env
        self.book: dict[str, Any] = app.config.cnnbook_about
        self._registry: Registry = registry_of(app)

    @cached_property
    def by_id(self) -> dict[str, Record]:
        """All records: those of figures that are shown, as one reads the book, then those withdrawn."""
        shown = all_shown(self._env)
        entries = self._registry.entries
        known = [figure_id for figure_id in shown if figure_id in entries]
        gone = [entry.id for entry in entries.values() if entry.withdrawn and entry.id not in shown]
        records = [self._record(entries[figure_id], shown.get(figure_id)) for figure_id in [*known, *gone]]
        return {record["id"]: record for record in records if record}

    def on(self, docname: str) -> list[Record]:
        """The records of the figures that a page shows, in their order."""
        here = figures_by_page(self._env).get(docname, {})
        return [self.by_id[figure_id] for figure_id in here if figure_id in self.by_id]

    def figure(self, figure_id: str) -> PublishedFigure | None:
        """A figure as a cell published it; None for one that none did, as when it was withdrawn."""
        path = figure_record(Path(self._app.config.cnnbook_folder), figure_id)
        return read_record(path) if path.exists() else None

    def caption(self, record: Record) -> Caption:
        """The caption of a figure; an empty one for one that was withdrawn."""
        return self._captions.get(record["id"], Caption("", ""))

    def before(self, record: Record) -> list[dict[str, Any]]:
        """The figure in released versions older than this one, newest first, as `history.earlier` has it."""
        versions = self._app.config.cnnbook_versions
        if not versions:
            return []
        return earlier(Path(self._app.srcdir) / versions, record["id"], before=record["book"]["version"])

    @cached_property
    def _captions(self) -> dict[str, Caption]:
        """The captions by id."""
        found: dict[str, Caption] = {}
        for docname, figures in figures_by_page(self._env).items():
            found |= captions_on(self._app, docname, {name: address_of(name) for name in figures})
        return found

    def _record(self, entry: Entry, shown: Shown | None) -> Record | None:
        """The record of one figure; None if its cell did not publish it, which is reported elsewhere."""
        figure = self.figure(entry.id) if shown else None
        if shown and not figure:
            return None
        placed = self._placed(shown) if shown else Placed()
        record = final_record(entry, figure, placed, book=self.book)
        record["earlier"] = [_told(old, record, figure) for old in self.before(record)]
        return record

    def _placed(self, shown: Shown) -> Placed:
        """A figure in its book."""
        page = self._page(shown.docname)
        lines = {"source": shown.source, "cell": shown.cell}
        lines |= {"first_line": shown.first_line, "last_line": shown.last_line}
        others = [
            docname
            for docname in reading_order(self._env)
            if shown.id in references_by_page(self._env).get(docname, []) and docname != shown.docname
        ]
        here = page | {"address": f"{page['address']}#{shown.id}"}
        return Placed(
            number=self._number(shown),
            caption=self._captions[shown.id].text if shown.id in self._captions else "",
            alt=shown.alt,
            chapter=page | lines,
            used_in=[here, *map(self._page, others)],
        )

    def _page(self, docname: str) -> dict[str, Any]:
        """Title and address of a page."""
        title = self._env.titles[docname].astext()
        return {"title": title, "address": self._app.builder.get_target_uri(docname)}

    def _number(self, shown: Shown) -> str | None:
        """The number that readers see, such as "Fig. 3.2"."""
        numbers = self._env.toc_fignumbers.get(shown.docname, {}).get("figure", {})
        number = numbers.get(shown.id)
        form = self._app.config.numfig_format["figure"]
        return form % ".".join(map(str, number)) if number else None


def _told(old: dict[str, Any], record: Record, figure: PublishedFigure | None) -> Record:
    """An older version of a figure, and what has changed since."""
    since = changes_since(old, record, figure.folder) if figure else None
    book = old["record"]["book"]
    return {
        "version": old["version"],
        "date": book.get("date"),
        "commit": book.get("commit"),
        "address": old["address"],
        "same": since["same"] if since else None,
        "changes": since["summary"] if since else [],
    }


def check_register(app: Sphinx, env: BuildEnvironment) -> None:
    """Report figures that are shown and not registered, and those that are registered and shown nowhere."""
    registry, shown = registry_of(app), all_shown(env)
    version = app.config.cnnbook_about["version"]
    for figure in shown.values():
        try:
            registry.publishable(figure.id, version=version)
        except ValueError as error:
            _complain(str(error), (figure.docname, figure.first_line))
    for docname, front_matter in env.metadata.items():
        named = front_matter.get("key_figure")
        if named and named not in shown:
            _complain(f"key_figure: {named}: no page shows such a figure", (docname, 1))
    for entry in registry.entries.values():
        if not entry.withdrawn and entry.id not in shown:
            _complain(
                f"{entry.id}: registered, and shown on no page; show it with citable-figure, or say in "
                f"'withdrawn' since which version it is not in the book, and why",
                _line_in(Path(app.srcdir) / registry.path, entry.id),
            )


def _line_in(path: Path, text: str) -> str:
    """Where a file has a text: "path:line"."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{path}:{next((at for at, line in enumerate(lines, start=1) if text in line), 1)}"


def _complain(message: str, location: Any) -> None:
    logger.warning("%s", message, location=location, type="cnnbook", subtype="figure")


def setup(app: Sphinx) -> None:
    """Register the check."""
    app.connect("env-updated", check_register)
