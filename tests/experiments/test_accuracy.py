"""Accuracy: every test image counts, once, in the row of its class and the column of the answer."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.data import Digits
from cnnbook.experiments import accuracy
from cnnbook.experiments.accuracy import MARK, counted, learning_curves, table, undisputed, verdict
from cnnbook.inputs import DisputedLabel
from cnnbook.maps import predictions
from synthetic import facts, measured, statistic_from


@pytest.fixture(scope="module")
def result(nets, few_digits) -> xr.Dataset:
    return measured("accuracy", few_digits, nets)


def test_the_result_has_the_agreed_dimensions_and_units(result):
    assert result.test_accuracy.dims == ("net",)
    assert result.train_loss.dims == ("net", "epoch")
    assert result.confusion.dims == ("net", "true", "predicted")
    assert result.net.values.tolist() == [0, 1, 2]
    assert result.epoch.values.tolist() == [1, 2, 3]
    assert result.confusion.dtype == np.int64
    assert result.loss_curve.sizes == {"net": 3, "segment": 24}
    assert {name: result[name].attrs["units"] for name in ("test_accuracy", "loss_curve", "confusion")} == {
        "test_accuracy": "1", "loss_curve": "nat", "confusion": "images",
    }  # fmt: skip
    assert (result.attrs["data"], result.attrs["train_images"], result.attrs["test_images"]) == (
        "sample",
        480,
        120,
    )


def test_every_image_is_counted_once_in_its_class(result):
    assert result.confusion.sum("predicted").values.tolist() == [[12] * 10] * 3


def test_accuracy_is_the_diagonal(result, nets, few_digits):
    right = predictions(nets[1], few_digits.test_images) == few_digits.test_labels
    here = result.sel(net=1)
    assert float(here.test_accuracy) == pytest.approx(right.mean())
    assert int(np.trace(here.confusion)) == right.sum()


def test_rows_are_classes_and_columns_are_answers(nets, few_digits, monkeypatch):
    sevens = np.eye(10, dtype=np.float32)[np.full(120, 7)]
    monkeypatch.setattr(accuracy, "probabilities", lambda net, images: sevens)
    confusion = measured("accuracy", few_digits, nets[:1]).confusion.sel(net=0)
    assert confusion.sel(predicted=7).values.tolist() == [12] * 10
    assert int(confusion.sum()) == 120


def test_the_ensemble_answers_by_the_mean_of_probabilities(nets, few_digits, monkeypatch):
    """Two say 3 with 0.4 and 1 with 0.35, one says 1 with 0.9: together 3 has 0.30 and 1 has 0.53."""
    unsure, sure = np.zeros((120, 10), np.float32), np.zeros((120, 10), np.float32)
    unsure[:, [1, 3, 5]] = 0.35, 0.40, 0.25
    sure[:, [1, 3]] = 0.9, 0.1
    said = {0: unsure, 1: sure, 2: unsure}
    monkeypatch.setattr(accuracy, "probabilities", lambda net, images: said[net.number])
    found = measured("accuracy", few_digits, nets)
    assert float(found.ensemble_accuracy) == pytest.approx(0.1)
    assert found.confusion.sel(true=1, predicted=1).values.tolist() == [0, 12, 0]
    assert found.confusion.sel(true=3, predicted=3).values.tolist() == [12, 0, 12]


def test_losses_are_those_of_training(result, nets):
    np.testing.assert_array_equal(result.train_loss.sel(net=2), nets[2].train_loss)
    np.testing.assert_array_equal(result.loss_curve.sel(net=2), nets[2].loss_curve)


def test_curves_and_schedule_stand_on_the_same_epochs(nets):
    """480 images in batches of 16 are 30 updates an epoch, 90 in all, in 24 segments."""
    found = learning_curves(nets[:1], 480)
    assert found.sizes == {"net": 1, "segment": 24, "update": 90}
    assert found.segment.values[[0, 7, 23]].tolist() == [0.125, 1, 3]
    assert found["update"].values[[0, 30, 60]].tolist() == [0, 1, 2]
    assert float(found.learning_rate.max()) == pytest.approx(0.03, rel=1e-3)
    assert int(np.argmax(found.learning_rate.values)) == 27  # the end of the warm-up, 0.3 · 90


def two_networks() -> np.ndarray:
    """100 images a class: one network takes ten 4s for 9s, the other four 4s for 9s and two 9s for 4s."""
    tables = np.zeros((2, 10, 10), np.int64)
    tables[:, range(10), range(10)] = 100
    tables[0, 4, [4, 9]] = 90, 10
    tables[1, 4, [4, 9]] = 96, 4
    tables[1, 9, [9, 4]] = 98, 2
    return tables


def dataset(tables: np.ndarray) -> xr.Dataset:
    """What follows from confusion matrices, with names of dimensions."""
    dims = {
        "confusion": ("net", "true", "predicted"),
        "image_interval": ("net", "bound"),
        "pooled_interval": ("bound",),
        "net_interval": ("bound",),
        "recall": ("net", "true"),
        "precision": ("net", "predicted"),
    }
    values = counted(tables)
    return xr.Dataset(
        {name: (dims[name], values[name]) for name in dims},
        coords={"true": range(10), "predicted": range(10)},
    )


def test_recall_and_precision_worked_by_hand():
    found = dataset(two_networks())
    assert statistic_from(
        "accuracy",
        "test_accuracy",
        {"confusion": ("net true predicted", two_networks())},
        true=range(10),
        predicted=range(10),
    ).tolist() == [0.990, 0.994]
    assert found.recall.sel(true=4).values.tolist() == [0.90, 0.96]
    assert found.recall.sel(true=9).values.tolist() == [1.0, 0.98]
    # of the first network's 110 answers "9", 100 are right; of the second's 98 answers "4", 96
    assert found.precision.sel(predicted=9).values == pytest.approx([100 / 110, 98 / 102])
    assert found.precision.sel(predicted=4).values == pytest.approx([1.0, 96 / 98])


def test_a_class_that_nobody_answers_has_no_precision():
    tables = np.zeros((1, 10, 10), np.int64)
    tables[0, :, 7] = 5
    found = dataset(tables)
    assert np.isnan(found.precision.sel(predicted=3).item())
    assert found.recall.sel(true=3).item() == 0


def test_intervals_of_two_networks_worked_by_hand():
    """Over networks: mean 0.992, standard error 0.002, and t with one degree of freedom is 12.706."""
    found = dataset(two_networks())
    assert found.net_interval.values == pytest.approx(
        [0.992 - 12.706 * 0.002, 0.992 + 12.706 * 0.002], rel=1e-4
    )
    one, pooled = found.image_interval[0].values, found.pooled_interval.values
    assert one[0] < 0.990 < one[1]
    assert pooled[0] < 0.992 < pooled[1]
    assert np.ptp(pooled) < np.ptp(one)


def mnist_like(labels: list[int]) -> Digits:
    """Some labels as if they were MNIST's test set."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    some = np.array(labels, np.uint8)
    return Digits(
        name="mnist",
        source="a test",
        train_images=np.tile(images, (8, 1, 1)),
        train_labels=np.tile(some, 8),
        test_images=images,
        test_labels=some,
    )


