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
from cnnbook.sphinx_ext.pages import add_assets


def setup(app: Sphinx) -> None:
    """Register all parts with Sphinx."""
    for part in (about_book, shown, pictures, directive, records):
        part.setup(app)
    collection = Collection()
    for part in (panel, gallery, figure_pages, placing, machines):
        part.setup(app, collection)
    add_assets(app, Path(__file__).parent)
