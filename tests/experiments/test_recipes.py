"""Recipes: paired by network, judged by the rule."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.config.profiles import RECIPES
from cnnbook.experiments import find_experiments, recipes
from cnnbook.experiments.recipes import CALLED, differences, outcome, table
from synthetic import facts, measured, statistic_from


def compared(accuracy: np.ndarray) -> xr.Dataset:
    """The result of three recipes with these accuracies."""
    names = ["reference", "no-decay", "article"]
    values = differences(accuracy, names)
    return xr.Dataset(
        {
            "test_accuracy": (("recipe", "net"), accuracy),
            "ensemble_accuracy": ("recipe", [0.996, 0.995, 0.9955]),
            "epochs": ("recipe", [6, 6, 6]),
            "difference": (("recipe", "net"), values["difference"]),
            "difference_interval": (("recipe", "bound"), values["difference_interval"]),
        },
        coords={"recipe": names, "net": range(accuracy.shape[1])},
        attrs={"test_images": 10_000},
    )


@pytest.fixture
def worked() -> xr.Dataset:
    """Without L2 every network loses 0.10 to 0.12 points; with RMSprop some gain and some lose."""
    accuracy = np.array([[0.9940, 0.9950, 0.9945], [0.9930, 0.9938, 0.9934], [0.9941, 0.9947, 0.9947]])
    return compared(accuracy)


def test_a_recipe_of_fewer_networks_is_compared_with_those_of_its_numbers():
    """Two networks without L2 beside three references: mean −0.11 points, t with one degree of freedom."""
    few = compared(np.array([[0.994, 0.995, 0.9], [0.993, 0.9938, np.nan], [0.99, 0.99, 0.99]]))
    assert few.difference.sel(recipe="no-decay").values[:2] == pytest.approx([-0.0010, -0.0012])
    half = 12.7062 * 0.0001
    ends = few.difference_interval.sel(recipe="no-decay").values
    assert ends == pytest.approx([-0.0011 - half, -0.0011 + half], rel=1e-4)
    found = facts("recipes", few)
    assert (found["together"], found["no_decay_networks"], found["reference_networks"]) == ("2", "2", "3")
    assert found["no_decay"] == "99.34 %"
    assert list(table(few).frame["networks"]) == ["3", "2", "3"]
    assert "2 networks together" in table(few).frame


def test_differences_are_taken_network_by_network(worked):
    assert worked.difference.sel(recipe="no-decay").values == pytest.approx([-0.0010, -0.0012, -0.0011])
    assert worked.difference.sel(recipe="reference").values.tolist() == [0, 0, 0]


def test_the_interval_of_a_difference_worked_by_hand(worked):
    """Mean −0.11 points, standard error 0.01/√3, and t with two degrees of freedom is 4.3027."""
    half = 4.3027 * 0.0001 / 3**0.5
    ends = worked.difference_interval.sel(recipe="no-decay").values
    assert ends == pytest.approx([-0.0011 - half, -0.0011 + half], rel=1e-4)
    assert worked.difference_interval.sel(recipe="reference").values.tolist() == [0, 0]


def test_spread_that_networks_share_does_not_hide_a_difference(worked):
    """The reference's own networks differ by 0.05 points, half the difference; paired, that drops out."""
    assert outcome(worked, "no-decay") == "worse"
    assert outcome(worked, "article") == "same"


def test_better_is_the_mirror_of_worse(worked):
    turned = worked.assign(difference_interval=-worked.difference_interval.isel(bound=[1, 0]))
    assert outcome(turned, "no-decay") == "better"


def test_two_equal_networks_are_not_told_apart(worked):
    one = compared(worked.test_accuracy.values[:, :1])
    assert outcome(one, "no-decay") == "same"
    assert facts("recipes", one)["no_decay_interval"] == "–"


def test_facts_name_each_variant_and_sort_them_by_the_rule(worked):
    found = facts("recipes", worked)
    assert (found["nets"], found["variants"], found["reference"]) == ("3", "2", "99.45 %")
    assert (found["no_decay"], found["no_decay_difference"], found["no_decay_is"]) == (
        "99.34 %",
        "−0.11",
        "worse",
    )
    assert found["no_decay_interval"] == "−0.13 to −0.09"
    assert (found["worse"], found["same"], found["better"]) == ("without L2", "RMSprop alone", "none")
    assert found["article_ensemble"] == "99.55 %"


def test_the_table_has_a_row_a_recipe(worked):
    frame = table(worked).frame
    assert frame.index.tolist() == ["the book's recipe", "without L2", "RMSprop alone"]
    assert frame.loc["without L2", "by the rule"] == "worse"
    assert frame.loc["the book's recipe", "interval"] == ""


OF_OTHER_QUESTIONS = {"shifted", "adversarial", "pooled", "bilinear", "narrow"}
"""Recipes that are not about accuracy: each is compared in the chapter that asks for it."""


def test_every_recipe_of_a_cnn_is_compared_and_has_a_name():
    cnns = {name for name, recipe in RECIPES.items() if "cnn" in recipe.network and recipe.labels == "true"}
    assert set(CALLED) == cnns - OF_OTHER_QUESTIONS
    assert find_experiments()["recipes"].nets[0] == "reference"


def test_measured_on_networks_it_is_their_accuracy(nets, few_digits, monkeypatch):
    right, wrong = np.eye(10, dtype=np.float32)[few_digits.test_labels], np.zeros((120, 10), np.float32)
    wrong[:, 4] = 1
    answers = {0: right, 1: wrong}
    monkeypatch.setattr(recipes, "probabilities", lambda net, images: answers[net.number])
    asked = {"reference": nets[:2], "article": (nets[1], nets[0]), "paired": (nets[1], nets[1])}
    found = measured("recipes", few_digits, asked, resamples=0)
    assert found.paired_gain.dims == ("net", "resample")
    assert found.paired_gain.values[:, 0] == pytest.approx([-0.9, 0])
    assert found.test_accuracy.values.tolist() == [[1, 0.1], [0.1, 1], [0.1, 0.1]]
    assert found.difference.sel(recipe="article").values == pytest.approx([-0.9, 0.9])
    assert found.net.values.tolist() == [0, 1]
    assert found.called.values.tolist() == [
        "the book's recipe",
        "RMSprop alone",
        "two convolutions before pooling",
    ]
    assert found.attrs["data"] == "sample"


def test_networks_together_are_as_many_of_each_recipe(nets, few_digits, monkeypatch):
    """The first network errs on all but the 4s; with the second it would be right, which is left out."""
    right, wrong = np.eye(10, dtype=np.float32)[few_digits.test_labels], np.zeros((120, 10), np.float32)
    wrong[:, 4] = 0.5
    answers = {0: wrong, 1: right}
    monkeypatch.setattr(recipes, "probabilities", lambda net, images: answers[net.number])
    found = measured("recipes", few_digits, {"reference": nets[:2], "paired": nets[:1]}, resamples=0)
    assert found.ensemble_accuracy.values == pytest.approx([0.1, 0.1])
    assert found.test_accuracy.values[0] == pytest.approx([0.1, 1])
    assert np.isnan(found.test_accuracy.values[1, 1])


def test_the_gain_of_pairs_is_that_of_each_network_and_resample():
    found = statistic_from(
        "recipes", "paired_gain", {"gain": ("net resample", [[0.002, 0.001], [-0.001, 0.0]])}
    )
    np.testing.assert_allclose(found, [[0.002, 0.001], [-0.001, 0.0]])
