"""Pages of the atlas, written with the theme's own layout, and their pictures beside them."""

import shutil
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sphinx.application import Sphinx

from cnnbook.atlas.making import read_atlas
from cnnbook.atlas.records import (
    NUMBERS,
    Record,
    address_of,
    columns_of,
    in_words,
    name_of,
    overview_of,
    text_of,
)
from cnnbook.formatting import format_number
from cnnbook.publishing.addresses import relative

FOLDER = "atlas"
"""Where the pages stand, and the folder of the records in the execution folder."""

HTML = "html"
Page = tuple[str, dict[str, Any], str]


class Atlas:
    """Writes the pages of one build."""

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("cnnbook.sphinx_ext.atlas"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        environment.globals |= {
            "text_of": text_of, "format_number": format_number, "in_words": in_words, "name_of": name_of,
            "numbers": NUMBERS, "address_of": address_of, "overview_of": overview_of,
        }  # fmt: skip
        self._environment = environment
        self._read: dict[str, Mapping[str, Any] | None] = {}

    def data(self, app: Sphinx) -> Mapping[str, Any] | None:
        """The records of this build; None if the book has no atlas."""
        folder = app.config.cnnbook_folder
        if folder not in self._read:
            self._read[folder] = read_atlas(Path(folder) / FOLDER) if folder else None
        return self._read[folder]

    def collect(self, app: Sphinx) -> Iterator[Page]:
        """Hand all pages to Sphinx, and put their pictures in place."""
        data = self.data(app)
        if data is None or app.builder.name != HTML:
            return
        source = Path(app.config.cnnbook_folder) / FOLDER
        shutil.copytree(source, Path(app.outdir) / FOLDER, dirs_exist_ok=True)
        for layer, records in data["layers"].items():
            yield self._overview(layer, records, data["about"])
            for before, record, after in zip([None, *records], records, [*records[1:], None], strict=False):
                yield self._map(record, before, after, data["about"])

    def render(self, name: str, page: str, **context: Any) -> str:
        """Fill a template for a page at that address."""
        return self._environment.get_template(name).render(link=partial(relative, page), **context)

    def _overview(self, layer: str, records: list[Record], about: Mapping[str, Any]) -> Page:
        """The page of a layer: all of its maps, to browse and to sort."""
        address, title = overview_of(layer), f"The maps of {layer.capitalize()}"
        body = self.render("overview.html", address, layer=layer, records=records, about=about,
                           columns=columns_of(records), title=title)  # fmt: skip
        words = f"All {len(records)} maps of {layer.capitalize()}: OIPs, classes and numbers, to sort."
        return _page(address, title, body, words, None, None)

    def _map(
        self, record: Record, before: Record | None, after: Record | None, about: Mapping[str, Any]
    ) -> Page:
        """The page of a map."""
        layer, number = record["layer"], record["map"]
        address, title = address_of(layer, number), name_of(layer, number)
        columns = columns_of([record])
        body = self.render("map.html", address, record=record, about=about, columns=columns, title=title,
                           top=max(max(record["tuning"]), 1e-9))  # fmt: skip
        links = [
            {"link": relative(address, address_of(layer, one["map"])), "title": name_of(layer, one["map"])}
            if one else None
            for one in (before, after)
        ]  # fmt: skip
        return _page(address, title, body, f"{title} of the first network. {in_words(record)}", *links)


def _page(
    address: str, title: str, body: str, words: str, before: dict[str, str] | None,
    after: dict[str, str] | None,
) -> Page:  # fmt: skip
    """A page as Sphinx wants it."""
    context = {"title": title, "body": body, "meta": {"description": words}, "prev": before, "next": after,
               "display_toc": False}  # fmt: skip
    return address.removesuffix(".html"), context, "page.html"
