"""References: the expected texts, written out; with signs that each format treats in its own way."""

import json
import re
from dataclasses import replace

import pytest
from pybtex.database import parse_string
from rain import make_book

from cnnbook.publishing.book import BookMetadata, read_book
from cnnbook.publishing.citation import CITATION_FILES, FORMATS, citations, cite
from cnnbook.publishing.record import FigureFile, FigureRecord

SVG = FigureFile(name="fig-rain.svg", format="svg", theme="light", sha256="0123456789abcdef" * 4)
FIGURE = FigureRecord(id="fig-rain", title="50 % rain & {wind}_1 – #2", files=[SVG])


@pytest.fixture
def book(tmp_path, monkeypatch) -> BookMetadata:
    """A book with an address and a DOI, a person and a group."""
    monkeypatch.delenv("CNNBOOK_SITE_URL", raising=False)
    return read_book(make_book(tmp_path, site_url="https://example.org/rain", doi="10.5281/zenodo.1"))


@pytest.fixture
def bare(book) -> BookMetadata:
    """The same without an address, a DOI, an ORCID."""
    return replace(book, site_url=None, doi=None, authors=[{"name": "The rain group"}])


def test_text_is_one_sentence(book):
    assert cite(FIGURE, book, "text") == (
        "Ada Müller and The 50 % group, “50 % rain & {wind}_1 – #2”, figure fig-rain in Rain & <wind>, "
        "version 2.1, 2026, CC BY 4.0, https://doi.org/10.5281/zenodo.1, https://example.org/rain/figures/fig-rain.html."
    )


def test_text_without_an_address(bare):
    assert cite(replace(FIGURE, title="Rain"), bare, "text") == (
        "The rain group, “Rain”, figure fig-rain in Rain & <wind>, version 2.1, 2026, CC BY 4.0."
    )


def test_bibtex(book):
    assert (
        cite(FIGURE, book, "bibtex")
        == r"""@misc{fig-rain-v2.1,
  author       = {Müller, Ada and {The 50 \% group}},
  title        = {{50 \% rain \& \textbraceleft{}wind\textbraceright{}\_1 – \#2}},
  howpublished = {Figure in: \emph{Rain \& <wind>}, version 2.1},
  year         = {2026},
  month        = mar,
  note         = {Figure fig-rain; SHA-256 of its SVG begins 0123456789abcdef; CC BY 4.0},
  doi          = {10.5281/zenodo.1},
  url          = {https://example.org/rain/figures/fig-rain.html},
}"""
    )


def test_bibtex_without_an_address(bare):
    assert (
        cite(FigureRecord(id="fig-rain", title="Rain"), bare, "bibtex")
        == r"""@misc{fig-rain-v2.1,
  author       = {{The rain group}},
  title        = {{Rain}},
  howpublished = {Figure in: \emph{Rain \& <wind>}, version 2.1},
  year         = {2026},
  month        = mar,
  note         = {Figure fig-rain; CC BY 4.0},
}"""
    )


@pytest.mark.parametrize("title", ["a { b", "} and {", "c:\\d", "~ ^ $x$ %", '"quoted"', "two\nlines"])
def test_any_title_is_sound_bibtex(book, title):
    said = cite(replace(FIGURE, title=title), book, "bibtex")
    (entry,) = parse_string(said, "bibtex").entries.values()
    assert [str(person) for person in entry.persons["author"]] == ["Müller, Ada", r"{The 50 \% group}"]
    assert entry.fields["url"] == "https://example.org/rain/figures/fig-rain.html"
    assert len(re.findall(r"(?<!\\)\{", said)) == len(re.findall(r"(?<!\\)\}", said))


def test_ris(book):
    assert cite(FIGURE, book, "ris").split("\n") == [
        "TY  - FIGURE",
        "ID  - fig-rain-v2.1",
        "AU  - Müller, Ada",
        "AU  - The 50 % group",
        "TI  - 50 % rain & {wind}_1 – #2",
        "T2  - Rain & <wind>",
        "ET  - 2.1",
        "PY  - 2026",
        "DA  - 2026/03/01",
        "LA  - en",
        "DO  - 10.5281/zenodo.1",
        "UR  - https://example.org/rain/figures/fig-rain.html",
        "N1  - Figure fig-rain; SHA-256 of its SVG begins 0123456789abcdef; CC BY 4.0",
        "ER  - ",
    ]


