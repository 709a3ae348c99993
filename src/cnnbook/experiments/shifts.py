"""How far may a digit be shifted before the network no longer knows it?

Test images are shifted by whole pixels; what leaves the image is lost, what comes in is blank. *Kept* is the
accuracy at a shift by that without one. Where a single number is asked, it is the mean over four directions:
up, down, left, right. The null is an MLP of as many parameters, which has no maps to move.

On a grid of shifts along both axes, on fewer images, Conv_3 is compared with its own maps moved by as many
cells: four pixels are one cell, for the unit there sees the same pixels. A shift between is compared with
interpolated maps; the yardstick is maps that did not move.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import jax
import numpy as np
import xarray as xr
from flax import nnx
from jax import Array
from jaxtyping import Bool, Float

from cnnbook.arrays import Images, RawImages, RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.data.shifting import shifted
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.fcp.equivariance import equivariance_error, moved_maps
from cnnbook.maps import feature_maps, predictions, run_in_batches
from cnnbook.nets.cnn import CNN
from cnnbook.nets.geometry import CROP, INPUT_SIZE, geometry_of
from cnnbook.training.trained import TrainedNet

CNN_RECIPE, MLP_RECIPE = "reference", "wide-mlp"
LAYER = "conv_3"

DIRECTIONS: Mapping[str, tuple[int, int]] = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
"""Rows and columns that one pixel of each direction moves an image."""

MOST = 8
"""Pixels of the largest shift."""

SHOWN = (0, 2, 4)
"""Pixels by which the example is shifted to the right."""

EXAMPLE = 4
"""The class of the example."""

_SHIFTS = (-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8)


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """On how many images shifts are tried."""

    images: int = number(1500, "test images that are shifted in the four directions", least=10)
    grid_images: int = number(150, "test images that are shifted along both axes", least=10)
    compared: int = number(50, "of these, images whose maps are compared with moved maps", least=1)


def correct_by_shift(
    net: TrainedNet, images: RawImages, labels: RawLabels
) -> Bool[np.ndarray, "n directions distances"]:
    """Whether a network classifies each image correctly, by the direction and the distance of its shift.

    Args:
        net: of any kind.
        images: as stored.
        labels: their classes.
    """
    still = predictions(net, images) == labels
    rows = [
        [still]
        + [
            predictions(net, shifted(images, down * pixels, right * pixels)) == labels
            for pixels in range(1, MOST + 1)
        ]
        for down, right in DIRECTIONS.values()
    ]
    return np.array(rows).transpose(2, 0, 1)


def ink_seen(images: RawImages) -> Float[np.ndarray, "directions distances"]:
    """The share of all ink that lies where Conv_3 sees it, by the direction and distance of a shift.

    Args:
        images: as stored.
    """
    whole = images.sum(dtype=np.float64)
    rows = [
        [shifted(images, down * pixels, right * pixels)[:, :CROP, :CROP].sum() for pixels in range(MOST + 1)]
        for down, right in DIRECTIONS.values()
    ]
    return np.array(rows, np.float64) / whole


def kept(recipe: str, distance: int) -> Selection:
    """The accuracy at a shift by that without one, mean over directions.

    Args:
        recipe: of the networks.
        distance: of the shift, in pixels.
    """
    far, still = (at("correct", recipe=recipe, distance=pixels) for pixels in (distance, 0))
    return far.mean("direction") / still.mean("direction")


@experiment(
    nets=(CNN_RECIPE, MLP_RECIPE),
    config=Config(),
    draft=Config(images=200, grid_images=20),
    coords=lambda run: {
        "direction": tuple(DIRECTIONS),
        "distance": range(MOST + 1),
        "down": _SHIFTS,
        "right": _SHIFTS,
        "shift": SHOWN,
    },
    about=lambda run: {
        "images": len(run.test_images(run.config.images)),
        "grid_images": len(run.test_images(run.config.grid_images)),
        "compared": min(run.config.compared, len(run.test_images(run.config.grid_images))),
        "most": MOST,
        "jump": geometry_of()[LAYER].jump,
        "first_unseen": CROP,
        "last_unseen": INPUT_SIZE - 1,
    },
    variables=[
        variable("correct", "recipe net image direction distance", "share correctly classified"),
        variable("grid", "recipe net down right", "the same, by shifts along both axes"),
        variable("apart", "net down right", "Conv_3 of shifted images, away from its moved maps"),
        variable("apart_still", "net down right", "the same from maps that did not move"),
        variable("law", "net", "largest difference of a shift by whole cells, by the largest activation"),
        variable("ink", "direction distance", "share of the ink that Conv_3 sees after a shift"),
        variable("example", "shift row column", "a test image and its shifts to the right", units="ink"),
        variable("example_maps", "shift row_conv_3 col_conv_3 map_conv_3", "Conv_3 of the example"),
    ],
    statistics=[
        statistic("kept_at_2", kept(CNN_RECIPE, 2), "accuracy kept at a shift of 2 px, mean over directions"),
        statistic("kept_at_2_by_mlp", kept(MLP_RECIPE, 2), "the same of an MLP of as many parameters"),
        statistic(
            "over_mlp_at_2",
            kept(CNN_RECIPE, 2) - kept(MLP_RECIPE, 2),
            "accuracy kept at a shift of 2 px, CNN less MLP of as many parameters",
        ),
        statistic("kept_at_6", kept(CNN_RECIPE, 6), "accuracy kept at a shift of 6 px, mean over directions"),
        statistic("kept_at_6_by_mlp", kept(MLP_RECIPE, 6), "the same of an MLP of as many parameters"),
        statistic(
            "up_left_over_down_right_at_4",
            at("correct", recipe=CNN_RECIPE, distance=4, direction=["up", "left"]).mean("direction")
            - at("correct", recipe=CNN_RECIPE, distance=4, direction=["down", "right"]).mean("direction"),
            "accuracy at a shift of 4 px, up and left less down and right",
        ),
    ],
    facts=[
        fact("{recipe}_at_{distance}", lambda r: r.correct.mean("direction"), ".1%"),
        fact("{recipe}_{direction}_{distance}", "correct", ".1%"),
        fact("ink_{direction}_{distance}", "ink", ".1%"),
        *(
            fact(name, form=".1%")
            for name in ("kept_at_2", "kept_at_2_by_mlp", "kept_at_6", "kept_at_6_by_mlp")
        ),
        fact("over_mlp_at_2", form="+.1f", scale=100),
        fact("up_left_over_down_right_at_4", form="+.1f", scale=100),
        fact("law", lambda r: _in_words(float(r.law.max()))),
        fact("apart_at_2", lambda r: _beside(r.apart, 2), ".0%"),
        fact("apart_still_at_2", lambda r: _beside(r.apart_still, 2), ".0%"),
        fact("apart_still_at_4", lambda r: _beside(r.apart_still, 4), ".0%"),
    ],
)
def shifts(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Accuracy by shift of one network and, of one with maps, how its maps move."""
    images, labels = run.test_images(run.config.images), run.test_labels(run.config.images)
    few, few_labels = run.test_images(run.config.grid_images), run.test_labels(run.config.grid_images)
    found: dict[str, object] = {"correct": correct_by_shift(net, images, labels)}
    if not isinstance(net.model, CNN):
        answers = [[predictions(net, shifted(few, down, right)) for right in _SHIFTS] for down in _SHIFTS]
        return found | {"grid": (np.array(answers) == few_labels).mean(axis=-1)}
    found |= _on_grid(net, few, few_labels, compared=run.config.compared)
    if run.is_first:
        example = images[labels == EXAMPLE][:1]
        pictures = np.concatenate([shifted(example, 0, pixels) for pixels in SHOWN])
        maps = feature_maps(net, pictures, (LAYER,))[LAYER]
        found |= {"ink": ink_seen(images), "example": pictures, "example_maps": maps}
    return found


