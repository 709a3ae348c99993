"""Checkpoints: the same networks come back, another training's are never touched, faults are told."""

import errno
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from cnnbook.config.training import TrainConfig
from cnnbook.data import fit
from cnnbook.training.checkpoint import ABOUT, Progress, Unusable
from cnnbook.training.devices import mesh_of
from cnnbook.training.group import Group, Learning
from cnnbook.training.runs import runs
from cnnbook.training.wave import Learned, Wave

CONFIG = TrainConfig(network="mlp", epochs=2, batch_size=96, peak_learning_rate=0.03)
MINE = {"nets": [{"number": 0}], "together": 2}


class Stop(Exception):
    """Ends a training at some stretch."""


def stop_after(stretches: int):
    told = []

    def report(images: int, note: str) -> None:
        told.append(images)
        if len(told) == stretches:
            raise Stop

    return report


@pytest.fixture(scope="module")
def group(few_digits) -> Group:
    scaling = fit("unit", few_digits.train_images)
    return Group(
        few_digits.train_images, few_digits.train_labels, scaling=scaling, config=CONFIG, nets=2,
        mesh=mesh_of(2),
    )  # fmt: skip


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def progress(tmp_path, said) -> Progress:
    return Progress(root=tmp_path / "training", every=0, notify=said.append)


