"""Citable figures: each with a number, a panel, a page of its own, its files, its record, its citation.

`directive` reads, `shown` remembers, `records` puts together what is known; `pictures`, `figure_pages`,
`gallery`, `placing` and `page_metadata` write it.
"""

from pathlib import Path

from sphinx.application import Sphinx

from cnnbook.sphinx_ext.citable import (
    about_book,
    directive,
    figure_pages,
    gallery,
    page_metadata,
    pictures,
    placing,
    records,
    shown,
)
from cnnbook.sphinx_ext.citable.records import Collection
from cnnbook.sphinx_ext.pages import add_assets


def setup(app: Sphinx) -> None:
    """Register all parts with Sphinx."""
    for part in (about_book, shown, pictures, directive, records):
        part.setup(app)
    collection = Collection()
    for part in (gallery, figure_pages, placing, page_metadata):
        part.setup(app, collection)
    add_assets(app, Path(__file__).parent)
