"""What pages say to machines: Highwire and OpenGraph tags, JSON-LD in a script, and the sitemap of them all.

By Highwire tags Google Scholar and reference managers know what a page is and how to cite it: a chapter names
the book in `citation_inbook_title`; the book itself does not. By OpenGraph tags a page gets a card where
somebody shares its address: the picture is the PNG, on a light background, of its key figure. Both take
absolute addresses only, so that without the site's own these are left out.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from xml.sax.saxutils import escape as escape_xml

from cnnbook.publishing.addresses import FRONT_PAGE, absolute_url, checked_site_url
from cnnbook.publishing.book import BookMetadata, author_name
from cnnbook.publishing.record import FOLDER, FigureRecord

Tags = list[tuple[str, str]]
"""Name and content of each."""

_PROPERTIES = ("og:", "article:", "book:")
"""Beginnings of the names that RDFa calls properties; all other tags are named."""

_IN_A_SCRIPT = {0x3C: r"\u003c", 0x3E: r"\u003e", 0x26: r"\u0026", 0x2028: r"\u2028", 0x2029: r"\u2029"}
"""What could end a script element, or a line of JavaScript, before its time."""

MOST_PAGES = 50_000
"""Of one sitemap, by its protocol."""

MOST_IMAGES = 1_000
"""Of one page, by the image extension."""

_NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?")


def highwire_tags(book: BookMetadata, chapter: Mapping[str, Any] | None = None) -> Tags:
    """The tags of a chapter's page, or of the book's front page.

    Args:
        book: its description.
        chapter: its `title`, `address`, and if they differ from the book's, `authors`; None for the book.

    Returns:
        Name and content of each tag.
    """
    page = chapter or {"title": book.full_title, "address": FRONT_PAGE}
    tags = [("citation_title", page["title"])]
    tags += [("citation_author", author_name(author)) for author in page.get("authors") or book.authors]
    tags.append(("citation_publication_date", book.release_day.replace("-", "/")))
    if chapter:
        tags.append(("citation_inbook_title", book.full_title))
    elif book.doi:
        tags.append(("citation_doi", book.doi))
    if page.get("first_page_number"):
        tags.append(("citation_firstpage", str(page["first_page_number"])))
    tags.append(("citation_language", book.language))
    tags += [("citation_keywords", keyword) for keyword in book.keywords]
    if address := absolute_url(book.site_url, page["address"]):
        tags += [("citation_public_url", address), ("citation_fulltext_html_url", address)]
    return tags


def opengraph_tags(
    book: BookMetadata, chapter: Mapping[str, Any] | None = None, figure: FigureRecord | None = None
) -> Tags:
    """The tags of a page.

    Args:
        book: its description.
        chapter: a chapter's or a figure page's `title`, `address`, `description`; None for the front page.
        figure: the record of the page's key figure; one that is withdrawn is not shown.

    Returns:
        Property and content of each tag.
    """
    page = chapter or {"title": book.title, "address": FRONT_PAGE}
    description = page.get("description") or book.abstract
    tags = [
        ("og:type", "article" if chapter else "book"),
        ("og:title", page["title"]),
        ("og:description", " ".join(description.split())),
        ("og:site_name", book.title),
    ]
    if address := absolute_url(book.site_url, page["address"]):
        tags.append(("og:url", address))
    tags.append(("article:published_time" if chapter else "book:release_date", book.release_day))
    tags += [("article:tag" if chapter else "book:tag", word) for word in book.keywords]
    image = _image(book.site_url, figure)
    return [*tags, *image, ("twitter:card", "summary_large_image" if image else "summary")]


def _image(site_url: str | None, figure: FigureRecord | None) -> Tags:
    """The tags of the key figure, none when it cannot be shown."""
    file = figure.picture("png") if figure else None
    if not file or not figure or figure.withdrawn:
        return []
    address = absolute_url(site_url, f"{FOLDER}/{file.name}")
    if not address:
        return []
    size = [(f"og:image:{side}", str(getattr(file, side))) for side in ("width", "height") if file.width]
    return [
        ("og:image", address),
        ("og:image:type", file.media_type),
        *size,
        ("og:image:alt", figure.alt),
        ("twitter:image:alt", figure.alt),
    ]


def meta_tags(tags: Tags) -> str:
    """Tags as `<meta>` elements, one a line, in the order given.

    Args:
        tags: name and content of each; names that OpenGraph defines become `property`, all others `name`.
    """
    return "".join(
        f'<meta {_attribute(name)}="{escape(name)}" content="{escape(content)}">\n' for name, content in tags
    )


def json_ld(data: Mapping[str, Any]) -> str:
    """JSON-LD as a `<script>` element that no text in it can end too early."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).translate(_IN_A_SCRIPT)
    return f'<script type="application/ld+json">{text}</script>\n'


def _attribute(name: str) -> str:
    """The attribute in which the name of a tag stands."""
    return "property" if name.startswith(_PROPERTIES) else "name"


def sitemap(site_url: str, pages: Sequence[Mapping[str, Any]], images: Mapping[str, Sequence[str]]) -> str:
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
    return escape_xml(absolute_url(site_url, address) or "", {"'": "&apos;", '"': "&quot;"})
