"""The devices of a machine or a cluster, and the plan of networks on them."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from cnnbook.machine import usable_cores
from cnnbook.training.program import DATA, NETS, NETS_PER_ACCELERATOR


@dataclass(frozen=True, kw_only=True)
class DevicePlan:
    """Where networks are trained.

    Attributes:
        devices: of all processes, in the order in which they are filled.
        data: devices that share each batch.
        nets_per_device: networks that a device has; where there are fewer, the last of them is trained again.
    """

    devices: tuple[Any, ...]
    data: int
    nets_per_device: int

    @property
    def device_groups(self) -> int:
        """Groups of devices that each have networks of their own."""
        return len(self.devices) // self.data

    def batches(self, count: int) -> Iterator[range]:
        """Parts of so many networks that are trained at once, one part after another."""
        most = self.device_groups * self.nets_per_device
        for first in range(0, count, most):
            yield range(first, min(first + most, count))

    def mesh(self, nets: int) -> Mesh:
        """The devices for so many networks at once: no more than they need, but in a cluster all."""
        device_groups = -(-nets // self.nets_per_device) if jax.process_count() == 1 else self.device_groups
        return mesh_of(device_groups, self.data, self.devices)

    def padded(self, nets: int) -> int:
        """The networks that the devices of a batch have, repetitions counted."""
        return self.mesh(nets).shape[NETS] * self.nets_per_device


def plan_devices(
    *, count: int | None = None, data: int = 1, devices: Sequence[Any] | None = None
) -> DevicePlan:
    """A plan for throughput: on a CPU a network on each device, elsewhere `NETS_PER_ACCELERATOR` on each.

    Args:
        count: how many devices to use; None takes all.
        data: devices that share each batch.
        devices: to choose from; None takes all that JAX knows.

    Raises:
        ValueError: there are not so many devices, or they cannot be shared out.
    """
    known = tuple(jax.devices() if devices is None else devices)
    count = len(known) if count is None else count
    _check_count("devices", count, known)
    _check_count("data", data, known)
    if count % data:
        raise ValueError(f"devices={count}: expected a multiple of data={data}, those that share a batch")
    on_cpu = known[0].platform == "cpu"
    return DevicePlan(devices=known[:count], data=data, nets_per_device=1 if on_cpu else NETS_PER_ACCELERATOR)


def mesh_of(nets: int, data: int = 1, devices: Sequence[Any] | None = None) -> Mesh:
    """A mesh of `nets` × `data` devices.

    Args:
        nets: devices, or groups of them, that have networks of their own.
        data: devices that share each batch.
        devices: to choose from; None takes all that JAX knows.

    Raises:
        ValueError: there are not so many devices.
    """
    known = tuple(jax.devices() if devices is None else devices)
    _check_count("nets × data", nets * data, known)
    return Mesh(np.array(known[: nets * data]).reshape(nets, data), (NETS, DATA))


def _check_count(name: str, count: int, known: Sequence[Any]) -> None:
    """Raise unless there are so many devices."""
    if not 1 <= count <= len(known):
        kind = known[0].platform.upper()
        raise ValueError(
            f"{name}={count}: expected 1 to {len(known)}, the {kind} devices of this "
            f"{'machine' if jax.process_count() == 1 else 'cluster'}"
        )


def begin_computing(cache: Path) -> None:
    """What every program that trains does first: `use_every_core`, `compute_exactly` and `keep_compiled`.

    Args:
        cache: this machine's folder.
    """
    use_every_core()
    compute_exactly()
    keep_compiled(cache)


def use_every_core() -> None:
    """Let JAX see each core of this CPU as a device of its own, which networks are then placed on.

    For programs, at their start: it does nothing once JAX has begun to compute, or where
    `JAX_NUM_CPU_DEVICES` says how many devices there are. Other kinds of devices are left as they are.
    """
    if jax.config.jax_num_cpu_devices == -1:  # pyright: ignore[reportAttributeAccessIssue]
        with contextlib.suppress(RuntimeError):  # JAX has started: its devices are what they are
            jax.config.update("jax_num_cpu_devices", usable_cores())


def compute_exactly() -> None:
    """Let products be computed in float32 on every platform, for programs, at their start.

    JAX's default on a GPU or TPU rounds factors to 10 or 7 binary digits: a GPU's maps then differ from a
    CPU's by 4e-4 of their size, instead of 5e-7. Nothing changes on a CPU.
    """
    jax.config.update("jax_default_matmul_precision", "highest")


def keep_compiled(cache: Path) -> None:
    """Let JAX keep compiled programs in a folder, and find them there the next time.

    Args:
        cache: this machine's folder; the programs are kept in "compiled" inside it. Programs that compile in
            less than half a second are not kept.
    """
    jax.config.update("jax_compilation_cache_dir", str(cache / "compiled"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
