"""Labels on other images: the same ones, drawn once, and learned by the recipe that asks for them alone."""

from dataclasses import replace

import numpy as np

from cnnbook.config.profiles import RECIPES
from cnnbook.training.recipe import shuffled_labels


def test_shuffled_labels_are_the_same_labels_in_an_order_that_follows_from_the_seed():
    labels = np.arange(250, dtype=np.uint8)
    found = shuffled_labels(labels, seed=3)
    assert sorted(found) == labels.tolist()
    assert np.mean(found == labels) < 0.05
    np.testing.assert_array_equal(found, shuffled_labels(labels, seed=3))
    assert not np.array_equal(found, shuffled_labels(labels, seed=4))


def test_only_the_recipe_that_says_so_learns_shuffled_labels(trainer, few_runs):
    labels = trainer.digits.train_labels
    plain = replace(few_runs[0], seed=3)
    shuffled = replace(plain, config=replace(plain.config, labels="shuffled"))
    np.testing.assert_array_equal(trainer._labels(plain), labels)
    np.testing.assert_array_equal(trainer._labels(shuffled), shuffled_labels(labels, seed=3))
    assert trainer.key(plain).digest != trainer.key(shuffled).digest
    assert plain.static != shuffled.static
    assert plain.static == replace(plain, seed=4).static
    assert shuffled.static != replace(shuffled, seed=4).static, "they learn other labels"
    assert [name for name, recipe in RECIPES.items() if recipe.labels == "shuffled"] == ["shuffled"]
