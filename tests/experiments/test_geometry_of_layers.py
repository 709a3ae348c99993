"""The geometry as a result: what the table says, and the ink that Conv_3 does not see."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.data import Digits
from cnnbook.experiments import geometry
from cnnbook.experiments.facts import facts_of
from cnnbook.experiments.geometry import table
from synthetic import measured, statistic_from


def digits_with(images: np.ndarray) -> Digits:
    labels = np.zeros(len(images), np.uint8)
    return Digits(
        name="sample", source="a test", train_images=images, train_labels=labels, test_images=images,
        test_labels=labels,
    )  # fmt: skip


@pytest.fixture
def result() -> xr.Dataset:
    """Of four images, two have ink in row 26 or 27 and one in column 27."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[0, 25, 25] = 255  # the last pixel that is seen
    images[1, 26, 3] = 1
    images[2, 27, 27] = 9
    return measured("geometry", digits_with(images))


def test_the_result_has_the_agreed_variables_and_units(result):
    assert result.layer.values.tolist() == ["conv_1", "pool_1", "conv_2", "pool_2", "conv_3"]
    expected = {
        "maps": [32, 32, 64, 64, 128],
        "size": [26, 13, 11, 5, 3],
        "parameters": [320, 0, 18_496, 0, 73_856],
        "receptive_field": [3, 4, 8, 10, 18],
        "jump": [1, 2, 2, 4, 4],
        "first_start": [0] * 5,
        "last_stop": [27, 27, 27, 25, 25],
    }
    assert {name: result[name].values.tolist() for name in expected} == expected
    assert all(result[name].dims == ("layer",) for name in expected)
    assert [result[name].attrs["units"] for name in ("receptive_field", "jump", "last_stop")] == ["px"] * 3
    assert result.maps.attrs["units"] == "1"


def geometry_statistic(name: str, **changes: list[int]) -> float:
    """A statistic of the geometry, of a network with some other sizes if asked for."""
    layers = {
        "size": [26, 13, 11, 5, 3],
        "maps": [32, 32, 64, 64, 128],
        "parameters": [320, 0, 18_496, 0, 73_856],
        "receptive_field": [3, 4, 8, 10, 18],
    }
    variables = {key: ("layer", values) for key, values in (layers | changes).items()}
    names = ["conv_1", "pool_1", "conv_2", "pool_2", "conv_3"]
    return float(statistic_from("geometry", name, variables, layer=names))


def test_the_sizes_of_the_article_are_compared_layer_by_layer():
    assert geometry_statistic("chain_as_said") == 1
    assert geometry_statistic("chain_as_said", size=[26, 13, 11, 3, 5]) == 0
    assert geometry_statistic("chain_as_said", maps=[32, 32, 64, 128, 64]) == 0


def test_shares_and_weights_follow_from_the_layers_they_name():
    """Conv_3: 14 of 28 pixels a side; without pooling 1 + 2 + 2 + 2 = 7. Conv_2: 100 less 64 biases."""
    assert geometry_statistic("unit_share", receptive_field=[1, 2, 3, 4, 14]) == 0.25
    assert geometry_statistic("field_growth", receptive_field=[1, 2, 3, 4, 14]) == 2
    assert geometry_statistic("conv_2_weights", parameters=[7, 8, 100, 9, 10]) == 36


def test_ink_in_rows_and_columns_26_and_27_is_counted(result):
    assert float(result.ink_unseen_rows) == 0.5
    assert float(result.ink_unseen_columns) == 0.25


def test_facts_are_those_of_the_article_and_of_the_unseen_border(result):
    found = facts_of(geometry.geometry, result)
    assert (found["field"], found["field_share"]) == ("18 × 18", "41.3 %")
    assert (found["unseen_pixels"], found["last_seen"], found["first_unseen"]) == ("108", "25", "26")
    assert (found["mlp_input"], found["pixels"], found["parameters"]) == ("1,152", "784", "208,982")
    assert (found["conv_2_weights"], found["conv_2_parameters"]) == ("18,432", "18,496")
    assert (found["ink_unseen_rows"], found["ink_unseen_columns"]) == ("50.0 %", "25.0 %")
    assert found["test_images"] == "4"


def test_the_table_for_readers_has_a_row_for_each_layer(result):
    found = table(result).frame
    assert found.index.tolist() == ["Conv_1", "Pool_1", "Conv_2", "Pool_2", "Conv_3"]
    assert found.loc["Conv_3"].tolist() == [
        128, "3 × 3", "1,152", "73,856", "18 × 18 px", "4 px on", "0 to 25",
    ]  # fmt: skip


@pytest.mark.mnist
def test_of_mnists_test_images_10_0_percent_have_ink_in_unseen_rows_and_1_4_in_columns(all_of_mnist):
    found = facts_of(geometry.geometry, measured("geometry", all_of_mnist))
    assert (found["ink_unseen_rows"], found["ink_unseen_columns"]) == ("10.0 %", "1.4 %")
    assert found["test_images"] == "10,000"
