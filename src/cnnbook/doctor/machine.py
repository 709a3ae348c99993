"""What can this machine do: devices, cores, memory, disk?"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from cnnbook.doctor.finding import Finding, note, ok, problem

GIB = 2**30

NEEDED_DISK, AMPLE_DISK = 1 * GIB, 2 * GIB
"""Free bytes that a book needs, and that leave room for a second edition beside it."""

NEEDED_MEMORY, AMPLE_MEMORY = 1 * GIB, 3 * GIB
"""Free bytes in which training can run at all, and in which all of MNIST is trained with ease."""

LIMITS = ("OMP_NUM_THREADS", "XLA_FLAGS", "JAX_PLATFORMS", "NPROC")
"""Variables that may limit the compiler."""


def check_devices() -> Finding:
    """What JAX computes on."""
    import jax

    try:
        found = jax.devices()
    except RuntimeError as error:
        return problem("device", " ".join(str(error).split()), "unset JAX_PLATFORMS")
    names = sorted({device.device_kind for device in found})
    said = f"{len(found)} × {', '.join(names)} ({found[0].platform}), JAX {jax.__version__}"
    if found[0].platform == "cpu" and Path("/dev/nvidia0").exists():
        said += "; there is a GPU, which this JAX does not use"
        return note("device", said, "pip install 'jax[cuda12]'")
    return ok("device", said)


def check_cores(usable: int, present: int, environment: Mapping[str, str]) -> Finding:
    """How many cores the compiler's threads have.

    Args:
        usable: cores that this process may run on.
        present: cores of the machine.
        environment: with variables that may limit threads.
    """
    said = f"{usable} of {present}" if usable < present else f"{usable}"
    set_here = [f"{name}={environment[name]}" for name in LIMITS if environment.get(name)]
    if set_here:
        return note("cores", f"{said}; {', '.join(set_here)} may change how many of them compute")
    if usable == 1:
        return note("cores", f"{said}: training takes about twice as long as on two")
    return ok("cores", said)


def check_memory(available: int | None) -> Finding:
    """Is there memory enough to train?

    Args:
        available: free bytes; None if the system does not say.
    """
    if available is None:
        return note("memory", "this system does not say how much is free")
    said = f"{available / GIB:.1f} GiB free"
    if available < NEEDED_MEMORY:
        return problem("memory", f"{said}; training needs {NEEDED_MEMORY // GIB} GiB", "close other programs")
    if available < AMPLE_MEMORY:
        return note("memory", f"{said}; {AMPLE_MEMORY // GIB} GiB are ample")
    return ok("memory", said)


def available_memory(
    meminfo: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """Free memory in bytes, as far as the system says; a container's own limit counts.

    Args:
        meminfo: Linux's table.
        cgroup: the folder of this process's control group.
    """
    if not meminfo.is_file():
        return None
    lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    if "MemAvailable" not in lines:
        return None
    free = int(lines["MemAvailable"].split()[0]) * 1024
    limit, used = cgroup / "memory.max", cgroup / "memory.current"
    if limit.is_file() and used.is_file() and limit.read_text().strip().isdecimal():
        free = min(free, int(limit.read_text()) - int(used.read_text()))
    return free


def check_disk(name: str, folder: Path) -> Finding:
    """Is there room, and can it be written to?

    Args:
        name: of the folder in the finding; "cache" can be set to another one.
        folder: it need not exist yet.
    """
    exists = next(place for place in (folder, *folder.parents) if place.exists())
    mend = "export CNNBOOK_CACHE=a-folder-elsewhere" if name == "cache" else "move the clone elsewhere"
    if not exists.is_dir() or not os.access(exists, os.W_OK):
        return problem(name, f"{folder}: {exists} cannot be written to", mend)
    free = shutil.disk_usage(exists).free
    said = f"{folder}: {free / GIB:.1f} GiB free"
    if free < NEEDED_DISK:
        return problem(name, f"{said}; {NEEDED_DISK // GIB} GiB is needed", f"free some, or {mend}")
    if free < AMPLE_DISK:
        return note(name, f"{said}; it is enough, but not for much more")
    return ok(name, said)
