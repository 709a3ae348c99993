"""Citable figures: each with a number, a panel, a page of its own, its files, its record, its citation.

`directive` reads, `shown` remembers, `records` puts together what is known; `figure_pages`, `placing` and
`page_metadata` write it.
"""

from pathlib import Path

from sphinx.application import Sphinx

from cnnbook.sphinx_ext.citable import (
    about_book,
    directive,
    figure_pages,
    page_metadata,
    placing,
    records,
    shown,
)
from cnnbook.sphinx_ext.citable.records import Records
from cnnbook.sphinx_ext.pages import add_assets


def setup(app: Sphinx) -> None:
    """Register all parts with Sphinx."""
    for part in (about_book, shown, directive, records):
        part.setup(app)
    all_records = Records(app)
    for part in (figure_pages, placing, page_metadata):
        part.setup(app, all_records)
    add_assets(app, Path(__file__).parent)
