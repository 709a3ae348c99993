"""Addresses within the book: absolute where the site's own is known, relative to a page where it is not."""

import posixpath
from typing import NamedTuple
from urllib.parse import quote, urlsplit

FRONT_PAGE = "index.html"
"""The address of the book itself."""

_AS_THEY_ARE = "/#!$&'()*+,;=:@~"
"""What stands in the path or fragment of a URL without being escaped, besides letters and digits."""


class LinkBase(NamedTuple):
    """From where an address is looked at.

    Attributes:
        site_url: the address of the folder that the book's files lie in; None where nobody knows it.
        page: the page that the address will stand on, such as "book/glossary.html".
    """

    site_url: str | None
    page: str

    def link(self, address: str) -> str:
        """The URL of a file of the book: absolute if it can be, else relative to the page."""
        return absolute_url(self.site_url, address) or relative_url(self.page, address)


def absolute_url(site_url: str | None, address: str) -> str | None:
    """The URL of a file of the book, or None where the site's address is unknown.

    Args:
        site_url: such as "https://example.org/book/"; the last slash may be missing.
        address: of the file within the book, such as "figures/fig-accuracy.png".

    Raises:
        ValueError: `site_url` is no http(s) address of a folder, or `address` leads out of the book.
    """
    return f"{checked_site_url(site_url)}{_within(address)}" if site_url else None


def relative_url(page: str, address: str) -> str:
    """The URL of a file of the book, as it is written on a page of the book.

    A folder, whose address ends in a slash or is empty, stays one.

    Raises:
        ValueError: `address` leads out of the book.
    """
    path, mark, fragment = _within(address).partition("#")
    way = posixpath.relpath(path or ".", posixpath.dirname(page) or ".")
    folder = "/" if path.endswith("/") or not path else ""
    return way + folder + mark + fragment


def checked_site_url(site_url: str) -> str:
    """The site's address with a slash at its end, once it is known to be one.

    Raises:
        ValueError: it is no http(s) address of a folder.
    """
    parts = urlsplit(site_url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            f"site_url={site_url!r}: expected the address of the book's folder, such as "
            f"'https://example.org/book/', or nothing at all"
        )
    return site_url.rstrip("/") + "/"


def _within(address: str) -> str:
    """An address within the book, escaped as URLs are."""
    if address.startswith("/") or ".." in address.split("/") or "://" in address:
        raise ValueError(f"address={address!r}: expected one within the book, such as 'figures/index.html'")
    return quote(address, safe=_AS_THEY_ARE)
