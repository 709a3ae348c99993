"""Do horizontal patterns prevail on the maps of a 4, and do they follow its strokes?

For every test image and layer the structure tensors of all maps are summed. Beside them stand those of the
pixels, averaged over the window of a cell; of the same network before training; of the digit turned by a
quarter; on Conv_3 of maps whose nine cells were shuffled (alike for all maps of an image); and of Conv_2
averaged to 5×5 cells, which shows what fewer cells do to coherence by themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float, Int, Integer

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.orientation import coherence, horizontal_excess, line_angle, structure_tensors
from cnnbook.fcp.pictures import window_means
from cnnbook.maps import stream
from cnnbook.nets.geometry import CLASSES, geometry_of
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "pool_2", "conv_3")

KINDS = ("maps", "turned digit", "untrained", "pixels", "turned pixels")
"""What is looked at: the claim, then its nulls and references."""

SOURCES = (
    "conv_2",
    "turned digit",
    "pixels",
    "turned pixels",
    "pool_2",
    "means of conv_2",
    "conv_3",
    "shuffled cells",
)
"""What the structure tensors of 4s are taken of, for statistics; pixels are averaged as Conv_2 sees them."""

FOUR = 4
BINS = 36
"""Of line directions, each 5 degrees wide."""

TensorsOf = Mapping[str, Float[np.ndarray, "n 3"]]
"""Structure tensors of every image by layer."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How directions on maps are compared with chance."""

    images: int = number(3000, "test images looked at", least=10)
    shuffles: int = number(4, "shuffles of the nine cells of Conv_3", least=1)
    untrained: int = number(3, "networks looked at before training", least=1)


def _fours(
    result: xr.Dataset, source: str, of: Callable[[np.ndarray], np.ndarray] = horizontal_excess
) -> xr.DataArray:
    """A number of the summed tensors of 4s, by network and resample."""
    return xr.apply_ufunc(of, result.fours.sel(source=source), input_core_dims=[["part"]])


def _turning(result: xr.Dataset) -> xr.DataArray:
    """How far Conv_2 turns with the digit, by how far the pixels do; 0 where these do not turn."""
    by_maps = _fours(result, "conv_2") - _fours(result, "turned digit")
    by_pixels = _fours(result, "pixels") - _fours(result, "turned pixels")
    turns = np.abs(by_pixels) > 1e-9
    return xr.where(turns, by_maps / by_pixels.where(turns, 1.0), 0.0)


def _coherence_kept(result: xr.Dataset, source: str) -> xr.DataArray:
    """Coherence by that on Conv_2; 0 where this is 0."""
    first = _fours(result, "conv_2", coherence)
    return xr.where(first > 0, _fours(result, source, coherence) / first.where(first > 0, 1.0), 0.0)


