"""The tiny book's figures: their pages, their records, their list, and what machines are told."""

import json
from typing import Any

import jsonschema
import pytest
from bs4 import BeautifulSoup, Tag
from tiny import Story

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("tinybook")]


def _page(story: Story, name: str) -> BeautifulSoup:
    return BeautifulSoup(story.first_pages[name], "html.parser")


@pytest.fixture(scope="module")
def page(story: Story) -> Tag:
    return _page(story, "figures/fig-line.html").select("article")[0]


@pytest.fixture(scope="module")
def record(story: Story) -> dict[str, Any]:
    return json.loads((story.book.html / "figures" / "fig-line.json").read_text())


def test_a_figure_has_a_page_with_its_pictures_caption_and_words(page: Tag):
    assert page.select("h1")[0].text == "A line"
    assert [image["src"] for image in page.select("img")] == ["fig-line.svg", "fig-line-dark.svg"]
    caption, legend = page.select(".figure-says p")
    assert caption.text == "A line. It ends at 99.42 % (one), as [LeCun et al., 1998] says."
    assert legend.text == "It is drawn by hand."
    assert page.select("#in-words p")[0].text == 'A line that rises to 99.42 % (one), and "no further".'


def test_links_in_the_caption_lead_from_the_figures_page_to_the_same_place(page: Tag):
    assert str(page.select(".figure-says a")[0]["href"]).startswith("../book/prose.html#id")


def test_a_figures_page_lists_its_files_with_size_and_checksum(page: Tag, record: dict[str, Any]):
    rows = [[cell.text for cell in row.select("td")] for row in page.select(".figure-files tbody tr")]
    assert [row[0] for row in rows] == [file["name"] for file in record["files"]]
    assert [row[2] for row in rows] == [file["sha256"] for file in record["files"]]
    assert len(rows) == 6


def test_a_figures_page_says_where_it_is_used(page: Tag):
    uses = [(item.text, item.a["href"]) for item in page.select("#where-it-is-used li") if item.a]
    assert uses == [
        ("Lines shows it", "../book/lines.html#fig-line"),
        ("A tiny book refers to it", "../index.html"),
        ("Prose refers to it", "../book/prose.html"),
    ]


def test_a_figures_page_is_a_page_of_the_book(story: Story):
    page = _page(story, "figures/fig-line.html")
    assert page.select("a.reference.internal[href='../book/lines.html']")
    assert page.select("form.bd-search, input[type=search]")
    assert [link.text for link in page.select("#pst-page-toc-nav a, .page-toc a")][:2] == ["In words", "Cite"]


def test_a_withdrawn_figure_keeps_its_page_and_says_why(story: Story):
    page = _page(story, "figures/fig-gone.html").select("article")[0]
    assert "in 7.0: it was a square" in page.select(".admonition")[0].text
    assert not page.select("img, #files, #how-it-was-made, [data-copy]")
    assert not (story.book.html / "figures" / "fig-gone.bib").exists()


def test_the_record_says_what_only_the_whole_book_knows(record: dict[str, Any]):
    assert (record["schema"], record["number"], record["title"]) == ("cnnbook-figure-2", "Fig. 1.1", "A line")
    assert record["chapter"] == {
        "title": "Lines", "address": "book/lines.html", "source": "book/lines.md",
        "cell": 2, "first_line": 27, "last_line": 37,
    }  # fmt: skip
    assert record["caption"].startswith("A line. It ends at 99.42 % (")
    assert record["book"] == {
        "title": "A tiny book",
        "version": "7.1",
        "edition": "sample",  # the last of the builds
        "commit": None,
        "date": None,
        "repository": None,
    }
    assert (record["address"], record["url"]) == ("figures/fig-line.html", None)
    assert (record["withdrawn"], record["earlier"]) == (None, [])


def test_all_records_are_in_one_list_for_machines(story: Story, record: dict[str, Any]):
    records = json.loads((story.book.html / "figures.json").read_text())
    assert records[0] == record
    assert [(one["id"], one["withdrawn"]) for one in records] == [
        ("fig-line", None), ("fig-gone", "in 7.0: it was a square"),
    ]  # fmt: skip


def test_the_records_are_as_the_schema_beside_them_says(story: Story, record: dict[str, Any]):
    schema = json.loads((story.book.html / "figures.schema.json").read_text())
    jsonschema.validate(json.loads((story.book.html / "figures.json").read_text()), schema)
    with pytest.raises(jsonschema.ValidationError, match="'title' is a required property"):
        jsonschema.validate([{name: value for name, value in record.items() if name != "title"}], schema)


def test_the_citations_are_files_too(story: Story):
    folder = story.book.html / "figures"
    assert (folder / "fig-line.bib").read_text().startswith("@misc{fig-line-v7.1-sample,")
    assert "TY  - FIGURE" in (folder / "fig-line.ris").read_text()
    assert json.loads((folder / "fig-line.csl.json").read_text())[0]["title"] == "A line"


def test_a_build_on_the_sample_is_another_edition_and_cited_as_one(story: Story):
    page = BeautifulSoup(story.sample_pages["figures/fig-line.html"], "html.parser")
    assert page.select(".book-version")[0].text == "Version 7.1-sample"
    assert "version 7.1-sample" in page.select("#cite p")[0].text
    assert "@misc{fig-line-v7.1-sample," in page.select("#cite pre")[0].text
    panel = BeautifulSoup(story.sample_pages["book/lines.html"], "html.parser").select(".figure-panel")[0]
    assert "@misc{fig-line-v7.1-sample," in panel.text
    record = json.loads((story.book.html / "figures" / "fig-line.json").read_text())
    assert record["book"]["edition"] == "sample"
    assert _linked_data(page)["isPartOf"]["isPartOf"]["version"] == "7.1-sample"


def test_a_book_without_a_list_of_figures_gets_one_that_is_whole_without_a_script(story: Story):
    page = _page(story, "figures/index.html").select("article")[0]
    items = page.select(".figure-gallery > li")
    assert [item.a["href"] for item in items if item.a] == ["fig-line.html", "fig-gone.html"]
    assert not page.select(".figure-gallery [hidden]")
    assert page.select(".figure-search")[0].has_attr("hidden")
    assert all(image["loading"] == "lazy" for image in page.select("img"))


def test_every_page_says_which_version_it_is_of(story: Story):
    for name, text in story.first_pages.items():
        assert BeautifulSoup(text, "html.parser").select(".book-version")[0].text == "Version 7.1", name


def _linked_data(page: BeautifulSoup) -> dict[str, Any]:
    return json.loads(page.select("script[type='application/ld+json']")[0].text)


def test_pages_tell_machines_what_they_are(story: Story):
    kinds = {
        name: _linked_data(_page(story, name))["@type"]
        for name in ("index.html", "book/lines.html", "figures/fig-line.html", "figures/index.html")
    }
    assert list(kinds.values()) == ["Book", "Chapter", "ImageObject", "ImageGallery"]
    chapter = _page(story, "book/lines.html")
    assert chapter.select("meta[name=citation_title]")[0]["content"] == "Lines"
    assert chapter.select("meta[property='og:title']")[0]["content"] == "Lines"
    assert _linked_data(chapter)["hasPart"][0]["name"] == "A line"


def test_without_the_sites_address_nothing_that_needs_one_is_written(story: Story):
    assert not (story.book.html / "sitemap.xml").exists()
    assert not any("og:image" in text or "canonical" in text for text in story.first_pages.values())


def test_figures_pages_are_written_anew_when_the_record_changes(story: Story):
    assert "99.42 % (sample)" in story.sample_pages["figures/fig-line.html"]