def test_disputed_labels_are_left_out_and_only_they():
    digits = mnist_like([4, 9, 8, 4])
    assert undisputed(digits, [DisputedLabel(index=1, given=9)]).tolist() == [True, False, True, True]


def test_accuracy_without_disputed_labels_worked_by_hand(nets, monkeypatch):
    """Of 4, 9, 8, 4 the answers 4, 4, 8, 1 are half right; without the 9, two of three."""
    answers = np.eye(10, dtype=np.float32)[[4, 4, 8, 1]]
    monkeypatch.setattr(accuracy, "probabilities", lambda net, images: answers)
    disputed = (DisputedLabel(index=1, given=9),)
    found = measured("accuracy", mnist_like([4, 9, 8, 4]), nets[:1], disputed=disputed)
    assert found.test_accuracy.item() == 0.5
    assert found.undisputed_accuracy.item() == pytest.approx(2 / 3)
    assert facts_of(found, disputed="1", undisputed="66.67 %")


def facts_of(result: xr.Dataset, **expected: str) -> bool:
    """Whether some facts are as expected."""
    found = facts("accuracy", result)
    return {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(("index", "given"), [(1, 4), (4, 4)])
def test_a_list_of_disputed_labels_of_another_test_set_is_refused(index, given):
    with pytest.raises(ValueError, match=rf"disputed label {given} of test image {index}: the test set says"):
        undisputed(mnist_like([4, 9, 8, 4]), [DisputedLabel(index=index, given=given)])


def test_the_sample_has_no_disputed_labels(few_digits, result):
    assert undisputed(few_digits, [DisputedLabel(index=947, given=8)]).all()
    assert facts_of(result, disputed="–", undisputed="–")
    assert "–" not in facts("accuracy", result)["undisputed_says"]
    assert "not checked" in facts("accuracy", result)["undisputed_says"]


@pytest.fixture
def worked() -> xr.Dataset:
    """Two networks with 99.40 % and 99.50 % of 10,000."""
    reached = np.array([0.9940, 0.9950])
    recall = np.full((2, 10), 0.995)
    recall[:, 9], recall[:, 1] = 0.98, 0.999
    return xr.Dataset(
        {
            "test_accuracy": ("net", reached), "train_loss": (("net", "epoch"), np.ones((2, 6))),
            "ensemble_accuracy": ((), 0.9960), "undisputed_accuracy": ("net", [0.9950, 0.9960]),
            "net_interval": ("bound", [0.9936, 0.9954]), "pooled_interval": ("bound", [0.9934, 0.9955]),
            "image_interval": (("net", "bound"), [[0.9923, 0.9954], [0.9934, 0.9963]]),
            "recall": (("net", "true"), recall),
        },
        coords={"true": range(10)},
        attrs={"test_images": 10_000, "train_images": 60_000, "disputed": 15, "data": "mnist"},
    )  # fmt: skip


def test_facts_worked_for_two_networks(worked):
    """Mean 99.45, spread 0.1/√2 = 0.07, 55 errors."""
    assert facts("accuracy", worked) == {
        "mean": "99.45 %", "sd": "0.07", "worst": "99.40 %", "best": "99.50 %", "nets": "2", "epochs": "6",
        "errors": "55", "test_images": "10,000", "train_images": "60,000", "first": "99.40 %",
        "net_interval": "99.36 to 99.54", "image_interval": "99.23 to 99.54",
        "pooled_interval": "99.34 to 99.55", "ensemble": "99.60 %", "ensemble_errors": "40",
        "disputed": "15", "undisputed": "99.55 %",
        "undisputed_says": "Without these the mean is 99.55 %.", "hardest": "9", "hardest_recall": "98.0 %",
        "easiest": "1", "easiest_recall": "99.9 %", "level": "95 %", "mark": "99.35 %",
        "verdict": "is reached", "loss_first": "1.00", "loss_last": "1.00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((MARK, 0.999), "reached"),
        ((0.9934, 0.9936), "open"),
        ((0.99, 0.9934), "missed"),
        ((np.nan, np.nan), "open"),
    ],
)
def test_the_verdict_follows_the_rule(worked, ends, expected):
    assert verdict(worked.assign(net_interval=("bound", list(ends)))) == expected


def test_the_sample_gets_no_verdict(worked, result):
    assert verdict(worked.assign_attrs(data="sample")) == "none"
    assert facts_of(result, verdict="is not judged, because this copy is built from the sample")


def test_one_network_has_no_spread_and_no_interval_over_networks(nets, few_digits):
    assert facts_of(measured("accuracy", few_digits, nets[:1]), sd="–", net_interval="–", nets="1")


def test_the_table_has_a_row_a_class_with_mean_and_range():
    frame = table(dataset(two_networks())).frame
    assert frame.index.tolist() == [str(digit) for digit in range(10)]
    assert frame.loc["4"].tolist() == ["100", "93.00 (90.00–96.00)", "98.98 (97.96–100.00)"]
