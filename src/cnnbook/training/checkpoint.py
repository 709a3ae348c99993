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

from cnnbook.digests import digest_of
from cnnbook.store import made
from cnnbook.training.group import STRETCHES_PER_EPOCH, Learning

EVERY_SECONDS = 30.0
"""A checkpoint is written so often by default; one takes about 0.1 s."""

ABOUT = "about.json"
"""The file that says, beside the checkpoints of a wave, what is being trained."""

_LEARNING, _DONE = "learning", "done"


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
            Unusable: the wave's folder holds another training's checkpoints.
            OSError: it cannot be written to.
        """
        return Keeper(self, self.root / digest_of(dict(about))[:32], about)


class Unusable(ValueError):
    """A checkpoint that cannot be read, or that is of another training."""


class Resumed(NamedTuple):
    """A training that goes on.

    Attributes:
        learning: the networks.
        done: stretches that they have behind them.
    """

    learning: Learning
    done: int


class Keeper:
    """Keeps the checkpoints of one wave; the newest replaces the one before."""

    def __init__(self, progress: Progress, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder, self.done = folder, 0
        self._progress, self._last = progress, time.monotonic()
        self._sign(json.loads(json.dumps(dict(about))))
        options = ocp.CheckpointManagerOptions(
            max_to_keep=1, enable_async_checkpointing=False, cleanup_tmp_directories=True
        )
        self._manager = ocp.CheckpointManager(folder / "steps", options=options)

    def _sign(self, about: Mapping[str, Any]) -> None:
        """Say beside the checkpoints what is trained, or check that it is the same."""
        path = made(self.folder) / ABOUT
        if path.is_file():
            if json.loads(path.read_text()) != about:
                raise Unusable(
                    f"{self.folder}: holds checkpoints of another training, see {ABOUT} there; move it "
                    "away, or delete it to begin anew"
                )
        elif jax.process_index() == 0:
            draft = path.with_suffix(".part")
            draft.write_text(json.dumps(about, indent=1, sort_keys=True))
            draft.replace(path)
            self._tell_of_others()

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
        """The networks as they were last kept, on the same devices as these; None if they never were.

        Raises:
            Unusable: the checkpoint cannot be read.
        """
        step = self._manager.latest_step()
        if step is None:
            return None
        leaves, shape = jax.tree.flatten(like)
        wanted = {f"{n:03}": ocp.utils.to_shape_dtype_struct(leaf) for n, leaf in enumerate(leaves)}
        try:
            found = self._manager.restore(
                step, args=ocp.args.Composite(learning=ocp.args.StandardRestore(wanted))
            )
        except Exception as error:  # Orbax raises that class itself for a damaged file
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
        except (OSError, ValueError) as error:
            raise OSError(
                f"{self.folder}: the progress of the training cannot be kept ({_reason(error)}); make room "
                "there, or set CNNBOOK_CACHE to a folder on another disk, and start again"
            ) from error
        self.done, self._last = done, time.monotonic()

    def remove(self) -> None:
        """Remove all of this wave's checkpoints: its networks are kept elsewhere, whole."""
        self._manager.close()
        if jax.process_index() == 0:
            shutil.rmtree(self.folder)


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
