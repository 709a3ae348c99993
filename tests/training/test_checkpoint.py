"""Checkpoints: the same networks come back, another training's are never touched, faults are told."""

import errno
import json
from dataclasses import replace

import jax
import numpy as np
import pytest

from cnnbook.config.training import TrainConfig
from cnnbook.data import fit
from cnnbook.training.checkpoint import ABOUT, Progress, Unusable
from cnnbook.training.devices import mesh_of
from cnnbook.training.group import Group, Learning
from cnnbook.training.runs import runs
from cnnbook.training.wave import Wave

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
    assert learned.losses.tobytes() == whole.losses.tobytes()
    for mine, theirs in zip(jax.tree.leaves(learned.params), jax.tree.leaves(whole.params), strict=True):
        assert np.asarray(mine).tobytes() == np.asarray(theirs).tobytes()
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


def test_checkpoints_of_another_config_in_its_place_are_refused(group, progress):
    keeper = progress.keeper(MINE)
    keeper.keep(begun(group), 3)
    (keeper.folder / ABOUT).write_text(json.dumps({**MINE, "together": 4}))
    with pytest.raises(Unusable, match=rf"{keeper.folder}: holds checkpoints of another training, see about"):
        progress.keeper(MINE)
    assert (keeper.folder / "steps" / "3").is_dir()


def test_a_damaged_checkpoint_is_said_and_kept(group, progress):
    keeper = progress.keeper(MINE)
    keeper.keep(begun(group), 3)
    for path in (keeper.folder / "steps" / "3" / "learning").rglob("*"):
        if path.is_file() and path.stat().st_size > 10_000:
            path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(Unusable, match=r"this checkpoint cannot be read \(.*\); delete the folder to begin"):
        progress.keeper(MINE).restore(begun(group))
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
