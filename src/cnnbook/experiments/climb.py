"""An ascent watched step by step, and what each choice changes, on one map.

The map follows from a rule and not from taste: of the maps of Conv_3 that all starts wake, the one that the
first digit shown drives most, by its largest answer to training images.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from cnnbook.config.questions import ClimbConfig
from cnnbook.data.digits import Digits, chosen_images
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.oips import as_bytes
from cnnbook.inputs import ShownDigit
from cnnbook.keys import key_for
from cnnbook.maps import map_responses
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import Objective, map_maximum, map_mean, point
from cnnbook.oip.presets import PRESETS, preset_named
from cnnbook.oip.start import Fluctuations, blank, from_digits
from cnnbook.training.trained import TrainedNet

STOPS = (0, 2, 4, 8, 16, 32, 64)
"""Steps after which an ascent is looked at."""

BEGUN = ("fluctuations", "one scale, pixels", "the digit", "blank")
PRESET = "pixels"
MOVED = (0, 1, 2)
"""Rows and columns of the points whose OIPs must be one picture, moved by 4 pixels each."""


class Config(NamedTuple):
    """The numbers of this experiment, the book's seed and the digits shown."""

    own: ClimbConfig
    seed: int
    shown: tuple[ShownDigit, ...]


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Config) -> xr.Dataset:
    """Pictures of one map by start and step, by preset and start, and by objective.

    Returns:
        `watched` and `height` by start and step; `chosen` and `chosen_reach` by preset and start; `asked` by
        objective; `best`: the largest answer to a training image; `moved`: OIPs of one point at three places;
        `shift_error`: largest difference between these, moved back; `outside`: largest change outside their
        windows.
    """
    net, key = nets[0], key_for(config.seed, "climb/ascents")
    shown = chosen_images(digits, config.shown[:1])
    mixed = Fluctuations().draw(key_for(config.seed, "climb/mixed starts"), count=config.own.starts)
    number, best = _chosen(net, digits, shown, mixed)
    pixels = Fluctuations(scales=(28,)).draw(key_for(config.seed, "climb/start of pixels"), count=1)
    begins = np.concatenate([mixed[:1], pixels, from_digits(shown), blank()])
    preset = config.own.preset(preset_named(PRESET))
    stops = np.array([min(stop, preset.steps) for stop in STOPS])
    climbed = ascend(net, [map_mean("conv_3", number)], np.repeat(begins, len(stops), axis=0), preset,
                     key=key, stops=np.tile(stops, len(begins)))  # fmt: skip
    pictures = climbed.pictures.reshape(len(begins), len(stops), 28, 28)
    by_preset = [
        ascend(net, [map_mean("conv_3", number)], mixed, config.own.preset(one), key=key)
        for one in PRESETS.values()
    ]
    asked = {one.name: ascend(net, [one], mixed[:1], preset, key=key) for one in _objectives(number)}
    moved, error, outside = _moved(net, number, preset, key, key_for(config.seed, "climb/moved patch"))
    return xr.Dataset(
        {
            "watched": (("begun", "stop", "row", "column"), pictures, {"units": "1"}),
            "height": (("begun", "stop"), climbed.reached.reshape(len(begins), -1), {"units": "1"}),
            "chosen": (("preset", "start", "row", "column"), np.stack([one.pictures[0] for one in by_preset]),
                       {"units": "1"}),
            "chosen_reach": (("preset", "start"), np.stack([one.reached[0] for one in by_preset]),
                             {"units": "1"}),
            "asked": (("objective", "row", "column"),
                      np.stack([one.pictures[0, 0] for one in asked.values()]), {"units": "1"}),
            "best": ((), best, {"units": "1"}),
            "moved": (("place", "row", "column"), moved, {"units": "1"}),
            "shift_error": ((), error, {"units": "1"}),
            "outside": ((), outside, {"units": "1"}),
        },
        coords={"begun": list(BEGUN), "stop": stops, "preset": list(PRESETS), "objective": list(asked),
                "place": list(MOVED)},
        attrs={"data": digits.name, "map": number, "steps": preset.steps},
    )  # fmt: skip


def _chosen(net: TrainedNet, digits: Digits, shown: np.ndarray, starts: np.ndarray) -> tuple[int, float]:
    """The map that is watched, and its largest answer to a training image."""
    top = map_responses(net, digits.train_images, ("conv_3",))["conv_3"].mean.max(axis=0)
    here = map_responses(net, shown, ("conv_3",))["conv_3"].mean[0]
    awake = map_responses(net, as_bytes(starts), ("conv_3",))["conv_3"].largest.min(axis=0) > 0
    share = np.divide(here, top, out=np.zeros_like(here), where=top > 0)
    number = int((share + awake).argmax())
    return number, float(top[number])


def _objectives(number: int) -> list[Objective]:
    """The same map, asked in several ways."""
    return [
        map_mean("conv_3", number).called("mean of the map"),
        map_mean("conv_3", number, before=True).called("mean before ReLU"),
        map_maximum("conv_3", number).called("largest point"),
        point("conv_3", number, 1, 1).called("middle point"),
    ]


def _moved(net: TrainedNet, number: int, preset, key, patch_key) -> tuple[np.ndarray, float, float]:
    """OIPs of one point at three places from starts moved alike, and how exactly they are one picture."""
    patch = Fluctuations().draw(patch_key, count=1)[0, :18, :18]
    windows = [(k, slice(4 * p, 4 * p + 18), slice(4 * p, 4 * p + 18)) for k, p in enumerate(MOVED)]
    begins = np.zeros((len(MOVED), 28, 28), np.float32)
    for window in windows:
        begins[window] = patch
    objectives = [point("conv_3", number, place, place) for place in MOVED]
    pictures = ascend(net, objectives, begins[:, None], preset, key=key).pictures[:, 0]
    changed = np.abs(pictures - begins)
    apart = max(np.abs(pictures[window] - pictures[windows[0]]).max() for window in windows)
    for window in windows:
        changed[window] = 0
    return pictures, float(apart), float(changed.max())


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Heights reached, by start and by preset, in units of the best training image."""
    best = float(result.best) or 1.0
    found = {
        "map": str(result.attrs["map"]),
        "steps": str(result.attrs["steps"]),
        "starts": str(result.sizes["start"]),
        "best": f"{float(result.best):.2f}",
        "shift_error": f"{float(result.shift_error):.7f}".rstrip("0").rstrip("."),
        "outside": f"{float(result.outside):.7f}".rstrip("0").rstrip("."),
    }
    for begun in BEGUN:
        name = begun.replace(",", "").replace(" ", "_")
        heights = result.height.sel(begun=begun)
        first, last = float(heights[0]) / best, float(heights[-1]) / best
        found |= {f"{name}_first": f"{first:.2f}", f"{name}_last": f"{last:.2f}"}
    for preset in result["preset"].values.astype(str):
        found[f"preset_{preset}"] = f"{float(result.chosen_reach.sel(preset=preset).mean()) / best:.2f}"
    return found


EXPERIMENT = LegacyExperiment(
    name="climb",
    question="How does an ascent go, and what does each of its choices change?",
    measure=measure,
    facts=facts,
    nets="first",
    config=lambda profile, seeds: Config(profile.climb, profile.seed, seeds.shown),
)
