"""Contributions to margins: what a softmax takes away from logits has no part in them."""

from dataclasses import replace

import numpy as np
from flax import nnx

from cnnbook.experiments.attribution import shown_margins
from synthetic import measured


def test_what_is_added_to_all_logits_changes_no_contribution(few_digits, few_shown, nets):
    """The same network with one vector added to every class's weights: equal probabilities for any image."""
    model = nnx.clone(nets[0].model)
    added = np.random.default_rng(0).normal(size=(100, 1)).astype(np.float32)
    model.logits.kernel.set_value(model.logits.kernel.get_value() + added)
    shifted = replace(nets[0], model=model)
    before, after = (
        measured("attribution", few_digits, (net,), shown=few_shown) for net in (nets[0], shifted)
    )
    assert np.abs(shifted.weights["logits.kernel"] - nets[0].weights["logits.kernel"]).max() > 1
    for name in ("contribution", "carrying", "gini", "kept"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-4, err_msg=name)


def test_shown_fours_and_nines_are_compared_with_each_other_and_others_with_their_runner_up():
    logits = np.zeros((3, 10))
    logits[:, 2], logits[:, 7] = 5, 3
    found = shown_margins(logits, np.array([4, 9, 2]))
    four_less_nine = np.eye(10)[4] - np.eye(10)[9]
    np.testing.assert_array_equal(found, [four_less_nine, four_less_nine, np.eye(10)[2] - np.eye(10)[7]])
