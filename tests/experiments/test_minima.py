"""Barriers of the loss: statistics by hand, and a network beside a copy of itself in other orders."""

import numpy as np
import pytest

from cnnbook.experiments import minima
from cnnbook.experiments.minima import BY_WEIGHTS, ONE_START, PATHS, RAW, with_weights
from cnnbook.fcp.rebasin import permute, unchanged
from synthetic import measured, statistic_from


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("barrier", 1.5 - (0.2 + 0.4) / 2),
        ("barrier_aligned", 0.9 - (0.2 + 0.4) / 2),
        ("barrier_by_weights", 0.6 - (0.2 + 0.4) / 2),
        ("barrier_of_one_start", 0.5 - (0.2 + 0.5) / 2),
    ],
)
def test_a_barrier_is_the_highest_loss_on_its_path_above_the_mean_of_the_ends(name, expected):
    losses = [[0.2, 1.5, 1.0, 0.4], [0.2, 0.9, 0.8, 0.4], [0.2, 0.3, 0.6, 0.4], [0.2, 0.3, 0.1, 0.5]]
    variables = {"loss": ("path point net resample", np.array(losses)[..., None, None])}
    assert statistic_from("minima", name, variables, path=PATHS).ravel() == pytest.approx([expected])


@pytest.fixture(scope="module")
def found(nets, few_digits):
    """Network 1 is network 0 with its maps in other orders; the null is each network itself."""
    draw = np.random.default_rng(0)
    orders = {layer: draw.permutation(len(order)) for layer, order in unchanged(nets[0].weights).items()}
    other = with_weights(nets[0], permute(nets[0].weights, orders))
    return measured("minima", few_digits, {"reference": (nets[0], other), "parted": (nets[0], other)})


def test_the_barrier_of_a_network_with_itself_is_zero(found):
    np.testing.assert_allclose(found.barrier_of_one_start, 0, atol=1e-5)


def test_a_copy_in_other_orders_has_a_barrier_that_matching_removes(found):
    assert found.barrier.min() > 0.05
    np.testing.assert_allclose(found.barrier_aligned, 0, atol=1e-4)
    np.testing.assert_allclose(found.barrier_by_weights, 0, atol=1e-4)
    assert found.moved.max() > 0.5


def test_losses_are_those_that_training_minimised(found, nets, few_digits):
    few = np.sort(np.concatenate([np.flatnonzero(few_digits.train_labels == k)[:30] for k in range(10)]))
    logits = np.asarray(nets[0].model(nets[0].inputs(few_digits.train_images[few])), np.float64)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    expected = -0.9 * logs[np.arange(300), few_digits.train_labels[few]] - 0.01 * logs.sum(axis=1)
    assert found.loss.sel(path=RAW).values[0, 0] == pytest.approx(expected.mean(), rel=1e-4)
    assert found.attrs["smoothing"] == 0.1


def test_paths_share_their_beginning(found):
    starts = found.loss.isel(point=0).values
    np.testing.assert_allclose(starts, np.broadcast_to(starts[:1], starts.shape))
    for path in (BY_WEIGHTS, ONE_START):
        np.testing.assert_allclose(found.loss.sel(path=path).isel(point=-1), starts[0], atol=1e-4)


def test_as_many_images_of_each_class_are_taken():
    labels = np.tile(np.arange(10, dtype=np.uint8), 7)
    assert np.bincount(labels[minima._of_every_class(labels, 50)]).tolist() == [5] * 10


def test_a_network_alone_is_refused(nets, few_digits):
    with pytest.raises(ValueError, match="nets: 1 by the recipe 'parted', expected at least 2"):
        measured("minima", few_digits, {"reference": nets[:2], "parted": nets[:1]})
