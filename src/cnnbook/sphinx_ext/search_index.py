"""The index for the search, as a clean build makes it, when only some pages are written.

Sphinx loads the index of the build before and adds what it writes. It forgets which entries of the general
index the other pages had, and keeps words that no page has any more.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from cnnbook.files import read_remembered, write_remembered

ENTRIES = "index-entries.json"
"""Beside what Sphinx remembers: by page, its entries of the general index, as the search knows them."""


def complete_search_index(app: Sphinx) -> Iterable[Any]:
    """Complete the index before it is written.

    Args:
        app: that has written its pages.

    Returns:
        No page: Sphinx asks for pages at the moment when this is to be done.
    """
    indexer: Any = getattr(app.builder, "indexer", None)
    if indexer is None:
        return ()
    for docname, entries in read_remembered(Path(app.doctreedir) / ENTRIES).items():
        if docname in indexer._titles:
            indexer._index_entries.setdefault(docname, entries)
    for words in (indexer._mapping, indexer._title_mapping):
        for word in [word for word, pages in words.items() if not pages]:
            del words[word]
    return ()


def save_index_entries(app: Sphinx) -> None:
    """Remember the entries of all pages, for a build that does not write all of them.

    Args:
        app: that has written the index.
    """
    indexer: Any = getattr(app.builder, "indexer", None)
    if indexer is not None and indexer._titles:  # empty when nothing was written
        write_remembered(Path(app.doctreedir) / ENTRIES, indexer._index_entries)


def setup(app: Sphinx) -> None:
    """Register what completes the index; the search page is written later."""
    app.connect("html-collect-pages", complete_search_index)
