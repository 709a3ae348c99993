"""The atlas as it is published: a page for each map, light, complete without a script, sortable with one."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from wholebook import BuiltBook

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("book")]

MAPS = {"conv_1": 32, "conv_2": 64, "conv_3": 128}
HEAVIEST = 300_000
"""Bytes of a map's page with its own pictures."""


def read(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(), "html.parser")


def test_every_map_has_a_page_at_an_address_that_follows_from_its_number(built: BuiltBook) -> None:
    for layer, count in MAPS.items():
        found = sorted(path.name for path in (built.html / "atlas" / layer).glob("*.html"))
        assert found == [f"{number:03d}.html" for number in range(count)]


def test_a_page_with_its_pictures_is_light_and_the_pictures_are_lazy(built: BuiltBook) -> None:
    for path in sorted((built.html / "atlas").glob("*/*.html")):
        pictures = read(path).select("img.atlas-picture")
        assert pictures, path
        assert all(picture["loading"] == "lazy" and str(picture["alt"]).strip() for picture in pictures)
        sizes = [
            (path.parent / unquote(str(picture["src"]))).resolve().stat().st_size for picture in pictures
        ]
        assert path.stat().st_size + sum(sizes) <= HEAVIEST, path


def test_an_overview_lists_every_map_with_its_numbers_and_a_link(built: BuiltBook) -> None:
    for layer, count in MAPS.items():
        page = read(built.html / "atlas" / f"{layer}.html")
        rows = page.select("table.atlas-maps tbody tr")
        assert len(rows) == count
        for row in rows:
            (link,) = row.select("th a")
            assert (built.html / "atlas" / str(link["href"])).is_file()
        assert "nan" not in page.get_text(" ").lower().split()


def test_a_page_leads_to_its_neighbours_and_its_layer_and_says_it_is_of_the_sample(built: BuiltBook) -> None:
    page = read(built.html / "atlas" / "conv_3" / "017.html")
    addresses = {str(tag["href"]) for tag in page.select("a[href]")}
    assert {"016.html", "018.html", "../conv_3.html"} <= addresses
    assert page.select("#map h1")[0].get_text(strip=True) == "Map 17 of Conv_3"
    assert page.select("#point-2-1")
    assert "sample of 5,000 digits" in page.get_text()[:1500]
    assert page.select('meta[name="description"]')


def test_the_chapter_leads_to_the_overviews(built: BuiltBook) -> None:
    page = read(built.html / "book" / "atlas.html")
    found = [str(tag["href"]) for tag in page.select(".atlas-links a")]
    assert found == [f"../atlas/{layer}.html" for layer in MAPS]


@pytest.mark.parametrize("width", [1280, 400])
def test_an_overview_can_be_sorted_and_no_page_is_wider_than_the_screen(
    built: BuiltBook, browser: Browser, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})  # pyright: ignore
    page = context.new_page()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    page.goto((built.html / "atlas" / "conv_3" / "003.html").as_uri())
    assert page.evaluate(wide) <= 0
    page.goto((built.html / "atlas" / "conv_3.html").as_uri())
    assert page.evaluate(wide) <= 0
    rows = "[...document.querySelectorAll('table.atlas-maps tbody tr')]"
    costs = f"{rows}.map(row => Number(row.cells[6].dataset.value))"
    head = page.locator("table.atlas-maps thead th").nth(6)
    assert head.inner_text() == "cost"
    head.locator("button").click()
    falling = page.evaluate(costs)
    assert falling == sorted(falling, reverse=True)
    head.locator("button").click()
    assert page.evaluate(costs) == sorted(falling)
    assert head.get_attribute("aria-sort") == "ascending"
    context.close()
