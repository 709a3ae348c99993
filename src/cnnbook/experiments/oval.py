"""Is the oval on Conv_1 in the digit, in the filter or in the scaling of the input?

The article sees on some maps of Conv_1 a bright oval around its 4 and takes it for a property of the image.
In MNIST's files the background is blank everywhere. Which input the article gave its network it does not say,
so the same is asked of both. Under input B (each pixel standardised over the
training images) a blank pixel becomes −mean/std, which is about 0 at the rim and deeply negative where
digits usually have ink: an oval bowl, the same for every digit. A kernel with a negative sum makes it
bright.

Definitions. The *oval*: pixels whose mean ink over the training images reaches `level`. *Background*:
pixels of a test image with less ink than `background`. A cell of Conv_1 stands for the middle pixel of its
window. It is blank if its whole window is background, and on a stroke if the window's mean ink reaches
`stroke`. A map is *regional* if its responses to a blank image differ by more than `varies` times the largest
value it takes on the test images. It *shows the oval* if on blank cells inside the oval it is brighter by
as much than on blank cells outside, and than on strokes.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float
from numpy.lib.stride_tricks import sliding_window_view

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.data.digits import Digits
from cnnbook.data.scaling import fit_scaling
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.maps import feature_maps
from cnnbook.training.trained import TrainedNet

INPUTS = {"A": "reference", "B": "standardised"}
"""The inputs, and the recipes whose networks learned from them."""

RAW, DEPTH = 0.02, 0.2
"""Differences of background that make an oval: in the files, of full ink; under input B, of a pixel's SD."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """Where the oval is, and what counts as a response to it."""

    images: int = number(500, "test images looked at", least=10)
    level: float = number(0.2, "mean ink from which a pixel belongs to the oval", least=0, most=1)
    background: float = number(0.05, "ink below which a pixel is background", least=0, most=1)
    stroke: float = number(0.5, "mean ink of a window from which it lies on a stroke", least=0, most=1)
    varies: float = number(0.01, "share of a map's largest value that counts as a difference", least=0)


def _blank_inside(result: xr.Dataset) -> float:
    """What a blank pixel inside the oval becomes under input B, on average; 0 if there is no oval."""
    inside = result.blank_input.sel(input="B").values[result.oval.values.astype(bool)]
    return float(inside.mean()) if inside.size else 0.0


def _oval_if(there: xr.DataArray) -> str:
    return "an oval" if bool(there) else "no oval"


def _likeness(result: xr.Dataset, *, negative: bool) -> xr.DataArray:
    """Under input B, the likeness of maps whose kernels have a negative sum, or of the others."""
    maps = result.sel(input="B")
    return maps.likeness.where((maps.kernel_sum < 0) == negative)


@experiment(
    config=Config(),
    draft=Config(images=100),
    nets=tuple(INPUTS.values()),
    together=True,
    coords=lambda run: {"input": list(INPUTS), "net": np.arange(_count(run))},
    about=lambda run: {
        "images": len(run.test_images(run.config.images)),
        "level": run.config.level,
        "background": run.config.background,
        "varies": run.config.varies,
    },
    variables=[
        variable("mean_image", "row column", "mean ink over the training images"),
        variable("oval", "row column", "pixels of the oval"),
        variable("blank_input", "input row column", "what a blank image becomes"),
        variable("digit_input", "input row column", "what the first test image becomes"),
        variable(
            "blank_answer",
            "input map cell_row cell_column",
            "response to a blank image by the map's largest value on the test images, first network",
        ),
        variable("kernel_sum", "input net map", "sum of a kernel's weights"),
        variable("likeness", "input net map", "r of the response to a blank image and the mean image"),
        variable("regional", "input net map", "whether a map is regional", published=False),
        variable("shows_oval", "input net map", "whether a map shows the oval", published=False),
        variable("contrast", "", "ink of background inside the oval less outside", published=False),
        variable("depth", "", "the same under input B, outside less inside", published=False),
    ],
    statistics=[
        statistic("regional_maps_a", at("regional", input="A").mean("map"), "share of regional maps"),
        statistic("regional_maps_b", at("regional", input="B").mean("map"), "share of regional maps"),
        statistic("oval_maps_a", at("shows_oval", input="A").mean("map"), "share of maps showing the oval"),
        statistic("oval_maps_b", at("shows_oval", input="B").mean("map"), "share of maps showing the oval"),
        statistic("raw_contrast", "contrast", "ink of background inside the oval less outside"),
        statistic("standardised_depth", "depth", "background outside the oval less inside, input B"),
    ],
    facts=[
        fact("level", form=".0%"),
        fact("background", form=".0%"),
        fact("varies", form=".0%"),
        fact("raw_contrast", form=".4f"),
        fact("standardised_depth"),
        fact("in_files", lambda r: _oval_if(abs(r.raw_contrast) >= RAW)),
        fact("in_input_b", lambda r: _oval_if(abs(r.standardised_depth) >= DEPTH)),
        fact("pixels", lambda r: r.oval.sum(), ".0f"),
        fact("blank_b", _blank_inside),
        fact("blank_b_lowest", lambda r: r.blank_input.sel(input="B").min()),
        fact("regional_maps_a", form=".0%"),
        fact("regional_maps_b", form=".0%"),
        fact("oval_maps_a", form=".0%"),
        fact("oval_maps_b", form=".0%"),
        fact("r_negative", lambda r: _likeness(r, negative=True)),
        fact("r_positive", lambda r: _likeness(r, negative=False)),
    ],
)
def oval(run: Measurement[Config]) -> Measured:
    """Pixels, inputs and Conv_1 maps, inside the oval and outside it, under both inputs."""
    images, mean = run.test_images(run.config.images), _mean_ink(run.digits)
    is_oval, tests = mean >= run.config.level, run.digits.test_images
    blank = 0 * images[:1]
    scalings = [fit_scaling(name, run.digits.train_images) for name in ("unit", "standardised")]
    contrasts = [
        background_contrast(scaling(tests)[..., 0], tests, is_oval, run.config.background)
        for scaling in scalings
    ]
    maps = [
        [_maps_of(net, images, mean, run.config) for net in run.nets[recipe][: _count(run)]]
        for recipe in INPUTS.values()
    ]
    return {
        "mean_image": mean,
        "oval": is_oval,
        "blank_input": [scaling(blank)[0, ..., 0] for scaling in scalings],
        "digit_input": [scaling(images[:1])[0, ..., 0] for scaling in scalings],
        "blank_answer": [of_nets[0]["blank_answer"] for of_nets in maps],
        "contrast": contrasts[0],
        "depth": -contrasts[1],
    } | {
        name: [[each[name] for each in of_nets] for of_nets in maps]
        for name in ("kernel_sum", "likeness", "regional", "shows_oval")
    }


