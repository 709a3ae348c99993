"""The built pages in a browser: nothing asked of others, nothing wider than the screen, light and dark."""

import pytest
from playwright.sync_api import Browser
from wholebook import BuiltBook

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("book")]


@pytest.mark.parametrize("width", [320, 400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_ask_nobody_fit_the_screen_and_raise_no_error(
    built: BuiltBook, browser: Browser, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # pyright: ignore
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name in built.pages():
        page.goto((built.html / name).as_uri())
        spare = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert spare <= 0, f"{name} is {spare} px wider than {width}"
    assert not [address for address in asked if not address.startswith(("file:", "data:"))]
    assert errors == []
    context.close()


@pytest.mark.parametrize(
    ("scheme", "shown"), [("light", "fig-journey.svg"), ("dark", "fig-journey-dark.svg")]
)
def test_the_figure_that_shows_is_the_one_for_the_theme(
    built: BuiltBook, browser: Browser, scheme: str, shown: str
) -> None:
    context = browser.new_context(color_scheme=scheme)  # pyright: ignore
    page = context.new_page()
    page.goto((built.html / "index.html").as_uri())
    visible = page.locator("figure.citable-figure img:visible")
    assert visible.count() == page.locator("figure.citable-figure").count()
    assert str(visible.first.get_attribute("src")).endswith(shown)
    context.close()
