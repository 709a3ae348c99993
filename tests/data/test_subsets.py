import numpy as np

from cnnbook.data import Digits
from cnnbook.data.subsets import stratified_order, stratified_subset


def make(labels):
    """Test images that hold their own index as ink."""
    count = len(labels)
    images = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None], (count, 28, 28))
    return Digits(
        name="sample",
        source="a test",
        train_images=np.zeros((1, 28, 28), np.uint8),
        train_labels=np.zeros(1, np.uint8),
        test_images=images,
        test_labels=np.array(labels, np.uint8),
    )


SORTED = [0] * 60 + [1] * 30 + [2] * 10
"""A file in which each class comes after the other, as no first part of it should be taken."""


def test_every_first_part_holds_each_class_by_its_share_to_within_one_image():
    labels = np.array(SORTED)[stratified_order(make(SORTED))]
    for count in range(1, 101):
        found = np.bincount(labels[:count], minlength=3)
        assert (abs(found - count * np.array([0.6, 0.3, 0.1])) <= 1.5).all()
    assert np.bincount(labels[:50]).tolist() == [30, 15, 5]


def test_each_image_comes_once_and_not_in_the_order_of_the_file():
    order = stratified_order(make(SORTED))
    assert sorted(order) == list(range(100))
    zeros = order[order < 60]
    assert abs(np.corrcoef(zeros, np.arange(60))[0, 1]) < 0.3


def test_the_order_is_always_the_same():
    """Whoever changes the order changes every number that looks at a part of the images."""
    assert stratified_order(make([4, 9, 4, 9, 4, 9])).tolist() == [3, 0, 4, 1, 2, 5]


def test_labels_go_with_their_images():
    images, labels = stratified_subset(make(SORTED), 7)
    assert images.shape == (7, 28, 28)
    assert labels.tolist() == [SORTED[int(image[0, 0])] for image in images]


def test_more_images_than_there_are_means_all():
    assert len(stratified_subset(make(SORTED), 500)[1]) == 100
    assert len(stratified_subset(make(SORTED))[1]) == 100
