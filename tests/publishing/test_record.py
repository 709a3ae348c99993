"""The record of a published figure."""

import json
from pathlib import Path

import pytest

from cnnbook.publishing.record import SUFFIXES, check_figure_id, measure, read_record, write_record


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
    figure = measure("fig-line", folder, width=400, height=300)
    write_record(figure, tmp_path / "figures" / "fig-line.json")
    assert read_record(tmp_path / "figures" / "fig-line.json") == figure


def test_a_record_has_length_and_checksum_of_each_file(folder: Path):
    figure = measure("fig-line", folder, width=400, height=300)
    svg = figure.files["fig-line.svg"]
    assert svg.bytes == len("content of .svg")
    assert svg.sha256 == "c6726abfe144b6c3215afb5ed07f195c3138feb51ec44dbc0d04e21edb8478d6"


def test_a_figure_that_was_moved_is_read_from_where_it_is_now(folder: Path, tmp_path: Path):
    write_record(measure("fig-line", folder, width=400, height=300), folder / "figure.json")
    moved = folder.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    assert read_record(moved / "figure.json", folder=moved).path(".svg") == moved / "fig-line.svg"
    moved.rename(folder)


def test_sound_files_have_no_fault(folder: Path):
    assert measure("fig-line", folder, width=400, height=300).fault() is None


def test_a_missing_file_is_a_fault(folder: Path):
    figure = measure("fig-line", folder, width=400, height=300)
    figure.path("-dark.png").unlink()
    assert figure.fault() == f"{folder / 'fig-line-dark.png'} is missing"


def test_a_changed_file_is_a_fault(folder: Path):
    figure = measure("fig-line", folder, width=400, height=300)
    figure.path(".svg").write_text("CONTENT of .svg")
    assert "fig-line.svg is damaged" in str(figure.fault())


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"files": {"a": {"bytes": 1}}})])
def test_what_is_no_record_is_refused_with_its_path(tmp_path: Path, text: str):
    (tmp_path / "fig-x.json").write_text(text)
    with pytest.raises(ValueError, match=r"fig-x\.json: not the record of a figure"):
        read_record(tmp_path / "fig-x.json")


def test_measuring_files_that_are_not_there_fails(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"fig-line\.svg"):
        measure("fig-line", tmp_path, width=1, height=1)
