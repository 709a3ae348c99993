"""Which pictures does each map respond to most strongly?

The pictures are the OIPs of all maps, climbed from several starts, by networks that learned and others that
did not. The objective is the mean of a map, as in the series. Starts are fluctuations: half of them mix four
length scales, the others have one scale alone, so that it can be asked which scale leads to what. The
baselines are the same networks before training, and one that learned shuffled labels. What the pictures are
worth is asked by the experiments that build on this one.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float, Shaped

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.keys import key_for
from cnnbook.oip.ascent import Ascent, ascend
from cnnbook.oip.layer import MIXED, LayerOIPs
from cnnbook.oip.objective import SHAPES, map_mean
from cnnbook.oip.presets import Preset, preset_named
from cnnbook.oip.start import SCALES, Fluctuations, as_bytes
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
TRAINING = ("trained", "untrained", "shuffled labels")
"""What networks learned: digits, nothing, or labels drawn at random."""

PRESET = "pixels"
_BY = "map_conv_3 start"
_PREFIX = {"trained": "", "untrained": "untrained_", "shuffled labels": "shuffled_"}


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """From how many starts OIPs are climbed, and how far."""

    steps: int = number(64, "steps of an ascent", least=1)
    mixed: int = number(8, "starts of mixed length scales for each map", least=2)
    single: int = number(2, "starts of each single scale for each map", least=1)
    tried: int = number(200, "starts of each kind that are tried in search of one that wakes a map", least=1)
    responses: int = number(20000, "training images that responses to OIPs are compared with", least=20)
    mixtures: int = number(200, "test images of each class whose maps' OIPs are mixed", least=1)

    def preset(self, name: str = PRESET) -> Preset:
        """A preset with this number of steps."""
        return replace(preset_named(name), steps=self.steps)


def _maps() -> int:
    """Maps of all layers."""
    return sum(SHAPES[layer][2] for layer in LAYERS)


def starts_of(run: Measurement[Config]) -> tuple[Float[np.ndarray, "starts 28 28"], list[str]]:
    """All starts, and for each the name of its scale."""
    return run.cached("starts", lambda: _drawn_starts(run))


def _drawn_starts(run: Measurement[Config]) -> tuple[Float[np.ndarray, "starts 28 28"], list[str]]:
    kinds = [(MIXED, Fluctuations(), run.config.mixed)]
    kinds += [(str(cells), Fluctuations(scales=(cells,)), run.config.single) for cells in SCALES]
    drawn = [kind.draw(key_for(run.seed, f"oips/starts {name}"), count=count) for name, kind, count in kinds]
    return np.concatenate(drawn), [name for name, _, count in kinds for _ in range(count)]


def oips_of(run: Measurement[Any], number: int | None = None, *, training: str = "trained") -> LayerOIPs:
    """The OIPs of a network's Conv_3 maps, from the result of this experiment.

    Args:
        run: of an experiment that builds on this one.
        number: which network, counted from 0; None for the one that is measured now.
        training: one of `TRAINING`; only one network learned shuffled labels.
    """
    found, net = run.results["oips"], run.number if number is None else number
    prefix = _PREFIX[training]
    pictures, reached = found[f"{prefix}picture"], found[f"{prefix}reached"]
    if "net" in pictures.dims:
        pictures, reached = pictures[net], reached[net]
    return LayerOIPs(pictures.values, reached.values, kinds_of(found))


def kinds_of(result: xr.Dataset) -> Shaped[np.ndarray, " starts"]:
    """The kind of each start."""
    return result["kind"].values.astype(str)


@experiment(
    config=Config(),
    draft=Config(mixed=2, single=1, steps=32, tried=20, mixtures=20),
    nets=("reference", "shuffled"),
    together=True,
    coords=lambda run: {"kind": ("start", starts_of(run)[1])},
    about=lambda run: {
        "preset": PRESET,
        "steps": run.config.steps,
        "mixed": run.config.mixed,
        "single": run.config.single,
    },
    variables=[
        *(
            each
            for layer in LAYERS
            for each in (
                variable(f"picture_{layer}", f"map_{layer} start row column", "ink, 0 to 255, first network"),
                variable(f"reached_{layer}", f"map_{layer} start", "mean of the map for the picture"),
                variable(f"trace_{layer}", f"map_{layer} start step", "the same after each step"),
                variable(f"best_{layer}", f"map_{layer} row column", "the picture that reaches most"),
            )
        ),
        *(
            each
            for prefix, net in zip(_PREFIX.values(), ("net", "net", ""), strict=True)
            for each in (
                variable(f"{prefix}picture", f"{net} {_BY} row column", "ink, 0 to 255"),
                variable(f"{prefix}reached", f"{net} {_BY}", "mean of the map for the picture"),
            )
        ),
        variable("begin", "start row column", "what the ascents start from"),
    ],
    facts=[
        fact("starts", lambda r: r.sizes["start"], ".0f"),
        fact("maps", lambda r: _maps(), ".0f"),
        fact(
            "ascents",
            lambda r: (_maps() + 2 * r.sizes["map_conv_3"] * r.sizes["net"]) * r.sizes["start"],
            ",.0f",
        ),
        fact("climbed_conv_1", lambda r: (r.reached_conv_1.max("start") > 0).sum(), ".0f"),
        fact("climbed_conv_2", lambda r: (r.reached_conv_2.max("start") > 0).sum(), ".0f"),
        fact("climbed_conv_3", lambda r: (r.reached_conv_3.max("start") > 0).sum(), ".0f"),
    ],
)
def oips(run: Measurement[Config]) -> Measured:
    """Pictures, what they reach and how, by map and start."""
    starts, _ = starts_of(run)
    net, *others = run.reference
    of_layer = {layer: _all_maps(net, layer, starts, run) for layer in LAYERS}
    trained = [of_layer["conv_3"], *(_all_maps(other, "conv_3", starts, run) for other in others)]
    before = [_all_maps(untrained(each), "conv_3", starts, run) for each in run.reference]
    shuffled = _all_maps(run.nets["shuffled"][0], "conv_3", starts, run)
    measured = {
        "picture": np.stack([as_bytes(each.pictures) for each in trained]),
        "reached": [each.reached for each in trained],
        "untrained_picture": np.stack([as_bytes(each.pictures) for each in before]),
        "untrained_reached": [each.reached for each in before],
        "shuffled_picture": as_bytes(shuffled.pictures),
        "shuffled_reached": shuffled.reached,
        "begin": as_bytes(starts),
    }
    for layer, ascent in of_layer.items():
        measured |= _of_layer(layer, ascent)
    return measured


def _all_maps(
    net: TrainedNet, layer: str, starts: Float[np.ndarray, "starts 28 28"], run: Measurement[Config]
) -> Ascent:
    """The ascents of all maps of a layer from all starts."""
    objectives = [map_mean(layer, index) for index in range(SHAPES[layer][2])]
    return ascend(net, objectives, starts, run.config.preset(), key=run.key("ascents"))


def _of_layer(layer: str, ascent: Ascent) -> Measured:
    """One layer of the first network."""
    return {
        f"picture_{layer}": as_bytes(ascent.pictures),
        f"reached_{layer}": ascent.reached,
        f"trace_{layer}": ascent.trace.astype(np.float32),
        f"best_{layer}": as_bytes(ascent.best),
    }
