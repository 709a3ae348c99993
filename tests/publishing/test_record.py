"""The record of a published figure."""

import json
from pathlib import Path

import jsonschema
import pytest
from recorded import figure, withdrawn

from cnnbook.publishing import record_files
from cnnbook.publishing.record import SCHEMA, SUFFIXES, FigureRecord, check_figure_id
from cnnbook.publishing.record_files import (
    INDEX_SCHEMA,
    describe_files,
    read_index,
    read_record,
    write_record,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for suffix in SUFFIXES:
        (tmp_path / f"fig-line{suffix}").write_text(f"content of {suffix}")
    return tmp_path


@pytest.mark.parametrize("figure_id", ["fig-conv3-three-fours", "fig-a", "fig-2"])
def test_a_sound_id_is_returned(figure_id: str):
    assert check_figure_id(figure_id) == figure_id


@pytest.mark.parametrize(
    "figure_id", ["", "fig", "fig-", "fig-A", "fig--a", "fig-a-", "fig_a", "fig-a/b", "fig-a-dark"]
)
def test_a_malformed_id_is_refused(figure_id: str):
    with pytest.raises(ValueError, match=rf"figure_id='{figure_id}': expected 'fig-'"):
        check_figure_id(figure_id)


def test_a_record_comes_back_as_it_was_written(folder: Path, tmp_path: Path):
    figure = describe_files("fig-line", folder, width=400, height=300)
    write_record(figure, tmp_path / "figures" / "fig-line.json")
    assert read_record(tmp_path / "figures" / "fig-line.json") == figure


def test_a_record_has_length_and_checksum_of_each_file(folder: Path):
    figure = describe_files("fig-line", folder, width=400, height=300)
    svg = figure.files[0]
    assert svg.bytes == len("content of .svg")
    assert svg.sha256 == "c6726abfe144b6c3215afb5ed07f195c3138feb51ec44dbc0d04e21edb8478d6"


def test_a_figure_that_was_moved_is_read_from_where_it_is_now(folder: Path, tmp_path: Path):
    write_record(describe_files("fig-line", folder, width=400, height=300), folder / "figure.json")
    moved = folder.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    assert read_record(moved / "figure.json", folder=moved).path(".svg") == moved / "fig-line.svg"
    moved.rename(folder)


def test_sound_files_have_no_fault(folder: Path):
    assert describe_files("fig-line", folder, width=400, height=300).find_damage() is None


def test_a_missing_file_is_a_fault(folder: Path):
    figure = describe_files("fig-line", folder, width=400, height=300)
    figure.path("-dark.png").unlink()
    assert figure.find_damage() == f"{folder / 'fig-line-dark.png'} is missing"


def test_a_changed_file_is_a_fault(folder: Path):
    figure = describe_files("fig-line", folder, width=400, height=300)
    figure.path(".svg").write_text("CONTENT of .svg")
    assert "fig-line.svg is damaged" in str(figure.find_damage())


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"files": {"a": {"bytes": 1}}})])
def test_what_is_no_record_is_refused_with_its_path(tmp_path: Path, text: str):
    (tmp_path / "fig-x.json").write_text(text)
    with pytest.raises(ValueError, match=r"fig-x\.json: not the record of a figure"):
        read_record(tmp_path / "fig-x.json")


SCHEMA_FILE = json.loads(Path(record_files.__file__).with_name(INDEX_SCHEMA).read_text(encoding="utf-8"))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA_FILE)
    properties = SCHEMA_FILE["$defs"]["figure"]["properties"]
    assert properties["schema"]["const"] == SCHEMA
    assert list(figure().as_json()) == list(properties) == SCHEMA_FILE["$defs"]["figure"]["required"]


@pytest.mark.parametrize("record", [figure(), figure(site="https://example.org"), withdrawn()])
def test_a_published_record_is_as_the_schema_says_and_comes_back(record: FigureRecord):
    values = json.loads(json.dumps(record.as_json()))
    jsonschema.validate([values], SCHEMA_FILE)
    assert FigureRecord.from_json(values).as_json() == values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "Fig 1"}, "does not match"),
        ({"book": {"title": "A"}}, "'version' is a required property"),
        ({"files": [{"name": "fig-a.svg"}]}, "'format' is a required property"),
        ({"number": 3}, "is not of type 'string', 'null'"),
        ({"folder": "/tmp"}, "Additional properties are not allowed"),
    ],
)
def test_the_schema_refuses_what_is_no_record(change: dict, message: str):
    with pytest.raises(jsonschema.ValidationError, match=message):
        jsonschema.validate([figure().as_json() | change], SCHEMA_FILE)


def test_a_record_on_this_machine_is_the_published_one_and_where_its_files_lie(folder: Path, tmp_path: Path):
    record = describe_files("fig-line", folder, width=400, height=300, title="A line", build="monday")
    write_record(record, tmp_path / "fig-line.json")
    values = json.loads((tmp_path / "fig-line.json").read_text())
    assert values.pop("local") == {"folder": str(folder), "entry": "", "build": "monday"}
    assert values == record.as_json()


def test_a_record_of_the_first_schema_which_had_no_edition_is_read():
    values = figure().as_json() | {"schema": "cnnbook-figure-1", "unknown": 1}
    del values["book"]["edition"]
    assert FigureRecord.from_json(values).title == figure().title


@pytest.mark.parametrize(
    "values", [[], {}, {"id": 3}, {"id": "fig-a", "files": [{}]}, {"id": "fig-a", "files": "a"}]
)
def test_values_that_are_no_record_are_refused(values):
    with pytest.raises(ValueError, match=r"not the record of a figure"):
        FigureRecord.from_json(values)


@pytest.mark.parametrize("text", ["{", "3", '[{"id": 1}]', '{"figures": [{"title": "A"}]}', "[" * 100_000])
def test_a_damaged_list_of_figures_is_refused_with_its_path(tmp_path: Path, text: str):
    (tmp_path / "figures.json").write_text(text)
    with pytest.raises(ValueError, match=r"(?s)figures\.json: no list of figures .*; build the book again"):
        read_index(tmp_path / "figures.json")


def test_measuring_files_that_are_not_there_fails(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"fig-line\.svg"):
        describe_files("fig-line", tmp_path, width=1, height=1)
