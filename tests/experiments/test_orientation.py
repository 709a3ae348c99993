"""Directions on maps: statistics from structure tensors made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.orientation import SOURCES
from synthetic import statistic_from

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
