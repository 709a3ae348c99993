"""How does an ascent go, and what does each of its choices change?

An ascent is watched step by step, on one map. The map follows from a rule and not from taste: of the maps of
Conv_3 that all starts wake, the one that the first digit shown drives most, by its largest response to
training images.
"""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.config.checked import Checked, number
from cnnbook.data.digits import shown_images
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.oips import PRESET
from cnnbook.maps import map_responses
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import Objective, map_maximum, map_mean, map_point
from cnnbook.oip.presets import PRESETS, Preset, preset_named
from cnnbook.oip.start import Fluctuations, as_bytes, from_digits, uniform_pictures
from cnnbook.training.trained import TrainedNet

STOPS = (0, 2, 4, 8, 16, 32, 64)
"""Steps after which an ascent is looked at."""

BEGUN = ("fluctuations", "one scale, pixels", "the digit", "blank")
MOVED = (0, 1, 2)
"""Rows and columns of the points whose OIPs must be one picture, moved by 4 pixels each."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How the ascent that is watched goes."""

    steps: int = number(64, "steps of an ascent", least=1)
    starts: int = number(3, "starts that presets are compared from", least=1)


def _by_best(name: str, result: xr.Dataset) -> xr.DataArray:
    """A variable in units of the largest response to a training image."""
    return result[name] / (float(result.best) or 1.0)


def _more_or_less(result: xr.Dataset) -> str:
    """Whether the ascent from fluctuations drives the map more than every training image; within 2 % "as"."""
    last = float(_by_best("height", result).sel(begun=BEGUN[0]).isel(stop=-1))
    return "more than" if last > 1.02 else "less than" if last < 0.98 else "as much as"


def _short(value: xr.DataArray) -> str:
    """A small number as text, without zeros at its end."""
    return f"{float(value):.7f}".rstrip("0").rstrip(".")


def _stops(run: Measurement[Config]) -> list[int]:
    return sorted({min(stop, run.config.steps) for stop in STOPS})


def _preset(run: Measurement[Config], name: str = PRESET) -> Preset:
    return replace(preset_named(name), steps=run.config.steps)


@experiment(
    config=Config(),
    draft=Config(steps=32),  # as many as the OIPs' own: ascents of one form share a program
    nets="first",
    inputs=("shown",),
    coords=lambda run: {
        "begun": list(BEGUN),
        "stop": _stops(run),
        "preset": list(PRESETS),
        "objective": [each.name for each in _objectives(0)],
        "place": list(MOVED),
    },
    about=lambda run: {"map": _watched_map(run)[0], "steps": run.config.steps},
    variables=[
        variable("watched", "begun stop row column", "pictures of an ascent"),
        variable("height", "begun stop", "mean of the map for the picture"),
        variable("chosen", "preset start row column", "OIPs by preset"),
        variable("chosen_reach", "preset start", "mean of the map for the OIP"),
        variable("asked", "objective row column", "OIPs by objective"),
        variable("best", "", "largest response to a training image"),
        variable("moved", "place row column", "OIPs of one point at three places"),
        variable("shift_error", "", "largest difference between these, moved back"),
        variable("outside", "", "largest change outside their windows"),
    ],
    facts=[
        fact("starts", lambda r: r.sizes["start"], ".0f"),
        fact("best"),
        fact("shift_error", lambda r: _short(r.shift_error)),
        fact("outside", lambda r: _short(r.outside)),
        fact("more_or_less", _more_or_less, ""),
        fact("{begun}_first", lambda r: _by_best("height", r).isel(stop=0)),
        fact("{begun}_last", lambda r: _by_best("height", r).isel(stop=-1)),
        fact("preset_{preset}", lambda r: _by_best("chosen_reach", r)),
    ],
)
def climb(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Pictures of one map by start and step, by preset and start, and by objective."""
    (index, best), mixed, key = _watched_map(run), _mixed_starts(run), run.key("ascents")
    pixels = Fluctuations(scales=(28,)).draw(run.key("start of pixels"), count=1)
    shown = from_digits(shown_images(run.digits, run.inputs.shown[:1]))
    starts, stops = np.concatenate([mixed[:1], pixels, shown, uniform_pictures()]), np.array(_stops(run))
    objective, preset = map_mean("conv_3", index), _preset(run)
    watched = ascend(
        net,
        [objective],
        np.repeat(starts, len(stops), axis=0),
        preset,
        key=key,
        stops=np.tile(stops, len(starts)),
    )
    by_preset = [ascend(net, [objective], mixed, _preset(run, name), key=key) for name in PRESETS]
    by_objective = [ascend(net, [each], mixed[:1], preset, key=key) for each in _objectives(index)]
    return {
        "watched": watched.pictures.reshape(len(starts), len(stops), 28, 28),
        "height": watched.reached.reshape(len(starts), -1),
        "chosen": np.stack([each.pictures[0] for each in by_preset]),
        "chosen_reach": [each.reached[0] for each in by_preset],
        "asked": np.stack([each.pictures[0, 0] for each in by_objective]),
        "best": best,
        **_moved(net, index, run),
    }


def _mixed_starts(run: Measurement[Config]) -> Float[np.ndarray, "starts 28 28"]:
    return Fluctuations().draw(run.key("mixed starts"), count=run.config.starts)


def _watched_map(run: Measurement[Config]) -> tuple[int, float]:
    """The map that is watched, and its largest response to a training image."""
    return run.cached("watched map", lambda: _choose_map(run))


def _choose_map(run: Measurement[Config]) -> tuple[int, float]:
    images = (
        run.digits.train_images,
        shown_images(run.digits, run.inputs.shown[:1]),
        as_bytes(_mixed_starts(run)),
    )
    train, shown, starts = (map_responses(run.reference[0], each, ("conv_3",))["conv_3"] for each in images)
    top, is_awake = train.mean.max(axis=0), starts.largest.min(axis=0) > 0
    share = np.divide(shown.mean[0], top, out=np.zeros_like(top), where=top > 0)
    index = int((share + is_awake).argmax())
    return index, float(top[index])


def _objectives(index: int) -> list[Objective]:
    """Objectives that differ in what they ask of one map."""
    return [
        map_mean("conv_3", index).with_name("mean of the map"),
        map_mean("conv_3", index).before_relu().with_name("mean before ReLU"),
        map_maximum("conv_3", index).with_name("largest point"),
        map_point("conv_3", index, 1, 1).with_name("middle point"),
    ]


def _moved(net: TrainedNet, index: int, run: Measurement[Config]) -> Measured:
    """OIPs of one point at three places from starts moved alike, and how exactly they are one picture."""
    patch = Fluctuations().draw(run.key("moved patch"), count=1)[0, :18, :18]
    windows = [(k, slice(4 * p, 4 * p + 18), slice(4 * p, 4 * p + 18)) for k, p in enumerate(MOVED)]
    starts = np.zeros((len(MOVED), 28, 28), np.float32)
    for window in windows:
        starts[window] = patch
    objectives = [map_point("conv_3", index, row, row) for row in MOVED]
    pictures = ascend(net, objectives, starts[:, None], _preset(run), key=run.key("ascents")).pictures[:, 0]
    changed = np.abs(pictures - starts)
    for window in windows:
        changed[window] = 0
    differences = [np.abs(pictures[window] - pictures[windows[0]]).max() for window in windows]
    return {"moved": pictures, "shift_error": float(max(differences)), "outside": float(changed.max())}