def test_ris_without_an_address_leaves_its_tags_out(bare):
    tags = [line[:2] for line in cite(FIGURE, bare, "ris").split("\n")]
    assert tags == ["TY", "ID", "AU", "TI", "T2", "ET", "PY", "DA", "LA", "N1", "ER"]


CSL_NAMES = {"family", "given", "literal", "suffix", "dropping-particle", "non-dropping-particle"}
"""What the CSL 1.0.2 schema allows in a name; ORCIDs are not among it."""

CSL_FIELDS = {
    "id", "type", "title", "container-title", "author", "issued", "version", "language", "DOI", "URL", "note",
    "custom",
}  # fmt: skip
"""Those of its fields that are used here; the schema allows no others than its own."""


def test_csl_json(book):
    (item,) = json.loads(cite(FIGURE, book, "csl-json"))
    assert item == {
        "id": "fig-rain-v2.1",
        "type": "figure",
        "title": "50 % rain & {wind}_1 – #2",
        "container-title": "Rain & <wind>",
        "author": [{"family": "Müller", "given": "Ada"}, {"literal": "The 50 % group"}],
        "issued": {"date-parts": [[2026, 3, 1]]},
        "version": "2.1",
        "language": "en",
        "DOI": "10.5281/zenodo.1",
        "URL": "https://example.org/rain/figures/fig-rain.html",
        "note": "Figure fig-rain; SHA-256 of its SVG begins 0123456789abcdef; CC BY 4.0",
        "custom": {
            "figure": "fig-rain",
            "licence": "https://creativecommons.org/licenses/by/4.0/",
            "sha256": "0123456789abcdef" * 4,
        },
    }


def test_csl_json_keeps_to_its_schema(book, bare):
    for one in (book, bare):
        (item,) = json.loads(cite(FIGURE, one, "csl-json"))
        assert item.keys() <= CSL_FIELDS
        assert {"id", "type"} <= item.keys()
        assert all(name.keys() <= CSL_NAMES for name in item["author"])
        assert None not in item.values()


@pytest.mark.parametrize("form", FORMATS)
def test_a_build_with_other_numbers_is_cited_by_another_key_version_and_note(book, form):
    whole, sample = cite(FIGURE, book, form), cite(FIGURE, replace(book, edition="sample-draft"), form)
    without = sample.replace("2.1-sample-draft", "2.1").replace("edition sample-draft; ", "")
    assert without == whole
    keys = {"text": "version 2.1-sample-draft, 2026", "bibtex": "@misc{fig-rain-v2.1-sample-draft,"}
    keys |= {"ris": "ID  - fig-rain-v2.1-sample-draft\n", "csl-json": '"id": "fig-rain-v2.1-sample-draft"'}
    assert keys[form] in sample
    assert form == "text" or "Figure fig-rain; edition sample-draft; " in sample


def test_a_figure_of_a_built_book_has_the_checksum_of_its_light_svg(book):
    dark = FigureFile(name="fig-rain-dark.svg", format="svg", theme="dark", sha256="d" * 64)
    assert "begins 0123456789abcdef;" in cite(replace(FIGURE, files=[dark, SVG]), book, "ris")
    assert "SHA-256" not in cite(replace(FIGURE, files=[]), book, "ris")


def test_there_is_a_file_for_each_format_that_programs_read(book):
    assert {"text", *(file.key for file in CITATION_FILES)} == set(citations(FIGURE, book)) == set(FORMATS)


def test_an_unknown_format_is_refused(book):
    with pytest.raises(ValueError, match=r"format='apa': expected one of text, bibtex, ris, csl-json"):
        cite(FIGURE, book, "apa")
    assert all(cite(FIGURE, book, form) for form in FORMATS)
