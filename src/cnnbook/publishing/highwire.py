"""Highwire tags, by which Google Scholar and reference managers know what a page is and how to cite it.

A chapter names the book in `citation_inbook_title`; the book itself does not. Addresses are written only
where the site's own is known, since Scholar takes no relative ones.
"""

from collections.abc import Mapping
from typing import Any

from cnnbook.publishing.addresses import FRONT_PAGE, absolute
from cnnbook.publishing.authorship import full_title, published_on
from cnnbook.publishing.book import author_name


def tags(book: Mapping[str, Any], chapter: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
    """The tags of a chapter's page, or of the book's front page.

    Args:
        book: its `title`, `authors`, and if known `date`, `language`, `keywords`, `doi`, `site_url`.
        chapter: its `title`, `address`, and if they differ from the book's, `authors`; None for the book.

    Returns:
        Name and content of each tag. `citation_publication_date` is missing when the date is unknown.
    """
    work = chapter or book
    found = [("citation_title", chapter["title"] if chapter else full_title(book))]
    found += [("citation_author", author_name(author)) for author in work.get("authors") or book["authors"]]
    if day := published_on(book):
        found.append(("citation_publication_date", day.replace("-", "/")))
    if chapter:
        found.append(("citation_inbook_title", full_title(book)))
    elif book.get("doi"):
        found.append(("citation_doi", book["doi"]))
    if chapter and chapter.get("first_page_number"):
        found.append(("citation_firstpage", str(chapter["first_page_number"])))
    found.append(("citation_language", book.get("language") or "en"))
    found += [("citation_keywords", keyword) for keyword in book.get("keywords") or []]
    address = absolute(book.get("site_url"), chapter["address"] if chapter else FRONT_PAGE)
    if address:
        found += [("citation_public_url", address), ("citation_fulltext_html_url", address)]
    return found
