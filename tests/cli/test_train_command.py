"""`cnnbook train` measures, writes weights, and says no before it has cost time."""

import dataclasses
import json
from pathlib import Path

import pytest

from cnnbook.cli.train import weight_files
from cnnbook.config import TrainConfig
from cnnbook.maps import accuracy
from cnnbook.training import trained
from cnnbook.training.ensemble import Ensemble

SHORT = ("train", "--epochs", 1, "--batch-size", 16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the weights go."""
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache that nobody has used."""
    return tmp_path_factory.mktemp("empty") / "cache"


@pytest.fixture(scope="module")
def ended(run, folder, cache):
    """One network, measured as JSON and written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNBOOK_CACHE", str(cache))
        return run(*SHORT, "--seed", 5, "--momentum", 0.8, "--json", "--out", folder / "net.safetensors")


@pytest.fixture(scope="module")
def measured(ended):
    """Its one JSON object."""
    return json.loads(ended.out)


def test_json_is_the_only_thing_on_standard_output(ended):
    assert ended.code == 0
    assert ended.out.startswith("{")
    assert isinstance(json.loads(ended.out), dict)
    assert "training net 1 of 1" in ended.err


def test_json_has_the_speed_the_accuracy_and_what_made_them(measured, few_digits):
    assert measured["images_per_second"] > 0
    assert 0 < measured["compile_seconds"] < measured["total_seconds"]
    assert len(measured["test_accuracy"]) == 1
    assert measured["mean_test_accuracy"] == measured["test_accuracy"][0]
    assert 0 <= measured["mean_test_accuracy"] <= 1
    assert (measured["parameters"], measured["nets"], measured["seed"]) == (208_982, 1, 5)
    assert (measured["data"], measured["data_digest"]) == ("sample", few_digits.digest)
    assert measured["platform"] == "cpu"


def test_json_has_the_whole_recipe_with_what_was_given_and_the_profiles_rest(measured):
    recipe = measured["recipe"]
    assert set(recipe) == {field.name for field in dataclasses.fields(TrainConfig)}
    assert (recipe["epochs"], recipe["batch_size"], recipe["momentum"]) == (1, 16, 0.8)
    assert recipe["peak_learning_rate"] == 0.1


def test_the_weights_written_are_the_ones_measured(measured, folder, few_digits):
    assert measured["weights"] == [str(folder / "net.safetensors")]
    net = trained.load(folder / "net.safetensors")
    assert [net.digest] == measured["weights_digest"]
    assert (net.seed, net.config.momentum) == (5, 0.8)
    assert accuracy(net, few_digits.test_images, few_digits.test_labels) == measured["test_accuracy"][0]
    assert [path.name for path in folder.iterdir()] == ["net.safetensors"]


def test_training_leaves_the_books_store_alone(ended, cache):
    assert ended.code == 0
    assert not cache.exists()


def test_the_same_seed_gives_the_same_weights_and_nets_differ(run, measured, folder):
    words = (*SHORT, "--seed", 5, "--momentum", 0.8, "--nets", 2, "--out", folder / "two.safetensors")
    told = run(*words)
    assert told.code == 0
    assert "images/s once compiled" in told.out
    assert "no result about MNIST" in told.out
    first, second = (trained.load(folder / f"two-{number}.safetensors") for number in (0, 1))
    assert [first.digest] == measured["weights_digest"]
    assert second.digest != first.digest


def test_one_file_for_one_network_and_numbered_files_for_several():
    out = Path("runs/net.safetensors")
    assert weight_files(None, 3) == []
    assert weight_files(out, 1) == [out]
    assert weight_files(out, 2) == [Path("runs/net-0.safetensors"), Path("runs/net-1.safetensors")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "nowhere/net"], "--out='nowhere/net': no folder "),
        (["--out", "."], "--out='.': a folder; expected the name of a file in it"),
        (["--out", "/proc/weights", "--nets", "2"], "--out='/proc/weights-0': cannot be written"),
        (["--batch-size", "481"], "batch_size=481: expected at most 480, the training images"),
        (["--momentum", "nan"], "TrainConfig.momentum=nan: expected a number ≥ 0 and ≤ 1"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_before_training(run, monkeypatch, words, said):
    monkeypatch.setattr(Ensemble, "train", _never)
    ended = run("train", *words)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"cnnbook: {said}")
    assert ended.err.count("\n") == 1


def _never(*_):
    raise AssertionError("this must not be reached")


def test_an_unknown_profile_in_the_environment_is_said(run, monkeypatch):
    monkeypatch.setenv("CNNBOOK_PROFILE", "diary")
    assert run("train").err.startswith("cnnbook: profile='diary': expected one of draft, book, paper")


def test_interrupted_it_says_how_many_networks_are_written(run, monkeypatch, ensemble, in_a_folder):
    def train(self, number, what):
        if number == 1:
            raise KeyboardInterrupt
        return net, 1000.0

    net = ensemble.net(0, "training")
    monkeypatch.setattr(Ensemble, "train", train)
    ended = run("train", "--nets", 3, "--out", "net")
    assert (ended.code, ended.out) == (130, "")
    assert ended.err == "\ncnnbook: interrupted; 1 of 3 networks written\n"
    assert [path.name for path in in_a_folder.iterdir()] == ["net-0"]
    assert run("train", "--nets", 2).err == "\ncnnbook: interrupted; without --out nothing is kept\n"


def test_a_fault_inside_the_training_keeps_its_traceback(run, monkeypatch):
    def train(self, number, what):
        raise ValueError("from inside JAX")

    monkeypatch.setattr(Ensemble, "train", train)
    with pytest.raises(ValueError, match="from inside JAX"):
        run("train")
