"""Many processes that train together, on one machine or many, joined by JAX.

JAX ends a process without an exception in Python when another one of its cluster is gone; see `supervisor`.
That a process was killed is noticed at once, because its connections break; that a machine was cut off, after
`HEARTBEAT_SECONDS`.
"""

import os
from pathlib import Path
from typing import Any, TypeVar

import jax
import numpy as np
import orbax.checkpoint as ocp
from jax.experimental import multihost_utils

HEARTBEAT_SECONDS = 15
"""A process that is silent for so long is taken for dead."""

JOIN_SECONDS = 300
"""So long the processes wait for one another at the start."""

_BARRIER_SECONDS = 24 * 3600

_Tree = TypeVar("_Tree")


class _Barriers:
    """How many barriers this process has come to: all processes come to the same ones, in the same order."""

    count = 0


def barrier() -> None:
    """Wait until all processes are here; JAX's own collectives wait for 30 s only."""
    if jax.process_count() > 1:
        wait = ocp.multihost.get_barrier_sync_fn()
        assert wait is not None
        _Barriers.count += 1
        wait(key=f"cnnbook-{_Barriers.count}", timeout_ms=1000 * _BARRIER_SECONDS)


def join(*, coordinator: str | None = None, processes: int | None = None, process: int | None = None) -> None:
    """Make this process one of a cluster; to be called before JAX computes anything.

    `jax.distributed.initialize` finds out by itself what SLURM, Open MPI, Kubernetes and TPU pods know.

    Args:
        coordinator: address and port of process 0, such as "10.0.0.1:1234".
        processes: how many there are.
        process: which one this is, from 0.

    Raises:
        ValueError: nothing describes the cluster.
        OSError: the others cannot be reached.
    """
    try:
        jax.distributed.initialize(
            coordinator,
            processes,
            process,
            initialization_timeout=JOIN_SECONDS,
            heartbeat_timeout_seconds=HEARTBEAT_SECONDS,
            shutdown_timeout_seconds=4 * HEARTBEAT_SECONDS,
        )
    except ValueError as error:
        raise ValueError(
            f"--coordinator={coordinator} --processes={processes} --process-id={process}: {error} SLURM, "
            "Open MPI, Kubernetes and TPU pods tell them; elsewhere give all three"
        ) from error
    except jax.errors.JaxRuntimeError as error:
        said = " ".join(str(error).split())[:160]
        raise OSError(f"--coordinator={coordinator}: the cluster cannot be joined: {said}") from error


def is_first() -> bool:
    """Whether this is process 0, which writes and reports."""
    return jax.process_index() == 0


def broadcast_from_host0(values: _Tree) -> _Tree:
    """Process 0's values, in all processes; they wait for one another. Plain numbers and arrays."""
    if jax.process_count() == 1:
        return values
    barrier()
    sent = multihost_utils.broadcast_one_to_all(values)
    return jax.tree.map(
        lambda new, old: np.asarray(new) if isinstance(old, np.ndarray) else type(old)(new), sent, values
    )


def all_gather(tree: Any) -> Any:
    """Arrays that are spread over all devices, whole, in the memory of each process."""
    if jax.process_count() == 1:
        return jax.tree.map(np.asarray, tree)
    jax.block_until_ready(tree)
    barrier()
    return multihost_utils.process_allgather(tree, tiled=True)


def check_shared(folder: Path) -> None:
    """Raise unless all processes see the same folder.

    Args:
        folder: there already.

    Raises:
        ValueError: a process does not see what process 0 writes there.
    """
    if jax.process_count() == 1:
        return
    mark = folder / f".cluster-{int(broadcast_from_host0(np.array(os.getpid())))}"
    if jax.process_index() == 0:
        mark.touch()
    barrier()
    seen = mark.exists()
    barrier()
    if jax.process_index() == 0:
        mark.unlink()
    if not seen:
        raise ValueError(
            f"CNNBOOK_CACHE: process {jax.process_index()} does not find in {folder} what process 0 wrote "
            "there; set it to a folder that all machines of the cluster share"
        )


def is_broken(error: BaseException) -> bool:
    """Whether an error says that another process of the cluster is gone."""
    in_cluster = jax.process_count() > 1
    return in_cluster and (isinstance(error, jax.errors.JaxRuntimeError) or "Gloo" in str(error))
