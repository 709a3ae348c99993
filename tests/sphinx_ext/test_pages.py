"""The tiny book's pages, as a browser gets them."""

import re

import pytest
from bs4 import BeautifulSoup, Tag
from tiny import Story

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("tinybook")]


@pytest.fixture(scope="module")
def lines(story: Story) -> BeautifulSoup:
    return BeautifulSoup(story.first_pages["book/lines.html"], "html.parser")


@pytest.fixture(scope="module")
def figure(lines: BeautifulSoup) -> Tag:
    return lines.select("figure#fig-line")[0]


def test_a_figure_has_one_number_and_references_to_it_resolve(story: Story, figure: Tag):
    assert [number.text for number in figure.select(".caption-number")] == ["Fig. 1.1 "]
    assert re.search(r'href="book/lines.html#fig-line"><span class="std std-numref">Fig. 1.1<', _index(story))


def test_a_figure_shows_light_and_dark_under_one_alt_text(figure: Tag):
    light, dark = figure.select("img")
    assert (light["class"], light["src"]) == (["only-light"], "../figures/fig-line.svg")
    assert (dark["class"], dark["src"]) == (["only-dark"], "../figures/fig-line-dark.svg")
    assert light["alt"] == dark["alt"] == 'A line that rises to 99.42 % (one), and "no further".'


def test_a_figure_is_lazy_and_keeps_its_place(figure: Tag):
    for image in figure.select("img"):
        assert (image["loading"], image["width"], image["height"]) == ("lazy", "384", "192")


def test_a_figure_opens_alone_and_hands_out_all_its_files(figure: Tag):
    assert [link["href"] for link in figure.select(".figure-picture a")] == [
        "../figures/fig-line.svg",
        "../figures/fig-line-dark.svg",
    ]
    suffixes = [
        str(link["href"]).removeprefix("../figures/fig-line") for link in figure.select("a[download]")
    ]
    assert suffixes == [
        ".bib",
        ".ris",
        ".csl.json",
        ".svg",
        ".png",
        ".pdf",
        "-dark.svg",
        "-dark.png",
        "-dark.pdf",
        ".json",
    ]


def test_below_a_figure_is_one_line_that_opens_without_a_script(figure: Tag):
    panel = figure.select(".figure-panel")[0]
    row = [panel.select(".figure-number")[0], *panel.select("details > summary")]
    assert [part.text for part in row] == [
        "Fig. 1.1",
        "cite Fig. 1.1",
        "download Fig. 1.1",
        "how it was made: Fig. 1.1",
    ]
    assert not panel.select("button, script, [onclick]")
    assert not panel.select("details[open]")
    assert row[0]["href"] == "../figures/fig-line.html"


def test_a_figure_says_how_to_cite_it(figure: Tag):
    text, bibtex = figure.select("[data-copy]")
    assert text.text.startswith(
        "The tiny authors, “A line”, figure fig-line in A tiny book, version 7.1, 2026"
    )
    assert bibtex.text.startswith("@misc{fig-line-v7.1,")


def test_a_figures_caption_has_values_and_citations(figure: Tag):
    caption = figure.select(".caption-text")[0]
    assert caption.text == "A line. It ends at 99.42 % (one), as [LeCun et al., 1998] says."
    assert caption.select("a")


def test_every_address_of_this_book_leads_somewhere(story: Story):
    for name, text in story.first_pages.items():
        folder = (story.book.html / name).parent
        for tag in BeautifulSoup(text, "html.parser").select("[href], [src]"):
            address = str(tag.get("href") or tag.get("src")).partition("#")[0].partition("?")[0]
            if address and "//" not in address and not address.startswith("mailto:"):
                assert (folder / address).exists(), f"{name}: {address}"


def test_no_page_asks_a_third_party_for_anything(story: Story):
    for name, text in story.first_pages.items():
        tags = BeautifulSoup(text, "html.parser").select("script, link, img, iframe, source, object, embed")
        asked = [str(tag.get("src") or tag.get("href") or "") for tag in tags]
        assert not [address for address in asked if "//" in address], name
        assert "unpkg.com" not in text
        assert "mathjax" not in "".join(asked).lower()


def test_formulas_are_mathml(lines: BeautifulSoup):
    inline, display = lines.select("math")
    assert (inline["display"], display["display"]) == ("inline", "block")
    assert len(display.select("mtr")) == 2
    assert lines.select("#equation-eq-relu .eqno")[0].text.startswith("(1.1)")
    assert "The number is (1.1)." in lines.text


def test_a_page_has_its_description_language_and_viewport(story: Story):
    page = BeautifulSoup(_index(story), "html.parser")
    assert (
        page.select("meta[name=description]")[0]["content"] == 'What the tiny book is about, "quoted" & all.'
    )
    assert page.select("html")[0]["lang"] == "en"
    assert page.select("meta[name=viewport]")


def test_the_front_page_is_the_book_itself(story: Story):
    assert "<h1>A tiny book" in _index(story)


def _index(story: Story) -> str:
    return story.first_pages["index.html"]
