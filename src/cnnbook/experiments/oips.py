"""The OIPs of all maps: pictures climbed from many starts, by networks that learned and two that did not.

The objective is the mean of a map, as in the series. Starts are fluctuations: most mix four length scales,
some have one scale alone, so that it can be asked which scale finds what. The nulls are a network before
training and one that learned shuffled labels. What the pictures are worth is asked by the experiments that
build on this one.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from cnnbook.config.questions import OipConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.keys import key_for
from cnnbook.oip.ascent import Ascent, ascend
from cnnbook.oip.objective import SHAPES, map_mean
from cnnbook.oip.presets import preset_named
from cnnbook.oip.start import SCALES, Fluctuations
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
MIXED = "mixed"
"""What starts of all scales at once are called; others by their cells a side."""

NULLS = ("untrained", "shuffled labels")
PRESET = "pixels"


class Config(NamedTuple):
    """The numbers of this experiment and the book's seed."""

    own: OipConfig
    seed: int


def starts_of(own: OipConfig, seed: int) -> tuple[np.ndarray, list[str]]:
    """All starts, and for each the name of its scale."""
    kinds = [(MIXED, Fluctuations(), own.mixed)]
    kinds += [(str(cells), Fluctuations(scales=(cells,)), own.single) for cells in SCALES]
    drawn = [kind.draw(key_for(seed, f"oips/starts {name}"), count=count) for name, kind, count in kinds]
    return np.concatenate(drawn), [name for name, _, count in kinds for _ in range(count)]


def all_maps(net: TrainedNet, layer: str, starts: np.ndarray, own: OipConfig, seed: int) -> Ascent:
    """The ascents of all maps of a layer from all starts."""
    objectives = [map_mean(layer, number) for number in range(SHAPES[layer][2])]
    return ascend(
        net, objectives, starts, own.preset(preset_named(PRESET)), key=key_for(seed, "oips/ascents")
    )


def measure(nets: NetsOf, digits: Digits, config: Config) -> xr.Dataset:
    """Pictures, what they reach and how, by map and start.

    Returns:
        `picture_LAYER` (ink, 0 to 255), `reached_LAYER` and `trace_LAYER` of the first network; for Conv_3
        also `picture` and `reached` of every network, and `null_picture` and `null_reached` of both nulls.
    """
    own, seed = config
    starts, kinds = starts_of(own, seed)
    reference, shuffled = nets["reference"], nets["shuffled"]
    found: dict[str, Any] = {}
    first: dict[str, Ascent] = {}
    for layer in LAYERS:
        first[layer] = all_maps(reference[0], layer, starts, own, seed)
        found |= _of_layer(layer, first[layer])
    others = [all_maps(net, "conv_3", starts, own, seed) for net in reference[1:]]
    nulls = [all_maps(net, "conv_3", starts, own, seed) for net in (untrained(reference[0]), shuffled[0])]
    for name, which, ascents in (("", "net", [first["conv_3"], *others]), ("null_", "null", nulls)):
        dims = (which, "map_conv_3", "start")
        pictures = np.stack([as_bytes(one.pictures) for one in ascents])
        found[f"{name}picture"] = ((*dims, "row", "column"), pictures, {"units": "1"})
        found[f"{name}reached"] = (dims, np.stack([one.reached for one in ascents]), {"units": "1"})
    return xr.Dataset(
        found | {"begin": (("start", "row", "column"), as_bytes(starts), {"units": "1"})},
        coords={"net": [net.number for net in reference], "null": list(NULLS), "kind": ("start", kinds)},
        attrs={"claims": "C40 S3 S4 S5 S6", "data": digits.name, "preset": PRESET, "steps": own.steps,
               "mixed": own.mixed, "single": own.single},
    )  # fmt: skip


def _of_layer(layer: str, ascent: Ascent) -> dict[str, Any]:
    """One layer of the first network."""
    dims = (f"map_{layer}", "start")
    best = as_bytes(ascent.pictures[np.arange(len(ascent.pictures)), ascent.reached.argmax(axis=1)])
    return {
        f"picture_{layer}": ((*dims, "row", "column"), as_bytes(ascent.pictures), {"units": "1"}),
        f"reached_{layer}": (dims, ascent.reached, {"units": "1"}),
        f"trace_{layer}": ((*dims, "step"), ascent.trace.astype(np.float32), {"units": "1"}),
        f"best_{layer}": ((dims[0], "row", "column"), best, {"units": "1"}),
    }


def as_bytes(pictures: np.ndarray) -> np.ndarray:
    """Ink from 0 to 1 as whole numbers from 0 to 255."""
    return np.rint(255 * np.clip(pictures, 0, 1)).astype(np.uint8)


def best_of(pictures: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """For each map the picture that reaches most, as ink: maps, rows, columns."""
    best = reached.argmax(axis=1)
    return pictures[np.arange(len(pictures)), best].astype(np.float32) / 255


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """How many ascents, from how many starts."""
    starts = result.sizes["start"]
    maps = sum(SHAPES[layer][2] for layer in LAYERS)
    return {
        "starts": str(starts),
        "mixed": str(result.attrs["mixed"]),
        "single": str(result.attrs["single"]),
        "steps": str(result.attrs["steps"]),
        "maps": str(maps),
        "nets": str(result.sizes["net"]),
        "ascents": f"{maps * starts + 128 * starts * (result.sizes['net'] + 1):,}",
    } | {
        f"climbed_{layer}": str(int((result[f"reached_{layer}"].max("start") > 0).sum())) for layer in LAYERS
    }


def config_of(profile: Any, seeds: Any) -> Config:
    """The choice of this experiment's numbers."""
    return Config(profile.oips, profile.seed)


EXPERIMENT = LegacyExperiment(
    name="oips",
    question="Which pictures does each map answer to most strongly?",
    measure=measure,
    facts=facts,
    config=config_of,
    nets="recipes",
    recipes=("reference", "shuffled"),
)
