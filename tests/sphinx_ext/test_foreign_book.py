"""The extension in a book that is not ours."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from foreign import ForeignStory
from jsonschema.validators import validator_for

from cnnbook.publishing.verify import verify
from cnnbook.sources import PACKAGE

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("foreignbook")]


@pytest.fixture(scope="module")
def record(foreign: ForeignStory) -> dict[str, Any]:
    return json.loads((foreign.book.html / "figures.json").read_text())[0]


def _page(foreign: ForeignStory, name: str) -> BeautifulSoup:
    return BeautifulSoup(foreign.book.page(name), "html.parser")


def test_a_foreign_book_builds_without_training_anything(foreign: ForeignStory):
    assert foreign.first.code == 0, foreign.first.err
    assert "rain: cells ran in" in foreign.first.err
    assert "training" not in foreign.first.err + foreign.first.out


@pytest.mark.parametrize("name", ["cnnbook.nets.cnn", "cnnbook.preparation", "cnnbook.book_ext", "jax"])
def test_all_of_it_is_built_without_the_rest_of_the_package(foreign: ForeignStory, name: str):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(foreign.book.root), str(PACKAGE.parent)])}
    outcome = subprocess.run(
        [sys.executable, "-c", f"import {name}"], env=environment, capture_output=True, text=True, check=False
    )
    assert f"{name.rpartition('.')[0] if name.count('.') > 1 else name} is hidden" in outcome.stderr
    assert foreign.first.code == 0, foreign.first.err


def test_a_drawing_that_is_killed_is_named_with_its_page_and_nothing_is_published(foreign: ForeignStory):
    """As the system does when memory runs out."""
    outcome = foreign.faults["killed"]
    assert outcome.code == 1
    assert "rain.md: stopped while its cells ran, drawing fig-rain, by Ctrl-C or for lack of" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_drawing_that_hangs_is_named_with_its_page_cell_and_time(foreign: ForeignStory):
    outcome = foreign.faults["hangs"]
    assert outcome.code == 1
    line = next(line for line in outcome.err.splitlines() if "rain.md" in line and "ERROR" in line)
    assert "cell 2 of 2 failed, drawing fig-rain: " in line
    assert line.endswith("A cell timed out while it was being executed, after 12 seconds")
    assert "what was published before is unchanged" in outcome.err


def test_no_process_outlives_a_build_whose_drawing_hung(foreign: ForeignStory):
    assert foreign.faults["hangs"].code == 1
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    folder = os.fsencode(foreign.book.root)
    assert [command for command in commands if b"sleep\x00600" in command or folder in command] == []


def test_a_second_build_runs_nothing(foreign: ForeignStory):
    outcome, runs = foreign.again
    assert "No page has changed." in outcome.err
    assert runs == 1


def test_below_its_figure_is_the_panel(foreign: ForeignStory):
    panel = _page(foreign, "rain").select(".figure-panel")[0]
    summaries = panel.select("summary")
    assert [summary.text.split(" Fig")[0].rstrip(":") for summary in summaries] == [
        "cite",
        "download",
        "how it was made",
    ]
    assert "Ada Meteorologist, “Rain in June & July”" in panel.select("[data-copy=citation]")[0].text
    assert "rain.py:" in panel.text


def test_its_figure_has_a_page_with_the_first_rows_of_its_data(foreign: ForeignStory):
    page = _page(foreign, "figures/fig-rain").select("article")[0]
    assert [[cell.text for cell in row.select("td")] for row in page.select(".figure-data tbody tr")] == [
        ["rain", "mm", "June", "61.0"],
        ["rain", "mm", "July", "120.0"],
    ]
    assert page.select(".figure-says math")
    assert page.select(".figure-says a")[0]["href"] == "../index.html"
    assert not page.select(".figure-says script")


def test_its_list_of_figures_stands_where_the_directive_is_and_at_its_own_address(foreign: ForeignStory):
    for name, address in (("index", "figures/fig-rain.html"), ("figures/index", "fig-rain.html")):
        assert _page(foreign, name).select(".figure-gallery a")[0]["href"] == address


def test_its_record_says_what_the_figure_was_made_from(record: dict[str, Any]):
    assert record["id"] == "fig-rain"
    assert record["url"] == "https://example.org/rain/figures/fig-rain.html"
    assert record["drawn_by"]["function"] == "rain.rain_figure"
    assert record["options"] == {"colour": "blue"}
    assert record["data"]["variables"]["rain"]["units"] == "mm"
    assert record["chapter"]["cell"] == 2


def test_its_records_are_as_the_schema_says(foreign: ForeignStory):
    schema, records = (
        json.loads((foreign.book.html / name).read_text()) for name in ("figures.schema.json", "figures.json")
    )
    validator = validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(records)] == []
    assert [error.validator for error in validator.iter_errors({})] != []


def test_every_file_of_the_record_is_there_and_verifies(foreign: ForeignStory, record: dict[str, Any]):
    formats = [file["format"] for file in record["files"]]
    assert formats == ["svg", "svg", "png", "png", "pdf", "pdf", "csv", "netcdf"]
    for file in record["files"]:
        path = foreign.book.html / "figures" / file["name"]
        assert path.stat().st_size == file["bytes"]
        if file["format"] in ("svg", "png", "pdf", "netcdf"):
            found = verify(path)
            assert (found.state, found.fields["id"]) == ("unchanged", "fig-rain"), found.answer


def test_with_the_sites_address_addresses_are_absolute_and_there_is_a_sitemap(foreign: ForeignStory):
    page = _page(foreign, "figures/fig-rain")
    address = "https://example.org/rain/figures/fig-rain.html"
    assert page.select("link[rel=canonical]")[0]["href"] == address
    assert page.select("meta[property='og:url']")[0]["content"] == address
    sitemap = (foreign.book.html / "sitemap.xml").read_text()
    assert f"<loc>{address}</loc>" in sitemap
    assert "<image:loc>https://example.org/rain/figures/fig-rain.png</image:loc>" in sitemap


def test_what_the_book_says_of_itself_is_on_its_pages_once_it_changes(foreign: ForeignStory):
    outcome, runs, page = foreign.retitled
    assert outcome.code == 0, outcome.err
    assert runs > foreign.again[1]
    assert "Rain and more" in page


def test_a_figures_page_says_what_has_changed_since_an_older_version(foreign: ForeignStory):
    outcome, text = foreign.newer
    assert outcome.code == 0, outcome.err
    older = BeautifulSoup(text, "html.parser").select("#earlier-versions")[0]
    assert older.select("h3")[0].text == "Version 2.1"
    assert "rain" in older.select("li")[0].parent.text  # pyright: ignore[reportOptionalMemberAccess]
    picture = older.select("img")[0]
    assert picture["src"] == "earlier/v2.1/fig-rain.png"
    copy, original = (foreign.book.html / "figures", foreign.book.root / "versions" / "v2.1" / "figures")
    assert (copy / str(picture["src"])).read_bytes() == (original / "fig-rain.png").read_bytes()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            "no units",
            "rain.md:15: ERROR: cell 2 of 2 failed: ValueError: fig-rain: variable 'rain' has no units",
        ),
        ("not registered", "cell 2 of 2 failed: ValueError: fig-snow: not in "),
        ("withdrawn", "cell 2 of 2 failed: ValueError: fig-hail: withdrawn (in 2.0: the gauge was broken)"),
        ("published twice", "rain.md:15: WARNING: fig-rain is published a second time, after cell 2"),
        ("shown nowhere", "figures.yaml:2: WARNING: fig-hail: registered, and shown on no page"),
        ("unwritable", "the record of fig-rain cannot be written"),
    ],
)
def test_a_mistake_ends_the_build_and_is_named(foreign: ForeignStory, fault: str, message: str):
    outcome = foreign.faults[fault]
    assert outcome.code == 1
    assert message in outcome.err, outcome.err


def test_a_mistake_in_what_the_book_says_of_itself_is_told_in_one_line(foreign: ForeignStory):
    outcome = foreign.faults["no title"]
    assert outcome.code == 1
    assert outcome.err.startswith("Error: ")
    assert "book.yaml: no 'title'" in outcome.err
    assert outcome.err.count("\n") == 1
