"""A page for each figure ever published, a panel below each figure, and the gallery of all figures.

    ```{list-of-figures}
    ```

The directive shows the gallery, which can be searched. A book that has a page `figures/index` shows it there.
For any other the build adds that page by itself, so that the list is always at `figures/index.html`.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cnnbook.publishing.addresses import relative_url
from cnnbook.publishing.record import FOLDER, FigureRecord
from cnnbook.sphinx_ext.citable.directive import FigurePanel
from cnnbook.sphinx_ext.citable.records import Records
from cnnbook.sphinx_ext.citable.rendering import page_view, panel_view, templates, thumbnails
from cnnbook.sphinx_ext.citable.shown import all_shown, pages_with_list
from cnnbook.sphinx_ext.incremental import GeneratedPage, generated_pages

INDEX_PAGE = f"{FOLDER}/index"
"""The page that lists all figures."""

TITLE = "List of figures"

_SECTIONS = {
    "in-words": "In words",
    "cite": "Cite",
    "files": "Files",
    "data": "Data",
    "how-it-was-made": "How it was made",
    "where-it-is-used": "Where it is used",
    "earlier-versions": "Earlier versions",
}


class FigureList(nodes.General, nodes.Element):
    """Stands where the list will be until all pages are read."""


class ListOfFigures(SphinxDirective):
    """The directive."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for the list."""
        pages_with_list(self.env)[self.env.docname] = True
        return [FigureList()]


class FigurePages:
    """Writes figures' pages, the panels below figures, and the lists of all figures.

    Args:
        records: of all figures.
    """

    def __init__(self, records: Records) -> None:
        self._records, self._templates = records, templates()

    def fill(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Write the panels and the lists of a page, once all pages are read."""
        page = app.builder.get_target_uri(docname)
        for node in list(doctree.findall(FigureList)):
            node.replace_self(self._list(app, page))
        for node in doctree.findall(FigurePanel) if self._records.has_pages else ():
            if record := self._records.by_id.get(node["figure"].id):
                view = panel_view(record, self._records.book, app.config.cnnbook_inputs)
                node["html"] = self._templates.render("panel.html", page, **view)

    def collect(self, app: Sphinx) -> Iterator[GeneratedPage]:
        """Hand the figures' pages to Sphinx, and the page that lists all figures where the book has none."""
        if not self._records.has_pages:
            return
        yield from generated_pages(app).changed_pages(self._pages(app), Path(app.outdir))

    def _pages(self, app: Sphinx) -> Iterator[GeneratedPage]:
        """All of them."""
        records = list(self._records.by_id.values())
        neighbours = [None, *records, None]
        for record, before, after in zip(records, neighbours, neighbours[2:], strict=False):
            yield self._page(app, record, before, after)
        if INDEX_PAGE not in app.env.found_docs:
            body = f"<section><h1>{TITLE}</h1>{self._list_html(f'{INDEX_PAGE}.html')}</section>"
            yield INDEX_PAGE, {"title": TITLE, "body": body, "meta": {}}, "page.html"

    def _page(
        self, app: Sphinx, record: FigureRecord, before: FigureRecord | None, after: FigureRecord | None
    ) -> GeneratedPage:
        """One figure's page, with links to its neighbours."""
        address = record.address
        body = self._templates.render(
            "figure.html",
            address,
            **page_view(
                record,
                self._records.book,
                app.config.cnnbook_inputs,
                caption_html=Markup(self._records.caption(record).html),
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
            "cnnbook_record": record.as_json(),  # from which its metadata are made
        }
        return address.removesuffix(".html"), context, "page.html"

    def _list(self, app: Sphinx, page: str) -> nodes.Node:
        """The list on a page of the book; for a builder without figures' pages, the titles."""
        if self._records.has_pages:
            return nodes.raw("", self._list_html(page), format="html")
        titles = {name: title for name, (title, _) in app.config.cnnbook_registered.items()}
        shown = [titles[name] for name in all_shown(app.env) if name in titles]
        return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", title)) for title in shown))

    def _list_html(self, page: str) -> str:
        """The list as HTML, for a page at that address."""
        items = [
            {"record": record, "pictures": thumbnails(record), "words": _words(record)}
            for record in self._records.by_id.values()
        ]
        return self._templates.render("gallery.html", page, items=items)


def description(record: FigureRecord) -> str:
    """What a figure's page is about, in a sentence or two."""
    text = record.caption or f"Withdrawn: {record.withdrawn}"
    return f"{record.title}. {text}" if not record.number else f"{record.number}. {text}"


def _link(record: FigureRecord | None, page: str) -> dict[str, str] | None:
    """A neighbour, as the theme wants it."""
    return {"link": relative_url(page, record.address), "title": escape(record.title)} if record else None


def _toc(record: FigureRecord, body: str) -> str:
    """The contents of a page, as the theme wants them."""
    items = "".join(
        f'<li><a class="reference internal" href="#{name}">{title}</a></li>'
        for name, title in _SECTIONS.items()
        if f'<section id="{name}">' in body
    )
    top = f'<a class="reference internal" href="#">{escape(record.title)}</a>'
    return f"<ul><li>{top}<ul>{items}</ul></li></ul>"


def _words(record: FigureRecord) -> str:
    """What a search looks at."""
    chapter = (record.chapter or {}).get("title", "")
    parts = [record.number or "", record.title, chapter, record.id, record.caption, record.alt]
    return " ".join(parts).lower()


def setup(app: Sphinx, records: Records) -> None:
    """Register pages, panels and the directive."""
    pages = FigurePages(records)
    app.add_node(FigureList)
    app.add_directive("list-of-figures", ListOfFigures)
    app.add_config_value("cnnbook_inputs", {}, "html", dict)
    app.connect("doctree-resolved", pages.fill)
    app.connect("html-collect-pages", pages.collect)
