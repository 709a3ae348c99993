"""`cnnbook maps` draws and writes the maps of a test image or of somebody's own picture."""

import numpy as np
import pytest
from PIL import Image

from cnnbook.files import cache_folder
from cnnbook.maps import feature_maps
from cnnbook.training import trained


@pytest.fixture(scope="module")
def net(nets):
    """A network."""
    return nets[0]


@pytest.fixture(scope="module")
def weights(net, tmp_path_factory):
    """Its file."""
    path = tmp_path_factory.mktemp("maps") / "net.safetensors"
    trained.save(net, path)
    return path


def test_the_picture_is_written_and_its_path_is_all_that_is_printed(run, weights, in_a_folder):
    ended = run("maps", 3, "--layer", "conv_2", "--weights", weights)
    assert (ended.code, ended.out) == (0, "test-3-conv_2.png\n")
    assert "test image 3, a 3: the network says" in ended.err
    with Image.open(in_a_folder / "test-3-conv_2.png") as picture:
        assert picture.width == 1600


def test_npz_holds_maps_image_and_logits(run, weights, net, few_digits):
    ended = run("maps", 7, "--weights", weights, "--out", "a.svg", "--npz", "a.npz")
    assert ended.out == "a.svg\na.npz\n"
    with np.load("a.npz") as values:
        assert set(values) == {"conv_3", "image", "logits"}
        assert (values["conv_3"].dtype, values["conv_3"].shape) == (np.float32, (3, 3, 128))
        expected = feature_maps(net, few_digits.test_images[7:8], ["conv_3"])["conv_3"][0]
        np.testing.assert_allclose(values["conv_3"], expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(values["image"], few_digits.test_images[7])
        assert values["logits"].shape == (10,)


def test_preactivations_become_the_maps_by_relu(run, weights):
    assert run("maps", 7, "--weights", weights, "--npz", "a.npz", "--preactivations").code == 0
    with np.load("a.npz") as values:
        before = values["conv_3_preactivations"]
        assert before.min() < 0
        np.testing.assert_array_equal(np.maximum(before, 0), values["conv_3"])


def test_the_same_svg_is_the_same_bytes(run, weights, in_a_folder):
    for name in ("a.svg", "b.svg"):
        run("maps", 7, "--layer", "pool_2", "--weights", weights, "--out", name)
    assert (in_a_folder / "a.svg").read_bytes() == (in_a_folder / "b.svg").read_bytes()


def test_ones_own_picture_is_shown_as_mnist_would_have_it(run, weights, few_digits):
    big = 255 - np.kron(few_digits.test_images[4], np.ones((6, 6), np.uint8))
    Image.fromarray(big).save("my four.png")
    ended = run("maps", "my four.png", "--weights", weights, "--npz", "a.npz")
    assert ended.out == "my four-conv_3.png\na.npz\n"
    assert "my four.png: dark on light, inverted" in ended.err
    with np.load("a.npz") as values:
        assert np.corrcoef(values["image"].ravel(), few_digits.test_images[4].ravel())[0, 1] > 0.95


@pytest.mark.trains
def test_the_profiles_network_is_trained_once_and_kept(run):
    first = run("maps", 1, "--net", 1)
    assert first.code == 0
    assert "training net 1 of 1" in first.err
    assert len(list((cache_folder() / "store" / "nets").iterdir())) == 1, "that one and no other"
    again = run("maps", 1, "--net", 1, "--layer", "Conv_1")
    assert again.out == "test-1-conv_1.png\n"
    assert "training" not in again.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["120"], "IMAGE=120: expected 0 to 119, the test images of the first digits of the sample"),
        (["four.png"], "four.png: no such file; expected a picture, or the number of a test image"),
        (["1", "--net", "3"], "--net=3: expected 0 to 1, as in profile 'draft'"),
        (["1", "--out", "nowhere/a.png"], "--out='nowhere/a.png': no folder "),
        (["1", "--out", "a.jpg"], "--out='a.jpg': expected a name that ends in .png or .svg"),
        (["1", "--npz", "/proc/a"], "--npz='/proc/a': cannot be written"),
        (["1", "--preactivations"], "--preactivations: they are written to --npz FILE, which is missing"),
        (["1", "--npz", "a", "--preactivations", "--layer", "pool_1"], "--preactivations: pool_1 has none"),
        (["1", "--weights", "net"], "net: no such file; 'cnnbook train --out net' writes one"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, words, said):
    ended = run("maps", *words)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"cnnbook: {said}")
    assert ended.err.count("\n") == 1


def test_a_layer_that_does_not_exist_is_answered_with_those_that_do(run):
    ended = run("maps", 1, "--layer", "conv_4")
    assert ended.code == 2
    assert "'conv_4' is not one of 'conv_1', 'pool_1', 'conv_2', 'pool_2', 'conv_3'" in ended.err


def test_a_file_that_is_no_picture_is_said(run, in_a_folder):
    (in_a_folder / "four.png").write_text("4")
    assert "four.png: not a picture that can be read" in run("maps", "four.png").err
