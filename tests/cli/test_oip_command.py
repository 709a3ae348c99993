"""`cnnbook oip` finds the pictures that drive a map, and writes a sheet, their data and their numbers."""

import json

import numpy as np
import pytest
from PIL import Image

from cnnbook.training import trained

QUICK = ("--starts", 3, "--steps", 4)


@pytest.fixture(scope="module")
def weights(nets, tmp_path_factory):
    """The file of a network."""
    path = tmp_path_factory.mktemp("oip") / "net.safetensors"
    trained.save(nets[0], path)
    return path


def test_the_sheet_and_its_data_are_written_and_numbers_told(run, weights, in_a_folder):
    ended = run("oip", "--layer", "conv_2", "--map", 5, "--weights", weights, *QUICK)
    assert (ended.code, ended.out) == (0, "oip-conv_2-5.png\noip-conv_2-5.npz\n")
    assert "climbing conv_2" in ended.err
    assert "map 5 of Conv_2: " in ended.err
    with Image.open(in_a_folder / "oip-conv_2-5.png") as picture:
        assert picture.width == 1600
    with np.load(in_a_folder / "oip-conv_2-5.npz") as values:
        assert values["pictures"].shape == (1, 3, 28, 28)
        assert values["trace"].shape == (1, 5)
        assert values["reached"][0] == pytest.approx(values["trace"][0, -1])


def test_json_goes_to_standard_output_and_holds_a_map_each(run, weights):
    ended = run("oip", "--layer", "conv_1", "--all", "--weights", weights, "--out", "a.svg", "--json", *QUICK)
    output = json.loads(ended.out)
    assert [one["objective"] for one in output[:2]] == ["map 0 of Conv_1", "map 1 of Conv_1"]
    assert len(output) == 32
    assert set(output[0]) == {"objective", "reached", "reach", "woken", "agreement", "modes", "diverged"}
    assert "a.svg\na.npz\n" in ended.err


def test_the_same_command_gives_the_same_pictures(run, weights):
    for name in ("a.png", "b.png"):
        run("oip", "--map", 7, "--before", "--preset", "robust", "--weights", weights, "--out", name, *QUICK)
    with np.load("a.npz") as one, np.load("b.npz") as other:
        np.testing.assert_array_equal(one["pictures"], other["pictures"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "--map K or --all: expected one of the two"),
        (("--map", 3, "--all"), "--map K or --all: expected one of the two"),
        (("--map", 128), "map=128: conv_3 has maps 0 to 127"),
        (("--map", 3, "--out", "a.jpg"), "--out='a.jpg': expected a name that ends in .png or .svg"),
        (("--map", 3, "--out", "nowhere/a.png"), "--out"),
        (("--map", 3, "--net", 99), "--net=99: expected 0 to"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run, words, message):
    ended = run("oip", *words)
    assert ended.code == 1
    assert message in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "words", [("--layer", "pool_1"), ("--preset", "nice"), ("--starts", 0), ("--steps", 0)]
)
def test_wrong_usage_is_told_as_such(run, words):
    assert run("oip", "--map", 1, *words).code == 2
