"""The results of `make bench` as numbers that prose may quote."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from cnnbook.benchmarks.costs import card_facts, company_facts, cost_facts
from cnnbook.benchmarks.reading import (
    GOALS,
    MEMORY_GOAL,
    OURS,
    PEERS,
    RESULTS,
    inference_speed,
    read_part,
    training_speed,
)  # fmt: skip

PLACED = {
    "one": "speed", "ten": "ten", "time": "accuracy", "maps": "inference", "memory": "memory",
    "climb": "climb", "profile": "profile",
}  # fmt: skip
"""The parts of which prose says where and when they were measured, by what it calls them."""

_SHORT = {"Keras": "keras", "PyTorch": "pytorch", "PyTorch, compiled": "compiled", OURS: "cnnbook"}


def facts(root: Path) -> Mapping[str, str]:
    """Every number that prose may quote; none where a book has no measurements."""
    if not (root / RESULTS).is_dir():
        return {}
    told = training_speed(root)
    speed = _machine_facts(told) | _speed_facts(told) | dict(cost_facts(told))
    speed |= card_facts(root) | company_facts(root)
    return speed | _time_facts(root) | _memory_facts(root) | _climb_facts(root) | _places(root)


def _machine_facts(told: xr.Dataset) -> dict[str, str]:
    texts = {name: str(told.attrs[name]) for name in ("cores", "versions")}
    goals = {f"goal_{work.split()[0]}": f"{times:g}" for work, times in GOALS.items()}
    return texts | goals | {"rounds": str(told.sizes["round"])}


def _speed_facts(told: xr.Dataset) -> dict[str, str]:
    """Medians by work and framework; the fastest peer, and how many times as fast this book is."""
    medians = told.speed.median("round")
    peers = [str(name) for name in told.framework.values if name in PEERS]
    found = {}
    for work in map(str, told.work.values):
        short = f"{work.split()[0]}_{work.rpartition(' ')[2]}"
        here = medians.sel(work=work)
        for name in map(str, told.framework.values):
            if not np.isnan(here.sel(framework=name)):
                found[f"{short}_{_SHORT.get(name, 'flax')}"] = f"{float(here.sel(framework=name)):,.0f}"
        best = max(peers, key=lambda name: float(here.sel(framework=name)))
        ratio = float(here.sel(framework=OURS) / here.sel(framework=best))
        reached = ratio >= float(told.times.sel(work=work))
        found |= {f"{short}_ratio": f"{ratio:.2f}", f"{short}_peer": best}
        found[f"{short}_verdict"] = "reached" if reached else "missed"
    return found


def _time_facts(root: Path) -> dict[str, str]:
    """Seconds from a cold start to the accuracy aimed at; the accuracy after the last epoch."""
    part = read_part(root, "accuracy")
    found = {"target": f"{100 * part['target']:.2f} %", "trainings": ""}
    for name in dict.fromkeys(row["framework"] for row in part["rows"]):
        rows = [row for row in part["rows"] if row["framework"] == name]
        short = _SHORT[name.partition(",")[0]]
        reached = [row["reached"] for row in rows if row["reached"] is not None]
        found[f"time_{short}"] = f"{np.median(reached):.0f} s" if reached else "never"
        found[f"time_{short}_reached"] = f"{len(reached)} of {len(rows)}"
        last = [100 * row["epochs"][-1]["accuracy"] for row in rows]
        found[f"time_{short}_accuracy"] = f"{np.mean(last):.2f} %"
        found["trainings"] = str(len(rows))
    return found


def _memory_facts(root: Path) -> dict[str, str]:
    """Memory of training and of maps, and the speed of maps."""
    found = {"memory_goal": f"{MEMORY_GOAL / 1e9:g} GB"}
    for row in read_part(root, "memory")["rows"]:
        found[f"memory_{row['epochs']}"] = f"{row['peak_bytes'] / 1e6:,.0f} MB"
    maps = inference_speed(root)
    for name in map(str, maps.framework.values):
        short, here = _SHORT.get(name, "flax"), maps.sel(framework=name)
        found[f"maps_{short}"] = f"{float(here.maps_speed.median()):,.0f}"
        found[f"maps_{short}_memory"] = f"{float(here.peak_memory):,.0f} MB"
        found[f"maps_{short}_memory_early"] = f"{float(here.early_memory):,.0f} MB"
    return found | {"maps_images": f"{maps.images:,}", "maps_images_early": f"{maps.images_early:,}"}


def _climb_facts(root: Path) -> dict[str, str]:
    """Milliseconds of an ascent by framework, and what was climbed where."""
    part = read_part(root, "climb")
    found = {f"climb_{_SHORT[row['framework']]}": f"{np.median(row['rounds']):.1f}" for row in part["rows"]}
    return found | {
        "climb_steps": str(part["steps"]),
        "climb_pictures": f"{part['pictures']:,}",
    }


def _places(root: Path) -> dict[str, str]:
    """Processor and date of each part, since not every part is measured on the same machine."""
    found = {}
    for short, part in PLACED.items():
        told = read_part(root, part)
        found |= {f"{short}_processor": str(told["machine"]["processor"]), f"{short}_date": str(told["date"])}
    return found