def _in_words(difference: float) -> str:
    """A difference as prose says it."""
    return f"at most {difference:.0e} of the largest activation" if difference else "not in a single bit"


def _beside(errors: xr.DataArray, pixels: int) -> float:
    """The mean over the four directions at a distance."""
    places = [(down * pixels, right * pixels) for down, right in DIRECTIONS.values()]
    return float(np.mean([errors.sel(down=down, right=right).mean() for down, right in places]))


def _on_grid(net: TrainedNet, images: RawImages, labels: RawLabels, *, compared: int) -> dict[str, object]:
    """Accuracy, and how far Conv_3 is from maps that moved and from maps that did not, for every shift."""
    size, jump = len(_SHIFTS), geometry_of()[LAYER].jump
    grid, apart, still = (np.zeros((size, size)) for _ in range(3))
    law, (_, before) = 0.0, _answers_and_maps(net, images)
    for row, down in enumerate(_SHIFTS):
        for column, right in enumerate(_SHIFTS):
            answers, after = _answers_and_maps(net, shifted(images, down, right))
            grid[row, column] = (answers == labels).mean()
            maps = before[:compared], after[:compared]
            apart[row, column] = equivariance_error(*maps, down / jump, right / jump)
            still[row, column] = equivariance_error(*maps, 0, 0)
            if down % jump == 0 and right % jump == 0:
                law = max(law, _largest_difference(before, after, down // jump, right // jump))
    return {"grid": grid, "apart": apart, "apart_still": still, "law": law}


def _largest_difference(before: np.ndarray, after: np.ndarray, down: int, right: int) -> float:
    """The largest difference from maps moved by whole cells, by the largest activation."""
    expected, inside = moved_maps(before, down, right)
    found = after[:, inside].reshape(expected.shape)
    return float(np.abs(found - expected).max() / (before.max() or 1.0))


def _answers_and_maps(net: TrainedNet, images: RawImages) -> tuple[np.ndarray, np.ndarray]:
    """Classes and Conv_3 of some images, from one forward pass."""
    parts = [
        [np.asarray(each)[:count] for each in found]
        for found, count in run_in_batches(_answers_and_conv_3, net, images)
    ]
    answers, maps = (np.concatenate(each) for each in zip(*parts, strict=True))
    return answers, maps


@partial(jax.jit, static_argnames="graph")
def _answers_and_conv_3(graph: nnx.GraphDef, params: nnx.State, inputs: Images) -> tuple[Array, Array]:
    """The class of the highest score and Conv_3, for one batch; compiled once for all networks."""
    found = nnx.merge(graph, params).activations(inputs)
    return found.logits.argmax(axis=-1), found.activations[LAYER]
