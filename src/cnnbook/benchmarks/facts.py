"""The results of `make bench` as numbers that prose may quote, and what many networks cost."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from cnnbook.benchmarks.reading import (
    GOALS,
    GPU_GOAL,
    MEMORY_GOAL,
    OURS,
    PEERS,
    RESULTS,
    inference_speed,
    read_part,
    training_speed,
)
from cnnbook.config.profiles import RECIPES

PARTS = {
    "one": "speed",
    "ten": "ten",
    "time": "accuracy",
    "maps": "inference",
    "memory": "memory",
    "climb": "climb",
    "profile": "profile",
}
"""The parts of which prose says where and when they were measured, by the prefix of their facts."""

NETWORKS = (10, 100, 1000)
"""Numbers of networks that costs are given for."""

LARGE_MACHINE = 64
"""Cores of the larger machine that costs are computed for."""

_TRAINING_IMAGES = 60_000
_PREFIXES = {"Keras": "keras", "PyTorch": "pytorch", "PyTorch, compiled": "compiled", OURS: "cnnbook"}


def facts(root: Path) -> Mapping[str, str]:
    """Every number that prose may quote, by name; none where a book has no measurements.

    Raises:
        FileNotFoundError: a part was not measured.
        ValueError: a file is not such a result.
    """
    if not (root / RESULTS).is_dir():
        return {}
    speed = training_speed(root)
    numbers = dict(_speed_facts(speed)) | cost_facts(speed) | gpu_facts(root) | group_size_facts(root)
    for part in (_time_facts, _memory_facts, _inference_facts, _climb_facts, _place_facts):
        numbers |= part(root)
    return numbers


def _speed_facts(speed: xr.Dataset) -> Iterator[tuple[str, str]]:
    """Machine and goals; medians by work and framework, and the fastest peer with the ratio to it."""
    yield from ((name, str(speed.attrs[name])) for name in ("cores", "versions"))
    yield from ((f"goal_{work.split()[0]}", f"{times:g}") for work, times in GOALS.items())
    yield "rounds", str(speed.sizes["round"])
    medians = speed.speed.median("round").to_pandas()
    for work, row in medians.iterrows():
        prefix = f"{str(work).split()[0]}_{str(work).rpartition(' ')[2]}"
        for name, median in row.dropna().items():
            yield f"{prefix}_{_PREFIXES.get(str(name), 'flax')}", f"{median:,.0f}"
        peer = str(row[row.index.isin(PEERS)].idxmax())
        ratio = float(row[OURS] / row[peer])
        yield f"{prefix}_ratio", f"{ratio:.2f}"
        yield f"{prefix}_peer", peer
        yield f"{prefix}_verdict", _verdict(ratio >= float(speed.times.sel(work=work)))


def cost_facts(speed: xr.Dataset) -> dict[str, str]:
    """Time for many networks of the reference recipe, computed from the speed with which ten are trained.

    Args:
        speed: of `training_speed`: images a second by work, framework and round, and the cores they took.

    Returns:
        "cost_10", … on the measured machine; "cost_10_large", … on one with 64 such cores, which trains 64
        networks at once; and "cost_core_hours", of a thousand networks.
    """
    recipe = RECIPES["reference"]
    rounds = speed.speed.sel(work=f"ten networks, batch {recipe.batch_size}", framework=OURS)
    images = recipe.epochs * (_TRAINING_IMAGES // recipe.batch_size) * recipe.batch_size
    seconds = images / float(np.nanmedian(rounds))
    core_seconds = seconds * int(speed.attrs["cores"])
    return (
        {"cost_large_cores": str(LARGE_MACHINE), "cost_core_hours": f"{1000 * core_seconds / 3600:.0f}"}
        | {f"cost_{nets}": format_duration(nets * seconds) for nets in NETWORKS}
        | {
            f"cost_{nets}_large": format_duration(-(-nets // LARGE_MACHINE) * core_seconds)
            for nets in NETWORKS
        }
    )


def gpu_facts(root: Path) -> dict[str, str]:
    """Time for many networks on the graphics card that `make bench PART=many-networks` ran on.

    From the first compilation to the last network in the store. The time for a thousand is computed from that
    for a hundred.

    Args:
        root: the book's folder.

    Returns:
        "card_10", "card_20", "card_100" and "card_1000"; for 20 networks "card_compiling", "card_accuracy",
        "card_goal" and "card_verdict"; "card" and "card_date"; "card_compiled", how often a program was
        compiled anew, and "card_results", how many different results the same networks then had.

    Raises:
        FileNotFoundError: it was not measured.
    """
    part = read_part(root, "many-networks")
    rows = {row["nets"]: row for row in part["rows"]}
    twenty, common = rows[20], min(rows)
    return {f"card_{nets}": format_duration(row["seconds"]) for nets, row in rows.items()} | {
        "card": twenty["device"],
        "card_date": part["date"],
        "card_compiled": str(len(rows)),
        "card_results": str(len({tuple(row["test_accuracy"][:common]) for row in rows.values()})),
        "card_1000": format_duration(10 * rows[100]["seconds"]),
        "card_compiling": format_duration(twenty["compiling"]),
        "card_accuracy": f"{100 * twenty['mean_test_accuracy']:.2f} %",
        "card_goal": format_duration(GPU_GOAL),
        "card_verdict": _verdict(twenty["seconds"] <= GPU_GOAL),
    }


def group_size_facts(root: Path) -> dict[str, str]:
    """How far the weights of a network trained beside others are from those of it alone, on a graphics card.

    Differences are in parts of the weights' norm; of several, the largest counts.

    Args:
        root: the book's folder.

    Returns:
        "group_size", how many networks an accelerator trains at once, and "group_same", the difference
        within it; "group_sizes", other sizes, and their differences: "group_early" after "group_updates"
        updates, and "group_late" at the end.
    """
    part = read_part(root, "group-size")
    size, rows = part["group_size"], part["rows"]
    others = [row for row in rows if row["program_for"] != size]
    updates = sorted({row["updates"] for row in others})
    early, late = ([row for row in others if row["updates"] == updates[end]] for end in (0, -1))
    return {
        "group_size": str(size),
        "group_same": _largest_difference(row for row in rows if row["program_for"] == size),
        "group_sizes": " or ".join(dict.fromkeys(str(row["program_for"]) for row in others)),
        "group_updates": str(updates[0]),
        "group_early": _largest_difference(early),
        "group_late": _largest_difference(late),
    }


def _largest_difference(rows: Iterable[Mapping[str, Any]]) -> str:
    return f"{max(row['difference'] for row in rows):.2g}"


def _time_facts(root: Path) -> dict[str, str]:
    """Seconds from a cold start to the accuracy aimed at; the accuracy after the last epoch."""
    part = read_part(root, "accuracy")
    numbers = {"target": f"{100 * part['target']:.2f} %"}
    rows = pd.DataFrame(part["rows"])
    for name, trainings in rows.groupby("framework", sort=False):
        prefix = f"time_{_PREFIXES[str(name).partition(',')[0]]}"
        reached = trainings["reached"].dropna()
        last = [100 * epochs[-1]["accuracy"] for epochs in trainings["epochs"]]
        numbers[prefix] = f"{reached.median():.0f} s" if len(reached) else "never"
        numbers[f"{prefix}_reached"] = f"{len(reached)} of {len(trainings)}"
        numbers[f"{prefix}_accuracy"] = f"{np.mean(last):.2f} %"
        numbers["trainings"] = str(len(trainings))
    return numbers


def _memory_facts(root: Path) -> dict[str, str]:
    """Memory of training."""
    rows = read_part(root, "memory")["rows"]
    peaks = {f"memory_{row['epochs']}": f"{row['peak_bytes'] / 1e6:,.0f} MB" for row in rows}
    return {"memory_goal": f"{MEMORY_GOAL / 1e9:g} GB"} | peaks


def _inference_facts(root: Path) -> dict[str, str]:
    """Speed and memory of computing all maps of many images."""
    maps = inference_speed(root)
    numbers = {"maps_images": f"{maps.images:,}", "maps_images_early": f"{maps.images_early:,}"}
    for name in map(str, maps.framework.values):
        prefix, measured = f"maps_{_PREFIXES.get(name, 'flax')}", maps.sel(framework=name)
        numbers[prefix] = f"{float(measured.maps_speed.median()):,.0f}"
        numbers[f"{prefix}_memory"] = f"{float(measured.peak_memory):,.0f} MB"
        numbers[f"{prefix}_memory_early"] = f"{float(measured.early_memory):,.0f} MB"
    return numbers


def _climb_facts(root: Path) -> dict[str, str]:
    """Milliseconds of an ascent by framework, and its size."""
    part = read_part(root, "climb")
    numbers = {
        f"climb_{_PREFIXES[row['framework']]}": f"{np.median(row['rounds']):.1f}" for row in part["rows"]
    }
    return numbers | {"climb_steps": str(part["steps"]), "climb_pictures": f"{part['pictures']:,}"}


def _place_facts(root: Path) -> dict[str, str]:
    """Processor and date of each part, since not every part is measured on the same machine."""
    parts = {prefix: read_part(root, name) for prefix, name in PARTS.items()}
    return {f"{prefix}_processor": str(part["machine"]["processor"]) for prefix, part in parts.items()} | {
        f"{prefix}_date": str(part["date"]) for prefix, part in parts.items()
    }


def _verdict(is_reached: bool) -> str:
    return "reached" if is_reached else "missed"


def format_duration(seconds: float) -> str:
    """A time as people say it: "45 s", "6.7 min", "11 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"
