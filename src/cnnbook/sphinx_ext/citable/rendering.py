"""Records as HTML: the templates, and what they need to write links, sizes and places in the source."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from cnnbook.publishing.addresses import relative
from cnnbook.publishing.final_record import FOLDER
from cnnbook.sphinx_ext.citable.source_links import lines_text, lines_url

_FORMATS = {"netcdf": "netCDF"}


def file_address(name: str) -> str:
    """The address of one of the figures' files."""
    return f"{FOLDER}/{name}"


def format_name(name: str) -> str:
    """A format as readers call it."""
    return _FORMATS.get(name, name.upper())


def size(length: int) -> str:
    """A file's length as one reads it: "12 kB"."""
    if length < 1000:
        return f"{length} B"
    return f"{length / 1000:.0f} kB" if length < 999_500 else f"{length / 1e6:.1f} MB"


def words(name: str) -> str:
    """An identifier as words: "common_points" -> "Common points"."""
    return name.replace("_", " ").capitalize()


def lines_of(chapter: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a chapter's source asks for a figure, as a place in a file."""
    return {**chapter, "file": chapter["source"]}


class Templates:
    """The templates of panel, page and gallery."""

    def __init__(self) -> None:
        loader = PackageLoader("cnnbook.sphinx_ext.citable")
        self._environment = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=False,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {
            "size": size,
            "words": words,
            "json": partial(json.dumps, ensure_ascii=False, indent=1),
        }
        self._environment.globals |= {
            "file_address": file_address,
            "format_name": format_name,
            "lines_of": lines_of,
            "lines_text": lines_text,
            "lines_url": lines_url,
        }

    def render(self, name: str, *, page: str, **context: Any) -> str:
        """Fill a template.

        Args:
            name: of the template.
            page: the address of the page that it will stand on.
            context: what it needs besides.
        """
        template = self._environment.get_template(name)
        return template.render(link=partial(relative, page), **context)
