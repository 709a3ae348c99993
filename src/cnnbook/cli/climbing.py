"""The work of `cnnbook oip`: a network, ascents, a contact sheet, numbers."""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from cnnbook.cli import drawing
from cnnbook.cli.failures import mendable
from cnnbook.cli.opening import open_ensemble
from cnnbook.data.digits import Digits
from cnnbook.figures.sheets import draw_sheet, sheet_height
from cnnbook.figures.style import LIGHT, SMALL, TITLE, axes_at, new_figure, write
from cnnbook.oip.finding import Found, find_oips, with_steps
from cnnbook.oip.objective import SHAPES, check_map, map_mean
from cnnbook.progress import Reporter
from cnnbook.training.trained import TrainedNet

COLUMNS, MOST = 8, 8
"""Pictures in a row of one map's sheet, and pictures of each map where all are drawn."""


def numbers(layer: str, number: int | None) -> list[int]:
    """The maps asked for: one, or all of the layer.

    Raises:
        ValueError: the layer has no such map.
    """
    if number is None:
        return list(range(SHAPES[layer][2]))
    check_map(layer, number)
    return [number]


def opened(
    profile: str | None, choice: str | None, which: int, weights: Path | None, reporter: Reporter
) -> tuple[TrainedNet, Digits]:
    """The network that is asked, and the digits it is compared on.

    Raises:
        ValueError: the profile has no such network.
    """
    drawing.check_number(which, profile)
    ensemble = open_ensemble(profile, choice, reporter)
    return drawing.network(ensemble, which, weights), ensemble.digits


def climbed(
    net: TrainedNet, digits: Digits, layer: str, maps: Sequence[int], reporter: Reporter, *, starts: int,
    preset: str, steps: int | None, before: bool, seed: int,
) -> list[Found]:  # fmt: skip
    """The OIPs of some maps, with progress shown."""
    objectives = [map_mean(layer, number, before=before) for number in maps]
    chosen = with_steps(preset, steps)
    with mendable(), reporter.work(f"climbing {layer}", len(maps) * starts, "pictures") as work:
        return find_oips(
            net,
            objectives,
            starts=starts,
            preset=chosen,
            seed=seed,
            images=digits.train_images,
            report=work.advance,
        )


def contact_sheet(found: Sequence[Found]) -> Figure:
    """The contact sheet: all starts of one map, or a row for each map."""
    one = len(found) == 1
    each = [_strongest_first(oip) for oip in found]
    rows = each[0] if one else np.concatenate([pictures[:MOST] for pictures in each])
    columns = min(COLUMNS, len(rows)) if one else min(MOST, len(each[0]))
    width = 6.6
    tall = sheet_height(len(rows), columns, width)
    figure = new_figure(0.5 + tall + 0.1, palette=LIGHT)
    write(
        figure, 1.2, 0.3, found[0].objective.name if one else "strongest first", colour=LIGHT.ink, size=TITLE
    )
    low, high = min(0.0, float(rows.min())), max(1.0, float(rows.max()))
    draw_sheet(
        axes_at(figure, 1.2, 0.5, width, tall), rows, columns=columns, palette=LIGHT, low=low, high=high
    )
    for row, oip in enumerate([] if one else found):
        middle = 0.5 + (row + 0.5) * tall / len(found) + 0.05
        name = f"map {int(oip.objective.terms[0].maps[0])}"
        write(figure, 1.1, middle, name, colour=LIGHT.ink, size=SMALL, align="right")
    return figure


def _strongest_first(oip: Found) -> np.ndarray:
    """All pictures of one objective, the best first."""
    same = (oip.pictures == oip.image[None]).all(axis=(1, 2))
    return oip.pictures[np.argsort(~same, kind="stable")]


def write_files(found: Sequence[Found], out: Path) -> Iterator[Path]:
    """Write the sheet and its data; yields each path."""
    drawing.save_figure(contact_sheet(found), out)
    yield out
    arrays = {
        "pictures": np.stack([oip.pictures for oip in found]),
        "trace": np.stack([oip.trace for oip in found]),
        "reached": np.array([oip.card.reached for oip in found]),
    }
    drawing.save_arrays(arrays, data := out.with_suffix(".npz"))
    yield data


def _row(oip: Found) -> dict[str, object]:
    """One map's numbers; null where there is none."""
    numbers = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in oip.card._asdict().items()
    }
    return {"objective": oip.objective.name, **numbers}


def as_json(found: Sequence[Found]) -> str:
    """One object a map."""
    return json.dumps([_row(oip) for oip in found], indent=2, allow_nan=False)


def as_text(found: Sequence[Found]) -> str:
    """The same for people, a line a map."""
    return "\n".join(_line(oip) for oip in found)


def _line(oip: Found) -> str:
    card = oip.card
    if not card.woken:
        return f"{oip.objective.name}: no start wakes it; it has no OIP (try --before)"
    reach = f", {card.reach:.2f} times the best training image" if math.isfinite(card.reach) else ""
    patterns = "1 pattern" if card.modes == 1 else f"{card.modes} patterns"
    return (
        f"{oip.objective.name}: reaches {card.reached:.3g}{reach}; {card.woken:.0%} of the starts, "
        f"{patterns}, agreement {card.agreement:.2f}"
    )
