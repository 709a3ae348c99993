"""Maps of one network in front of the dense layers of another."""

import jax
import numpy as np
import pytest

from cnnbook.experiments.stitching import SOURCES, clustered_noise
from cnnbook.maps import predictions
from synthetic import measured


@pytest.fixture(scope="module")
def accuracy(nets, few_digits):
    """Both recipes' networks are the same, and so is each and the next."""
    given = {"reference": (nets[0], nets[0]), "standardised": nets[:2], "shuffled-labels": nets[:2]}
    return measured("stitching", few_digits, given).accuracy


def test_a_network_stitched_to_itself_classifies_as_before(accuracy, nets, few_digits):
    own = accuracy.sel(source="own maps").values
    for source in ("same recipe", "not stitched"):
        np.testing.assert_allclose(accuracy.sel(source=source), own)
    assert accuracy.sizes["source"] == len(SOURCES)
    assert 0.3 < own[0] < 1
    assert own[0] == pytest.approx(
        (predictions(nets[0], few_digits.test_images) == few_digits.test_labels).mean(), abs=0.1
    )


def test_noise_that_knows_the_class_can_be_stitched(accuracy):
    assert accuracy.sel(source="clustered noise").mean() > accuracy.sel(source="before training").mean()


def test_clustered_noise_has_a_centre_for_each_class():
    labels = np.repeat(np.arange(10, dtype=np.uint8), 200)
    noise = clustered_noise(jax.random.key(0), labels)
    centres = noise.reshape(10, 200, -1).mean(axis=1)
    assert noise.shape == (2000, 9, 128)
    assert centres.std() == pytest.approx(1, abs=0.05)
    assert (noise - centres[labels].reshape(noise.shape)).std() == pytest.approx(0.5, abs=0.02)


def test_a_network_alone_is_refused(nets, few_digits):
    given = {"reference": nets[:2], "standardised": nets[:2], "shuffled-labels": nets[:1]}
    with pytest.raises(ValueError, match="nets: 1 by the recipe 'shuffled-labels', expected at least 2"):
        measured("stitching", few_digits, given)
