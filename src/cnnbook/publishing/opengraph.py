"""OpenGraph tags and a card: what a page looks like where somebody shares its address.

The picture is the PNG, on light paper, of the page's key figure. OpenGraph takes absolute addresses only, so
that without the site's own the picture and the page's address are left out.
"""

from collections.abc import Mapping
from typing import Any

from cnnbook.publishing.addresses import FRONT_PAGE, absolute
from cnnbook.publishing.authorship import published_on
from cnnbook.publishing.final_record import picture


def tags(
    book: Mapping[str, Any], chapter: Mapping[str, Any] | None = None, figure: Mapping[str, Any] | None = None
) -> list[tuple[str, str]]:
    """The tags of a page.

    Args:
        book: its `title`, and if known `abstract`, `date`, `keywords`, `site_url`.
        chapter: a chapter's or a figure page's `title`, `address`, `description`; None for the front page.
        figure: the record of the page's key figure; one that is withdrawn is not shown.

    Returns:
        Property and content of each tag.
    """
    site_url, page = book.get("site_url"), chapter or book
    found = [("og:type", "article" if chapter else "book"), ("og:title", page["title"])]
    if description := page.get("description") or book.get("abstract"):
        found.append(("og:description", " ".join(description.split())))
    found.append(("og:site_name", book["title"]))
    if address := absolute(site_url, chapter["address"] if chapter else FRONT_PAGE):
        found.append(("og:url", address))
    if day := published_on(book):
        found.append(("article:published_time" if chapter else "book:release_date", day))
    found += [("article:tag" if chapter else "book:tag", word) for word in book.get("keywords") or []]
    image = _image(site_url, figure)
    return [*found, *image, ("twitter:card", "summary_large_image" if image else "summary")]


def _image(site_url: str | None, figure: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The tags of the key figure, none when it cannot be shown."""
    file = picture(figure, "png") if figure else None
    if not file or not figure or figure.get("withdrawn"):
        return []
    address = absolute(site_url, f"figures/{file['name']}")
    if not address:
        return []
    size = [(f"og:image:{side}", str(file[side])) for side in ("width", "height") if file.get(side)]
    return [
        ("og:image", address),
        ("og:image:type", file["media_type"]),
        *size,
        ("og:image:alt", figure["alt"]),
        ("twitter:image:alt", figure["alt"]),
    ]
