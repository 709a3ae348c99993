"""Checkpoints of networks in training, so that a training that was stopped goes on bit for bit.

Orbax writes a checkpoint beside its final place and moves it there in one step; its checksums lie beside it.
The folder of a training is named by the digest of everything that decides how it goes on: the runs, the data,
the code, the versions of packages and the plan of devices. So no other checkpoint is read or
overwritten.
"""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax
import orbax.checkpoint as ocp
from absl import logging

from cnnbook.digests import checksums, digest_of, find_damage
from cnnbook.files import atomic_write
from cnnbook.store import make_folder, set_aside
from cnnbook.training import cluster
from cnnbook.training.program import SEGMENTS_PER_EPOCH, TrainState

EVERY_SECONDS = 30.0
"""A checkpoint is written so often by default; one takes about 0.1 s."""

ABOUT = "about.json"
"""The file that says, beside the checkpoints of a training, what is being trained."""

UNFINISHED = "training"
"""The folder of checkpoints, beside the store."""

_ITEM = "learning"


@dataclass(frozen=True, kw_only=True)
class CheckpointPolicy:
    """Where checkpoints are written, and how often.

    Attributes:
        root: a folder for the checkpoints of all trainings.
        every: seconds between two checkpoints; 0 writes one after each segment of updates.
        notify: called with one line where a training goes on, and if others are unfinished.
    """

    root: Path
    every: float
    notify: Callable[[str], None]

    @classmethod
    def beside(
        cls, store: Path, *, notify: Callable[[str], None], every: float = EVERY_SECONDS
    ) -> "CheckpointPolicy":
        """The policy that writes checkpoints beside a store of networks.

        Args:
            store: its folder.
            notify: see the class.
            every: see the class.
        """
        return cls(root=store.parent / UNFINISHED, every=every, notify=notify)


class Unusable(ValueError):
    """A checkpoint whose checksums are right, and that cannot be read all the same."""


class Snapshot(NamedTuple):
    """Networks at one moment of their training.

    Attributes:
        state: the networks.
        segments: of updates that they have behind them.
    """

    state: TrainState
    segments: int


