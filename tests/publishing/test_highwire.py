"""Highwire tags against what Google Scholar asks for, and how they look as HTML."""

import re

import pytest
from bs4 import BeautifulSoup
from recorded import GROUP, SITE, book, chapter

from cnnbook.publishing.page_metadata import highwire_tags, meta_tags

REQUIRED = {"citation_title", "citation_author", "citation_publication_date"}
"""Without these Google Scholar takes no page."""

KNOWN = REQUIRED | {
    "citation_inbook_title", "citation_language", "citation_keywords", "citation_public_url",
    "citation_fulltext_html_url", "citation_doi", "citation_firstpage",
}  # fmt: skip


def values(tags: list[tuple[str, str]], name: str) -> list[str]:
    return [content for found, content in tags if found == name]


@pytest.mark.parametrize("site", [None, SITE])
@pytest.mark.parametrize("page", [None, chapter()])
def test_a_page_has_what_scholar_requires_and_nothing_unknown(site, page):
    tags = highwire_tags(book(site_url=site), page)
    names = {name for name, _ in tags}
    assert names >= REQUIRED
    assert names <= KNOWN
    assert all(content for _, content in tags)
    (date,) = values(tags, "citation_publication_date")
    assert re.fullmatch(r"\d{4}/\d{2}/\d{2}", date)


def test_the_tags_of_a_chapter_are_these():
    assert highwire_tags(book(site_url=SITE, doi="10.5281/zenodo.1"), chapter()) == [
        ("citation_title", 'What "makes" a 4 & why <it> matters'),
        ("citation_author", "Ada Müller"),
        ("citation_author", "The <net> & co. authors"),
        ("citation_publication_date", "2026/11/22"),
        ("citation_inbook_title", 'Maps & "features" <of a CNN>: An executable book'),
        ("citation_language", "en"),
        ("citation_keywords", "MNIST"),
        ("citation_keywords", "feature maps"),
        ("citation_public_url", "https://example.org/book/book/what-makes-a-four.html"),
        ("citation_fulltext_html_url", "https://example.org/book/book/what-makes-a-four.html"),
    ]


def test_the_front_page_is_the_book_and_not_a_part_of_it():
    tags = highwire_tags(book(site_url=SITE, doi="10.5281/zenodo.1"))
    assert values(tags, "citation_title") == ['Maps & "features" <of a CNN>: An executable book']
    assert values(tags, "citation_inbook_title") == []
    assert values(tags, "citation_doi") == ["10.5281/zenodo.1"]
    assert values(tags, "citation_public_url") == ["https://example.org/book/index.html"]


def test_without_a_site_no_tag_has_an_address():
    assert not [name for name, _ in highwire_tags(book(), chapter()) if name.endswith("_url")]


def test_a_chapter_may_have_authors_and_a_first_page_of_its_own():
    tags = highwire_tags(book(), chapter(authors=[GROUP], first_page_number=17))
    assert values(tags, "citation_author") == ["The <net> & co. authors"]
    assert values(tags, "citation_firstpage") == ["17"]


def test_as_html_every_sign_comes_back():
    tags = highwire_tags(book(site_url=SITE), chapter())
    read = BeautifulSoup(meta_tags(tags), "html.parser").find_all("meta")
    assert [(tag["name"], tag["content"]) for tag in read] == tags
