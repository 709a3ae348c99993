"""Accuracy: every test image counts, once, in the row of its class and the column of the answer."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import accuracy
from cnnbook.experiments.accuracy import facts, measure
from cnnbook.maps import predictions


@pytest.fixture(scope="module")
def result(nets, few_digits) -> xr.Dataset:
    return measure(nets, few_digits, {})


def test_the_result_has_the_agreed_dimensions_units_and_claims(result):
    assert result.test_accuracy.dims == ("net",)
    assert result.train_loss.dims == ("net", "epoch")
    assert result.confusion.dims == ("net", "true", "predicted")
    assert result.net.values.tolist() == [0, 1, 2]
    assert result.epoch.values.tolist() == [1, 2, 3]
    assert result.confusion.dtype == np.int64
    assert {name: result[name].attrs["units"] for name in result} == {
        "test_accuracy": "1", "train_loss": "nat", "confusion": "images",
    }  # fmt: skip
    assert (result.attrs["data"], result.attrs["train_images"], result.attrs["test_images"]) == (
        "sample",
        480,
        120,
    )
    assert result.attrs["claims"]


def test_every_image_is_counted_once_in_its_class(result):
    assert result.confusion.sum("predicted").values.tolist() == [[12] * 10] * 3


def test_accuracy_is_the_diagonal(result, nets, few_digits):
    right = predictions(nets[1], few_digits.test_images) == few_digits.test_labels
    here = result.sel(net=1)
    assert float(here.test_accuracy) == pytest.approx(right.mean())
    assert int(np.trace(here.confusion)) == right.sum()


def test_rows_are_classes_and_columns_are_answers(nets, few_digits, monkeypatch):
    monkeypatch.setattr(accuracy, "predictions", lambda net, images: np.full(120, 7))
    confusion = measure(nets[:1], few_digits, {}).confusion.sel(net=0)
    assert confusion.sel(predicted=7).values.tolist() == [12] * 10
    assert int(confusion.sum()) == 120


def test_losses_are_those_of_training(result, nets):
    np.testing.assert_array_equal(result.train_loss.sel(net=2), nets[2].train_loss)


def test_facts_worked_for_two_networks():
    """99.40 % and 99.50 % of 10,000: mean 99.45, spread 0.1/√2 = 0.07, 55 errors."""
    result = xr.Dataset(
        {"test_accuracy": ("net", [0.9940, 0.9950]), "train_loss": (("net", "epoch"), np.ones((2, 6)))},
        attrs={"test_images": 10_000, "train_images": 60_000},
    )
    assert facts(result) == {
        "mean": "99.45 %", "sd": "0.07", "worst": "99.40 %", "best": "99.50 %", "nets": "2", "epochs": "6",
        "errors": "55", "test_images": "10,000", "train_images": "60,000",
    }  # fmt: skip


def test_one_network_has_no_spread(result):
    assert facts(result.isel(net=[0]))["sd"] == "–"