class Checkpointer:
    """Writes, restores and removes the checkpoints of networks that are trained at once: the last two.

    Args:
        policy: where and how often.
        about: all that decides how the training goes on, as plain JSON values.

    Attributes:
        folder: of these checkpoints.
        segments: of the last checkpoint; 0 if there is none.

    Raises:
        OSError: the folder cannot be written to.
    """

    def __init__(self, policy: CheckpointPolicy, about: Mapping[str, Any]) -> None:
        self.folder, self.segments = policy.root / digest_of(dict(about))[:32], 0
        self._policy, self._last = policy, time.monotonic()
        if cluster.is_first():
            self._describe(json.loads(json.dumps(dict(about))))
        cluster.barrier()  # before another process makes a folder that may be set aside
        options = ocp.CheckpointManagerOptions(
            max_to_keep=2, enable_async_checkpointing=False, cleanup_tmp_directories=True
        )
        self._manager = ocp.CheckpointManager(self.folder / "steps", options=options)

    def _describe(self, about: Mapping[str, Any]) -> None:
        """Write beside the checkpoints what is trained; a folder that says something else is set aside."""
        path = make_folder(self.folder) / ABOUT
        if path.is_file() and _read_json(path) != about:
            self._set_aside(self.folder, f"{ABOUT} is damaged, or of another training")
            make_folder(self.folder)
        if not path.is_file():
            _write_json(path, about)
            self._mention_others()

    def _set_aside(self, path: Path, fault: str) -> None:
        """Move checkpoints out of the way, and say why."""
        where = set_aside(path, self._policy.root, name=self.folder.name)
        self._policy.notify(
            f"checkpoint {self.folder.name[:12]}: {fault}; set aside in {where}, going on without it"
        )

    def _mention_others(self) -> None:
        """Report how many other trainings are unfinished: their checkpoints are left as they are."""
        others = len([path for path in self._policy.root.glob(f"*/{ABOUT}")]) - 1
        if others:
            self._policy.notify(
                f"{others} other unfinished training{'s' * (others > 1)} kept in {self._policy.root}: what "
                "began one continues it; delete its folder to give it up"
            )

    def restore(self, like: TrainState) -> Snapshot | None:
        """The networks of the last sound checkpoint, on the devices of `like`; None if there is none.

        A damaged checkpoint is reported and set aside.

        Raises:
            Unusable: Orbax cannot read a checkpoint whose files are those that were written.
        """
        step = cluster.broadcast_from_host0(self._last_sound() if cluster.is_first() else 0)
        self._manager.reload()
        if not step:
            return None
        leaves, shape = jax.tree.flatten(like)
        wanted = {f"{n:03}": ocp.utils.to_shape_dtype_struct(leaf) for n, leaf in enumerate(leaves)}
        try:
            restored = self._manager.restore(
                step, args=ocp.args.Composite(**{_ITEM: ocp.args.StandardRestore(wanted)})
            )[_ITEM]
        except Exception as error:  # Orbax raises that class itself
            raise Unusable(
                f"{self.folder}: this checkpoint cannot be read ({_reason(error)}); delete the folder to "
                "begin anew"
            ) from error
        self.segments = step
        at = time.strftime("%H:%M", time.localtime((self.folder / "steps" / str(step)).stat().st_mtime))
        epochs = like.losses.shape[1] // SEGMENTS_PER_EPOCH
        self._policy.notify(
            f"continuing from epoch {step // SEGMENTS_PER_EPOCH + 1} of {epochs} (checkpoint of {at})"
        )
        return Snapshot(jax.tree.unflatten(shape, [restored[f"{n:03}"] for n in range(len(leaves))]), step)

    def _last_sound(self) -> int:
        """The last checkpoint whose files are those that were written, 0 if none is; others are set aside."""
        steps = [path for path in (self.folder / "steps").iterdir() if path.name.isdigit()]
        for path in sorted(steps, key=lambda path: -int(path.name)):
            noted = self._checksums(int(path.name))
            if not noted.is_file():  # the process was killed before it had written all of it
                shutil.rmtree(path)
                continue
            fault = _fault(path, _read_json(noted))
            if fault is None:
                return int(path.name)
            self._set_aside(path, fault)
            noted.unlink()
        return 0

    def _checksums(self, step: int) -> Path:
        """The file with the checksums of one checkpoint."""
        return self.folder / f"{step}.sha256.json"

    def save_if_due(self, snapshot: Snapshot) -> None:
        """Write a checkpoint if it is time for one; see `save`."""
        if cluster.broadcast_from_host0(time.monotonic() - self._last >= self._policy.every):
            self.save(snapshot)

    def save(self, snapshot: Snapshot) -> None:
        """Write a checkpoint.

        Raises:
            OSError: it cannot be written; the one before is still there.
        """
        leaves = {f"{n:03}": leaf for n, leaf in enumerate(jax.tree.leaves(snapshot.state))}
        try:
            with _silent_orbax():
                self._manager.save(
                    snapshot.segments,
                    args=ocp.args.Composite(**{_ITEM: ocp.args.StandardSave(leaves)}),
                    force=True,
                )
            if cluster.is_first():
                self._note_checksums(snapshot.segments)
        except (OSError, ValueError) as error:
            raise OSError(
                f"{self.folder}: the progress of the training cannot be kept ({_reason(error)}); make room "
                "there, or set CNNBOOK_CACHE to a folder on another disk, and start again"
            ) from error
        self.segments, self._last = snapshot.segments, time.monotonic()

    def _note_checksums(self, step: int) -> None:
        """Write the checksums of a checkpoint, and remove those of checkpoints that Orbax has removed."""
        _write_json(self._checksums(step), checksums(self.folder / "steps" / str(step)))
        for path in self.folder.glob("*.sha256.json"):
            if not (self.folder / "steps" / path.name.partition(".")[0]).is_dir():
                path.unlink()

    def remove(self) -> None:
        """Remove all checkpoints of this training: its networks are stored."""
        self._manager.close()
        if cluster.is_first():
            shutil.rmtree(self.folder)


def _fault(folder: Path, noted: Any) -> str | None:
    """What is wrong with a checkpoint, or None."""
    if not isinstance(noted, dict) or not noted:
        return "its checksums are damaged"
    return find_damage(folder, noted)


def _read_json(path: Path) -> Any:
    """What a file says; None if it is no JSON."""
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return None


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write a file in one step."""
    with atomic_write(path) as draft:
        draft.write_text(json.dumps(values, indent=1, sort_keys=True))


@contextmanager
def _silent_orbax() -> Iterator[None]:
    """Keep Orbax from writing an error's traceback to the terminal besides raising it."""
    before = logging.get_verbosity()
    logging.set_verbosity(logging.FATAL)
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _reason(error: Exception) -> str:
    """Why Orbax could not do it, in a few words: what the system said, or the end of its own message."""
    system = re.search(r"([^:]+?)\s*\[os_error_code", str(error))
    return system[1].strip().lower() if system else " ".join(str(error).split())[-200:]
