"""Where does the bright oval on Conv_1 come from: the digit, the filter, or the scaling of the input?

The article sees on some maps of Conv_1 a bright oval around its 4 and takes it for a property of the image.
In MNIST's files the background is blank everywhere. Under input B (each pixel standardised over the
training images) a blank pixel becomes −mean/std, which is about 0 at the rim and deeply negative where
digits usually have ink: an oval bowl, the same for every digit. A kernel with a negative sum makes it
bright.

Definitions. The *oval*: pixels whose mean ink over the training images reaches `level`. *Background*:
pixels of a test image with less ink than `background`. A cell of Conv_1 stands for the middle pixel of its
window. It is blank if its whole window is background, and on a stroke if the window's mean ink reaches
`stroke`. A map is *regional* if its answers to a blank image differ by more than `varies` times the largest
value it takes on the test images. It *shows the oval* if on blank cells inside the oval it is brighter by
as much than on blank cells outside, and than on strokes.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float
from numpy.lib.stride_tricks import sliding_window_view

from cnnbook.arrays import RawImages
from cnnbook.config.profiles import Profile
from cnnbook.config.questions import OvalConfig
from cnnbook.data.digits import Digits
from cnnbook.data.scaling import fit
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import statistic
from cnnbook.formatting import format_number
from cnnbook.inputs import BookInputs
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import INPUT_SIZE
from cnnbook.training.trained import TrainedNet

INPUTS = {"A": "reference", "B": "standardised"}
"""The inputs, and the recipes whose networks learned from them."""


def measure(nets: NetsOf, digits: Digits, config: OvalConfig) -> xr.Dataset:
    """Pixels, inputs and Conv_1 maps, inside the oval and outside it, under both inputs.

    Returns:
        `mean_image`, `oval`; `blank_input` and `digit_input` by input; `blank_answer` by input, map and
        cell: of the first network, by the largest value of its map on the test images; `kernel_sum` and
        `likeness` (r of the answer to a blank image and the mean image; 0 if the answer does not vary) by
        input, net and map.
    """
    images = digits.test_images[: config.images]
    mean = digits.train_images.mean(axis=0) / 255
    oval = mean >= config.level
    blank = np.zeros((1, INPUT_SIZE, INPUT_SIZE), np.uint8)
    scalings = [fit("unit", digits.train_images), fit("standardised", digits.train_images)]
    each = [[_maps_of(net, images, mean, oval, config) for net in nets[recipe]] for recipe in INPUTS.values()]
    dims, count = ("input", "net", "map"), len(each[0])
    shares = {
        f"{what}_maps_{name.lower()}": statistic([np.mean(one[what]) for one in found], says)
        for name, found in zip(INPUTS, each, strict=True)
        for what, says in (("regional", "share of regional maps"), ("oval", "share of maps showing the oval"))
    }
    pixels = ("row", "column")
    return xr.Dataset(
        {
            "mean_image": (pixels, mean, {"units": "1"}),
            "oval": (pixels, oval, {"units": "1"}),
            "blank_input": (("input", *pixels), np.stack([s(blank)[0, ..., 0] for s in scalings]),
                            {"units": "1"}),
            "digit_input": (("input", *pixels), np.stack([s(images[:1])[0, ..., 0] for s in scalings]),
                            {"units": "1"}),
            "blank_answer": (("input", "map", "cell_row", "cell_column"),
                             np.stack([found[0]["answer"] for found in each]), {"units": "1"}),
            "kernel_sum": (dims, np.stack([[one["sum"] for one in found] for found in each]), {"units": "1"}),
            "likeness": (dims, np.stack([[one["r"] for one in found] for found in each]), {"units": "1"}),
            "raw_contrast": statistic(raw_contrast(digits.test_images, oval, config.background),
                                      "ink of background inside the oval less outside"),
        } | shares,
        coords={"input": list(INPUTS), "net": np.arange(count)},
        attrs={"claims": "C09 C10 C11", "data": digits.name, "images": len(images),
               "level": config.level, "background": config.background, "varies": config.varies},
    )  # fmt: skip


def raw_contrast(images: RawImages, oval: Bool[np.ndarray, "28 28"], background: float) -> float:
    """Mean ink of background inside the oval less that outside, in units of full ink, as the files have it.

    Background is what has no ink around: 3×3 pixels below the limit. A side without any counts as 0.
    """
    around = sliding_window_view(images, (3, 3), axis=(1, 2)).max(axis=(-2, -1)) < background * 255
    middle, inside = images[:, 1:-1, 1:-1], oval[None, 1:-1, 1:-1]
    sides = [middle[around & where] / 255 for where in (inside, ~inside)]
    within, without = (float(side.mean()) if side.size else 0.0 for side in sides)
    return within - without


def _maps_of(
    net: TrainedNet, images: RawImages, mean: Float[np.ndarray, "28 28"], oval: Bool[np.ndarray, "28 28"],
    config: OvalConfig,
) -> Mapping[str, Any]:  # fmt: skip
    """One network's Conv_1: answers to a blank image, and which maps are regional or show the oval."""
    maps = feature_maps(net, images, ("conv_1",))["conv_1"]
    answer = feature_maps(net, np.zeros((1, INPUT_SIZE, INPUT_SIZE), np.uint8), ("conv_1",))["conv_1"][0]
    top = maps.max(axis=(0, 1, 2))
    windows = sliding_window_view(images / 255, (3, 3), axis=(1, 2))
    blank = windows.max(axis=(-2, -1)) < config.background
    stroke = windows.mean(axis=(-2, -1)) >= config.stroke
    inside = oval[1:-1, 1:-1]
    means = [_mean_where(maps, where) for where in (blank & inside, blank & ~inside, stroke)]
    least = config.varies * top
    scale = np.where(top > 0, top, 1)
    return {
        "answer": np.moveaxis(answer / scale, -1, 0),
        "regional": np.ptp(answer, axis=(0, 1)) > least,
        "oval": (means[0] > means[1] + least) & (means[0] > means[2] + least),
        "sum": net.weights["conv_1.kernel"].sum(axis=(0, 1, 2)),
        "r": _correlations(answer, sliding_window_view(mean, (3, 3)).mean(axis=(-2, -1))),
    }


