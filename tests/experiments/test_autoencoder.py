"""Autoencoders: statistics from numbers made by hand, what training changes, and which digits are needed."""

from dataclasses import replace

import numpy as np
import pytest

from cnnbook.experiments.autoencoder import ENCODERS, PARTS, REFERENCES, Config
from cnnbook.experiments.autoencoder_training import train_autoencoder
from cnnbook.keys import key_for
from cnnbook.training.initial import untrained
from synthetic import facts, measured, statistic_from

CONFIG = Config(train=96, epochs=1, starts=1, steps=2, test=60, trials=3)


def test_parts_gain_is_the_mean_of_bar_and_top_autoencoder_less_classifier():
    """By encoder, network, part and resample; what untrained convolutions give cancels."""
    table = np.zeros((3, 1, 2, 2))
    table[0, 0] = [[0.6, 0.5], [0.4, 0.3]]
    table[1, 0] = [[0.8, 0.5], [0.5, 0.2]]
    table[2, 0] = [[0.3, 0.1], [0.2, 0.1]]
    variables = {"r2_resampled": ("encoder net part resample", table)}
    found = statistic_from("autoencoder", "parts_gain", variables, encoder=ENCODERS, part=PARTS)
    np.testing.assert_allclose(found, [[0.15, -0.05]], atol=1e-12)


def test_oip_gain_is_over_maps_of_which_it_is_known_and_of_their_own_oips():
    """By encoder, reference, network and map."""
    table = np.full((3, 2, 1, 2), 0.9)
    table[0, 0, 0] = [0.6, 0.8]
    table[1, 0, 0] = [0.75, np.nan]
    variables = {"correct": ("encoder reference net map_conv_3", table)}
    found = statistic_from("autoencoder", "oip_gain", variables, encoder=ENCODERS, reference=REFERENCES)
    np.testing.assert_allclose(found, [0.05], atol=1e-12)


def test_an_autoencoder_gives_back_more_than_the_mean_image(nets, few_digits):
    start, images = untrained(nets[0]), few_digits.train_images
    trained = train_autoencoder(start, images, epochs=6, key=key_for(0, "a test"))
    ink, test = (each / 255.0 for each in (images, few_digits.test_images))
    error = ((trained.rebuilt(few_digits.test_images) - test) ** 2).mean()
    assert error < 0.8 * ((ink.mean(axis=0) - test) ** 2).mean()
    before, after = start.weights, trained.encoder.weights
    changed = {name for name, weights in after.items() if not np.array_equal(weights, before[name])}
    assert {name.partition(".")[0] for name in changed} == {"conv_1", "conv_2", "conv_3"}


def test_a_decoder_alone_leaves_the_convolutions_as_they_are(nets, few_digits):
    images, key = few_digits.train_images[:64], key_for(0, "a test")
    trained = train_autoencoder(nets[0], images, epochs=1, key=key, only_decoder=True)
    for name, weights in trained.encoder.weights.items():
        np.testing.assert_array_equal(weights, nets[0].weights[name])
    assert np.abs(trained.decoder["pixels_bias"]).max() > 0


def test_fewer_images_than_a_batch_are_refused(nets, few_digits):
    with pytest.raises(ValueError, match="images: 31, expected at least 32"):
        train_autoencoder(nets[0], few_digits.train_images[:31], epochs=1, key=key_for(0, "a test"))


def test_three_encoders_are_asked_alike(nets, few_digits, few_shown):
    result = measured("autoencoder", few_digits, nets[:2], config=CONFIG, shown=few_shown)
    np.testing.assert_allclose(result.alignment.sel(encoder="classifier"), 1, atol=1e-5)
    assert (result.alignment.sel(encoder=["autoencoder", "untrained"]) < 1).all()
    four_parts = measured("four_parts", few_digits, nets[:2])
    of_classifier, of_untrained = (result.r2.sel(encoder=each).values for each in ("classifier", "untrained"))
    for state, values in (("trained", of_classifier), ("untrained", of_untrained)):
        other = four_parts.r2.sel(state=state, source="conv_3").transpose("net", "part")
        np.testing.assert_allclose(values, other.values, atol=1e-6)
    known = result.correct.values[np.isfinite(result.correct.values)]
    assert len(known)
    assert known.min() >= 0
    assert known.max() <= 1
    texts = facts("autoencoder", result)
    assert texts["parts_are"] in ("more", "less")
    assert texts["trials"] == "3"


def test_digits_without_4s_are_refused(nets, few_digits, few_shown):
    keep = few_digits.test_labels != 4
    test = {"test_images": few_digits.test_images[keep], "test_labels": few_digits.test_labels[keep]}
    shown = [replace(each, index=0) for each in few_shown]
    with pytest.raises(ValueError, match="48 4s among the training images and 0 among the test images"):
        measured("autoencoder", replace(few_digits, **test), nets[:1], config=CONFIG, shown=shown)
