"""The sitemap: every page with the day it changed and the pictures on it, for search engines."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from cnnbook.publishing.addresses import absolute, checked_site_url

MOST_PAGES = 50_000
"""Of one sitemap, by its protocol."""

MOST_IMAGES = 1_000
"""Of one page, by the image extension."""

_NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?")


def write(site_url: str, pages: Sequence[Mapping[str, Any]], images: Mapping[str, Sequence[str]]) -> str:
    """The text of `sitemap.xml`.

    Args:
        site_url: the address of the book's folder; without one there is no sitemap.
        pages: each with its `address` and, if known, the ISO `date` of its last change.
        images: addresses of the pictures of a page, by the page's address.

    Raises:
        ValueError: a malformed `site_url` or date, a page named twice, or more pages or images than the
            protocol allows.
    """
    checked_site_url(site_url)
    if len(pages) > MOST_PAGES:
        raise ValueError(f"pages: {len(pages)}; expected at most {MOST_PAGES}, write several sitemaps")
    times = Counter(page["address"] for page in pages)
    if twice := [address for address, count in times.items() if count > 1]:
        raise ValueError(f"pages: {twice[0]!r} is named twice")
    entries = "".join(_page(site_url, page, images.get(page["address"], ())) for page in pages)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_NAMESPACES}>\n{entries}</urlset>\n'


def _page(site_url: str, page: Mapping[str, Any], images: Sequence[str]) -> str:
    """The entry of one page."""
    address, date = page["address"], page.get("date")
    if len(images) > MOST_IMAGES:
        raise ValueError(f"{address}: {len(images)} images; expected at most {MOST_IMAGES}")
    if date and not _DATE.fullmatch(date):
        raise ValueError(f"{address}: date={date!r}; expected such as '2026-11-22' or with a time and zone")
    changed = f"<lastmod>{date}</lastmod>" if date else ""
    shown = "".join(
        f"<image:image><image:loc>{_url(site_url, image)}</image:loc></image:image>" for image in images
    )
    return f"<url><loc>{_url(site_url, address)}</loc>{changed}{shown}</url>\n"


def _url(site_url: str, address: str) -> str:
    """An absolute URL, escaped for XML."""
    return escape(absolute(site_url, address) or "", {"'": "&apos;", '"': "&quot;"})