def _mean_where(maps: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The mean of each map over some cells; 0 if there are none."""
    return maps[where].mean(axis=0) if where.any() else np.zeros(maps.shape[-1])


def _correlations(answer: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Pearson's r of each map and an image; 0 for a map that does not vary."""
    cells = answer.reshape(-1, answer.shape[-1]).astype(np.float64)
    cells, pixels = cells - cells.mean(axis=0), image.ravel() - image.mean()
    scale = np.sqrt((cells**2).sum(axis=0) * (pixels**2).sum())
    return np.divide(pixels @ cells, scale, out=np.zeros(len(scale)), where=scale > 1e-9)


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Shares of maps under both inputs, and what a blank pixel becomes."""
    blank = result.blank_input.sel(input="B")
    inside = blank.values[result.oval.values.astype(bool)]
    found = {
        "level": f"{result.attrs['level']:.0%}".replace("%", " %"),
        "background": f"{result.attrs['background']:.0%}".replace("%", " %"),
        "varies": f"{result.attrs['varies']:.0%}".replace("%", " %"),
        "images": str(result.attrs["images"]),
        "nets": str(result.sizes["net"]),
        "raw_contrast": f"{float(result.raw_contrast):.4f}",
        "pixels": str(int(result.oval.sum())),
        "blank_b": format_number(inside.mean() if inside.size else 0),
        "blank_b_lowest": format_number(blank.min()),
    }
    for name in ("regional_maps_a", "regional_maps_b", "oval_maps_a", "oval_maps_b"):
        found[name] = f"{float(result[name].mean()):.0%}".replace("%", " %")
    negative = (result.kernel_sum.sel(input="B") < 0).values
    r = result.likeness.sel(input="B").values
    found["r_negative"] = format_number(r[negative].mean()) if negative.any() else "–"
    found["r_positive"] = format_number(r[~negative].mean()) if (~negative).any() else "–"
    return found


def _config(profile: Profile, seeds: BookInputs) -> OvalConfig:
    return profile.oval


EXPERIMENT = LegacyExperiment(
    name="oval",
    question="Is the oval on Conv_1 in the digit, in the filter or in the scaling of the input?",
    measure=measure,
    facts=facts,
    config=_config,
    nets="recipes",
    recipes=tuple(INPUTS.values()),
)
