"""`cnnbook train` measures, writes weights, and says no before it has cost time."""

import dataclasses
import json
from pathlib import Path

import pytest

from cnnbook.cli.train import weight_files
from cnnbook.config.training import TrainConfig
from cnnbook.maps import accuracy
from cnnbook.training import trained
from cnnbook.training.batch import Diverged
from cnnbook.training.checkpoint import Unusable
from cnnbook.training.trainer import Trainer

pytestmark = pytest.mark.trains

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


def test_training_leaves_the_books_store_alone_and_nothing_unfinished(ended, cache):
    assert ended.code == 0
    assert not (cache / "store").exists()
    left = [path for path in (cache / "training").rglob("*") if path.is_file()]
    assert [path.suffix for path in left] == [".lock"]


def test_the_same_seed_gives_the_same_weights_and_nets_differ(run, measured, folder):
    words = (*SHORT, "--seed", 5, "--momentum", 0.8, "--nets", 2, "--out", folder / "two.safetensors")
    output = run(*words)
    assert output.code == 0
    assert "images/s once compiled" in output.out
    assert "no result about MNIST" in output.out
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
        (["--devices", "9"], "devices=9: expected 1 to 8, the CPU devices of this machine"),
        (["--data-devices", "3"], "devices=8: expected a multiple of data=3, those that share a batch"),
        (["--momentum", "nan"], "TrainConfig.momentum=nan: expected a number ≥ 0 and ≤ 1"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_before_training(run, monkeypatch, words, said):
    monkeypatch.setattr(Trainer, "nets", _never)
    ended = run("train", *words)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"cnnbook: {said}")
    assert ended.err.count("\n") == 1


def _never(*_):
    raise AssertionError("this must not be reached")


def test_an_unknown_profile_in_the_environment_is_said(run, monkeypatch):
    monkeypatch.setenv("CNNBOOK_PROFILE", "diary")
    assert run("train").err.startswith("cnnbook: profile='diary': expected one of draft, book, paper")


def test_an_unknown_recipe_is_refused_with_the_names_of_all(run):
    ended = run("train", "--recipe", "magic")
    assert (ended.code, ended.out) == (2, "")
    assert "'magic' is not one of 'reference', 'article', 'no-momentum'" in ended.err


def test_a_recipe_is_the_profiles_with_what_it_changes_and_what_is_given(run, monkeypatch):
    asked = []

    def nets(self, runs):
        asked.extend(run.config for run in runs)
        raise KeyboardInterrupt("nothing")

    monkeypatch.setattr(Trainer, "nets", nets)
    run("train", "--recipe", "article", "--epochs", 1)
    (recipe,) = asked
    assert (recipe.optimiser, recipe.schedule, recipe.epochs, recipe.batch_size) == (
        "rmsprop", "constant", 1, 64,
    )  # fmt: skip


def stopping(after, error):
    """Networks of a trainer, of which some come and then an error."""

    def nets(self, runs):
        yield from after
        raise error

    return nets


def test_interrupted_it_says_what_is_kept_and_the_command_that_continues(run, monkeypatch, nets, in_a_folder):
    monkeypatch.setattr(Trainer, "nets", stopping(nets[:1], KeyboardInterrupt("1 of 3 networks are kept")))
    monkeypatch.setattr("sys.argv", ["cnnbook", "train", "--nets", "3", "--out", "my net"])
    ended = run("train", "--nets", 3, "--out", "my net")
    assert (ended.code, ended.out) == (130, "")
    assert ended.err == (
        "\ncnnbook: interrupted; 1 of 3 networks are kept; "
        "to continue: cnnbook train --nets 3 --out 'my net'\n"
    )
    assert [path.name for path in in_a_folder.iterdir()] == ["my net-0"]


@pytest.mark.parametrize(
    "error",
    [
        Diverged("the loss of net 1 was no finite number any more"),
        Unusable("training/1f: this checkpoint cannot be read; delete the folder to begin anew"),
        OSError("store: no space left on device; make room there"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_stops_a_training_is_said_in_one_line_and_what_was_finished_is_written(
    run, monkeypatch, nets, in_a_folder, error
):
    monkeypatch.setattr(Trainer, "nets", stopping(nets[:1], error))
    ended = run("train", "--nets", 2, "--out", "net")
    assert (ended.code, ended.out, ended.err) == (1, "", f"cnnbook: {error}\n")
    assert [path.name for path in in_a_folder.iterdir()] == ["net-0"]


def test_what_a_stopped_command_had_finished_is_not_trained_again(run, monkeypatch, tmp_path):
    """The second of two networks cannot be written; given again, the command trains neither."""
    monkeypatch.setenv("CNNBOOK_CACHE", str(tmp_path / "cache"))
    words = (*SHORT, "--network", "mlp", "--nets", 2, "--devices", 2, "--out", tmp_path / "net")
    save, calls = trained.save, []

    def full(net, path):
        calls.append(path)
        if path.name.startswith(".net-1"):
            raise OSError(28, "No space left on device", str(path))
        save(net, path)

    with monkeypatch.context() as patch:
        patch.setattr(trained, "save", full)
        ended = run(*words)
    assert ended.code == 1
    assert ended.err.endswith("no space left on device\n")
    assert (tmp_path / "net-0").exists()
    again = run(*words, "--json")
    assert again.code == 0
    assert "training net" not in again.err
    assert json.loads(again.out)["images_per_second"] == 0
    assert not list((tmp_path / "cache" / "training").rglob("*.safetensors"))


def test_a_fault_inside_the_training_keeps_its_traceback(run, monkeypatch):
    monkeypatch.setattr(Trainer, "nets", stopping((), ValueError("from inside JAX")))
    with pytest.raises(ValueError, match="from inside JAX"):
        run("train")


def test_a_process_of_a_cluster_is_supervised_and_ends_as_it_does(run, monkeypatch, tmp_path):
    monkeypatch.setenv("CNNBOOK_CACHE", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["cnnbook", "train", "--cluster"])
    ends, commands = iter([3, -9, None]), []

    def supervised(command, log):
        commands.append(command)
        return next(ends)

    monkeypatch.setattr("cnnbook.cli.cluster.supervised", supervised)
    assert run("train", "--cluster") == (3, "", "")
    assert commands[0][1:] == ["-m", "cnnbook", "train", "--cluster"]
    again = "'cnnbook train --cluster' in all processes continues from the last checkpoint"
    killed = run("train", "--cluster")
    assert killed.code == 1
    assert killed.err == f"cnnbook: ended by signal 9, if by the system then for lack of memory; {again}\n"
    broke = run("train", "--cluster")
    assert broke.err.startswith("cnnbook: the cluster broke: another of its processes ended or could not be")
    assert broke.err.count("\n") == 1
    assert again in broke.err
