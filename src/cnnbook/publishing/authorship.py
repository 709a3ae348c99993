"""Who made the book, when, and what it is called, in the forms that metadata ask for."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cnnbook.publishing.book import author_name

_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")


def full_title(book: Mapping[str, Any]) -> str:
    """The title by which the book is cited, its subtitle included."""
    return book.get("full_title") or book["title"]


def names_of(authors: Iterable[Mapping[str, Any]]) -> str:
    """The names of some authors, as one reads them."""
    return ", ".join(map(author_name, authors))


def is_person(author: Mapping[str, Any]) -> bool:
    """Whether an author is known to be a person: a family name or an ORCID says so, a mere name does not."""
    return bool(author.get("family") or author.get("orcid"))


def orcid_of(author: Mapping[str, Any]) -> str | None:
    """The address of an author's ORCID, or None.

    Raises:
        ValueError: it is no ORCID.
    """
    said = author.get("orcid")
    if not said:
        return None
    if not (found := _ORCID.fullmatch(said)):
        raise ValueError(f"orcid={said!r} of {author_name(author)}: expected such as '0000-0002-1825-0097'")
    return f"https://orcid.org/{found[1]}"


def published_on(book: Mapping[str, Any]) -> str | None:
    """The day on which this version of the book was published, such as "2026-11-22".

    That is the day of its release; where the book names none, that of the commit; else None.
    """
    date = book.get("released") or book.get("date")
    return str(date)[:10] if date else None
