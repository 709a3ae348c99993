"""The built pages: every figure is there, every link leads somewhere, nobody else is asked for anything."""

import subprocess
from urllib.parse import unquote, urldefrag

import pytest
import yaml
from bs4 import BeautifulSoup
from chapters import CHAPTERS, FIGURE
from wholebook import ROOT, BuiltBook

from cnnbook.publishing.record import SUFFIXES

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("book")]


@pytest.fixture(scope="module")
def pages(built: BuiltBook) -> dict[str, BeautifulSoup]:
    return built.pages()


def test_the_book_builds_strictly_and_ends_with_the_path_to_open(
    first_build: tuple[BuiltBook, subprocess.CompletedProcess[str]],
) -> None:
    _, outcome = first_build
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.rstrip().splitlines()[-1] == "The book is at _build/html/index.html"


def test_there_is_a_page_for_every_source_and_every_figure(pages: dict[str, BeautifulSoup]) -> None:
    sources = {path.relative_to(ROOT).with_suffix(".html").as_posix() for path in CHAPTERS}
    registered = yaml.safe_load((ROOT / "book" / "figures.yaml").read_text())
    figures = {f"figures/{name}.html" for name in ["index", *(entry["id"] for entry in registered)]}
    assert set(pages) == sources | figures


def test_every_figure_is_there_with_its_files_a_caption_and_an_alt_text(
    built: BuiltBook, pages: dict[str, BeautifulSoup]
) -> None:
    wanted = {figure for path in CHAPTERS for figure in FIGURE.findall(path.read_text())}
    shown = {str(tag["id"]): tag for page in pages.values() for tag in page.select("figure.citable-figure")}
    assert set(shown) == wanted
    for figure_id, tag in shown.items():
        assert len(tag.select("figcaption .caption-text")[0].text.split()) > 8, figure_id
        assert all(len(str(image["alt"]).split()) > 15 for image in tag.select("img")), figure_id
        assert "{" not in str(tag.select("img")[0]["alt"]), figure_id
        for suffix in SUFFIXES:
            assert (built.html / "figures" / f"{figure_id}{suffix}").stat().st_size > 100


def test_a_picture_weighs_less_than_half_a_megabyte(built: BuiltBook) -> None:
    for path in (built.html / "figures").glob("fig-*"):
        if path.suffix in (".svg", ".png", ".pdf"):
            assert path.stat().st_size < 500_000, path.name


def test_every_link_within_the_book_leads_to_a_place_that_exists(
    built: BuiltBook, pages: dict[str, BeautifulSoup]
) -> None:
    ids = {name: {str(tag["id"]) for tag in page.select("[id]")} for name, page in pages.items()}
    for name, page in pages.items():
        for tag in page.select("[href], [src]"):
            address, anchor = urldefrag(unquote(str(tag.get("href") or tag.get("src"))))
            if "//" in address or address.startswith(("mailto:", "data:")):
                continue
            target = (built.html / name).parent / address.partition("?")[0] if address else built.html / name
            assert target.exists(), f"{name}: {address}"
            other = str(target.resolve().relative_to(built.html.resolve()))
            if anchor and other in ids:
                assert anchor in ids[other], f"{name}: {address}#{anchor}"


def test_text_and_figures_need_no_third_party(pages: dict[str, BeautifulSoup]) -> None:
    for name, page in pages.items():
        for tag in page.select(
            "script[src], img, iframe, source, object, embed, link[rel~=stylesheet], link[rel~=preload]"
        ):
            address = str(tag.get("src") or tag.get("href") or "")
            assert "//" not in address, f"{name}: {address}"


def test_every_page_of_the_sample_says_so_at_its_top(pages: dict[str, BeautifulSoup]) -> None:
    for name, page in pages.items():
        assert "sample of 5,000 digits" in page.get_text()[:1500], name


def test_no_cell_left_a_message_on_a_page(pages: dict[str, BeautifulSoup]) -> None:
    for name, page in pages.items():
        assert not page.select(".output.stderr, .output.traceback"), name


def test_no_value_is_missing(pages: dict[str, BeautifulSoup]) -> None:
    """But for the API pages, whose docstrings speak of NaN."""
    text = " ".join(page.get_text(" ") for name, page in pages.items() if not name.startswith("book/api"))
    assert "208,982" in text
    assert "18 × 18" in text
    assert "nan" not in text.lower().split()
