"""Points of a 9 put into a 4: all of them give the 9's logits; orders, matches and opened images."""

from dataclasses import replace

import numpy as np
import pytest

from cnnbook.experiments.patching import FOUR, NINE, _patched
from cnnbook.fcp.head import Head
from cnnbook.fcp.ranking import with_remaining
from cnnbook.inputs import DisputedLabel
from synthetic import facts, measured


@pytest.fixture(scope="module")
def found(nets, few_digits):
    return measured("patching", few_digits, nets[:2])


def test_all_points_of_a_9_give_the_9s_logits(found):
    assert float(found.end_error.max()) < 1e-9


def test_the_way_ends_with_the_margin_of_the_9_whatever_the_order(found):
    ends = found.along.isel(step=[0, -1]).values
    assert np.ptp(ends, axis=0).max() < 1e-9


def test_points_are_counted_until_the_answer_is_9():
    """Two hidden units for 4 and for 9; the third point alone is 9 enough, the first two together are."""
    hidden, scores = np.zeros((1152, 2)), np.zeros((2, 10))
    hidden[:3, 1] = 1, 1, 2
    scores[0, FOUR], scores[1, NINE] = 1, 1
    head = Head(hidden, np.array([1.5, 0.0]), scores, np.zeros(10))
    start, stop = np.zeros((3, 1152)), np.ones((3, 1152))
    firsts = ([0, 1, 2], [2, 1, 0], [1, 0, 2])
    order = np.stack([with_remaining(np.array(first), np.arange(1152)) for first in firsts])
    flips, _ = _patched(head, start, stop, order)
    assert flips.tolist() == [2, 1, 2]
    flips, _ = _patched(head, stop, start, order)
    assert np.isnan(flips).all(), "what is not taken for a 4 at first is not asked"


def test_on_the_sample_the_worst_written_stand_in(found):
    assert found.sizes["opened"] == 2, "a tenth of 24 images"
    texts = facts("patching", found)
    assert "nobody disputed its labels" in texts["opened_are"]
    assert texts["opened_list"].count("networks agree") == 2


def test_disputed_4s_and_9s_are_opened_on_mnist(nets, few_digits):
    labels = few_digits.test_labels
    four, nine, one = (int(np.flatnonzero(labels == digit)[0]) for digit in (4, 9, 1))
    disputed = [DisputedLabel(index=index, given=int(labels[index])) for index in (one, nine, four)]
    found = measured("patching", replace(few_digits, name="mnist"), nets[:1], disputed=disputed)
    assert found.opened.values.tolist() == [str(nine), str(four)]
    assert found.label.values.tolist() == [9, 4]
    assert "people dispute" in facts("patching", found)["opened_are"]


def test_a_list_about_another_test_set_is_refused(nets, few_digits):
    wrong = [DisputedLabel(index=0, given=int(few_digits.test_labels[0] + 1) % 10)]
    with pytest.raises(ValueError, match=r"disputed label . of test image 0: the test set says otherwise"):
        measured("patching", replace(few_digits, name="mnist"), nets[:1], disputed=wrong)


@pytest.mark.parametrize(
    ("part", "digit", "message"),
    [("test", 4, "no 4 among the test images"), ("train", 9, "no 4 or no 9 among the training images")],
)
def test_digits_without_4s_or_9s_are_refused(nets, few_digits, part, digit, message):
    labels = getattr(few_digits, f"{part}_labels")
    lacking = replace(few_digits, **{f"{part}_labels": np.where(labels == digit, 8, labels).astype(np.uint8)})
    with pytest.raises(ValueError, match=message):
        measured("patching", lacking, nets[:1])
