"""OpenGraph tags and the card, against the protocol of ogp.me."""

import pytest
from bs4 import BeautifulSoup
from recorded import SITE, book, chapter, figure, withdrawn

from cnnbook.publishing.page_metadata import meta_tags, opengraph_tags

REQUIRED = {"og:title", "og:type", "og:image", "og:url"}
"""By the protocol."""


def test_the_tags_of_a_chapter_are_these():
    assert opengraph_tags(book(site_url=SITE), chapter(), figure(site=SITE)) == [
        ("og:type", "article"),
        ("og:title", 'What "makes" a 4 & why <it> matters'),
        ("og:description", "Three 4s, and what they share."),
        ("og:site_name", 'Maps & "features" <of a CNN>'),
        ("og:url", "https://example.org/book/book/what-makes-a-four.html"),
        ("article:published_time", "2026-11-22"),
        ("article:tag", "MNIST"),
        ("article:tag", "feature maps"),
        ("og:image", "https://example.org/book/figures/fig-accuracy.png"),
        ("og:image:type", "image/png"),
        ("og:image:width", "1200"),
        ("og:image:height", "800"),
        ("og:image:alt", 'Ten points & one line; "all" above 99 %.'),
        ("twitter:image:alt", 'Ten points & one line; "all" above 99 %.'),
        ("twitter:card", "summary_large_image"),
    ]


@pytest.mark.parametrize("page", [None, chapter()])
def test_with_a_site_and_a_figure_a_page_has_what_the_protocol_requires(page):
    names = {name for name, _ in opengraph_tags(book(site_url=SITE), page, figure(site=SITE))}
    assert names >= REQUIRED


def test_without_a_site_what_needs_an_address_is_left_out_and_the_rest_stays():
    names = {name for name, _ in opengraph_tags(book(), chapter(), figure())}
    assert not {name for name in names if "image" in name or name == "og:url"}
    assert names >= {"og:title", "og:description", "og:type", "og:site_name", "twitter:card"}


@pytest.mark.parametrize("shown", [None, withdrawn(), figure(site=SITE, withdrawn="in 0.9: counted twice")])
def test_a_page_without_a_figure_or_with_a_withdrawn_one_has_a_small_card(shown):
    tags = dict(opengraph_tags(book(site_url=SITE), chapter(), shown))
    assert tags["twitter:card"] == "summary"
    assert "og:image" not in tags


def test_the_front_page_is_a_book_and_describes_itself():
    tags = dict(opengraph_tags(book(site_url=SITE)))
    assert tags["og:type"] == "book"
    assert tags["book:release_date"] == "2026-11-22"
    assert tags["og:description"] == "What do the maps show? Counted, not judged."


def test_as_html_opengraph_has_properties_and_the_card_a_name():
    tags = opengraph_tags(book(site_url=SITE), chapter(), figure(site=SITE))
    read = BeautifulSoup(meta_tags(tags), "html.parser").find_all("meta")
    assert [(tag.get("property") or tag["name"], tag["content"]) for tag in read] == tags
    assert {str(tag["name"]) for tag in read if tag.get("name")} == {"twitter:card", "twitter:image:alt"}
