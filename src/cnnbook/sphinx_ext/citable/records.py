"""All records of a book, completed once a build has read every page, for everything that writes them."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import new_document

from cnnbook.publishing.addresses import relative_url
from cnnbook.publishing.book import BookMetadata
from cnnbook.publishing.history import EarlierFigure, changes_since, earlier_versions
from cnnbook.publishing.record import FigureRecord, page_address
from cnnbook.publishing.registry import RegistryEntry
from cnnbook.sphinx_ext.citable.about_book import metadata_of, registry_of
from cnnbook.sphinx_ext.citable.directive import FigurePanel
from cnnbook.sphinx_ext.citable.shown import (
    ShownFigure,
    all_shown,
    figures_by_page,
    reading_order,
    references_by_page,
)
from cnnbook.sphinx_ext.execution import published_figure
from cnnbook.sphinx_ext.pages import warn

BUILDER = "html"
"""The builder that writes a page for each figure, at the address that never changes."""


@dataclass(frozen=True)
class Caption:
    """What a chapter says below a figure.

    Attributes:
        text: the caption as plain text.
        html: the caption and what stands below it, with links as the figure's own page needs them.
    """

    text: str
    html: str


class Records:
    """The records of one build, to be asked for when all pages are read and figures have their numbers.

    Args:
        app: that builds.
    """

    def __init__(self, app: Sphinx) -> None:
        self._app = app

    @property
    def book(self) -> BookMetadata:
        """The description of the book."""
        return metadata_of(self._app)

    @property
    def has_pages(self) -> bool:
        """Whether the builder writes a page for each figure."""
        return self._app.builder.name == BUILDER

    @property
    def is_complete(self) -> bool:
        """Whether the records have been put together, as they are for any page that is written."""
        return "by_id" in vars(self)

    @cached_property
    def by_id(self) -> dict[str, FigureRecord]:
        """All records: those of figures that are shown, as one reads the book, then those withdrawn."""
        shown, entries = all_shown(self._app.env), registry_of(self._app).entries
        records = [self._shown(entries[name], where) for name, where in shown.items() if name in entries]
        gone = [entry for entry in entries.values() if entry.withdrawn and entry.id not in shown]
        records += [self._completed(FigureRecord(id=entry.id), entry) for entry in gone]
        return {record.id: record for record in records if record}

    def on_page(self, docname: str) -> list[FigureRecord]:
        """The records of the figures that a page shows, in their order."""
        names = figures_by_page(self._app.env).get(docname, {})
        return [self.by_id[figure_id] for figure_id in names if figure_id in self.by_id]

    def caption(self, record: FigureRecord) -> Caption:
        """The caption of a figure; an empty one for one that was withdrawn."""
        return self._captions.get(record.id, Caption("", ""))

    def earlier_versions(self, record: FigureRecord) -> list[EarlierFigure]:
        """The figure in released versions older than this one, newest first."""
        versions = self._app.config.cnnbook_versions
        if not versions:
            return []
        return earlier_versions(Path(self._app.srcdir) / versions, record.id, before=self.book.version)

    @cached_property
    def _captions(self) -> dict[str, Caption]:
        """The captions by id."""
        captions: dict[str, Caption] = {}
        for docname, figures in figures_by_page(self._app.env).items():
            captions |= captions_on(self._app, docname, {name: page_address(name) for name in figures})
        return captions

    def _shown(self, entry: RegistryEntry, shown: ShownFigure) -> FigureRecord | None:
        """The record of a figure on its page; None if its cell did not publish it, as is reported there."""
        env, page = self._app.env, self._page(shown.docname)
        record = published_figure(env, entry.id)
        if record is None:
            return None
        lines = {"source": shown.source, "cell": shown.cell}
        lines |= {"first_line": shown.first_line, "last_line": shown.last_line}
        others = [
            docname
            for docname in reading_order(env)
            if shown.id in references_by_page(env).get(docname, []) and docname != shown.docname
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

    def _completed(self, record: FigureRecord, entry: RegistryEntry, **attributes: Any) -> FigureRecord:
        """A record with what the register, the book and older versions say."""
        register = {"title": entry.title, "since": entry.since, "withdrawn": entry.withdrawn}
        whole = record.completed(self.book, **register, **attributes)
        return replace(whole, earlier=[_earlier_entry(old, whole) for old in self.earlier_versions(whole)])

    def _page(self, docname: str) -> dict[str, Any]:
        """Title and address of a page."""
        title = self._app.env.titles[docname].astext()
        return {"title": title, "address": self._app.builder.get_target_uri(docname)}

    def _number(self, shown: ShownFigure) -> str | None:
        """The number that readers see, such as "Fig. 3.2"."""
        numbers = self._app.env.toc_fignumbers.get(shown.docname, {}).get("figure", {})
        number = numbers.get(shown.id)
        form = self._app.config.numfig_format["figure"]
        return form % ".".join(map(str, number)) if number else None


def _earlier_entry(old: EarlierFigure, record: FigureRecord) -> dict[str, Any]:
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


def captions_on(app: Sphinx, docname: str, addresses: dict[str, str]) -> dict[str, Caption]:
    """The captions of a page's figures.

    Args:
        app: after all pages are read.
        docname: of the page.
        addresses: by id, the figures' own pages.
    """
    doctree = app.env.get_doctree(docname)
    captions = {}
    for figure in doctree.findall(nodes.figure):
        if "citable-figure" in figure["classes"] and figure["ids"][0] in addresses:
            figure_id = figure["ids"][0]
            captions[figure_id] = _caption(app, figure, docname, addresses[figure_id])
    return captions


def _caption(app: Sphinx, figure: nodes.figure, docname: str, address: str) -> Caption:
    """The caption of one figure, its references resolved."""
    whole = nodes.container("", *_paragraphs(figure))
    _resolve(app, docname, whole)
    page = app.builder.get_target_uri(docname)
    for reference in whole.findall(nodes.reference):
        _relocate(reference, page, address)
    first = next(whole.findall(nodes.paragraph), None)
    return Caption(
        text=" ".join(first.astext().split()) if first else "",
        html="".join(_fragment(app, node) for node in whole.children),
    )


def _paragraphs(figure: nodes.figure) -> Iterable[nodes.Node]:
    """The caption as a paragraph, and what stands below it."""
    for part in figure.children:
        if isinstance(part, nodes.caption):
            yield nodes.paragraph("", "", *(child.deepcopy() for child in part.children))
        elif isinstance(part, nodes.legend):
            yield from (child.deepcopy() for child in part.children if not isinstance(child, FigurePanel))


def _resolve(app: Sphinx, docname: str, content: nodes.container) -> None:
    """Resolve references, in a document of their own; faults are reported where the page is written."""
    document = new_document(docname)
    document.settings.env, document.settings.language_code = app.env, app.config.language
    document += content
    with logging.suppress_logging():
        app.env.apply_post_transforms(document, docname)


def _relocate(reference: nodes.reference, page: str, address: str) -> None:
    """Let a reference that was written for one page lead to the same place from another."""
    if "refid" in reference:
        target = f"{page}#{reference.attributes.pop('refid')}"
    elif "//" in reference.get("refuri", "//") or reference["refuri"].startswith("mailto:"):
        return
    else:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), reference["refuri"]))
    reference["refuri"] = relative_url(address, target)


def _fragment(app: Sphinx, node: nodes.Node) -> str:
    """A node as HTML."""
    builder: Any = app.builder
    return builder.render_partial(node)["fragment"]


def check_register(app: Sphinx, env: BuildEnvironment) -> None:
    """Report figures that are shown and not registered, and those that are registered and shown nowhere."""
    registry, shown = registry_of(app), all_shown(env)
    version = metadata_of(app).version
    for figure in shown.values():
        try:
            registry.check_publishable(figure.id, version=version)
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
