"""The metadata of each page: Highwire and OpenGraph tags, JSON-LD; and the sitemap of all pages."""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from cnnbook.publishing import jsonld
from cnnbook.publishing.page_metadata import highwire_tags, json_ld, meta_tags, opengraph_tags, sitemap
from cnnbook.publishing.record import FOLDER, FigureRecord
from cnnbook.sphinx_ext.citable.figure_pages import INDEX_PAGE, TITLE
from cnnbook.sphinx_ext.citable.records import Records
from cnnbook.sphinx_ext.citable.shown import reading_order

SITEMAP = "sitemap.xml"


def chapters_of(env: BuildEnvironment) -> list[str]:
    """The pages that count as chapters: those with a number; where none has one, all but the front page."""
    pages = [name for name in reading_order(env) if name not in (env.config.root_doc, INDEX_PAGE)]
    numbered = [name for name in pages if env.toc_secnumbers.get(name)]
    return numbered or pages


class PageMetadata:
    """Writes the metadata of pages.

    Args:
        records: of all figures.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def tag(
        self, app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
    ) -> None:
        """Add tags and JSON-LD to the head of a page."""
        if not self._records.has_pages:
            return
        if figure_id := context.get("cnnbook_figure"):
            tags = self._of_figure(self._records.by_id[figure_id], context)
        elif page in app.env.found_docs or page == INDEX_PAGE:
            tags = self._of_page(app, page, context)
        else:
            return
        context["metatags"] = f"{context.get('metatags', '')}{tags}"

    def _of_figure(self, record: FigureRecord, context: dict[str, Any]) -> str:
        """For a figure's own page."""
        page = {"title": record.title, "address": record.address, **_description(context)}
        book = self._records.book
        return meta_tags(opengraph_tags(book, page, record)) + json_ld(jsonld.figure(record, book))

    def _of_page(self, app: Sphinx, docname: str, context: dict[str, Any]) -> str:
        """For a page of the book."""
        records, env = self._records, app.env
        book, chapters = records.book, chapters_of(env)
        key = _key_figure(records.by_id, records.on_page(docname), context)
        if docname == env.config.root_doc:
            whole = [self._chapter(app, name) for name in chapters]
            tags = highwire_tags(book) + opengraph_tags(book, None, key)
            return meta_tags(tags) + json_ld(jsonld.book(book, whole, list(records.by_id.values())))
        page = self._chapter(app, docname)
        shared = meta_tags(opengraph_tags(book, page, key))
        if docname == INDEX_PAGE:
            return shared + json_ld(jsonld.gallery(book, list(records.by_id.values())))
        if docname in chapters:
            tags = meta_tags(highwire_tags(book, page))
            return tags + shared + json_ld(jsonld.chapter(book, page, records.on_page(docname)))
        return shared

    def _chapter(self, app: Sphinx, docname: str) -> dict[str, Any]:
        """What is known of a page."""
        title = app.env.titles.get(docname)
        return {
            "title": title.astext() if title else TITLE,
            "address": app.builder.get_target_uri(docname),
            "description": app.env.metadata.get(docname, {}).get("description", ""),
        }

    def write_sitemap(self, app: Sphinx, error: Exception | None) -> None:
        """Write the sitemap, if the book's address is known."""
        records = self._records
        if error is not None or not records.has_pages or not records.is_complete:
            return
        path, site_url = Path(app.outdir) / SITEMAP, records.book.site_url
        if not site_url:
            path.unlink(missing_ok=True)
            return
        by_page = {app.builder.get_target_uri(name): records.on_page(name) for name in reading_order(app.env)}
        by_page |= {app.builder.get_target_uri(INDEX_PAGE): []}
        by_page |= {record.address: [record] for record in records.by_id.values()}
        pages = [{"address": address, "date": records.book.commit_date} for address in by_page]
        images = {address: list(filter(None, map(_png, figures))) for address, figures in by_page.items()}
        path.write_text(sitemap(site_url, pages, images), encoding="utf-8")


def _key_figure(
    by_id: dict[str, FigureRecord], shown: list[FigureRecord], context: dict[str, Any]
) -> FigureRecord | None:
    """The figure that stands for a page: the one its front matter names, else its first."""
    named = (context.get("meta") or {}).get("key_figure")
    return by_id.get(named) if named else (shown or [None])[0]


def _description(context: dict[str, Any]) -> dict[str, str]:
    """The description that a page's front matter has."""
    tags = (context.get("meta") or {}).get("description")
    return {"description": tags} if tags else {}


def _png(record: FigureRecord) -> str | None:
    """The address of a figure's picture."""
    file = record.picture("png")
    return f"{FOLDER}/{file.name}" if file else None


def setup(app: Sphinx, records: Records) -> None:
    """Register what writes it."""
    metadata = PageMetadata(records)
    app.connect("html-page-context", metadata.tag, priority=600)
    app.connect("build-finished", metadata.write_sitemap, priority=800)
