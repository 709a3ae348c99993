"""Citable figures: each with a number, a panel, a page of its own, its files, its record, its citation.

`directive` reads, `shown` remembers, `records` puts together what is known; `panel`, `figure_pages`,
`gallery`, `placing` and `machines` write it.
"""

from pathlib import Path

from sphinx.application import Sphinx

from cnnbook.sphinx_ext.citable import (
    about_book,
    directive,
    figure_pages,
    gallery,
    machines,
    panel,
    pictures,
    placing,
    records,
    shown,
)
from cnnbook.sphinx_ext.citable.collection import Collection
from cnnbook.sphinx_ext.statics import add_static_files

STATIC = Path(__file__).parent / "static"
"""Style and script of figures."""

OWN_FILES = (STATIC, Path(__file__).parent / "templates")
"""What pages are made of besides code; a change makes them anew."""


def setup(app: Sphinx) -> None:
    """Register all parts with Sphinx."""
    for part in (about_book, shown, pictures, directive, records):
        part.setup(app)
    collection = Collection()
    for part in (panel, gallery, figure_pages, placing, machines):
        part.setup(app, collection)
    add_static_files(app, STATIC)
    app.add_css_file("cnnbook-figures.css", priority=400)
    app.add_js_file("cnnbook-figures.js", loading_method="defer")
