"""The atlas on pages: one for each map, an overview for each layer, and a directive that leads there."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cnnbook.atlas import (
    ATLAS,
    Record,
    describe_map,
    map_address,
    map_name,
    number_columns,
    number_text,
    overview_address,
    read_atlas,
)
from cnnbook.formatting import format_number
from cnnbook.publishing.addresses import relative_url
from cnnbook.sphinx_ext.incremental import GeneratedPage, generated_pages
from cnnbook.sphinx_ext.output import copy_changed
from cnnbook.sphinx_ext.pages import Templates

HTML = "html"
"""The builder whose pages have an atlas."""


class AtlasLinks(nodes.General, nodes.Element):
    """Stands where the links to the overviews will be."""


class AtlasDirective(SphinxDirective):
    """The directive `atlas`."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for the links."""
        return [AtlasLinks()]


class AtlasPages:
    """Writes the atlas of one build."""

    def __init__(self) -> None:
        functions = (number_text, format_number, describe_map, map_address, overview_address)
        self._templates = Templates("cnnbook.book_ext", *functions)
        self._read: dict[str, Mapping[str, Any] | None] = {}

    def data(self, app: Sphinx) -> Mapping[str, Any] | None:
        """The records of this build; None if it has no atlas, or other pages than HTML."""
        folder = app.config.cnnbook_folder
        if folder not in self._read:
            self._read[folder] = read_atlas(Path(folder) / ATLAS) if folder else None
        return self._read[folder] if app.builder.name == HTML else None

    def fill(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Put links where the directive has left a place for them."""
        data, address = self.data(app), app.builder.get_target_uri(docname)
        for place in list(doctree.findall(AtlasLinks)):
            if data is None:
                place.replace_self(nodes.paragraph("", "The atlas is part of the book's web pages."))
            else:
                html = self._templates.render("links.html", address, layers=data["layers"])
                place.replace_self(nodes.raw("", html, format="html"))

    def collect(self, app: Sphinx) -> Iterator[GeneratedPage]:
        """Hand the pages that have changed to Sphinx, and put their pictures in place."""
        data = self.data(app)
        if data is None:
            return
        source, copy = Path(app.config.cnnbook_folder) / ATLAS, Path(app.outdir) / ATLAS
        shutil.copytree(source, copy, dirs_exist_ok=True, copy_function=copy_changed)
        yield from generated_pages(app).changed_pages(self._pages(data), Path(app.outdir))

    def _pages(self, data: Mapping[str, Any]) -> Iterator[GeneratedPage]:
        """All pages."""
        for layer, records in data["layers"].items():
            yield self._overview(layer, records, data["about"])
            for before, record, after in zip([None, *records], records, [*records[1:], None], strict=False):
                yield self._map(record, before, after, data["about"])

    def _overview(self, layer: str, records: list[Record], about: Mapping[str, Any]) -> GeneratedPage:
        """The page of a layer: all of its maps, to browse and to sort."""
        address, title = overview_address(layer), f"The maps of {layer.capitalize()}"
        body = self._templates.render(
            "overview.html",
            address,
            layer=layer,
            records=records,
            about=about,
            columns=number_columns(records),
            title=title,
        )
        description = f"All {len(records)} maps of {layer.capitalize()}: OIPs, classes and numbers, to sort."
        return _page(address, title, body, description)

    def _map(
        self, record: Record, before: Record | None, after: Record | None, about: Mapping[str, Any]
    ) -> GeneratedPage:
        """The page of a map, with links to the maps before and after it."""
        address, title = _address(record), _title(record)
        body = self._templates.render(
            "map.html",
            address,
            record=record,
            about=about,
            columns=number_columns([record]),
            title=title,
            top=max(max(record["tuning"]), 1e-9),
        )
        neighbours = {
            name: {"link": relative_url(address, _address(other)), "title": _title(other)}
            for name, other in (("prev", before), ("next", after))
            if other
        }
        return _page(
            address, title, body, f"{title} of the first network. {describe_map(record)}", **neighbours
        )


def _address(record: Record) -> str:
    return map_address(record["layer"], record["map"])


def _title(record: Record) -> str:
    return map_name(record["layer"], record["map"])


def _page(
    address: str, title: str, body: str, description: str, **neighbours: dict[str, str]
) -> GeneratedPage:
    """A page in the theme's own layout; `prev` and `next` lead to its neighbours."""
    context: dict[str, Any] = {"title": title, "body": body, "meta": {"description": description}}
    context |= {"prev": None, "next": None, "display_toc": False} | neighbours
    return address.removesuffix(".html"), context, "page.html"


def setup(app: Sphinx) -> None:
    """Register the directive and the pages."""
    pages = AtlasPages()
    app.add_node(AtlasLinks)
    app.add_directive("atlas", AtlasDirective)
    app.connect("doctree-resolved", pages.fill)
    app.connect("html-collect-pages", pages.collect)
