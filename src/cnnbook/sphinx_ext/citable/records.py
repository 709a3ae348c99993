"""All records of a book, completed once a build has read every page, for everything that writes them."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from cnnbook.publishing.history import EarlierFigure, changes_since, earlier
from cnnbook.publishing.record import FigureRecord, address_of
from cnnbook.publishing.record_files import read_record
from cnnbook.publishing.registry import Entry, Registry
from cnnbook.sphinx_ext.citable.about_book import metadata_of, registry_of
from cnnbook.sphinx_ext.citable.captions import Caption, captions_on
from cnnbook.sphinx_ext.citable.shown import (
    Shown,
    all_shown,
    figures_by_page,
    reading_order,
    references_by_page,
)
from cnnbook.sphinx_ext.execution import figure_record
from cnnbook.sphinx_ext.pages import warn

BUILDER = "html"
"""The builder that writes a page for each figure, at the address that never changes."""


class Records:
    """The records of one build, each completed when the first one is asked for.

    Args:
        app: after all pages are read and figures have their numbers.
    """

    def __init__(self, app: Sphinx) -> None:
        self._app, self._env = app, app.env
        self.book = metadata_of(app)
        self._registry: Registry = registry_of(app)

    @cached_property
    def by_id(self) -> dict[str, FigureRecord]:
        """All records: those of figures that are shown, as one reads the book, then those withdrawn."""
        shown, entries = all_shown(self._env), self._registry.entries
        records = [self._shown(entries[name], where) for name, where in shown.items() if name in entries]
        gone = [entry for entry in entries.values() if entry.withdrawn and entry.id not in shown]
        records += [self._completed(FigureRecord(id=entry.id), entry) for entry in gone]
        return {record.id: record for record in records if record}

    def on(self, docname: str) -> list[FigureRecord]:
        """The records of the figures that a page shows, in their order."""
        names = figures_by_page(self._env).get(docname, {})
        return [self.by_id[figure_id] for figure_id in names if figure_id in self.by_id]

    def caption(self, record: FigureRecord) -> Caption:
        """The caption of a figure; an empty one for one that was withdrawn."""
        return self._captions.get(record.id, Caption("", ""))

    def before(self, record: FigureRecord) -> list[EarlierFigure]:
        """The figure in released versions older than this one, newest first."""
        versions = self._app.config.cnnbook_versions
        if not versions:
            return []
        return earlier(Path(self._app.srcdir) / versions, record.id, before=self.book.version)

    @cached_property
    def _captions(self) -> dict[str, Caption]:
        """The captions by id."""
        captions: dict[str, Caption] = {}
        for docname, figures in figures_by_page(self._env).items():
            captions |= captions_on(self._app, docname, {name: address_of(name) for name in figures})
        return captions

    def _shown(self, entry: Entry, shown: Shown) -> FigureRecord | None:
        """The record of a figure on its page; None if its cell did not publish it, as is reported there."""
        record = published_figure(self._app.env, entry.id)
        if record is None:
            return None
        page = self._page(shown.docname)
        lines = {"source": shown.source, "cell": shown.cell}
        lines |= {"first_line": shown.first_line, "last_line": shown.last_line}
        others = [
            docname
            for docname in reading_order(self._env)
            if shown.id in references_by_page(self._env).get(docname, []) and docname != shown.docname
        ]
        return self._completed(
            record,
            entry,
            number=self._number(shown),
            caption=self._captions[shown.id].text if shown.id in self._captions else "",
            alt=shown.alt,
            chapter=page | lines,
            used_in=[page | {"address": f"{page['address']}#{shown.id}"}, *map(self._page, others)],
        )

    def _completed(self, record: FigureRecord, entry: Entry, **known: Any) -> FigureRecord:
        """A record with what the register, the book and older versions say."""
        register = {"title": entry.title, "since": entry.since, "withdrawn": entry.withdrawn}
        whole = record.completed(self.book, **register, **known)
        return replace(whole, earlier=[_earlier(old, whole) for old in self.before(whole)])

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


class Collection:
    """Hands out one build's records, which are put together when they are first asked for."""

    def __init__(self) -> None:
        self._records: Records | None = None

    def has_pages(self, app: Sphinx) -> bool:
        """Whether the builder writes a page for each figure."""
        return app.builder.name == BUILDER

    def records(self, app: Sphinx) -> Records:
        """The records; to be asked for once all pages are read."""
        if self._records is None:
            self._records = Records(app)
        return self._records

    @property
    def is_used(self) -> bool:
        """Whether any page has been written, so that records may have changed."""
        return self._records is not None


def published_figure(env: BuildEnvironment, figure_id: str) -> FigureRecord | None:
    """The record of a figure as a cell left it; None if none did."""
    path = figure_record(Path(env.config.cnnbook_folder), figure_id)
    return read_record(path) if path.exists() else None


def _earlier(old: EarlierFigure, record: FigureRecord) -> dict[str, Any]:
    """An older version of a figure, and what has changed since."""
    since = changes_since(old.record, record) if record.files else None
    return {
        "version": old.version,
        "date": old.record.book.get("date"),
        "commit": old.record.book.get("commit"),
        "address": old.address,
        "same": since.same if since else None,
        "changes": since.summary if since else [],
    }


def check_register(app: Sphinx, env: BuildEnvironment) -> None:
    """Report figures that are shown and not registered, and those that are registered and shown nowhere."""
    registry, shown = registry_of(app), all_shown(env)
    version = metadata_of(app).version
    for figure in shown.values():
        try:
            registry.publishable(figure.id, version=version)
        except ValueError as error:
            warn(str(error), (figure.docname, figure.first_line), kind="figure")
    for docname, front_matter in env.metadata.items():
        named = front_matter.get("key_figure")
        if named and named not in shown:
            warn(f"key_figure: {named}: no page shows such a figure", (docname, 1), kind="figure")
    for entry in registry.entries.values():
        if not entry.withdrawn and entry.id not in shown:
            warn(
                f"{entry.id}: registered, and shown on no page; show it with citable-figure, or say in "
                f"'withdrawn' since which version it is not in the book, and why",
                _line_in(Path(app.srcdir) / registry.path, entry.id),
                kind="figure",
            )


def _line_in(path: Path, text: str) -> str:
    """Where a file has a text: "path:line"."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{path}:{next((at for at, line in enumerate(lines, start=1) if text in line), 1)}"


def setup(app: Sphinx) -> None:
    """Register the check."""
    app.connect("env-updated", check_register)
