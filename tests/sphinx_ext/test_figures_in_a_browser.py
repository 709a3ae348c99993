"""The foreign book's figures in a browser: with and without a script, by keyboard, on a small screen."""

import pytest
from foreign import ForeignStory
from playwright.sync_api import Browser, FloatRect, Locator, Page

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("foreignbook")]


def _open(
    browser: Browser, foreign: ForeignStory, name: str, *, script: bool = True, width: int = 1000
) -> Page:
    context = browser.new_context(
        java_script_enabled=script, viewport={"width": width, "height": 800}, offline=True
    )
    page = context.new_page()
    page.goto((foreign.book.html / f"{name}.html").as_uri())
    return page


def _box(part: Locator) -> FloatRect:
    """Where a part of a page is."""
    box = part.bounding_box()
    assert box is not None
    return box


def test_the_panel_opens_by_keyboard_and_without_a_script(browser: Browser, foreign: ForeignStory):
    page = _open(browser, foreign, "rain", script=False)
    cite = page.locator(".figure-panel summary", has_text="cite")
    assert not page.locator("[data-copy=citation]").is_visible()
    cite.focus()
    page.keyboard.press("Enter")
    assert page.locator("[data-copy=citation]").is_visible()
    assert page.locator(".figure-copy").count() == 0


def test_the_panel_is_one_row_and_opens_below_it(browser: Browser, foreign: ForeignStory):
    page = _open(browser, foreign, "rain", width=400)
    row = page.locator(".figure-number, .figure-panel summary")
    before = [_box(row.nth(at)) for at in range(4)]
    page.locator(".figure-panel summary", has_text="how it was made").click()
    after = [_box(row.nth(at)) for at in range(4)]
    assert [box["x"] for box in before] == [box["x"] for box in after]
    assert {box["y"] for box in after} == {after[0]["y"]}
    body = _box(page.locator(".figure-panel-body:visible"))
    assert body["y"] >= after[0]["y"] + after[0]["height"]
    assert body["x"] < after[1]["x"]


def test_a_citation_is_copied_with_a_button(browser: Browser, foreign: ForeignStory):
    page = _open(browser, foreign, "figures/fig-rain")
    page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text; }")
    page.get_by_role("button", name="copy BibTeX").click()
    page.get_by_text("BibTeX: copied").wait_for(state="attached")
    assert str(page.evaluate("window.copied")).startswith("@misc{fig-rain-v2.")


def test_a_picture_opens_as_large_as_the_window_and_closes_again(browser: Browser, foreign: ForeignStory):
    page = _open(browser, foreign, "figures/fig-rain")
    page.locator(".figure-large a.only-light").click()
    dialog = page.locator("dialog.figure-closer")
    image = dialog.locator("img")
    width = _box(image)["width"]
    image.click()
    assert _box(image)["width"] > 1.5 * width
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.matches('.figure-large a')")


def test_without_a_script_a_picture_leads_to_its_file(browser: Browser, foreign: ForeignStory):
    page = _open(browser, foreign, "figures/fig-rain", script=False)
    page.locator(".figure-large a.only-light").click()
    page.wait_for_url("**/fig-rain.svg")
    assert page.evaluate("document.documentElement.tagName") == "svg"


def test_the_list_is_searched_as_one_types(browser: Browser, foreign: ForeignStory):
    page = _open(browser, foreign, "figures/index")
    items = page.locator(".figure-gallery > li:visible")
    assert items.count() == 2
    page.get_by_label("Search the figures").fill("june rain")
    assert items.count() == 1
    assert page.locator(".figure-search output").inner_text() == "1 of 2"


@pytest.mark.parametrize("name", ["rain", "figures/fig-rain", "figures/fig-hail", "figures/index"])
def test_nothing_is_wider_than_a_small_screen(browser: Browser, foreign: ForeignStory, name: str):
    page = _open(browser, foreign, name, width=320)
    for summary in page.locator(".figure-panel summary").all():
        summary.click()
    spare = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert spare <= 0
