"""What `cnnbook maps` and `cnnbook oip` compute: maps and OIPs, as sheets of pictures, arrays and numbers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import xarray as xr
from flax import nnx
from jaxtyping import Float, Shaped, UInt8
from matplotlib.figure import Figure

from cnnbook.cli.output import user_errors
from cnnbook.data.digits import Digits
from cnnbook.data.picture import read_picture
from cnnbook.figures.maps import maps_figure
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import column_centres, draw_contact_sheet, sheet_height
from cnnbook.figures.style import LIGHT, SMALL
from cnnbook.files import atomic_write
from cnnbook.oip.objective import SHAPES, Objective, map_mean
from cnnbook.oip.presets import Preset, preset_named
from cnnbook.oip.search import OIP
from cnnbook.progress import Reporter
from cnnbook.training.trained import TrainedNet

COLUMNS = 8
"""Pictures in a row of a contact sheet, and the most of one map where all maps are drawn."""


def load_digit(image: str, digits: Digits, reporter: Reporter) -> tuple[str, UInt8[np.ndarray, "28 28"]]:
    """What the network is shown: its name for messages, and its pixels, 0 for paper and 255 for ink.

    Args:
        image: the number of a test image, or the file of somebody's own picture.
        digits: whose test images are meant.
        reporter: shows what was done to a picture.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: there is no such test image, the file is not a picture, or there is nothing on it.
    """
    if not image.isdecimal():
        picture = read_picture(Path(image))
        reporter.say(f"{image}: {picture.steps}")
        return image, picture.image
    index, count = int(image), len(digits.test_labels)
    if index >= count:
        raise ValueError(f"IMAGE={index}: expected 0 to {count - 1}, the test images of {digits.source}")
    return f"test image {index}, a {digits.test_labels[index]}", digits.test_images[index]


def compute_maps(
    net: TrainedNet, digit: UInt8[np.ndarray, "28 28"], layer: str, *, preactivations: bool
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """All that can be written, by name: the layer's maps, the image, the logits.

    Args:
        net: the network.
        digit: what it is shown.
        layer: whose maps.
        preactivations: whether the values before ReLU are wanted too.
    """
    forward = nnx.jit(lambda model, inputs: model.activations(inputs))
    result = forward(net.model, net.inputs(digit[np.newaxis]))
    arrays = {layer: result.activations[layer], "logits": result.logits}
    if preactivations:
        arrays[f"{layer}_preactivations"] = result.preactivations[layer]
    return {name: np.asarray(array)[0] for name, array in arrays.items()} | {"image": digit}


def write_maps(
    values: Mapping[str, Shaped[np.ndarray, "..."]], layer: str, out: Path, npz: Path | None
) -> Iterator[Path]:
    """Write the picture of a layer's maps, and the values if a file is given for them; yields each path.

    Args:
        values: see `compute_maps`.
        layer: whose maps.
        out: the picture's file.
        npz: the values' file.

    Raises:
        UserError: a file cannot be written.
    """
    dimensions = ("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}")
    dataset = xr.Dataset({layer: (dimensions, values[layer][np.newaxis])}, coords={"digit": ["shown"]})
    yield save_figure(maps_figure(dataset, palette=LIGHT, layer=layer, digit="shown"), out)
    if npz is not None:
        yield save_arrays(values, npz)


def map_objectives(layer: str, number: int | None, *, before: bool) -> list[Objective]:
    """The means of the maps asked for.

    Args:
        layer: whose maps.
        number: of one map; None for all of the layer.
        before: whether the values before ReLU are meant.

    Raises:
        ValueError: the layer has no such map.
    """
    numbers = range(SHAPES[layer][2]) if number is None else [number]
    means = [map_mean(layer, number) for number in numbers]
    return [mean.before_relu() for mean in means] if before else means


def preset_with_steps(name: str, steps: int | None) -> Preset:
    """The preset of that name, with another number of steps if one is given."""
    return preset_named(name) if steps is None else replace(preset_named(name), steps=steps)


def write_oips(oips: Sequence[OIP], out: Path) -> Iterator[Path]:
    """Write the contact sheet of some OIPs, and their data beside it; yields each path.

    Args:
        oips: of maps of one layer.
        out: the picture's file.

    Raises:
        UserError: a file cannot be written.
    """
    yield save_figure(contact_sheet(oips), out)
    arrays = {
        "pictures": np.stack([oip.pictures for oip in oips]),
        "trace": np.stack([oip.trace for oip in oips]),
        "reached": np.array([oip.quality.reached for oip in oips]),
    }
    yield save_arrays(arrays, out.with_suffix(".npz"))


def contact_sheet(oips: Sequence[OIP]) -> Figure:
    """The contact sheet: the pictures from all starts for one map, or a row for each map."""
    one = len(oips) == 1
    each = [_strongest_first(oip) for oip in oips]
    pictures = each[0] if one else np.concatenate([strongest[:COLUMNS] for strongest in each])
    columns, width = min(COLUMNS, len(each[0])), 6.6
    height = sheet_height(len(pictures), columns, width)
    title = oips[0].objective.name if one else "strongest first"
    page = Page(0.5 + height + 0.1, title=title, left=1.2, top=0.3)
    low, high = min(0.0, float(pictures.min())), max(1.0, float(pictures.max()))
    page.panel((1.2, 0.5, width, height), draw_contact_sheet, pictures, columns=columns, low=low, high=high)
    for oip, middle in zip([] if one else oips, column_centres(0.5, height, len(oips)), strict=False):
        name = f"map {int(oip.objective.terms[0].maps[0])}"
        page.write(1.1, middle + 0.05, name, size=SMALL, colour="ink", align="right")
    return page.figure(LIGHT)


def _strongest_first(oip: OIP) -> Float[np.ndarray, "starts 28 28"]:
    """All pictures of one objective, the best first."""
    same = (oip.pictures == oip.image[None]).all(axis=(1, 2))
    return oip.pictures[np.argsort(~same, kind="stable")]


def oip_numbers(oip: OIP) -> dict[str, object]:
    """The numbers of one map's OIP as plain values; None for one that is not finite."""
    values = {"objective": oip.objective.name, **oip.quality._asdict()}
    published = {"relative_activation": "reach", "activating": "woken"}
    return {
        published.get(name, name): None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }


def oip_summary(oip: OIP) -> str:
    """The numbers of one map's OIP in one line."""
    quality = oip.quality
    if not quality.activating:
        return f"{oip.objective.name}: no start activates it; it has no OIP (try --before)"
    reach = (
        f", {quality.relative_activation:.2f} times the best training image"
        if math.isfinite(quality.relative_activation)
        else ""
    )
    patterns = "1 pattern" if quality.modes == 1 else f"{quality.modes} patterns"
    starts = f"{quality.activating:.0%} of the starts"
    return (
        f"{oip.objective.name}: reaches {quality.reached:.3g}{reach}; {starts}, {patterns}, "
        f"agreement {quality.agreement:.2f}"
    )


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure in the format of the file's ending, an SVG without its date; returns the path."""
    kind = path.suffix.lower().removeprefix(".")
    metadata = {"Date": None} if kind == "svg" else None
    settings = matplotlib.rc_context({"svg.hashsalt": "cnnbook"})
    with user_errors(OSError), atomic_write(path) as draft, settings:
        figure.savefig(draft, format=kind, metadata=metadata)
    return path


def save_arrays(arrays: Mapping[str, Shaped[np.ndarray, "..."]], path: Path) -> Path:
    """Write arrays by name, as NumPy's .npz; returns the path."""
    with user_errors(OSError), atomic_write(path) as draft, draft.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    return path
