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
from cnnbook.data import fit_scaling
from cnnbook.training.batch import TrainResult, images_left, starting_point, train_batch
from cnnbook.training.checkpoint import ABOUT, Checkpointer, CheckpointPolicy, Snapshot, Unusable
from cnnbook.training.devices import mesh_of
from cnnbook.training.program import TrainProgram, TrainState
from cnnbook.training.runs import runs
from helpers import trained_at_once

CONFIG = TrainConfig(network="mlp", epochs=2, batch_size=96, peak_learning_rate=0.03)
MINE = {"nets": [{"number": 0}], "together": 2}


class Stop(Exception):
    """Ends a training at some segment."""


def stop_after(segments: int):
    told = []

    def report(images: int) -> None:
        told.append(images)
        if len(told) == segments:
            raise Stop

    return report


@pytest.fixture(scope="module")
def program(few_digits) -> TrainProgram:
    scaling = fit_scaling("unit", few_digits.train_images)
    return TrainProgram(
        few_digits.train_images, few_digits.train_labels, scaling=scaling, config=CONFIG, nets=2,
        mesh=mesh_of(2),
    )  # fmt: skip


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def policy(tmp_path, said) -> CheckpointPolicy:
    return CheckpointPolicy(root=tmp_path / "training", every=0, notify=said.append)