def same_networks(one: Learned, other: Learned) -> bool:
    """Whether all losses and weights are the same to the last bit."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.asarray(mine).tobytes() == np.asarray(theirs).tobytes() for mine, theirs in pairs)


def begun(group: Group) -> Learning:
    return group.begin(jax.random.split(jax.random.key(3), group.nets))


def test_a_training_that_was_stopped_goes_on_to_the_same_bits(group, progress, said):
    wanted = runs(CONFIG, numbers=(0, 1))
    whole, _ = Wave(group, wanted).learn(report=lambda images, note: None)
    with pytest.raises(Stop):
        Wave(group, wanted, keeper=progress.keeper(MINE)).learn(report=stop_after(11))
    again = Wave(group, wanted, keeper=progress.keeper(MINE))
    assert again.done == 11
    assert again.kept == (2, 2, 2)
    (line,) = said
    assert line.startswith("continuing from epoch 2 of 2 (checkpoint of ")
    told = []
    learned, spent = again.learn(report=lambda images, note: told.append(images))
    assert (len(told), spent.images) == (5, sum(told))
    assert same_networks(learned, whole)
    again.finish(learned)
    assert list(progress.root.iterdir()) == []


def test_checkpoints_are_written_when_it_is_time(group, progress):
    patient = replace(progress, every=3600)
    with pytest.raises(Stop):
        Wave(group, runs(CONFIG), keeper=patient.keeper(MINE)).learn(report=stop_after(9))
    assert patient.keeper(MINE).restore(begun(group)) is None


def test_another_training_does_not_see_these_checkpoints_and_leaves_them(group, progress, said):
    progress.keeper(MINE).keep(begun(group), 3)
    other = progress.keeper({**MINE, "together": 3})
    assert other.restore(begun(group)) is None
    assert said == [
        f"1 other unfinished training kept in {progress.root}: what began one continues it; delete its "
        "folder to give it up"
    ]
    other.keep(begun(group), 5)
    other.remove()
    resumed = progress.keeper(MINE).restore(begun(group))
    assert resumed is not None
    assert resumed.done == 3


def test_checkpoints_of_another_config_in_its_place_are_not_used_and_set_aside(group, progress, said):
    keeper = progress.keeper(MINE)
    keeper.keep(begun(group), 3)
    (keeper.folder / ABOUT).write_text(json.dumps({**MINE, "together": 4}))
    assert progress.keeper(MINE).restore(begun(group)) is None
    (line,) = said
    assert f"checkpoint {keeper.folder.name[:12]}: about.json is damaged, or of another training" in line
    (aside,) = (progress.root / "damaged").glob(f"*/{keeper.folder.name}/steps/3")
    assert str(aside.parents[2]) in line
    assert json.loads((keeper.folder / ABOUT).read_text()) == MINE


def flipped(path: Path, place: int) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 1 << place % 8
    path.write_bytes(content)


def files_of_a_checkpoint(group, root: Path) -> list[str]:
    """The files of the last checkpoint of a training stopped after eleven stretches, and those beside it."""
    keeper = Progress(root=root, every=0, notify=print).keeper(MINE)
    with pytest.raises(Stop):
        Wave(group, runs(CONFIG, numbers=(0, 1)), keeper=keeper).learn(report=stop_after(11))
    names = [path.relative_to(root).as_posix() for path in keeper.folder.rglob("*") if path.is_file()]
    return sorted(name for name in names if "/steps/10/" not in name)


def test_a_flipped_bit_in_any_file_of_a_checkpoint_changes_nothing_of_the_networks(group, tmp_path):
    """It is said, what is damaged is set aside, and the training goes on from the one before, or anew."""
    whole, _ = Wave(group, runs(CONFIG, numbers=(0, 1))).learn(report=lambda images, note: None)
    names = files_of_a_checkpoint(group, tmp_path / "stopped")
    assert [name.split("/", 1)[1] for name in names[:3]] == ["10.sha256.json", "11.sha256.json", ABOUT]
    assert len(names) > 8
    for number, name in enumerate(names[1:]):
        root, said = tmp_path / str(number), []
        shutil.copytree(tmp_path / "stopped", root)
        flipped(root / name, 1_000_003 * (number + 1))
        keeper = Progress(root=root, every=3600, notify=said.append).keeper(MINE)
        wave = Wave(group, runs(CONFIG, numbers=(0, 1)), keeper=keeper)
        assert wave.done == (0 if name.endswith(ABOUT) else 10), name
        assert re.search("damaged.*; set aside in|is missing; set aside in", said[0]), said
        learned, _ = wave.learn(report=lambda images, note: None)
        assert same_networks(learned, whole), name


def test_when_both_checkpoints_are_damaged_the_training_begins_anew(group, progress, said):
    keeper = progress.keeper(MINE)
    for done in (3, 4):
        keeper.keep(begun(group), done)
        for path in (keeper.folder / "steps" / str(done) / "learning").rglob("*"):
            if path.is_file() and path.stat().st_size > 10_000:
                path.write_bytes(path.read_bytes()[:100])
    assert progress.keeper(MINE).restore(begun(group)) is None
    assert [line.endswith("going on without it") for line in said] == [True, True]
    assert len(list((progress.root / "damaged").glob("*/[34]"))) == 2


def test_a_checkpoint_whose_checksums_were_not_yet_written_is_not_used(group, progress, said):
    keeper = progress.keeper(MINE)
    for done in (3, 4):
        keeper.keep(begun(group), done)
    (keeper.folder / "4.sha256.json").unlink()
    resumed = progress.keeper(MINE).restore(begun(group))
    assert resumed is not None
    assert (resumed.done, len(said)) == (3, 1)


def test_a_checkpoint_that_orbax_cannot_read_though_it_is_sound_is_said_and_left(group, progress):
    progress.keeper(MINE).keep(begun(group), 3)
    keeper = progress.keeper(MINE)
    other = Learning({"kernel": jax.numpy.zeros((2, 3))}, *begun(group)[1:])
    with pytest.raises(Unusable, match=r"this checkpoint cannot be read \(.*\); delete the folder to begin"):
        keeper.restore(other)
    assert (keeper.folder / "steps" / "3").is_dir()


def test_a_full_disk_is_said_and_the_checkpoint_before_is_still_there(group, progress, monkeypatch):
    keeper = progress.keeper(MINE)
    keeper.keep(begun(group), 3)

    def full(*_, **__):
        raise ValueError("RESOURCE_EXHAUSTED: Failed to write: No space left on device [os_error_code='28']")

    monkeypatch.setattr(keeper._manager, "save", full)
    said = rf"{keeper.folder}: the progress .* cannot be kept \(no space left on device\); make room there"
    with pytest.raises(OSError, match=said):
        keeper.keep(begun(group), 4)
    assert keeper.done == 3
    resumed = progress.keeper(MINE).restore(begun(group))
    assert resumed is not None
    assert resumed.done == 3


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path, said):
    (tmp_path / "file").write_text("")
    blocked = Progress(root=tmp_path / "file", every=0, notify=said.append)
    with pytest.raises(OSError, match=r"file/\w+: cannot be made \(.*\); set CNNBOOK_CACHE to a folder"):
        blocked.keeper(MINE)
    assert errno.ENOTDIR
