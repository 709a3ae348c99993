"""What is written into a figure's pictures, so that a copy of one can say what it is, wherever it went."""

from dataclasses import asdict, dataclass

from cnnbook.publishing.book import BookMetadata, author_name

UNSEALED = "0" * 64
"""Stands where the seal will be."""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """Facts about one picture; no time and no commit, so that the same picture has the same bytes.

    Attributes:
        id: of the figure.
        title: of the figure.
        theme: "light" or "dark".
        book: the book's title.
        version: the book's.
        authors: joined by commas.
        copyright: one line.
        licence: its address.
        url: address of the figure's page; "" if it has none.
        data: SHA-256 of the data it was drawn from; "" if it has none.
        seal: SHA-256 of the picture's file with this field filled with zeros.
    """

    id: str
    title: str
    theme: str
    book: str
    version: str
    authors: str
    copyright: str
    licence: str
    url: str
    data: str
    seal: str = UNSEALED

    def fields(self) -> dict[str, str]:
        """All that is not empty, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def source(self) -> str:
        """Where the figure comes from, in words."""
        return f"{self.id} in: {self.book}, version {self.version}"


def stamp_of(book: BookMetadata, *, figure_id: str, title: str, theme: str, data: str) -> Stamp:
    """The stamp of one of a figure's pictures."""
    return Stamp(
        id=figure_id,
        title=title,
        theme=theme,
        book=book.full_title,
        version=book.version,
        authors=", ".join(author_name(author) for author in book.authors),
        copyright=book.copyright,
        licence=book.licences["text"]["url"],
        url=book.figure_url(figure_id) or "",
        data=data,
    )
