"""Facts are declared by name, expression and format, and read from a Dataset."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments.experiment import Experiment, fact
from cnnbook.experiments.facts import at, facts_of

RESULT = xr.Dataset(
    {"accuracy": (("layer", "code", "net"), [[[0.5, 0.7], [0.1, 0.1]], [[0.9, 0.8], [np.nan, 0.25]]])},
    coords={"layer": ["conv_2", "conv_3"], "code": ["points on/off", "another's head"], "net": [0, 1]},
    attrs={"images": 12_000, "margin": 0.05},
)


COUNTS = {"nets": "2", "images": "12,000"}


def all_texts(*facts):
    asked = Experiment(name="codes", question="Which?", measure=lambda: {}, variables=(), facts=facts)
    return facts_of(asked, RESULT)


def texts(*facts):
    return {name: text for name, text in all_texts(*facts).items() if name not in COUNTS}


def test_networks_and_whole_numbers_among_the_attributes_are_facts_by_themselves():
    assert all_texts() == COUNTS
    assert all_texts(fact("nets", lambda r: "all")) == {"nets": "all", "images": "12,000"}


def test_a_fact_may_be_an_attribute():
    assert texts(fact("margin", form="g"), fact("margin_percent", "margin", ".0%")) == {
        "margin": "0.05",
        "margin_percent": "5 %",
    }


def test_of_an_array_by_resample_all_images_count():
    by_resample = xr.DataArray([[0.5, 9], [0.7, 9]], dims=("net", "resample"))
    assert texts(fact("gain", lambda r: by_resample)) == {"gain": "0.60"}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (at("gain"), [0.3, 0.5]),
        (at("gain", state="untrained"), [0.1, 0.1]),
        (at("gain") - at("gain", state="untrained"), [0.2, 0.4]),
        (at("gain") / at("gain", state="untrained"), [3, 5]),
        (at("gain").mean("net"), 0.4),
    ],
)
def test_a_selection_is_of_trained_networks_where_nothing_else_is_said(chosen, expected):
    gain = (("net", "state"), [[0.1, 0.3], [0.1, 0.5]])
    result = xr.Dataset({"gain": gain}, coords={"state": ["untrained", "trained"]})
    np.testing.assert_allclose(chosen(result), expected)


def test_a_fact_is_the_mean_over_all_dimensions_that_its_name_does_not_hold():
    assert texts(fact("mean_{layer}", "accuracy")) == {"mean_conv_2": "0.35", "mean_conv_3": "0.65"}


def test_labels_become_words_of_a_name():
    assert texts(fact("{code}", lambda r: r.accuracy.sel(layer="conv_2"), ".1%")) == {
        "points_on_off": "60.0 %",
        "another_head": "10.0 %",
    }


@pytest.mark.parametrize(
    ("form", "scale", "expected"),
    [(".2f", 1.0, "0.60"), ("+.1f", 100.0, "+60.0"), (".0%", 1.0, "60 %"), (".3f", -0.0001, "0.000")],
)
def test_a_number_is_written_by_its_format(form, scale, expected):
    asked = fact("x", lambda r: r.accuracy.sel(layer="conv_2", code="points on/off"), form, scale=scale)
    assert texts(asked) == {"x": expected}


def test_counts_have_commas_and_texts_stay_as_they_are():
    found = texts(fact("shown", "images", ",.0f"), fact("word", lambda r: "more"))
    assert found == {"shown": "12,000", "word": "more"}


def test_a_fact_of_a_variable_that_is_not_there_names_experiment_and_fact():
    with pytest.raises(ValueError, match=r"experiment codes: fact 'gain': .*spread"):
        texts(fact("gain", "spread"))


def test_texts_by_label_stay_as_they_are_and_what_is_not_a_number_has_no_percent():
    words = xr.DataArray(["more", "less"], {"layer": ["conv_2", "conv_3"]}, "layer")
    assert texts(fact("{layer}_is", lambda r: words)) == {"conv_2_is": "more", "conv_3_is": "less"}
    assert texts(fact("nothing", lambda r: np.nan, ".1%")) == {"nothing": "–"}
