"""The directive `list-of-figures`: all figures of the book as a gallery that can be searched.

    ```{list-of-figures}
    ```

A book that has a page `figures/index` shows it there. For any other the build adds that page by itself, so
that the list is always at `figures/index.html`.
"""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cnnbook.publishing.record import FOLDER, FigureRecord
from cnnbook.sphinx_ext.citable.records import Collection
from cnnbook.sphinx_ext.citable.rendering import templates, thumbnails
from cnnbook.sphinx_ext.citable.shown import all_shown

INDEX_PAGE = f"{FOLDER}/index"
"""The page that lists all figures."""

TITLE = "List of figures"


class FigureList(nodes.General, nodes.Element):
    """Stands where the list will be until all pages are read."""


class ListOfFigures(SphinxDirective):
    """The directive."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for the list."""
        return [FigureList()]


class Gallery:
    """Writes the list.

    Args:
        collection: hands out the records.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection, self._templates = collection, templates()

    def fill(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Put the list where the directive stands."""
        for node in list(doctree.findall(FigureList)):
            node.replace_self(self._nodes(app, app.builder.get_target_uri(docname)))

    def collect(self, app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        """The page of a book that has none."""
        if self._collection.has_pages(app) and INDEX_PAGE not in app.env.found_docs:
            body = f"<section><h1>{TITLE}</h1>{self._html(app, f'{INDEX_PAGE}.html')}</section>"
            yield INDEX_PAGE, {"title": TITLE, "body": body, "meta": {}}, "page.html"

    def _nodes(self, app: Sphinx, page: str) -> nodes.Node:
        """The list on a page of the book; for a builder without figures' pages, numbers and titles."""
        if self._collection.has_pages(app):
            return nodes.raw("", self._html(app, page), format="html")
        titles = {name: title for name, (title, _) in app.config.cnnbook_registered.items()}
        known = [titles[name] for name in all_shown(app.env) if name in titles]
        return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", title)) for title in known))

    def _html(self, app: Sphinx, page: str) -> str:
        """The list as HTML."""
        items = [
            {"record": record, "pictures": thumbnails(record), "words": _words(record)}
            for record in self._collection.records(app).by_id.values()
        ]
        return self._templates.render("gallery.html", page, items=items)


def _words(record: FigureRecord) -> str:
    """What a search looks at."""
    chapter = (record.chapter or {}).get("title", "")
    parts = [record.number or "", record.title, chapter, record.id, record.caption, record.alt]
    return " ".join(parts).lower()


def setup(app: Sphinx, collection: Collection) -> None:
    """Register directive and page."""
    gallery = Gallery(collection)
    app.add_node(FigureList)
    app.add_directive("list-of-figures", ListOfFigures)
    app.connect("doctree-resolved", gallery.fill)
    app.connect("html-collect-pages", gallery.collect)
