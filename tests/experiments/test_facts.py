"""Facts are declared by name, expression and format, and read from a Dataset."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments.experiment import Experiment, fact
from cnnbook.experiments.facts import facts_of

RESULT = xr.Dataset(
    {"accuracy": (("layer", "code", "net"), [[[0.5, 0.7], [0.1, 0.1]], [[0.9, 0.8], [np.nan, 0.25]]])},
    coords={"layer": ["conv_2", "conv_3"], "code": ["points on/off", "another's head"], "net": [0, 1]},
    attrs={"images": 12_000},
)


def texts(*facts):
    asked = Experiment(name="codes", question="Which?", measure=lambda: {}, variables=(), facts=facts)
    return facts_of(asked, RESULT)


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
    found = texts(fact("images", lambda r: r.attrs["images"], ",.0f"), fact("word", lambda r: "more"))
    assert found == {"images": "12,000", "word": "more"}


def test_a_fact_of_a_variable_that_is_not_there_names_experiment_and_fact():
    with pytest.raises(ValueError, match=r"experiment codes: fact 'gain': .*margin"):
        texts(fact("gain", "margin"))


def test_texts_by_label_stay_as_they_are_and_what_is_not_a_number_has_no_percent():
    words = xr.DataArray(["more", "less"], {"layer": ["conv_2", "conv_3"]}, "layer")
    assert texts(fact("{layer}_is", lambda r: words)) == {"conv_2_is": "more", "conv_3_is": "less"}
    assert texts(fact("nothing", lambda r: np.nan, ".1%")) == {"nothing": "–"}
