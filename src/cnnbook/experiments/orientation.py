"""On how many maps of a 4 do horizontal patterns prevail, and are they its strokes?

The structure tensor of each map is summed over test 4s. Horizontal structure *prevails* on a map whose energy
across rows exceeds that across columns by `MARGIN` of their sum, and exceeds by as much what the pixels
give, averaged over the window of a cell. Its null is the same network before training.

Whether horizontal patterns are strokes is asked place by place: which share of a map's energy across rows
lies where the lines of its own 4 lie, less the share where those of another 4 do; of pixels the same. A map
may be displaced by one cell, for the null as well.

Lines *run side by side* on a map if they have a direction of about 75 degrees, and a second line runs beside
the first, by the autocorrelation across them. Other digits are the null.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, ratio
from cnnbook.fcp.orientation import (
    coherence,
    energy_on_lying_lines,
    horizontal_excess,
    line_angle,
    structure_tensors,
)
from cnnbook.fcp.parallel_lines import COHERENT, SLANT, direction_shares, has_lines_side_by_side
from cnnbook.fcp.pictures import window_means
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import geometry_of
from cnnbook.training.trained import TrainedNet

LAYERS = CONV_2, CONV_3 = ("conv_2", "conv_3")
STATES = ("trained", "untrained")
OF = ("own 4", "another 4")
SHOWN = ("4s", "other digits")

FOUR = 4
BINS = 36
"""Of line directions, each 5 degrees wide."""

MARGIN = 0.1
"""By how much one direction's energy must exceed the other's, by their sum: 55 to 45."""

NEAR = 10
"""Degrees by which lines of all 4s may lie from the article's direction."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many digits are looked at."""

    fours: int = number(500, "test 4s looked at, and as many other digits", least=2)


def _numbers(result: xr.Dataset, layer: str, of: Callable[[np.ndarray], np.ndarray]) -> xr.DataArray:
    """A number of each map's tensor over all 4s; not a number for a map without energy."""
    tensors = result[layer]
    energy = tensors.sel(part=[0, 1]).sum("part")
    return xr.apply_ufunc(of, tensors, input_core_dims=[["part"]]).where(energy > 0)


def _pixels_excess(result: xr.Dataset) -> xr.DataArray:
    return xr.apply_ufunc(horizontal_excess, result.pixels, input_core_dims=[["part"]])


def _prevails(result: xr.Dataset, layer: str) -> xr.DataArray:
    """On which maps horizontal structure prevails, by the rule of this module."""
    return _numbers(result, layer, horizontal_excess) >= _least(result).sel(layer=layer)


def _least(result: xr.Dataset) -> xr.DataArray:
    return _pixels_excess(result).clip(min=0) + MARGIN


def _share(layer: str, of: Callable[[xr.Dataset], xr.DataArray]) -> Selection:
    """The share of a layer's live maps of which something holds, by state, network and resample."""

    def share(result: xr.Dataset) -> xr.DataArray:
        live = _numbers(result, layer, horizontal_excess).notnull()
        return ratio(*(each.sum(f"map_{layer}") for each in (of(result) & live, live)))

    return Selection(share)


def _in(state: str, of: Selection) -> Selection:
    return Selection(lambda result: of(result).sel(state=state))


def _horizontal(layer: str) -> Selection:
    """Share of live maps on which horizontal structure prevails."""
    return _share(layer, lambda result: _prevails(result, layer))


def _vertical(layer: str) -> Selection:
    """Share of live maps on which vertical structure prevails, whatever the pixels do."""
    return _share(layer, lambda result: _numbers(result, layer, horizontal_excess) <= -MARGIN)


def _follows(result: xr.Dataset) -> xr.DataArray:
    """How far horizontal energy lies on lines of the own 4, by how far that of pixels does; by state."""
    maps = _own_less_another(result.on_lines, result.conv_2.sel(part=0))
    pixels = _own_less_another(result.pixels_on_lines, result.pixels.sel(layer=CONV_2, part=0))
    return ratio(maps.where(_prevails(result, CONV_2)).mean("map_conv_2").fillna(0), pixels)


def _own_less_another(on_lines: xr.DataArray, energy: xr.DataArray) -> xr.DataArray:
    """Share of the energy on lines of the own 4 less that on lines of another, each best displaced."""
    share = ratio(on_lines, energy).max("shift")
    return share.sel(of=OF[0]) - share.sel(of=OF[1])


