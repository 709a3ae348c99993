"""Likeness of maps and images: the rule, and the statistics of |r|."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments import likeness
from cnnbook.experiments.likeness import KINDS, shows_the_digit
from cnnbook.fcp.pictures import window_means
from cnnbook.fcp.similarity import map_image_correlations
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import MAP_LAYERS, geometry_of
from synthetic import facts, measured, statistic_from


@pytest.fixture(scope="module")
def result(nets, few_digits) -> xr.Dataset:
    return measured("likeness", few_digits, nets[:2], config=likeness.Config(images=20))


def test_the_result_has_the_agreed_dimensions_and_units(result):
    for name in ("likeness", "alike", "live"):
        assert result[name].dims == ("kind", "layer", "net")
        assert result[name].attrs["units"] == "1"
        assert float(result[name].min()) >= 0
        assert float(result[name].max()) <= 1
    assert result.kind.values.tolist() == ["own image", "another digit", "untrained, own image"]
    assert result.layer.values.tolist() == list(MAP_LAYERS)
    assert result.net.values.tolist() == [0, 1]
    assert (result.attrs["data"], result.attrs["images"], result.attrs["threshold"]) == ("sample", 20, 0.5)


def test_the_likeness_of_conv_1_is_the_mean_of_its_maps(result, nets, few_digits):
    images, _ = stratified_subset(few_digits, 20)
    maps = feature_maps(nets[1], images, ("conv_1",))["conv_1"]
    r = np.abs(map_image_correlations(maps, window_means(images, geometry_of()["conv_1"])))
    here = result.sel(kind="own image", layer="conv_1", net=1)
    assert float(here.likeness) == pytest.approx(np.nanmean(r))
    assert float(here.alike) == pytest.approx((r >= 0.5).sum() / (~np.isnan(r)).sum())
    assert float(here.live) == pytest.approx(1 - np.isnan(r).mean())


def test_a_map_of_conv_1_is_more_like_its_image_than_like_another_digit(result):
    conv_1 = result.likeness.sel(layer="conv_1")
    assert np.all(conv_1.sel(kind="own image") > conv_1.sel(kind="another digit") + 0.1)


def made_up(own: list[float], other: float) -> xr.Dataset:
    """A result in which all layers of two networks are alike."""
    values = np.zeros((3, 5, 2))
    values[0], values[1] = own, other
    return xr.Dataset(
        {name: (("kind", "layer", "net"), values) for name in ("likeness", "alike")},
        coords={"kind": list(KINDS), "layer": list(MAP_LAYERS), "net": [0, 1]},
        attrs={"margin": 0.05, "images": 1000},
    )


@pytest.mark.parametrize(
    ("own", "shows"),
    [([0.36, 0.36], True), ([0.40, 0.31], True), ([0.32, 0.36], False), ([0.50, 0.29], False)],
)
def test_a_layer_shows_the_digit_by_the_margin_on_average_and_in_every_network(own, shows):
    assert shows_the_digit(made_up(own, 0.30), "conv_3") is shows


def test_facts_name_the_layers_that_show_the_digit():
    result = made_up([0.30, 0.30], 0.28)
    result.likeness.loc[{"kind": "own image", "layer": ["conv_1", "pool_1", "conv_2"]}] = 0.6
    found = facts("likeness", result)
    assert (found["showing"], found["lost"]) == ("Conv_1, Pool_1 and Conv_2", "Pool_2 and Conv_3")
    assert (found["conv_1"], found["conv_1_other"], found["conv_1_excess"]) == ("0.60", "0.28", "0.32")
    assert found["conv_1_alike"] == "60 %"
    assert (found["conv_3_untrained"], found["images"], found["nets"]) == ("0.00", "1,000", "2")


def test_facts_say_so_when_no_layer_shows_the_digit():
    assert facts("likeness", made_up([0.3, 0.3], 0.3))["showing"] == "no layer"


def test_facts_are_text(result):
    assert all(isinstance(text, str) for text in facts("likeness", result).values())


def sums(**r: float) -> dict:
    """Sums of |r| over maps by kind, layer, net and resample, of one network: with the own image as given.

    Every layer has 4 live maps; with another digit's image |r| is 0.1 everywhere; untrained it falls from 0.9
    by 0.1, 0.2, 0.1 and 0.2.
    """
    total = np.zeros((3, 5, 1, 1))
    total[0, :, 0, 0] = [4 * r[layer] for layer in MAP_LAYERS]
    total[1] = 4 * 0.1
    total[2, :, 0, 0] = [4 * 0.9, 4 * 0.8, 4 * 0.6, 4 * 0.5, 4 * 0.3]
    dims = "kind layer net resample"
    alike = np.zeros(total.shape)
    alike[0, 0], alike[1, 0], alike[0, 1] = 3, 1, 2
    return {"r_sum": (dims, total), "live_maps": (dims, np.full(total.shape, 4)), "alike_maps": (dims, alike)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv_1_alike", 0.75),
        ("conv_1_alike_other", 0.25),
        ("dissolving", 0.7 - 0.4),
        ("dissolving_untrained", 0.9 - 0.6),
        ("pooling_part", (0.7 - 0.6 + 0.4 - 0.2) / (0.7 - 0.2)),
        ("pooling_part_untrained", (0.1 + 0.1) / 0.4),
        ("conv_2_excess", 0.4 - 0.1),
        ("conv_3_excess", 0.15 - 0.1),
    ],
)
def test_a_statistic_compares_the_layers_and_images_that_it_names(name, expected):
    r = sums(conv_1=0.7, pool_1=0.6, conv_2=0.4, pool_2=0.2, conv_3=0.15)
    found = statistic_from("likeness", name, r, kind=KINDS, layer=MAP_LAYERS)
    np.testing.assert_allclose(found, [[expected]])


def test_without_a_fall_the_poolings_have_no_part_in_it():
    r = sums(conv_1=0.2, pool_1=0.6, conv_2=0.4, pool_2=0.2, conv_3=0.15)
    assert statistic_from("likeness", "pooling_part", r, kind=KINDS, layer=MAP_LAYERS) == 0
