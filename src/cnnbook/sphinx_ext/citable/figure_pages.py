"""A page for each figure ever published, at an address that never changes, and a panel below each figure."""

from collections.abc import Iterator
from html import escape
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx

from cnnbook.publishing.addresses import relative
from cnnbook.publishing.record import FigureRecord
from cnnbook.sphinx_ext.citable.gallery import INDEX_PAGE
from cnnbook.sphinx_ext.citable.pictures import FigurePanel
from cnnbook.sphinx_ext.citable.records import Collection
from cnnbook.sphinx_ext.citable.rendering import page_view, panel_view, templates

Page = tuple[str, dict[str, Any], str]

_SECTIONS = {
    "in-words": "In words",
    "cite": "Cite",
    "files": "Files",
    "data": "Data",
    "how-it-was-made": "How it was made",
    "where-it-is-used": "Where it is used",
    "earlier-versions": "Earlier versions",
}


class FigurePages:
    """Writes figures' pages, and the panels below figures.

    Args:
        collection: hands out the records.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection, self._templates = collection, templates()

    def fill_panels(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Write the panels of a page as HTML, once all pages are read."""
        if not self._collection.has_pages(app):
            return
        page, records = app.builder.get_target_uri(docname), self._collection.records(app)
        for node in doctree.findall(FigurePanel):
            if record := records.by_id.get(node["figure"].id):
                view = panel_view(record, records.book, app.config.cnnbook_inputs)
                node["html"] = self._templates.render("panel.html", page, **view)

    def collect(self, app: Sphinx) -> Iterator[Page]:
        """Hand all of them to Sphinx, which writes them with the theme's own layout."""
        if not self._collection.has_pages(app):
            return
        records = list(self._collection.records(app).by_id.values())
        neighbours = [None, *records, None]
        for record, before, after in zip(records, neighbours, neighbours[2:], strict=False):
            yield self._page(app, record, before, after)

    def _page(
        self, app: Sphinx, record: FigureRecord, before: FigureRecord | None, after: FigureRecord | None
    ) -> Page:
        """One figure's page, with links to its neighbours."""
        address, records = record.address, self._collection.records(app)
        body = self._templates.render(
            "figure.html",
            address,
            **page_view(
                record,
                records.book,
                app.config.cnnbook_inputs,
                caption_html=Markup(records.caption(record).html),
                list_address=app.builder.get_target_uri(INDEX_PAGE),
            ),
        )
        context = {
            "title": record.title,
            "body": body,
            "toc": _toc(record, body),
            "display_toc": True,
            "meta": {"description": description(record)},
            "prev": _link(before, address),
            "next": _link(after, address),
            "cnnbook_figure": record.id,
        }
        return address.removesuffix(".html"), context, "page.html"


def description(record: FigureRecord) -> str:
    """What a figure's page is about, in a sentence or two."""
    text = record.caption or f"Withdrawn: {record.withdrawn}"
    return f"{record.title}. {text}" if not record.number else f"{record.number}. {text}"


def _link(record: FigureRecord | None, page: str) -> dict[str, str] | None:
    """A neighbour, as the theme wants it."""
    return {"link": relative(page, record.address), "title": escape(record.title)} if record else None


def _toc(record: FigureRecord, body: str) -> str:
    """The contents of a page, as the theme wants them."""
    items = "".join(
        f'<li><a class="reference internal" href="#{name}">{title}</a></li>'
        for name, title in _SECTIONS.items()
        if f'<section id="{name}">' in body
    )
    top = f'<a class="reference internal" href="#">{escape(record.title)}</a>'
    return f"<ul><li>{top}<ul>{items}</ul></li></ul>"


def setup(app: Sphinx, collection: Collection) -> None:
    """Register pages and panels."""
    pages = FigurePages(collection)
    app.add_config_value("cnnbook_inputs", {}, "html", dict)
    app.connect("doctree-resolved", pages.fill_panels)
    app.connect("html-collect-pages", pages.collect)
