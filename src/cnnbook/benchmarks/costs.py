"""What many networks cost: computed from the speed of one machine, and measured on a graphics card."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from cnnbook.benchmarks.reading import CARD_GOAL, OURS, read_part
from cnnbook.config.recipes import RECIPES

NETWORKS = (10, 100, 1000)
"""How many networks the costs are told for."""

LARGE_MACHINE = 64
"""Cores of the larger machine that costs are computed for."""

_TRAINING_IMAGES = 60_000


def cost_facts(told: xr.Dataset) -> Mapping[str, str]:
    """Time for many networks of the reference recipe, on the measured machine and by rule of three.

    Args:
        told: of `training_speed`: images a second by work, framework and round, and the cores they took.

    Returns:
        "cost_10", … on the measured machine; "cost_10_large", … on one with 64 such cores; and
        "cost_core_hours", of a thousand networks.
    """
    recipe = RECIPES["reference"]
    work = f"ten networks, batch {recipe.batch_size}"
    speed = float(np.nanmedian(told.speed.sel(work=work, framework=OURS)))
    cores = int(told.attrs["cores"])
    images = recipe.epochs * (_TRAINING_IMAGES // recipe.batch_size) * recipe.batch_size
    each = images / speed
    found = {"cost_large_cores": str(LARGE_MACHINE), "cost_core_hours": f"{1000 * each * cores / 3600:.0f}"}
    for nets in NETWORKS:
        found[f"cost_{nets}"] = duration(nets * each)
        waves = -(-nets // LARGE_MACHINE)
        found[f"cost_{nets}_large"] = duration(waves * each * cores)
    return found


def card_facts(root: Path) -> dict[str, str]:
    """Time for many networks on the graphics card that `make bench PART=many-networks` ran on.

    From the first compilation to the last network in the store. The time for a thousand is computed from that
    for a hundred.

    Args:
        root: the book's folder.

    Returns:
        "card_10", "card_20", "card_100" and "card_1000"; for 20 networks "card_compiling", "card_accuracy",
        "card_goal" and "card_verdict"; "card" and "card_date"; "card_compiled", how often a program was
        compiled anew, and "card_results", how many different results the same networks then had.
    """
    part = read_part(root, "many-networks")
    rows = {row["nets"]: row for row in part["rows"]}
    twenty, common = rows[20], min(rows)
    times = {f"card_{nets}": duration(row["seconds"]) for nets, row in rows.items()}
    return times | {
        "card": twenty["device"],
        "card_date": part["date"],
        "card_compiled": str(len(rows)),
        "card_results": str(len({tuple(row["test_accuracy"][:common]) for row in rows.values()})),
        "card_1000": duration(10 * rows[100]["seconds"]),
        "card_compiling": duration(twenty["compiling"]),
        "card_accuracy": f"{100 * twenty['mean_test_accuracy']:.2f} %",
        "card_goal": duration(CARD_GOAL),
        "card_verdict": "reached" if twenty["seconds"] <= CARD_GOAL else "missed",
    }


def company_facts(root: Path) -> dict[str, str]:
    """How far the weights of a network beside others are from those of the same network alone, on a card.

    Differences are in parts of the weights' norm; of several, the largest counts.

    Args:
        root: the book's folder.

    Returns:
        "company", the networks that a card always trains together, and "company_same", the difference within
        it; "company_sizes", other sizes, and their differences: "company_early" after "company_updates"
        updates, and "company_late" at the end.
    """
    part = read_part(root, "company")
    size, rows = part["company"], part["rows"]
    same = max(row["difference"] for row in rows if row["program_for"] == size)
    others = [row for row in rows if row["program_for"] != size]
    first, last = (choose(row["updates"] for row in others) for choose in (min, max))
    early, late = (
        max(row["difference"] for row in others if row["updates"] == when) for when in (first, last)
    )
    return {
        "company": str(size),
        "company_same": f"{same:.2g}",
        "company_sizes": " or ".join(dict.fromkeys(str(row["program_for"]) for row in others)),
        "company_updates": str(first),
        "company_early": f"{early:.2g}",
        "company_late": f"{late:.2g}",
    }


def duration(seconds: float) -> str:
    """A time as people say it: "45 s", "6.7 min", "11 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"
