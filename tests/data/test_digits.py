import dataclasses

import numpy as np
import pytest

from cnnbook.data import Digits
from cnnbook.data.digits import check_pair


def make(**changed):
    arrays = {
        "train_images": np.zeros((3, 28, 28), np.uint8),
        "train_labels": np.array([0, 5, 9], np.uint8),
        "test_images": np.ones((2, 28, 28), np.uint8),
        "test_labels": np.array([1, 2], np.uint8),
    }
    return Digits(**{"name": "mnist", "source": "a test", **arrays, **changed})


def test_arrays_cannot_be_written_to_even_through_the_array_given():
    given = np.zeros((3, 28, 28), np.uint8)
    digits = make(train_images=given)
    given[:] = 7
    assert digits.train_images.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        digits.train_images[0, 0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError, match="train_images"):
        digits.train_images = given  # pyright: ignore[reportAttributeAccessIssue]


def test_the_digest_changes_with_every_array_and_with_nothing_else():
    digest = make().digest
    assert make(source="elsewhere").digest == digest
    assert make(source="elsewhere") == make()
    assert make(train_images=np.asfortranarray(np.zeros((3, 28, 28), np.uint8))).digest == digest
    others = [
        make(train_images=np.eye(28, dtype=np.uint8)[None].repeat(3, 0)),
        make(train_labels=np.array([0, 5, 8], np.uint8)),
        make(test_images=np.zeros((2, 28, 28), np.uint8)),
        make(test_labels=np.array([2, 1], np.uint8)),
        make(test_images=np.ones((1, 28, 28), np.uint8), test_labels=np.array([1], np.uint8)),
    ]
    assert len({digest, *(other.digest for other in others)}) == 6
    assert others[1] != make()


def test_only_the_sample_is_the_sample():
    assert make(name="sample").is_sample
    assert not make(name="mnist").is_sample


def test_a_label_above_nine_is_named_with_its_place():
    with pytest.raises(ValueError, match=r"train_labels: label 1 \(counted from 0\) is 10, expected 0 to 9"):
        make(train_labels=np.array([0, 10, 255], np.uint8))


def test_counts_that_differ_are_both_given():
    with pytest.raises(ValueError, match="pictures and names: 2 images but 3 labels"):
        check_pair(np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.uint8), images="pictures", labels="names")


def test_no_images_is_an_error():
    with pytest.raises(ValueError, match="test_images: no images"):
        make(test_images=np.zeros((0, 28, 28), np.uint8), test_labels=np.zeros(0, np.uint8))


@pytest.mark.parametrize(
    ("pixels", "found"),
    [
        (np.zeros((3, 27, 28), np.uint8), r"uint8 \(3, 27, 28\)"),
        (np.zeros((3, 784), np.uint8), r"uint8 \(3, 784\)"),
        (np.zeros((3, 28, 28)), r"float64 \(3, 28, 28\)"),
    ],
)
def test_images_of_another_form_are_refused(pixels, found):
    with pytest.raises(ValueError, match=f"pictures: {found}, expected uint8"):
        check_pair(pixels, np.zeros(3, np.uint8), images="pictures", labels="names")


def test_labels_of_another_form_are_refused():
    with pytest.raises(ValueError, match=r"names: int64 \(3,\), expected uint8 \(n,\)"):
        check_pair(np.zeros((3, 28, 28), np.uint8), np.array([0, 5, 9]), images="pictures", labels="names")
