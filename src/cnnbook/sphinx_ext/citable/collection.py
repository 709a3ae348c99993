"""The records of the build that is going on, shared by everything that writes them."""

from sphinx.application import Sphinx

from cnnbook.publishing.book import BookMetadata
from cnnbook.sphinx_ext.citable.about_book import metadata_of
from cnnbook.sphinx_ext.citable.records import Records

BUILDER = "html"
"""The builder that writes a page for each figure, at the address that never changes."""


class Collection:
    """Hands out one build's records, which are put together when they are first asked for."""

    def __init__(self) -> None:
        self._records: Records | None = None
        self._book: BookMetadata | None = None

    def has_pages(self, app: Sphinx) -> bool:
        """Whether the builder writes a page for each figure."""
        return app.builder.name == BUILDER

    def records(self, app: Sphinx) -> Records:
        """The records; to be asked for once all pages are read."""
        if self._records is None:
            self._records = Records(app)
        return self._records

    def book(self, app: Sphinx) -> BookMetadata:
        """The book that the figures belong to."""
        if self._book is None:
            self._book = metadata_of(app)
        return self._book

    @property
    def is_used(self) -> bool:
        """Whether any page has been written, so that records may have changed."""
        return self._records is not None
