"""Maps by name: the same all at once, a batch at a time, and with a last batch that is not full."""

import numpy as np
import pytest

from cnnbook import maps
from cnnbook.nets.geometry import MAP_LAYERS
from cnnbook.training.initial import untrained

SEVEN = slice(0, 7)


@pytest.fixture
def batches_of_three(monkeypatch):
    monkeypatch.setattr(maps, "BATCH", 3)


@pytest.fixture(scope="module")
def images(few_digits):
    return few_digits.test_images[SEVEN]


@pytest.fixture(scope="module")
def whole(nets, images):
    """All maps of seven images from one forward pass of the network itself."""
    return nets[0].model.activations(nets[0].inputs(images))


def test_maps_are_those_of_the_network(nets, images, whole):
    found = maps.feature_maps(nets[0], images)
    assert tuple(found) == MAP_LAYERS
    for layer, values in found.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, whole.activations[layer], atol=1e-5)


def test_a_last_batch_that_is_not_full_gives_the_same_maps(nets, images, whole, batches_of_three):
    found = maps.feature_maps(nets[0], images, ("conv_1", "conv_3"))
    assert tuple(found) == ("conv_1", "conv_3")
    for layer, values in found.items():
        np.testing.assert_allclose(values, whole.activations[layer], atol=1e-5)


def test_the_stream_gives_3_3_and_1_of_seven_images(nets, images, batches_of_three):
    streamed = list(maps.stream(nets[0], images, ("pool_2",)))
    assert [len(batch["pool_2"]) for batch in streamed] == [3, 3, 1]
    together = np.concatenate([batch["pool_2"] for batch in streamed])
    np.testing.assert_array_equal(together, maps.feature_maps(nets[0], images, ("pool_2",))["pool_2"])


def test_one_image_is_enough(nets, images, whole):
    found = maps.feature_maps(nets[0], images[:1], ("conv_2",))["conv_2"]
    np.testing.assert_allclose(found, whole.activations["conv_2"][:1], atol=1e-5)


def test_preactivations_are_before_relu(nets, images, whole):
    found = maps.feature_maps(nets[0], images, ("conv_2", "conv_3"), preactivations=True)
    for layer, values in found.items():
        assert values.min() < 0
        np.testing.assert_allclose(np.maximum(values, 0), whole.activations[layer], atol=1e-5)


def test_predictions_are_the_largest_logits_of_every_image(nets, images, whole, batches_of_three):
    found = maps.predictions(nets[0], images)
    assert found.tolist() == np.asarray(whole.logits).argmax(axis=1).tolist()


def test_accuracy_is_the_share_of_right_answers(nets, images):
    answers = maps.predictions(nets[0], images).astype(np.uint8)
    wrong = answers.copy()
    wrong[:2] = (wrong[:2] + 1) % 10
    assert maps.accuracy(nets[0], images, answers) == 1.0
    assert maps.accuracy(nets[0], images, wrong) == pytest.approx(5 / 7)


def test_all_networks_share_one_compiled_function(nets, images):
    for net in (nets[0], untrained(nets[0])):
        maps.feature_maps(net, images, ("conv_1",))
    before = maps._maps._cache_size()  # pyright: ignore[reportAttributeAccessIssue]
    for net in (*nets, untrained(nets[1])):
        maps.feature_maps(net, images, ("conv_1",))
    assert maps._maps._cache_size() == before  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("layer", ["conv_4", "hidden", "Conv_1"])
def test_an_unknown_layer_is_named_with_those_there_are(nets, images, layer):
    with pytest.raises(ValueError, match=rf"layer='{layer}': expected one of conv_1, pool_1, conv_2"):
        maps.feature_maps(nets[0], images, ("conv_1", layer))


def test_a_pooling_layer_has_no_preactivations(nets, images):
    with pytest.raises(ValueError, match=r"layer='pool_1': a pooling layer has no preactivations"):
        maps.feature_maps(nets[0], images, preactivations=True)


def test_no_images_is_an_error(nets, images):
    with pytest.raises(ValueError, match=r"images: none, expected at least one"):
        maps.predictions(nets[0], images[:0])
