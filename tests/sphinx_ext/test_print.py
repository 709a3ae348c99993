"""Pages on paper: what they are, of which version, from where; whole tables; and nothing to press."""

import re

import pytest
from playwright.sync_api import Browser, Page
from tiny import Story

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("tinybook")]

PAGES = {"book/lines": "Lines", "figures/fig-line": "A line", "figures/index": "List of figures"}
"""A chapter and two pages that the build adds, by their titles; the book was built on the sample last."""


@pytest.fixture(params=PAGES)
def printed(browser: Browser, story: Story, request) -> tuple[Page, str]:
    """A page as it is printed on a narrow sheet, and its name."""
    page = browser.new_page(viewport={"width": 600, "height": 800})
    page.goto((story.book.html / f"{request.param}.html").as_uri())
    page.emulate_media(media="print")
    return page, request.param


def test_the_banner_of_the_sample_is_printed(printed):
    banner = printed[0].locator(".bd-header-announcement")
    assert banner.is_visible()
    assert banner.inner_text().startswith("Built on the sample")


def test_the_title_is_printed_once(printed):
    page, name = printed
    titles = [title for title in page.locator("h1").all() if title.is_visible()]
    assert [title.inner_text().removesuffix("#") for title in titles] == [PAGES[name]]


def test_version_and_address_are_printed(printed):
    page, name = printed
    assert page.locator(".book-version").inner_text() == "Version 7.1-sample"
    assert page.locator(".book-version").is_visible()
    assert page.locator(".book-address").inner_text() == f"{name}.html"
    page.emulate_media(media="screen")
    assert not page.locator(".book-address").is_visible()


def test_nothing_to_press_is_printed(printed):
    page, _ = printed
    for what in ("input", "button", "summary:not(#cite summary)", ".figure-panel", ".prev-next-footer"):
        assert not [part for part in page.locator(what).all() if part.is_visible()], what


def test_the_table_of_files_is_printed_whole(printed):
    page, name = printed
    tables = page.locator(".figure-scroll")
    assert tables.count() == (1 if re.search("fig-line", name) else 0)
    for table in tables.all():
        for side in ("Width", "Height"):
            assert table.evaluate(f"e => e.scroll{side} <= e.client{side}")
        assert table.evaluate("e => getComputedStyle(e).maxHeight") == "none"
