"""Directions on maps: statistics from structure tensors made by hand."""

import numpy as np
import pytest

from cnnbook.experiments import orientation
from cnnbook.experiments.orientation import SOURCES, Config
from synthetic import measured, statistic_from, stub_net

TENSORS = {
    "conv_2": (3.0, 1, 0),
    "turned digit": (1.5, 2.5, 0),
    "pixels": (9.0, 1, 0),
    "turned pixels": (1.0, 9, 0),
    "pool_2": (2.5, 1.5, 0),
    "means of conv_2": (5.0, 3, 0),
    "conv_3": (7.0, 3, 0),
    "shuffled cells": (6.0, 4, 0),
}
"""Energy across rows, across columns, and their product."""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv_2_fours", 0.5),
        ("conv_3_fours_excess", 0.4 - 0.2),
        ("conv_2_turning", (0.5 + 0.25) / (0.8 + 0.8)),
        ("conv_2_angle", 0),
        ("conv_2_coherence", 0.5),
        ("coherence_kept", 0.25 / 0.5),
        ("coherence_kept_by_means", 0.25 / 0.5),
    ],
)
def test_a_statistic_compares_the_layers_and_nulls_that_it_names(name, expected):
    tensors = np.array([TENSORS[source] for source in SOURCES])[:, :, None, None]
    found = statistic_from(
        "orientation", name, {"fours": ("source part net resample", tensors)}, source=SOURCES
    )
    np.testing.assert_allclose(found, [[expected]], atol=1e-12)


def test_where_pixels_do_not_turn_there_is_no_turning():
    tensors = np.ones((len(SOURCES), 3, 1, 1))
    variables = {"fours": ("source part net resample", tensors)}
    assert statistic_from("orientation", "conv_2_turning", variables, source=SOURCES) == 0


def test_tensors_stand_under_the_source_and_kind_that_they_are_of(few_digits, monkeypatch):
    """Each source has energy of its own; the turned digit is the one that was given turned."""
    images = few_digits.test_images
    energy = dict(zip(SOURCES, range(1, 9), strict=True)) | {"untrained": 9}

    def of(number: float) -> np.ndarray:
        return np.tile([number, 1.0, 0.0], (len(images), 1))

    def of_maps(net, given, orders=()):
        if net.number == 3:
            return dict.fromkeys(orientation.LAYERS, of(energy["untrained"]))
        turned = not np.array_equal(given, images)
        layers = dict.fromkeys(orientation.LAYERS, of(energy["turned digit"]))
        if turned:
            return layers
        assert len(orders) == 2
        of_layers = {layer: of(energy.get(layer, 99)) for layer in orientation.LAYERS}
        return of_layers | {"shuffled": of(energy["shuffled cells"]), "means": of(energy["means of conv_2"])}

    def of_pixels(given):
        name = "pixels" if np.array_equal(given, images) else "turned pixels"
        return dict.fromkeys(orientation.LAYERS, of(energy[name]))

    monkeypatch.setattr(orientation, "_of_maps", of_maps)
    monkeypatch.setattr(orientation, "_of_pixels", of_pixels)
    monkeypatch.setattr(orientation, "untrained", lambda net: stub_net(3))
    config = Config(images=120, shuffles=2, untrained=1)
    found = measured("orientation", few_digits, (stub_net(0), stub_net(1)), config=config)

    def excess(source: str) -> float:
        return (energy[source] - 1) / (energy[source] + 1)

    np.testing.assert_allclose(found.conv_2_fours[:, 0], excess("conv_2"))
    np.testing.assert_allclose(found.conv_3_fours_excess[:, 0], excess("conv_3") - excess("shuffled cells"))
    turning = (excess("conv_2") - excess("turned digit")) / (excess("pixels") - excess("turned pixels"))
    np.testing.assert_allclose(found.conv_2_turning[:, 0], turning)
    assert float(found.coherence_kept[0, 0]) == 0  # Conv_2 has as much energy both ways
    of_kind = found.excess.sel(layer="conv_3", net=0).isel({"class": 4})
    expected = [excess("conv_3"), excess("turned digit"), excess("untrained"), excess("pixels")]
    np.testing.assert_allclose(of_kind, [*expected, excess("turned pixels")])
    assert np.isnan(found.excess.sel(kind="untrained", net=1)).all()
