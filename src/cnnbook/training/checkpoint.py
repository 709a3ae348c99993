"""How far a wave is, kept on disk at intervals, so that a training that was stopped goes on bit for bit.

A checkpoint is written by Orbax beside its place and moved there in one step. Its folder is named by the
digest of everything that decides how the training goes on: the runs, the data, the code, the version of JAX
and the arrangement of devices. So a checkpoint of anything else is never read, nor written over.
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

from cnnbook.digests import checksums, damage, digest_of
from cnnbook.store import made, set_aside
from cnnbook.training import cluster
from cnnbook.training.group import STRETCHES_PER_EPOCH, Learning

EVERY_SECONDS = 30.0
"""A checkpoint is written so often by default; one takes about 0.1 s."""

ABOUT = "about.json"
"""The file that says, beside the checkpoints of a wave, what is being trained."""

_LEARNING = "learning"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where checkpoints are kept, and how often.

    Attributes:
        root: a folder for the checkpoints of all waves.
        every: seconds between two checkpoints; 0 writes one after each stretch of updates.
        notify: told, in one line, where a training goes on and of others that are unfinished.
    """

    root: Path
    every: float
    notify: Callable[[str], None]

    def keeper(self, about: Mapping[str, Any]) -> "Keeper":
        """The keeper of one wave.

        Args:
            about: all that decides how the training goes on, as plain JSON values.

        Raises:
            OSError: it cannot be written to.
        """
        return Keeper(self, self.root / digest_of(dict(about))[:32], about)


class Unusable(ValueError):
    """A checkpoint whose checksums are right, and that cannot be read all the same."""


class Resumed(NamedTuple):
    """A training that goes on.

    Attributes:
        learning: the networks.
        done: stretches that they have behind them.
    """

    learning: Learning
    done: int


class Keeper:
    """Keeps the last two checkpoints of one wave; a damaged one is set aside when it is to be restored."""

    def __init__(self, progress: Progress, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder, self.done = folder, 0
        self._progress, self._last = progress, time.monotonic()
        if cluster.is_first():
            self._sign(json.loads(json.dumps(dict(about))))
        cluster.MEETINGS.meet()  # before another process makes a folder that may be set aside
        options = ocp.CheckpointManagerOptions(
            max_to_keep=2, enable_async_checkpointing=False, cleanup_tmp_directories=True
        )
        self._manager = ocp.CheckpointManager(folder / "steps", options=options)

    def _sign(self, about: Mapping[str, Any]) -> None:
        """Say beside the checkpoints what is trained; what says something else is set aside."""
        path = made(self.folder) / ABOUT
        if path.is_file() and _read_json(path) != about:
            self._set_aside(self.folder, f"{ABOUT} is damaged, or of another training")
            made(self.folder)
        if not path.is_file():
            _write_json(path, about)
            self._tell_of_others()

    def _set_aside(self, path: Path, fault: str) -> None:
        """Move checkpoints out of the way, and say why."""
        where = set_aside(path, self._progress.root, name=self.folder.name)
        self._progress.notify(
            f"checkpoint {self.folder.name[:12]}: {fault}; set aside in {where}, going on without it"
        )

    def _tell_of_others(self) -> None:
        """Say how many other trainings are unfinished: their checkpoints are left as they are."""
        others = len([path for path in self._progress.root.glob(f"*/{ABOUT}")]) - 1
        if others:
            self._progress.notify(
                f"{others} other unfinished training{'s' * (others > 1)} kept in {self._progress.root}: what "
                "began one continues it; delete its folder to give it up"
            )

    @property
    def is_due(self) -> bool:
        """Whether it is time for another checkpoint."""
        return time.monotonic() - self._last >= self._progress.every

    def restore(self, like: Learning) -> Resumed | None:
        """The networks of the last sound checkpoint, on the same devices as these; None if there is none.

        Raises:
            Unusable: Orbax cannot read the checkpoint, though its files are those that were written.
        """
        step = cluster.agreed(self._last_sound() if cluster.is_first() else 0)
        self._manager.reload()
        if not step:
            return None
        leaves, shape = jax.tree.flatten(like)
        wanted = {f"{n:03}": ocp.utils.to_shape_dtype_struct(leaf) for n, leaf in enumerate(leaves)}
        try:
            found = self._manager.restore(
                step, args=ocp.args.Composite(learning=ocp.args.StandardRestore(wanted))
            )
        except Exception as error:  # Orbax raises that class itself
            raise Unusable(
                f"{self.folder}: this checkpoint cannot be read ({_reason(error)}); delete the folder to "
                "begin anew"
            ) from error
        kept = found[_LEARNING]
        learning = jax.tree.unflatten(shape, [kept[f"{n:03}"] for n in range(len(leaves))])
        self.done = step
        at = time.strftime("%H:%M", time.localtime((self.folder / "steps" / str(step)).stat().st_mtime))
        epochs = like.losses.shape[1] // STRETCHES_PER_EPOCH
        self._progress.notify(
            f"continuing from epoch {step // STRETCHES_PER_EPOCH + 1} of {epochs} (checkpoint of {at})"
        )
        return Resumed(learning, step)

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

    def keep(self, learning: Learning, done: int) -> None:
        """Write a checkpoint.

        Args:
            learning: the networks.
            done: stretches that they have behind them.

        Raises:
            OSError: it cannot be written; the one before is still there.
        """
        leaves = {f"{n:03}": leaf for n, leaf in enumerate(jax.tree.leaves(learning))}
        wanted = ocp.args.Composite(learning=ocp.args.StandardSave(leaves))
        try:
            with _told_by_us():
                self._manager.save(done, args=wanted, force=True)
            if cluster.is_first():
                self._note_checksums(done)
        except (OSError, ValueError) as error:
            raise OSError(
                f"{self.folder}: the progress of the training cannot be kept ({_reason(error)}); make room "
                "there, or set CNNBOOK_CACHE to a folder on another disk, and start again"
            ) from error
        self.done, self._last = done, time.monotonic()

    def _note_checksums(self, step: int) -> None:
        """Write the checksums of a checkpoint, and remove those of checkpoints that Orbax has removed."""
        _write_json(self._checksums(step), checksums(self.folder / "steps" / str(step)))
        for path in self.folder.glob("*.sha256.json"):
            if not (self.folder / "steps" / path.name.partition(".")[0]).is_dir():
                path.unlink()

    def remove(self) -> None:
        """Remove all of this wave's checkpoints: its networks are kept elsewhere, whole."""
        self._manager.close()
        if cluster.is_first():
            shutil.rmtree(self.folder)


def _fault(folder: Path, noted: Any) -> str | None:
    """What is wrong with a checkpoint, or None."""
    if not isinstance(noted, dict) or not noted:
        return "its checksums are damaged"
    return damage(folder, noted)


def _read_json(path: Path) -> Any:
    """What a file says; None if it is no JSON."""
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return None


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write a file in one step."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(values, indent=1, sort_keys=True))
    draft.replace(path)


@contextmanager
def _told_by_us() -> Iterator[None]:
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
