"""`cnnbook cite`: a reference on standard output, and nothing else."""

import json

import pytest
import yaml

from helpers import BOOK

ID = "fig-conv3-three-fours"


@pytest.fixture(autouse=True)
def no_site(monkeypatch):
    monkeypatch.delenv("CNNBOOK_SITE_URL", raising=False)


@pytest.fixture
def built(in_a_folder):
    """A book here, with a withdrawn figure, and built."""
    metadata = yaml.safe_load((BOOK / "book" / "book.yaml").read_text(encoding="utf-8"))
    (in_a_folder / "book.yaml").write_text(yaml.safe_dump(metadata | {"version": "1.5"}), encoding="utf-8")
    lines = (
        "- {id: fig-rain, title: Rain, since: 1.0}",
        '- {id: fig-fog, title: Fog, since: 1.0, withdrawn: "in 1.5: no"}',
    )
    (in_a_folder / "figures.yaml").write_text("\n".join(lines), encoding="utf-8")
    (in_a_folder / "_build" / "html").mkdir(parents=True)
    index = in_a_folder / "_build" / "html" / "figures.json"

    def write(version: str, edition: str = "") -> None:
        files = [{"name": "fig-rain.svg", "sha256": "5" * 64, "format": "svg"}]
        book = {"version": version, "edition": edition}
        record = {"id": "fig-rain", "title": "Rain", "book": book, "files": files}
        index.write_text(
            json.dumps({"figures": [record | {"chapter": {"title": "Weather"}}]}), encoding="utf-8"
        )

    write("1.5")
    return write


def test_text_is_the_default(run):
    ended = run("cite", ID)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(
        "The cnnbook authors, “The maps of Conv_3 for three 4s, with their common points”, figure"
    )
    assert len(ended.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("form", "first"), [("bibtex", f"@misc{{{ID}-v"), ("ris", "TY  - FIGURE"), ("csl-json", "[")]
)
def test_reference_managers_get_their_format(run, form, first):
    ended = run("cite", ID, "--format", form)
    assert ended.code == 0
    assert ended.out.startswith(first)


def test_a_built_figure_is_cited_with_its_checksum(run, built):
    assert "SHA-256 of its SVG begins 5555555555555555;" in run("cite", "fig-rain", "--format", "bibtex").out


def test_a_figure_built_with_other_numbers_has_another_key(run, built):
    built("1.5", "sample")
    assert "@misc{fig-rain-v1.5-sample," in run("cite", "fig-rain", "--format", "bibtex").out


def test_a_figure_of_another_version_lends_no_checksum(run, built):
    built("1.4")
    assert "SHA-256" not in run("cite", "fig-rain", "--format", "bibtex").out


def test_a_withdrawn_figure_is_cited_with_a_word_about_it(run, built):
    ended = run("cite", "fig-fog")
    assert ended.code == 0
    assert "“Fog”" in ended.out
    assert "fig-fog was withdrawn: in 1.5: no" in ended.err


def test_the_site_of_this_build_is_the_address(run, monkeypatch):
    monkeypatch.setenv("CNNBOOK_SITE_URL", "https://example.org/book")
    assert run("cite", ID).out.endswith(f"https://example.org/book/figures/{ID}.html.\n")


def test_an_unknown_figure_is_reported_with_similar_ids(run):
    ended = run("cite", "fig-conv3-three-four")
    assert (ended.code, ended.out) == (1, "")
    assert "no such figure in" in ended.err
    assert f"did you mean {ID}, fig-conv2-three-fours" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_an_unknown_format_is_wrong_usage(run):
    assert run("cite", ID, "--format", "apa").code == 2


def test_a_damaged_list_of_figures_is_told_in_one_line(run, built, in_a_folder):
    (in_a_folder / "_build" / "html" / "figures.json").write_text("{")
    ended = run("cite", "fig-rain")
    assert ended.code == 1
    assert "figures.json: no list of figures" in ended.err


def test_figures_lists_what_is_in_the_book(run, built):
    assert run("figures").out == "fig-rain  since 1.0  Rain  Weather\n"
    assert run("figures", "--all").out == (
        "fig-rain  since 1.0  Rain  Weather\nfig-fog   since 1.0  Fog   withdrawn in 1.5: no\n"
    )


def test_figures_as_json(run, built):
    assert json.loads(run("figures", "--json").out) == [
        {"id": "fig-rain", "title": "Rain", "since": "1.0", "withdrawn": None, "chapter": "Weather"}
    ]


def test_figures_of_this_book_are_listed_in_the_order_in_which_they_came(run):
    lines = run("figures").out.splitlines()
    assert lines[0].split()[0] == "fig-journey"
    assert len(lines) >= 19


def test_a_book_without_figures_lists_none(run, in_a_folder, built):
    (in_a_folder / "figures.yaml").write_text("")
    assert run("figures") == (0, "", "")


def test_metadata_are_checked_and_written(run, built, in_a_folder):
    ended = run("metadata")
    assert ended.code == 1
    assert ended.err == (
        "cnnbook: CITATION.cff and .zenodo.json: not what book/book.yaml says; "
        "'cnnbook metadata --write' mends it\n"
    )
    assert run("metadata", "--write").out == f"{in_a_folder}/CITATION.cff\n{in_a_folder}/.zenodo.json\n"
    assert run("metadata", "--check") == (
        0,
        "CITATION.cff and .zenodo.json say what book/book.yaml says.\n",
        "",
    )
    assert run("metadata", "--write").out == ""


def test_the_site_of_one_build_does_not_enter_the_metadata(run, built, monkeypatch):
    run("metadata", "--write")
    monkeypatch.setenv("CNNBOOK_SITE_URL", "https://example.org/book")
    assert run("metadata").code == 0


def test_a_source_that_cannot_be_read_is_told_in_one_line(run, built, in_a_folder):
    (in_a_folder / "book.yaml").write_text("title: Rain\n")
    for words in (["metadata"], ["cite", "fig-rain"]):
        ended = run(*words)
        assert ended.code == 1
        assert "book.yaml: no 'authors'; it needs" in ended.err
