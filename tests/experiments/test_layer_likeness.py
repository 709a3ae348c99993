"""Layers of two networks: a network and its copy, and which networks are paired."""

import numpy as np
import pytest

from cnnbook.experiments.layer_likeness import KINDS
from cnnbook.experiments.network_pairs import LAYERS, in_a_ring, likeness, view_layers
from synthetic import measured


def test_a_network_is_as_like_itself_as_can_be(nets, few_digits):
    view = view_layers(nets[0], few_digits.test_images[:40])
    assert list(view) == list(LAYERS)
    found = likeness(view, view)
    np.testing.assert_allclose(found[:2], 1, atol=1e-4)
    live = [(view[layer].rows.std(axis=0) > 1e-6).mean() for layer in LAYERS]
    np.testing.assert_allclose(found[2], live, atol=1e-4)


def test_every_network_is_paired_once_and_never_with_the_one_of_its_number():
    assert list(in_a_ring("abc", "ABC")) == [("a", "B"), ("b", "C"), ("c", "A")]


def test_kinds_stand_under_their_names(nets, few_digits):
    """The other recipe's networks are the book's own in turn, and those with shuffled labels all the same."""
    given = {"reference": nets[:2], "standardised": nets[1::-1], "shuffled-labels": (nets[0], nets[0])}
    found = measured("layer_likeness", few_digits, given).alike.sel(measure="CKA", layer="conv_3")
    for kind in KINDS[1:3]:
        np.testing.assert_allclose(found.sel(kind=kind), 1, atol=1e-5)
    for kind in (KINDS[0], KINDS[3]):
        assert found.sel(kind=kind).max() < 0.999


def test_a_network_alone_is_refused(nets, few_digits):
    given = {"reference": nets[:1], "standardised": nets[:2], "shuffled-labels": nets[:2]}
    with pytest.raises(ValueError, match="nets: 1 by the recipe 'reference', expected at least 2"):
        measured("layer_likeness", few_digits, given)
