"""Publishing: drawn once, with all its files and a record; what cannot be published is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest
import xarray as xr
from matplotlib.figure import Figure
from rain import BOOK_YAML, DARK, ID, LIGHT, draw_rain, publisher_of, rain

from cnnbook.publishing.publisher import open_publisher
from cnnbook.publishing.record import SUFFIXES
from cnnbook.publishing.record_files import read_record
from cnnbook.results import PROVENANCE

MEASURED = [
    {
        "experiment": "gauges",
        "function": "cnnbook.experiments.geometry.geometry",
        "config": {"days": 3},
        "nets": ["n" * 64],
    }
]


def test_a_figure_has_pictures_in_three_formats_and_two_themes_and_its_data(published):
    assert {file.name for file in published.files} == {f"{ID}{suffix}" for suffix in SUFFIXES}
    assert published.find_damage() is None
    assert all(file.theme is None for file in published.files if file.name.endswith((".csv", ".nc")))


def test_a_record_says_what_the_figure_was_made_from(published):
    assert published.title == "Rain by day – 5 stations"
    assert published.book == {
        "title": "Rain & <wind>",
        "version": "2.1",
        "edition": "",
        "commit": None,
        "date": None,
        "repository": None,
    }
    assert published.options == {"title": "June"}
    assert published.drawn_by["function"] == "rain.draw_rain"
    assert published.licence == {"id": "CC-BY-4.0", "url": BOOK_YAML["licences"]["text"]["url"]}
    assert [author["name"] for author in published.authors] == ["Ada Müller", "The 50 % group"]
    assert published.credit == "Ada Müller, The 50 % group: Rain & <wind> (version 2.1), CC BY 4.0"
    assert published.data["variables"]["rain"] == {
        "dims": ["station", "day"], "units": "mm", "long_name": "rain a day",
    }  # fmt: skip
    assert {"python", "matplotlib", "numpy", "xarray"} <= set(published.versions)


def test_a_record_has_no_path_of_this_machine(published, tmp_path):
    text = json.dumps(published.as_json())
    assert "/tmp" not in text
    assert str(tmp_path.parent) not in text
    assert published.drawn_by["file"] == "rain.py"


def test_an_unchanged_figure_is_not_drawn_again(publisher, drawn):
    draw, palettes = drawn
    first = publisher.publish(ID, draw, rain(), title="June")
    assert publisher.publish(ID, draw, rain(), title="June") == first
    assert palettes == [LIGHT.background, DARK.background]


@pytest.mark.parametrize(
    "change",
    [
        {"data": rain().isel(day=[0, 1])},
        {"options": {"title": "July"}},
        {"book": {"version": "2.2"}},
        {"book": {"copyright": "© 2027"}},
        {"book": {"site_url": "https://example.org"}},
    ],
)
def test_other_data_options_or_facts_are_another_figure(publisher, drawn, tmp_path, change):
    draw, palettes = drawn
    publisher.publish(ID, draw, rain(), title="June")
    other = publisher_of(tmp_path / "weather", tmp_path / "store", **change.get("book", {}))
    other.publish(ID, draw, change.get("data", rain()), **change.get("options", {"title": "June"}))
    assert len(palettes) == 4


def test_other_palettes_are_another_figure(publisher, drawn):
    draw, palettes = drawn
    publisher.publish(ID, draw, rain())
    replace(publisher, dark=LIGHT).publish(ID, draw, rain())
    assert palettes == [LIGHT.background, DARK.background, LIGHT.background, LIGHT.background]


def test_a_damaged_file_is_drawn_again(publisher, capsys):
    figure = publisher.publish(ID, draw_rain, rain())
    figure.path(".pdf").write_bytes(b"%PDF-")
    assert publisher.publish(ID, draw_rain, rain()).find_damage() is None
    assert "fig-rain.pdf is damaged" in capsys.readouterr().out


def test_experiments_behind_the_data_are_listed_with_file_and_lines(publisher):
    signed = rain().assign_attrs({PROVENANCE: json.dumps(MEASURED)})
    part = signed.rain.assign_attrs({PROVENANCE: json.dumps(MEASURED)})
    (entry,) = publisher.publish(ID, draw_rain, signed, marks=part).made_from
    assert entry["config"] == {"days": 3}
    assert entry["file"].endswith("cnnbook/experiments/geometry.py")
    assert 0 < entry["first_line"] < entry["last_line"]


def test_a_figure_without_data_has_pictures_alone(publisher):
    def draw(*, palette):
        return draw_rain(rain(), palette=palette)

    figure = publisher.publish(ID, draw)
    assert {file.name.rpartition(".")[2] for file in figure.files} == {"svg", "png", "pdf"}
    assert figure.data is None


def test_a_notebook_can_show_it(published):
    assert published._repr_svg_().startswith("<?xml")


def test_while_a_book_is_built_a_record_is_left_and_nothing_is_shown(publisher, monkeypatch, tmp_path):
    monkeypatch.setenv("CNNBOOK_EXECUTION", str(tmp_path / "state"))
    assert publisher.publish(ID, draw_rain, rain()) is None
    record = read_record(tmp_path / "state" / "figures" / f"{ID}.json")
    assert record.find_damage() is None
    assert record.folder is not None
    assert record.folder.is_relative_to(tmp_path / "store")


@pytest.fixture
def building(publisher, monkeypatch, tmp_path):
    """Publishes in a build of that name."""
    monkeypatch.setenv("CNNBOOK_EXECUTION", str(tmp_path / "state"))

    def publish(build: str, **options) -> str:
        """Publish in a build; returns what the record says was drawn."""
        monkeypatch.setenv("CNNBOOK_BUILD", build)
        publisher.publish(ID, draw_rain, rain(), **options)
        record = json.loads((tmp_path / "state" / "figures" / f"{ID}.json").read_text())
        return record["options"]["title"]

    return publish


def test_two_drawings_under_one_id_are_refused_and_both_named(building):
    building("monday", title="June")
    with pytest.raises(
        ValueError,
        match=r"fig-rain: published twice.*draw_rain\(title='June'\) and as rain.draw_rain\(title='July'\)",
    ):
        building("monday", title="July")


def test_the_same_drawing_twice_is_fine(building):
    assert [building("monday", title="June") for _ in range(2)] == ["June", "June"]


def test_a_cell_may_change_between_two_builds(building):
    assert building("monday", title="June") == "June"
    assert building("tuesday", title="July") == "July"


@pytest.mark.parametrize("figure_id", ["rain", "fig-Rain", "fig--rain", "fig-rain/../x", ""])
def test_a_malformed_id_is_refused(publisher, drawn, figure_id):
    with pytest.raises(ValueError, match=r"figure_id='.*': expected 'fig-' and then words"):
        publisher.publish(figure_id, drawn[0], rain())
    assert drawn[1] == []


def test_an_unknown_id_is_refused_with_the_line_to_add(publisher, drawn):
    with pytest.raises(
        ValueError,
        match=r"fig-snow: not in .*figures\.yaml; add.*\{id: fig-snow, title: .*since: 2\.1, withdrawn: null",
    ):
        publisher.publish("fig-snow", drawn[0], rain())
    assert drawn[1] == []


def test_a_withdrawn_id_is_refused(publisher):
    with pytest.raises(ValueError, match=r"fig-fog: withdrawn \(in 2\.0: the station was moved\)"):
        publisher.publish("fig-fog", draw_rain, rain())


def test_an_option_that_is_neither_plain_nor_data_is_refused(publisher):
    with pytest.raises(ValueError, match=r"fig-rain: mark: a set; expected text, numbers, lists"):
        publisher.publish(ID, draw_rain, rain(), mark={1, 2})


def test_an_array_without_units_is_refused(publisher):
    with pytest.raises(
        ValueError, match=r"fig-rain: a ndarray among its data; expected Datasets or DataArrays"
    ):
        publisher.publish(ID, draw_rain, rain().rain.values)


def test_a_number_without_unit_is_refused(publisher):
    with pytest.raises(ValueError, match=r"fig-rain: variable 'x' has no units"):
        publisher.publish(ID, draw_rain, xr.Dataset({"x": 1.0}))


def test_a_store_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "store").write_text("a file in the way")
    with pytest.raises(OSError, match=r"store/figures: cannot be made|store/locks: cannot be made"):
        publisher_of(tmp_path / "weather", tmp_path / "store").publish(ID, draw_rain, rain())


def test_a_record_that_cannot_be_written_is_named(publisher, monkeypatch, tmp_path):
    (tmp_path / "state").write_text("a file in the way")
    monkeypatch.setenv("CNNBOOK_EXECUTION", str(tmp_path / "state"))
    with pytest.raises(
        OSError, match=r"fig-rain\.json: the record of fig-rain cannot be written \(not a dir"
    ):
        publisher.publish(ID, draw_rain, rain())


def test_in_a_build_a_figure_is_noted_while_it_is_drawn(publisher, monkeypatch, tmp_path):
    monkeypatch.setenv("CNNBOOK_EXECUTION", str(tmp_path / "state"))
    note = tmp_path / "state" / "figures" / f"{ID}.drawing"
    noted = []

    def draw(data: xr.Dataset, *, palette: Any) -> Figure:
        noted.append(note.exists())
        return draw_rain(data, palette=palette)

    publisher.publish(ID, draw, rain())
    assert noted == [True, True]
    assert not note.exists()


def test_any_book_is_found_from_below(publisher, monkeypatch, tmp_path):
    below = tmp_path / "weather" / "chapters"
    below.mkdir()
    monkeypatch.chdir(below)
    assert open_publisher(light=LIGHT, dark=DARK, store=publisher.store) == publisher