@experiment(
    config=Config(),
    draft=Config(images=500, shuffles=2, untrained=1),
    coords={
        "kind": KINDS,
        "layer": LAYERS,
        "class": range(CLASSES),
        "of": ("Conv_2", "pixels"),
        "direction": [(bin + 0.5) * 180 / BINS for bin in range(BINS)],
        "source": SOURCES,
    },
    about=lambda run: {
        "images": len(_images(run)),
        "shuffles": run.config.shuffles,
    },
    variables=[
        variable("excess", "kind layer class net", "horizontal less vertical energy, by their sum"),
        variable("lines", "of direction", "share of 4s by the direction of their lines"),
        variable("fours", "source part net image", "structure tensors of 4s", published=False),
    ],
    statistics=[
        statistic("conv_2_fours", lambda r: _fours(r, "conv_2"), "horizontal excess of Conv_2's maps of 4s"),
        statistic(
            "conv_3_fours_excess",
            lambda r: _fours(r, "conv_3") - _fours(r, "shuffled cells"),
            "the same on Conv_3 less that of shuffled cells",
        ),
        statistic(
            "conv_2_turning", _turning, "how far Conv_2 turns with the digit, by how far the pixels do"
        ),
        statistic(
            "conv_2_angle",
            lambda r: _fours(r, "conv_2", line_angle),
            "direction of lines on Conv_2's maps of 4s",
            units="degree",
        ),
        statistic("conv_2_coherence", lambda r: _fours(r, "conv_2", coherence), "coherence of these lines"),
        statistic(
            "coherence_kept", lambda r: _coherence_kept(r, "pool_2"), "coherence on Pool_2 by that on Conv_2"
        ),
        statistic(
            "coherence_kept_by_means",
            lambda r: _coherence_kept(r, "means of conv_2"),
            "the same for Conv_2 averaged to 5 by 5 cells",
        ),
    ],
    facts=[
        fact("angle", "conv_2_angle", ".0f"),
        fact("coherence", "conv_2_coherence"),
        fact("kept", "coherence_kept"),
        fact("kept_by_means", "coherence_kept_by_means"),
        fact("turning", "conv_2_turning"),
        fact("pixels_angle", lambda r: r.lines.sel(of="pixels").idxmax("direction"), ".0f"),
        fact(
            "{layer}_{kind}",
            at("excess", layer=["conv_2", "conv_3"], **{"class": FOUR}),
            "+.2f",
        ),
    ],
)
def orientation(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Horizontal excess by kind, layer and class, and the structure tensors of 4s."""
    images = _images(run)
    labels = run.digits.test_labels[: len(images)]
    turned = np.rot90(images, axes=(1, 2))
    pixels, turned_pixels = run.cached("pixels", lambda: (_of_pixels(images), _of_pixels(turned)))
    maps, turned_maps = (
        _of_maps(net, images, run.cached("orders", lambda: _orders(run))),
        _of_maps(net, turned),
    )
    is_asked = run.number < run.config.untrained
    before = _of_maps(untrained(net), images) if is_asked else None
    kinds = (maps, turned_maps, before, pixels, turned_pixels)
    of_source = (
        maps["conv_2"],
        turned_maps["conv_2"],
        pixels["conv_2"],
        turned_pixels["conv_2"],
        maps["pool_2"],
        maps["means"],
        maps["conv_3"],
        maps["shuffled"],
    )
    is_four = labels == FOUR
    return {
        "excess": np.array([[_by_class(kind, layer, labels) for layer in LAYERS] for kind in kinds]),
        "lines": np.stack([_directions(each["conv_2"][is_four]) for each in (maps, pixels)]),
        "fours": np.stack([(each * is_four[:, None]).T for each in of_source]),
    }


def _images(run: Measurement[Config]) -> RawImages:
    return run.digits.test_images[: run.config.images]


def _by_class(
    kind: TensorsOf | None, layer: str, labels: Integer[np.ndarray, " n"]
) -> Float[np.ndarray, " 10"]:
    """Horizontal excess of each class; not a number where nothing was measured."""
    if kind is None:
        return np.full(CLASSES, np.nan)
    return horizontal_excess(np.stack([kind[layer][labels == c].sum(axis=0) for c in range(CLASSES)]))


def _of_maps(
    net: TrainedNet, images: RawImages, orders: Sequence[Int[np.ndarray, " 9"]] = ()
) -> dict[str, Float[np.ndarray, "n 3"]]:
    """Tensors of every image by layer; with orders, also of shuffled Conv_3 and of averaged Conv_2."""
    parts: dict[str, list[np.ndarray]] = {}
    for batch in stream(net, images, LAYERS):
        summed = {layer: structure_tensors(batch[layer]) for layer in LAYERS}
        if orders:
            flat = batch["conv_3"].reshape(len(batch["conv_3"]), 9, -1)
            cells = [structure_tensors(flat[:, order].reshape(batch["conv_3"].shape)) for order in orders]
            blocks = batch["conv_2"][:, :10, :10].reshape(len(flat), 5, 2, 5, 2, -1)
            summed |= {
                "shuffled": np.mean(cells, axis=0),
                "means": structure_tensors(blocks.mean(axis=(2, 4))),
            }
        for name, values in summed.items():
            parts.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _of_pixels(images: RawImages) -> TensorsOf:
    """Tensors of the mean pixel of the window of each cell, by layer."""
    return {
        layer: structure_tensors(window_means(images, geometry_of()[layer])[..., None]) for layer in LAYERS
    }


def _orders(run: Measurement[Config]) -> list[Int[np.ndarray, " 9"]]:
    """Orders of the nine cells of a map."""
    keys = jax.random.split(run.key("shuffled cells"), run.config.shuffles)
    return list(np.asarray(jax.vmap(lambda key: jax.random.permutation(key, 9))(keys)))


def _directions(summed: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, " bins"]:
    """Shares of images by the direction of their lines."""
    counts, _ = np.histogram(line_angle(summed), bins=BINS, range=(0, 180))
    return counts / max(len(summed), 1)
