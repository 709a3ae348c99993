"""Claims on pages: the table's HTML, what machines get, and complaints about ids that do not exist."""

from types import SimpleNamespace
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx

from cnnbook.book_ext.claims import ClaimPages, VerdictWord, _linked, anchor, css_class, unknown_claim
from cnnbook.claims import Claim, Part, judge
from cnnbook.claims.ranges import parse_range
from cnnbook.claims.report import claim_record

PART = Part(
    experiment="census",
    statistic="bits",
    says="bits of <silence>",
    holds=parse_range("at least 1"),
    fails=parse_range("below 0.5"),
)
CLAIM = Claim(
    id="C22",
    section="Conclusion",
    claim="Silence says nothing.",
    parts=(PART,),
    chapter="book/silent-maps",
    figure="fig-census",
    awaits="a count",
)


def table(*, every: bool) -> BeautifulSoup:
    records = [claim_record(judge(CLAIM, {}, is_sample=False))]
    html = ClaimPages().templates.render(
        "claims.html",
        "other/page.html",
        records=records,
        all=every,
        counts={"not tested": 1},
        figures={"fig-census"},
        chapters={"book/silent-maps": ("Silent maps", "book/silent-maps.html")},
        page="book/claims.html",
        citations={"C22": "A <person>, claim C22."} if every else {},
    )
    return BeautifulSoup(html, "html.parser")


def test_the_table_of_all_claims_has_a_place_for_each_and_links_to_chapter_figure_and_data():
    page = table(every=True)
    (row,) = page.select("tbody tr")
    assert row["id"] == "claim-c22" == anchor("C22")
    assert row["data-verdict"] == "not tested"
    assert [link["href"] for link in row.select("a")] == [
        "../book/silent-maps.html",
        "../figures/fig-census.html",
    ]
    assert [link["href"] for link in page.select("a")[-2:]] == ["../claims.json", "../claims.csv"]
    assert [button["data-verdict"] for button in page.select("button")] == ["not tested"]


def test_a_claim_says_how_to_cite_it():
    assert "To cite it: A <person>, claim C22." in table(every=True).get_text()
    assert "To cite it" not in table(every=False).get_text()


def test_filters_are_hidden_where_there_is_no_script():
    assert table(every=True).select(".claims-tools")[0].has_attr("hidden")


def test_a_chapters_table_leads_to_the_page_of_all_and_has_no_filters():
    page = table(every=False)
    assert [link["href"] for link in page.select("a")] == ["../book/claims.html#claim-c22"]
    assert not page.select("button, [id]")


def test_the_rule_is_told_and_markup_in_it_is_text():
    (line,) = table(every=False).select(".claim-parts li")
    line.svg.decompose()  # pyright: ignore[reportOptionalMemberAccess]
    text = line.get_text()
    assert " ".join(text.split()) == "Bits of <silence>: not measured. Holds at least 1, fails below 0.5."


def test_a_linked_verdict_has_its_frame_once():
    builder = SimpleNamespace(name="html", get_relative_uri=lambda here, there: "claims.html")
    app: Any = object.__new__(Sphinx)  # its makers set up a whole build
    app.env, app.builder = SimpleNamespace(found_docs={"book/claims"}), builder
    word = VerdictWord("", "refuted", claim="C50", classes=["verdict", "verdict-refuted"])
    paragraph = nodes.paragraph("", "", word)
    word.replace_self(_linked(app, word, "index"))
    (link,) = paragraph.findall(nodes.reference)
    assert (link["refuri"], link["classes"]) == ("claims.html#claim-c50", [])
    assert link.next_node(nodes.inline)["classes"] == ["verdict", "verdict-refuted"]  # pyright: ignore


def test_a_verdict_has_a_class_of_its_own():
    assert css_class("not tested") == "verdict-not-tested"


def test_an_unknown_claim_is_answered_with_what_is_near():
    assert unknown_claim("C222", ["C22", "S1"]) == "claim 'C222' is unknown; did you mean C22?"
    assert unknown_claim("xyz", ["C22"]) == "claim 'xyz' is unknown"
