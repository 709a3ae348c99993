"""Where a function stands, what its code depends on, and what data say about themselves."""

import functools
import importlib.metadata
import json
from pathlib import Path

import pytest
import rain as weather
import xarray as xr

from cnnbook.figures.maps import maps_figure
from cnnbook.publishing.request import (
    PACKAGES,
    code_digest,
    dotted_name,
    installed_versions,
    made_from,
    platform_text,
    source_location,
    source_location_of_name,
)
from cnnbook.results import PROVENANCE
from helpers import BOOK


def said(place: dict) -> str:
    """The first line that a place names."""
    return (BOOK / place["file"]).read_text().splitlines()[place["first_line"] - 1]


def test_a_function_of_the_book_is_told_with_file_and_lines():
    place = source_location(maps_figure, BOOK)
    assert place["function"] == "cnnbook.figures.maps.maps_figure"
    assert place["file"] == "src/cnnbook/figures/maps.py"
    assert said(place) == "@figure("
    assert place == source_location_of_name(place["function"], BOOK)


def test_a_function_that_is_partly_applied_or_wrapped_is_the_same_function():
    part = functools.partial(functools.partial(maps_figure, layer="conv_1"), digit="one")
    wrapped = functools.wraps(maps_figure)(lambda *_: None)
    assert dotted_name(part) == dotted_name(wrapped) == "cnnbook.figures.maps.maps_figure"
    assert source_location(part, BOOK) == source_location(wrapped, BOOK) == source_location(maps_figure, BOOK)


def test_a_file_elsewhere_is_told_without_this_machines_folders(tmp_path):
    assert source_location(maps_figure, tmp_path)["file"] == "cnnbook/figures/maps.py"
    assert source_location(weather.draw_rain, tmp_path)["file"] == "rain.py"


def test_a_function_of_a_notebook_has_no_file(tmp_path):
    cell = compile("def draw(): pass", str(tmp_path / "ipykernel_123" / "456.py"), "exec")
    names: dict = {"__name__": "__main__"}
    exec(cell, names)
    assert source_location(names["draw"], BOOK) == {
        "function": "__main__.draw", "file": None, "first_line": None, "last_line": None,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["cnnbook.nowhere.measure", "no_such_package.measure"])
def test_a_function_that_is_gone_has_no_place(name):
    place = source_location_of_name(name, BOOK)
    assert (place["file"], place["first_line"]) == (None, None)


def test_a_function_that_left_its_file_has_no_lines():
    place = source_location_of_name("cnnbook.maps.no_more", BOOK)
    assert (place["file"], place["first_line"], place["last_line"]) == ("src/cnnbook/maps.py", None, None)


def test_code_counts_with_all_it_imports(tmp_path, monkeypatch):
    package = tmp_path / "weatherpack"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "colours.py").write_text("BLUE = 1\n")
    (package / "drawing.py").write_text(
        "from weatherpack.colours import BLUE\n\n\ndef draw():\n    return BLUE\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from weatherpack.drawing import draw  # pyright: ignore[reportMissingImports]

    before = code_digest(draw)
    assert code_digest(draw) == before
    (package / "colours.py").write_text("BLUE = 2\n")
    assert code_digest(draw) != before


def test_code_of_a_single_file_counts_with_that_file():
    assert code_digest(weather.draw_rain) == code_digest(weather.rain)


def test_code_that_cannot_be_read_is_refused():
    names: dict = {"__name__": "__main__"}
    exec("def draw(): pass", names)
    with pytest.raises(ValueError, match=r"__main__\.draw: its source cannot be read; define it in a file"):
        code_digest(names["draw"])


def test_each_experiment_is_listed_once_in_the_order_given():
    def signed(*names: str) -> xr.Dataset:
        return xr.Dataset(attrs={PROVENANCE: json.dumps([{"experiment": name} for name in names])})

    found = made_from([signed("b"), xr.Dataset(), signed("a", "b")])
    assert [entry["experiment"] for entry in found] == ["b", "a"]


def test_versions_and_machine_are_text():
    versions = installed_versions("jax", "a-package-that-is-not-installed")
    assert versions.keys() == {"python", "jax", *PACKAGES}
    assert versions["jax"] == importlib.metadata.version("jax")
    assert all(isinstance(version, str) for version in versions.values())
    assert len(platform_text().split()) == 2
    assert not Path(platform_text()).is_absolute()