def _count(run: Measurement[Config]) -> int:
    """How many networks there are for each input."""
    return min(len(run.nets[recipe]) for recipe in INPUTS.values())


def _mean_ink(digits: Digits) -> Float[np.ndarray, "28 28"]:
    return digits.train_images.mean(axis=0) / 255


def background_contrast(
    inputs: Float[np.ndarray, "n 28 28"],
    images: RawImages,
    oval: Bool[np.ndarray, "28 28"],
    background: float,
) -> float:
    """Mean input value of background inside the oval less that outside.

    Background is what has no ink around: 3×3 pixels below the limit. A side without any counts as 0.

    Args:
        inputs: the same images as some scaling gives them to a network, ink by full ink for input A.
        images: as MNIST stores them; they say what is background.
        oval: its pixels.
        background: ink below which a pixel is background, 0 to 1.
    """
    around = sliding_window_view(images, (3, 3), axis=(1, 2)).max(axis=(-2, -1)) < background * 255
    middle, inside = inputs[:, 1:-1, 1:-1], oval[None, 1:-1, 1:-1]
    sides = [middle[around & where] for where in (inside, ~inside)]
    within, without = (float(side.mean(dtype=np.float64)) if side.size else 0.0 for side in sides)
    return within - without


def _maps_of(
    net: TrainedNet, images: RawImages, mean: Float[np.ndarray, "28 28"], config: Config
) -> Measured:
    """One network's Conv_1: responses to a blank image, and which maps are regional or show the oval."""
    maps, blank = (
        feature_maps(net, shown, ("conv_1",))["conv_1"] for shown in (images, np.zeros_like(images[:1]))
    )
    top = maps.max(axis=(0, 1, 2))
    return {
        "blank_answer": np.moveaxis(blank[0] / np.where(top > 0, top, 1), -1, 0),
        "regional": np.ptp(blank[0], axis=(0, 1)) > config.varies * top,
        "shows_oval": shows_oval(maps, images, mean >= config.level, config),
        "kernel_sum": net.weights["conv_1.kernel"].sum(axis=(0, 1, 2)),
        "likeness": _correlations(blank[0], sliding_window_view(mean, (3, 3)).mean(axis=(-2, -1))),
    }


def shows_oval(
    maps: Float[np.ndarray, "n 26 26 maps"],
    images: RawImages,
    oval: Bool[np.ndarray, "28 28"],
    config: Config,
) -> Bool[np.ndarray, " maps"]:
    """Which maps are brighter on blank cells inside the oval than on those outside, and than on strokes.

    Args:
        maps: of Conv_1, for each image.
        images: as MNIST stores them.
        oval: its pixels.
        config: what counts as background, as a stroke and as a difference.
    """
    windows = sliding_window_view(images / 255, (3, 3), axis=(1, 2))
    is_blank = windows.max(axis=(-2, -1)) < config.background
    is_stroke = windows.mean(axis=(-2, -1)) >= config.stroke
    is_inside, least = oval[1:-1, 1:-1], config.varies * maps.max(axis=(0, 1, 2))
    inside, outside, stroke = (
        _mean_where(maps, where) for where in (is_blank & is_inside, is_blank & ~is_inside, is_stroke)
    )
    return (inside > outside + least) & (inside > stroke + least)


def _mean_where(
    maps: Float[np.ndarray, "n h w maps"], where: Bool[np.ndarray, "n h w"]
) -> Float[np.ndarray, " maps"]:
    """The mean of each map over some cells; 0 if there are none."""
    return maps[where].mean(axis=0) if where.any() else np.zeros(maps.shape[-1])


def _correlations(
    maps: Float[np.ndarray, "h w maps"], image: Float[np.ndarray, "h w"]
) -> Float[np.ndarray, " maps"]:
    """Pearson's r of each map and an image; 0 for a map that does not vary."""
    cells = maps.reshape(-1, maps.shape[-1]).astype(np.float64)
    cells, pixels = cells - cells.mean(axis=0), image.ravel() - image.mean()
    scale = np.sqrt((cells**2).sum(axis=0) * (pixels**2).sum())
    return np.divide(pixels @ cells, scale, out=np.zeros(len(scale)), where=scale > 1e-9)
