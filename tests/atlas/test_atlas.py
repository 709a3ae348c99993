"""The atlas: a record and pictures for every map, and nothing where there is nothing."""

import json

import numpy as np
import pytest

from cnnbook.atlas import (
    RESULTS,
    describe_map,
    ink_picture,
    map_address,
    map_name,
    number_text,
    read_atlas,
    signed_picture,
    write_atlas,
)
from cnnbook.tiling import tile_pictures


@pytest.fixture(scope="module")
def made(open_tiny, tmp_path_factory):
    """The folder of a tiny book's atlas, and what it holds."""
    folder = write_atlas(open_tiny().result, tmp_path_factory.mktemp("atlas") / "atlas")
    found = read_atlas(folder)
    assert found is not None
    return folder, found


def test_there_is_a_record_for_each_of_the_224_maps(made):
    _, found = made
    assert {layer: len(records) for layer, records in found["layers"].items()} == {
        "conv_1": 32,
        "conv_2": 64,
        "conv_3": 128,
    }
    assert [record["map"] for record in found["layers"]["conv_3"]] == list(range(128))


def test_every_picture_named_is_there_and_small(made):
    folder, found = made
    for records in found["layers"].values():
        for record in records:
            sizes = [(folder / one["file"]).stat().st_size for one in record["pictures"].values()]
            assert "kernel" in record["pictures"]
            assert sum(sizes) < 100_000
            assert ("oip" in record["pictures"]) == (record["woken"] > 0)


def test_only_conv_3_has_points_and_they_are_its_1152(made):
    _, found = made
    points = [value for record in found["layers"]["conv_3"] for row in record["points"] for value in row]
    assert len(points) == 1152
    assert all(0 <= value <= 1 for value in points)
    assert not any(record["points"] for record in found["layers"]["conv_1"])


def test_modes_are_counted_over_the_starts_that_wake_the_map(made):
    _, found = made
    for record in found["layers"]["conv_3"]:
        if "modes" in record:
            assert sum(record["modes"]) <= record["starts"]
            assert record["modes"] == sorted(record["modes"], reverse=True)


def test_what_is_made_is_not_made_again(made):
    folder, found = made

    def refuse(name):
        raise AssertionError(f"{name} was asked for")

    assert read_atlas(write_atlas(refuse, folder)) == found


def test_no_number_is_not_a_number_and_a_book_without_an_atlas_has_none(made, tmp_path):
    folder, _ = made
    assert "NaN" not in (folder / "atlas.json").read_text()
    assert json.loads((folder / "atlas.json").read_text())["about"]["data"] == "sample"
    assert read_atlas(tmp_path) is None
    assert set(RESULTS) == {"oips", "oip_quality", "typical_patches", "units", "classes"}


def test_addresses_names_and_texts():
    assert map_address("conv_3", 17) == "atlas/conv_3/017.html"
    assert map_name("conv_3", 17) == "Map 17 of Conv_3"
    asked = (("cost", -0.001), ("active", 0.254), ("rank", 3.0), ("path", None))
    assert [number_text(*one) for one in asked] == ["0.00", "25 %", "3", "–"]


def test_a_map_in_words():
    numbers = {"auc": 0.9, "reach": 1.5}
    live = {"class": 4, "numbers": numbers, "woken": 3, "starts": 8}
    assert describe_map(live) == (
        "It responds most to 4s (AUC 0.90 against the other classes). 3 of 8 starts activate it; its "
        "best OIP reaches 1.50 times the best training image."
    )
    dead = {"class": None, "numbers": numbers, "woken": 0, "starts": 8}
    assert (
        describe_map(dead)
        == "It responds to no test image: a dead map. No start activates it, so it has no OIP."
    )


def test_tiles_lie_in_rows_with_gaps_that_are_transparent():
    tiles = np.arange(12.0).reshape(3, 2, 2)
    found = tile_pictures(tiles, 2, gap=1)
    assert found.shape == (5, 5)
    assert np.isnan(found[2]).all()
    assert found[3:, :2].tolist() == [[8, 9], [10, 11]]
    picture = ink_picture(found)
    assert picture.size == (5, 5)
    assert picture.getpixel((0, 0)) == (0, 255)
    assert picture.getpixel((2, 2)) == (0, 0)


def test_weights_are_blue_below_zero_and_orange_above():
    colours = np.asarray(signed_picture(np.array([[-2.0, 0.0, 2.0]])))[0, :, :3].tolist()
    assert colours == [[0, 114, 178], [255, 255, 255], [184, 78, 0]]