def _is_slanted(result: xr.Dataset) -> xr.DataArray:
    angle, strength = (_numbers(result, CONV_2, of) for of in (line_angle, coherence))
    return (abs(angle - SLANT) <= NEAR) & (strength >= COHERENT)


def _beside(result: xr.Dataset) -> xr.DataArray:
    """Share of images whose maps have lines side by side, mean over maps that live for 4s."""
    live = _numbers(result, CONV_2, horizontal_excess).notnull()
    return result.side_by_side.where(live).mean("map_conv_2").fillna(0)


def _coherence_kept(layer: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """Mean coherence of a layer's maps by that on Conv_2; 0 where this is 0."""

    def kept(result: xr.Dataset) -> xr.DataArray:
        first = _numbers(result, CONV_2, coherence).sel(state=STATES[0])
        now = _numbers(result, layer, coherence)
        return ratio(*(each.mean("map_conv_2").fillna(0) for each in (now, first)))

    return kept


def _all(of: Callable[[xr.Dataset], xr.DataArray]) -> Callable[[xr.Dataset], xr.DataArray]:
    """The same over all images, none drawn anew."""
    return lambda result: of(result).isel(resample=0)


def _word(name: str) -> Callable[[xr.Dataset], str]:
    """Whether a difference of shares says more or fewer; within 0.02 "about as many"."""

    def word(result: xr.Dataset) -> str:
        mean = float(result[name].isel(resample=0).mean())
        return "about as many" if abs(mean) < 0.02 else "more" if mean > 0 else "fewer"

    return word


@experiment(
    config=Config(),
    draft=Config(fours=60),
    states=STATES,
    coords={
        "part": range(3),
        "layer": LAYERS,
        "of": OF,
        "shown": SHOWN,
        "direction": [(bin + 0.5) * 180 / BINS for bin in range(BINS)],
    },
    about=lambda run: {"fours": len(_fours(run))},
    variables=[
        variable("conv_2", "state part map_conv_2 net image", "structure tensors of 4s", published=False),
        variable("conv_3", "state part map_conv_3 net image", "structure tensors of 4s", published=False),
        variable("pool_2", "part map_conv_2 net image", published=False),
        variable("means", "part map_conv_2 net image", "of Conv_2 averaged to 5 by 5", published=False),
        variable("pixels", "layer part image", "of pixels as cells see them", published=False),
        variable("on_lines", "state of shift map_conv_2 net image", published=False),
        variable("pixels_on_lines", "of shift image", published=False),
        variable("side_by_side", "state shown map_conv_2 net image", published=False),
        *(
            variable(
                f"excess_{layer}",
                f"state map_{layer} net",
                "horizontal less vertical energy of a map, by their sum",
                of=_all(lambda r, layer=layer: _numbers(r, layer, horizontal_excess)),
            )
            for layer in LAYERS
        ),
        variable(
            "excess_pixels", "layer", "the same of the pixels as cells see them", of=_all(_pixels_excess)
        ),
        variable("least", "layer", "excess from which horizontal structure prevails", of=_all(_least)),
        variable("beside", "state shown net", "share of images with lines side by side", of=_all(_beside)),
        variable("beside_pixels", "", "the same of the pixels of 4s as Conv_2 sees them"),
        variable("lines", "state direction", "share of 4s and maps with lines by their direction"),
        variable("lines_pixels", "direction", "the same of the pixels of 4s as Conv_2 sees them"),
    ],
    statistics=[
        statistic("conv_2_horizontal", _in("trained", _horizontal(CONV_2)), "maps of Conv_2, horizontal"),
        statistic("conv_2_horizontal_untrained", _in("untrained", _horizontal(CONV_2)), "before training"),
        statistic(
            "conv_2_horizontal_gain",
            _in("trained", _horizontal(CONV_2)) - _in("untrained", _horizontal(CONV_2)),
            "maps of Conv_2 on which horizontal structure prevails, trained less untrained",
        ),
        statistic(
            "conv_3_majority",
            _in("trained", _horizontal(CONV_3) - _vertical(CONV_3)),
            "maps of Conv_3 on which horizontal structure prevails, less those on which vertical does",
        ),
        statistic(
            "conv_3_horizontal_gain",
            _in("trained", _horizontal(CONV_3)) - _in("untrained", _horizontal(CONV_3)),
            "maps of Conv_3 on which horizontal structure prevails, trained less untrained",
        ),
        statistic("conv_2_follows", _in("trained", Selection(_follows)), "how far it lies on strokes"),
        statistic("conv_2_follows_untrained", _in("untrained", Selection(_follows)), "before training"),
        statistic(
            "conv_2_slanted",
            _in("trained", _share(CONV_2, _is_slanted)),
            "maps of Conv_2 with such lines",
        ),
        statistic(
            "conv_2_beside_excess",
            lambda r: (
                _beside(r).sel(state="trained", shown="4s")
                - _beside(r).sel(state="trained", shown="other digits")
            ),
            "images with lines side by side, 4s less other digits",
        ),
        statistic("coherence_kept", _coherence_kept("pool_2"), "coherence on Pool_2 by that on Conv_2"),
        statistic("coherence_kept_by_means", _coherence_kept("means"), "Conv_2 averaged to 5 by 5 cells"),
    ],
    facts=[
        fact("conv_2_horizontal", form=".0%"),
        fact("conv_2_horizontal_untrained", form=".0%"),
        fact("conv_2_gain_word", _word("conv_2_horizontal_gain")),
        fact("conv_3_majority", form="+.2f"),
        fact("conv_3_majority_word", _word("conv_3_majority")),
        fact("conv_3_gain_word", _word("conv_3_horizontal_gain")),
        fact("{layer}_pixels", "excess_pixels", "+.2f"),
        fact("follows", "conv_2_follows"),
        fact("follows_untrained", "conv_2_follows_untrained"),
        fact("slanted", "conv_2_slanted", ".0%"),
        fact("beside_{shown}", lambda r: r.beside.sel(state="trained"), ".0%"),
        fact("beside_pixels", form=".0%"),
        fact("kept", "coherence_kept"),
        fact("kept_by_means", "coherence_kept_by_means"),
    ],
)
def orientation(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Structure tensors of each map for 4s, and which images have lines side by side on which maps."""
    fours, others = _fours(run), _others(run)
    pixels = window_means(fours, geometry_of()[CONV_2])
    maps = feature_maps(net, fours, (CONV_2, "pool_2", CONV_3))
    of_others = feature_maps(net, others, (CONV_2,))[CONV_2]
    tensors = {layer: structure_tensors(each) for layer, each in maps.items()}
    measured: dict[str, Any] = {layer: each.T for layer, each in tensors.items()}
    measured |= {
        "means": structure_tensors(_blocks(maps[CONV_2])).T,
        "on_lines": _on_lines(maps[CONV_2], pixels),
        "side_by_side": [has_lines_side_by_side(each).T for each in (maps[CONV_2], of_others)],
        "lines": direction_shares(tensors[CONV_2], BINS),
    }
    if not run.is_first:
        return measured
    of_pixels = [window_means(fours, geometry_of()[layer])[..., None] for layer in LAYERS]
    return measured | {
        "pixels": [structure_tensors(each).T[:, 0] for each in of_pixels],
        "pixels_on_lines": _on_lines(of_pixels[0], pixels)[:, :, 0],
        "beside_pixels": has_lines_side_by_side(of_pixels[0]).mean(),
        "lines_pixels": direction_shares(structure_tensors(of_pixels[0]), BINS),
    }


def _fours(run: Measurement[Config]) -> RawImages:
    """Test 4s, the first of the fixed order."""
    images, labels = stratified_subset(run.digits)
    return images[labels == FOUR][: run.config.fours]


def _others(run: Measurement[Config]) -> RawImages:
    """As many other digits."""
    images, labels = stratified_subset(run.digits)
    return images[labels != FOUR][: len(_fours(run))]


def _blocks(maps: Float[np.ndarray, "n 11 11 maps"]) -> Float[np.ndarray, "n 5 5 maps"]:
    """Means of 2×2 cells; the last row and column are left out, as pooling does."""
    return maps[:, :10, :10].reshape(len(maps), 5, 2, 5, 2, -1).mean(axis=(2, 4))


def _on_lines(
    maps: Float[np.ndarray, "n h w maps"], pixels: Float[np.ndarray, "n h w"]
) -> Float[np.ndarray, "2 shifts maps n"]:
    """Energy across rows where lines of the own image lie, and where those of the next one do."""
    both = [energy_on_lying_lines(maps, each) for each in (pixels, np.roll(pixels, 1, axis=0))]
    return np.moveaxis(np.stack(both), 2, -1)
