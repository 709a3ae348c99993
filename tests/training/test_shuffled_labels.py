"""Labels on other images: the same ones, drawn once, and learned by the recipe that asks for them alone."""

from dataclasses import replace

import numpy as np

from cnnbook.config.recipes import RECIPES
from cnnbook.training.keys import shuffled_labels
from cnnbook.training.runs import Run


def test_shuffled_labels_are_the_same_labels_in_an_order_that_follows_from_the_seed():
    labels = np.arange(250, dtype=np.uint8)
    found = shuffled_labels(labels, seed=3)
    assert sorted(found) == labels.tolist()
    assert np.mean(found == labels) < 0.05
    np.testing.assert_array_equal(found, shuffled_labels(labels, seed=3))
    assert not np.array_equal(found, shuffled_labels(labels, seed=4))


def test_only_the_recipe_that_says_so_learns_shuffled_labels(ensemble):
    workshop, labels = ensemble.workshop, ensemble.digits.train_labels
    plain = Run(number=0, seed=3, config=ensemble.config)
    shuffled = replace(plain, config=replace(ensemble.config, labels="shuffled"))
    np.testing.assert_array_equal(workshop._labels(plain), labels)
    np.testing.assert_array_equal(workshop._labels(shuffled), shuffled_labels(labels, seed=3))
    assert workshop.key(plain).digest != workshop.key(shuffled).digest
    assert plain.static != shuffled.static
    assert [name for name, recipe in RECIPES.items() if recipe.labels == "shuffled"] == ["shuffled"]
