"""Citable figures: each with a number, a panel, a page of its own, its files, its record, its citation.

`directive` reads, `shown` keeps what Sphinx must remember, `records` puts records together; `figure_pages`,
`figure_files` and `page_metadata` write pages, files and metadata.
"""

from pathlib import Path

from sphinx.application import Sphinx

from cnnbook.sphinx_ext.citable import (
    about_book,
    directive,
    figure_files,
    figure_pages,
    page_metadata,
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
    for part in (figure_pages, figure_files, page_metadata):
        part.setup(app, all_records)
    add_assets(app, Path(__file__).parent)
