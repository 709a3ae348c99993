"""Drawn 4s: falls of the probability from numbers made by hand, and the template's constant."""

from itertools import product

import numpy as np
import pytest
from scipy.special import softmax

from cnnbook.data.strokes import CHANGES, MOVES, PARTS, Four, drawn, with_a_part_moved
from cnnbook.experiments.strokes import (
    CONSTANT,
    NETWORK,
    RANGES,
    SHARES,
    TEMPLATE,
    Config,
    highest_correlations,
    offset_for,
    random_fours,
    temperature_for,
)
from synthetic import facts, measured, run_of, statistic_from

SOURCES = (NETWORK, TEMPLATE, CONSTANT)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bar_over_template", 0.25),
        ("moved_over_template", -0.125),
        ("bar_over_constant", -0.5),
        ("moved_over_constant", -0.75),
    ],
)
def test_what_the_network_loses_less_what_the_template_loses(name, expected):
    """Without the bar 0.5 and 0.75 are left of 1; other parts count nothing. Moved, 0.75 and 0.625."""
    removed = np.array([[[[0.5, 0.0, 0.0]]], [[[0.75, 1.0, 1.0]]], [[[0.0, 1.0, 1.0]]]])
    moved = np.array([[[[1.0, 1.0, 0.5, 0.5]]], [[[0.0, 1.0, 1.0, 0.5]]], [[[0.0, 0.0, 0.0, 0.0]]]])
    variables = {
        "whole": ("source net resample", np.ones((3, 1, 1))),
        "without": ("source net resample part", removed),
        "moved": ("source net resample move", moved),
    }
    labels = {"source": SOURCES, "part": PARTS, "move": MOVES}
    np.testing.assert_allclose(statistic_from("strokes", name, variables, **labels), [[expected]])


def test_the_templates_constant_gives_whole_4s_the_probability_of_the_network():
    logits = np.random.default_rng(0).normal(size=(30, 10))
    offset = offset_for(logits, 0.8)
    logits[:, 4] += offset
    assert softmax(logits, axis=1)[:, 4].mean() == pytest.approx(0.8, abs=1e-8)


def test_a_temperature_gives_whole_4s_the_probability_of_the_network():
    logits = np.random.default_rng(0).normal(size=(30, 10))
    logits[:, 4] += 5
    temperature = temperature_for(logits, 0.8)
    assert softmax(logits / temperature, axis=1)[:, 4].mean() == pytest.approx(0.8, abs=1e-8)


def test_where_no_temperature_gives_it_the_nearest_end_is_taken():
    logits = np.zeros((3, 10))
    logits[:2, 4] = logits[2, 5] = 1.0
    assert temperature_for(logits, 0.9) == pytest.approx(np.exp(-4))


def test_no_constant_makes_a_4_certain():
    with pytest.raises(ValueError, match=r"probability=1: expected a mean strictly between 0 and 1"):
        offset_for(np.zeros((3, 10)), 1.0)


def test_strokes_stay_on_the_canvas_at_all_ends_of_all_ranges():
    for values in product(*RANGES.values()):
        four = Four(**dict(zip(RANGES, values, strict=True)))
        many = [with_a_part_moved(four, move) for move in MOVES]
        many += [change(four, share) for change in CHANGES.values() for share in (0.0, 1.0)]
        if four.width == RANGES["width"][1]:
            assert len(drawn([four] * len(many), many)) == len(many)


def test_parameters_are_drawn_from_their_ranges(few_digits):
    fours = random_fours(run_of("strokes", few_digits, config=Config(drawn=50)))
    for name, (low, high) in RANGES.items():
        values = [getattr(four, name) for four in fours]
        assert low <= min(values) < low + 0.2 * (high - low)
        assert high - 0.2 * (high - low) < max(values) <= high


def test_the_nearest_is_the_one_of_the_highest_correlation():
    pictures = np.array([[0.0, 1, 0, 1]])
    among = np.array([[0.0, 2, 0, 2.5], [1, 0, 1, 0], [0.0, 3, 0, 3]])
    assert highest_correlations(pictures, among) == pytest.approx([1])
    assert highest_correlations(pictures, among[1:2]) == pytest.approx([-1])


def test_measured_on_networks_the_template_knows_whole_4s_as_well(nets, few_digits):
    config = Config(drawn=8, changed=3, train=300, steps=20)
    found = measured("strokes", few_digits, nets[:2], config=config)
    whole = found.whole
    np.testing.assert_allclose(whole.sel(source=NETWORK), whole.sel(source=CONSTANT), atol=1e-6)
    assert found.along.sizes == {"source": 3, "net": 2, "change": 6, "step": len(SHARES)}
    assert (found.attrs["drawn"], found.attrs["changed"], found.attrs["train"]) == (8, 3, 300)
    np.testing.assert_array_equal(found.picture[0, 0], found.example[0])
    assert facts("strokes", found)["drawn"] == "8"
