"""A page for each figure ever published, at an address that never changes: `figures/<id>.html`."""

from collections.abc import Iterator
from html import escape
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx

from cnnbook.publishing.addresses import relative
from cnnbook.sphinx_ext.citable.collection import Collection
from cnnbook.sphinx_ext.citable.final import Record
from cnnbook.sphinx_ext.citable.gallery import INDEX_PAGE
from cnnbook.sphinx_ext.citable.rendering import Templates
from cnnbook.sphinx_ext.citable.views import page_view

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
    """Writes figures' pages.

    Args:
        collection: hands out the records.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection, self._templates = collection, Templates()

    def collect(self, app: Sphinx) -> Iterator[Page]:
        """Hand all of them to Sphinx, which writes them with the theme's own layout."""
        if not self._collection.has_pages(app):
            return
        records = list(self._collection.records(app).by_id.values())
        neighbours = [None, *records, None]
        for record, before, after in zip(records, neighbours, neighbours[2:], strict=False):
            yield self._page(app, record, before, after)

    def _page(self, app: Sphinx, record: Record, before: Record | None, after: Record | None) -> Page:
        """One figure's page, with links to its neighbours."""
        address, records = record["address"], self._collection.records(app)
        figure = records.figure(record["id"]) if record["files"] else None
        body = self._templates.render(
            "figure.html",
            page=address,
            **page_view(
                record,
                self._collection.book(app),
                folder=figure.folder if figure else None,
                caption_html=Markup(records.caption(record).html),
                list_address=app.builder.get_target_uri(INDEX_PAGE),
            ),
        )
        context = {
            "title": record["title"],
            "body": body,
            "toc": _toc(record, body),
            "display_toc": True,
            "meta": {"description": description(record)},
            "prev": _link(before, address),
            "next": _link(after, address),
            "cnnbook_figure": record["id"],
        }
        return address.removesuffix(".html"), context, "page.html"


def description(record: Record) -> str:
    """What a figure's page is about, in a sentence or two."""
    text = record["caption"] or f"Withdrawn: {record['withdrawn']}"
    return f"{record['title']}. {text}" if not record["number"] else f"{record['number']}. {text}"


def _link(record: Record | None, page: str) -> dict[str, str] | None:
    """A neighbour, as the theme wants it."""
    return {"link": relative(page, record["address"]), "title": escape(record["title"])} if record else None


def _toc(record: Record, body: str) -> str:
    """The contents of a page, as the theme wants them."""
    items = "".join(
        f'<li><a class="reference internal" href="#{name}">{title}</a></li>'
        for name, title in _SECTIONS.items()
        if f'<section id="{name}">' in body
    )
    top = f'<a class="reference internal" href="#">{escape(record["title"])}</a>'
    return f"<ul><li>{top}<ul>{items}</ul></li></ul>"


def setup(app: Sphinx, collection: Collection) -> None:
    """Register the pages."""
    app.connect("html-collect-pages", FigurePages(collection).collect)
