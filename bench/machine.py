"""What was measured on, and how results are written down."""

import datetime
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
"""The committed results, a file a part: the book draws from them."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, Any]:
    """This machine, without its name."""
    system = f"{platform.system()} {platform.machine()}"
    return {"processor": _processor(), "cores": cores(), "system": system}


def _processor() -> str:
    """The processor's model as the system tells it; family and model too, since names can be general."""
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return platform.processor() or platform.machine()
    lines = [line.partition(":") for line in info.read_text().split("\n\n")[0].splitlines()]
    told = {name.strip(): value.strip() for name, _, value in lines}
    if "model name" not in told:
        return platform.processor() or platform.machine()
    return f"{told['model name']}, family {told.get('cpu family', '?')}, model {told.get('model', '?')}"


def write_results(part: str, found: Mapping[str, Any], folder: Path) -> Path:
    """Write what a part found as JSON, with machine and date.

    Returns:
        The file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "part": part,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        **found,
    }
    path = folder / f"{part}.json"
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read_results(part: str, folder: Path) -> dict[str, Any]:
    """What a part found before.

    Raises:
        FileNotFoundError: it was not run yet.
    """
    path = folder / f"{part}.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not there; 'make bench PART={part}' writes it")
    return json.loads(path.read_text(encoding="utf-8"))


def accelerator() -> str:
    """The kind of GPU or TPU that JAX runs on.

    Raises:
        RuntimeError: it runs on a CPU.
    """
    import jax  # peers measure without it

    device = jax.devices()[0]
    if device.platform == "cpu":
        raise RuntimeError("JAX finds no GPU or TPU here, and this part measures one: install JAX for yours")
    return device.device_kind