def same_networks(one: TrainResult, other: TrainResult) -> bool:
    """Whether all losses and weights are the same to the last bit."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.asarray(mine).tobytes() == np.asarray(theirs).tobytes() for mine, theirs in pairs)


def begun(program: TrainProgram) -> TrainState:
    return program.begin(jax.random.split(jax.random.key(3), program.nets))


def test_a_training_that_was_stopped_goes_on_to_the_same_bits(program, policy, said):
    wanted = runs(CONFIG, numbers=(0, 1))
    whole = trained_at_once(program, wanted)
    with pytest.raises(Stop):
        trained_at_once(program, wanted, checkpointer=Checkpointer(policy, MINE), report=stop_after(11))
    checkpointer = Checkpointer(policy, MINE)
    start = starting_point(program, wanted, checkpointer)
    assert (start.segments, checkpointer.segments) == (11, 11)
    (line,) = said
    assert line.startswith("continuing from epoch 2 of 2 (checkpoint of ")
    told, left = [], images_left(program, wanted, start)
    learned, cost = train_batch(
        program, wanted, start, report=lambda images, note: told.append(images), checkpointer=checkpointer
    )
    assert (len(told), cost.images, left) == (5, sum(told), sum(told))
    assert same_networks(learned, whole)
    checkpointer.remove()
    assert list(policy.root.iterdir()) == []


def test_checkpoints_are_written_when_it_is_time(program, policy):
    patient = replace(policy, every=3600)
    with pytest.raises(Stop):
        trained_at_once(program, runs(CONFIG), checkpointer=Checkpointer(patient, MINE), report=stop_after(9))
    assert Checkpointer(patient, MINE).restore(begun(program)) is None


def test_another_training_does_not_see_these_checkpoints_and_leaves_them(program, policy, said):
    Checkpointer(policy, MINE).save(Snapshot(begun(program), 3))
    other = Checkpointer(policy, {**MINE, "together": 3})
    assert other.restore(begun(program)) is None
    assert said == [
        f"1 other unfinished training kept in {policy.root}: what began one continues it; delete its "
        "folder to give it up"
    ]
    other.save(Snapshot(begun(program), 5))
    other.remove()
    resumed = Checkpointer(policy, MINE).restore(begun(program))
    assert resumed is not None
    assert resumed.segments == 3


def test_checkpoints_of_another_config_in_its_place_are_not_used_and_set_aside(program, policy, said):
    checkpointer = Checkpointer(policy, MINE)
    checkpointer.save(Snapshot(begun(program), 3))
    (checkpointer.folder / ABOUT).write_text(json.dumps({**MINE, "together": 4}))
    assert Checkpointer(policy, MINE).restore(begun(program)) is None
    (line,) = said
    assert (
        f"checkpoint {checkpointer.folder.name[:12]}: about.json is damaged, or of another training" in line
    )
    (aside,) = (policy.root / "damaged").glob(f"*/{checkpointer.folder.name}/steps/3")
    assert str(aside.parents[2]) in line
    assert json.loads((checkpointer.folder / ABOUT).read_text()) == MINE


def flipped(path: Path, place: int) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 1 << place % 8
    path.write_bytes(content)


def files_of_a_checkpoint(program, root: Path) -> list[str]:
    """The files of the last checkpoint of a training stopped after eleven segments, and those beside it."""
    checkpointer = Checkpointer(CheckpointPolicy(root=root, every=0, notify=print), MINE)
    with pytest.raises(Stop):
        trained_at_once(
            program, runs(CONFIG, numbers=(0, 1)), checkpointer=checkpointer, report=stop_after(11)
        )
    names = [path.relative_to(root).as_posix() for path in checkpointer.folder.rglob("*") if path.is_file()]
    return sorted(name for name in names if "/steps/10/" not in name)


def test_a_flipped_bit_in_any_file_of_a_checkpoint_changes_nothing_of_the_networks(program, tmp_path):
    """It is said, what is damaged is set aside, and the training goes on from the one before, or anew."""
    wanted = runs(CONFIG, numbers=(0, 1))
    whole = trained_at_once(program, wanted)
    names = files_of_a_checkpoint(program, tmp_path / "stopped")
    assert [name.split("/", 1)[1] for name in names[:3]] == ["10.sha256.json", "11.sha256.json", ABOUT]
    assert len(names) > 8
    for number, name in enumerate(names[1:]):
        root, said = tmp_path / str(number), []
        shutil.copytree(tmp_path / "stopped", root)
        flipped(root / name, 1_000_003 * (number + 1))
        checkpointer = Checkpointer(CheckpointPolicy(root=root, every=3600, notify=said.append), MINE)
        learned = trained_at_once(program, wanted, checkpointer=checkpointer)
        assert checkpointer.segments == (0 if name.endswith(ABOUT) else 10), name
        assert re.search("damaged.*; set aside in|is missing; set aside in", said[0]), said
        assert same_networks(learned, whole), name


def test_when_both_checkpoints_are_damaged_the_training_begins_anew(program, policy, said):
    checkpointer = Checkpointer(policy, MINE)
    for done in (3, 4):
        checkpointer.save(Snapshot(begun(program), done))
        for path in (checkpointer.folder / "steps" / str(done) / "learning").rglob("*"):
            if path.is_file() and path.stat().st_size > 10_000:
                path.write_bytes(path.read_bytes()[:100])
    assert Checkpointer(policy, MINE).restore(begun(program)) is None
    assert [line.endswith("going on without it") for line in said] == [True, True]
    assert len(list((policy.root / "damaged").glob("*/[34]"))) == 2


def test_a_checkpoint_whose_checksums_were_not_yet_written_is_not_used(program, policy, said):
    checkpointer = Checkpointer(policy, MINE)
    for done in (3, 4):
        checkpointer.save(Snapshot(begun(program), done))
    (checkpointer.folder / "4.sha256.json").unlink()
    resumed = Checkpointer(policy, MINE).restore(begun(program))
    assert resumed is not None
    assert (resumed.segments, len(said)) == (3, 1)


def test_a_checkpoint_that_orbax_cannot_read_though_it_is_sound_is_said_and_left(program, policy):
    Checkpointer(policy, MINE).save(Snapshot(begun(program), 3))
    checkpointer = Checkpointer(policy, MINE)
    other = TrainState({"kernel": jax.numpy.zeros((2, 3))}, *begun(program)[1:])
    with pytest.raises(Unusable, match=r"this checkpoint cannot be read \(.*\); delete the folder to begin"):
        checkpointer.restore(other)
    assert (checkpointer.folder / "steps" / "3").is_dir()


def test_a_full_disk_is_said_and_the_checkpoint_before_is_still_there(program, policy, monkeypatch):
    checkpointer = Checkpointer(policy, MINE)
    checkpointer.save(Snapshot(begun(program), 3))

    def full(*_, **__):
        raise ValueError("RESOURCE_EXHAUSTED: Failed to write: No space left on device [os_error_code='28']")

    monkeypatch.setattr(checkpointer._manager, "save", full)
    said = (
        rf"{checkpointer.folder}: the progress .* cannot be kept \(no space left on device\); make room there"
    )
    with pytest.raises(OSError, match=said):
        checkpointer.save(Snapshot(begun(program), 4))
    assert checkpointer.segments == 3
    resumed = Checkpointer(policy, MINE).restore(begun(program))
    assert resumed is not None
    assert resumed.segments == 3


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path, said):
    (tmp_path / "file").write_text("")
    blocked = CheckpointPolicy(root=tmp_path / "file", every=0, notify=said.append)
    with pytest.raises(OSError, match=r"file/\w+: cannot be made \(.*\); set CNNBOOK_CACHE to a folder"):
        Checkpointer(blocked, MINE)
    assert errno.ENOTDIR
