"""Triples drawn at random obey their kind, are the same every time, and do not depend on each other."""

import jax
import numpy as np
import pytest

from cnnbook.experiments.triples import KINDS, triples_of

LABELS = np.tile(np.arange(10, dtype=np.uint8), 7)
COUNT = 60


def draw(kind, count=COUNT, seed=3, labels=LABELS):
    return triples_of(kind, key=jax.random.key(seed), labels=labels, count=count)


@pytest.mark.parametrize("kind", KINDS)
def test_a_triple_is_three_different_images(kind):
    triples = draw(kind)
    assert triples.shape == (COUNT, 3)
    assert all(len(set(triple)) == 3 for triple in triples.tolist())
    assert triples.min() >= 0
    assert triples.max() < len(LABELS)


def test_three_4s_are_4s():
    assert set(LABELS[draw("three 4s")].ravel()) == {4}


def test_three_of_one_class_are_of_one_and_each_class_is_drawn_equally_often():
    classes = LABELS[draw("three of one class")]
    assert np.all(classes == classes[:, :1])
    assert np.bincount(classes[:, 0]).tolist() == [6] * 10


def test_three_of_different_classes_are_of_three():
    assert all(len(set(triple)) == 3 for triple in LABELS[draw("three of different classes")].tolist())


def test_any_three_digits_are_of_all_classes_and_now_and_then_share_one():
    classes = LABELS[draw("any three digits", count=300)]
    assert set(classes.ravel()) == set(range(10))
    assert {len(set(triple)) for triple in classes.tolist()} >= {2, 3}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_key_draws_the_same_triples_and_another_key_others(kind):
    np.testing.assert_array_equal(draw(kind), draw(kind))
    assert np.any(draw(kind) != draw(kind, seed=4))


def test_kinds_do_not_share_their_draws():
    """With one key for both, "any" would repeat what "different classes" drew and accepted."""
    assert np.mean(draw("any three digits") == draw("three of different classes")) < 0.2


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match=r"kind='four 4s': expected one of three 4s, three of one class"):
        draw("four 4s")


def test_a_class_without_three_images_is_named():
    labels = np.concatenate([LABELS[LABELS != 7], np.array([7, 7], np.uint8)])
    with pytest.raises(ValueError, match=r"labels: 2 images of a 7, expected at least 3 of each class"):
        draw("any three digits", labels=labels)
