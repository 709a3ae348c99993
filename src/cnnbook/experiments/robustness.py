"""Which changes of a digit does the network bear, and which an MLP of as many parameters?

Changes after those of MNIST-C, each at three levels; both kinds of network get the same changed images.
Intervals of 95 % are over networks and test images together: the variance of the mean over networks, plus
that of the same mean over resamples of the images; Student's t with the degrees of freedom of F. E.
Satterthwaite (Biometrics Bulletin 2 (1946) 110).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy import special

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.data.corruptions import CORRUPTIONS, corrupted
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.experiments.intervals import BOUNDS, LEVEL
from cnnbook.experiments.shifts import CNN_RECIPE, EXAMPLE, MLP_RECIPE
from cnnbook.keys import uniform
from cnnbook.maps import predictions
from cnnbook.tables import Table
from cnnbook.training.trained import TrainedNet

LEVELS = ("weak", "medium", "strong")


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many images are changed."""

    images: int = number(1000, "test images that are changed in each way", least=10)


def joint_interval(values: xr.DataArray) -> xr.DataArray:
    """The ends of the interval of a mean over networks, by networks and images together.

    Args:
        values: shares by "net" and "resample", the first of which is all images; further dimensions stay.
    """
    mean, nets = values.mean("net"), values.sizes["net"]
    of_nets = values.isel(resample=0).var("net", ddof=1) / nets
    of_images = mean.isel(resample=slice(1, None)).var("resample", ddof=1)
    both = of_nets + of_images
    freedom = (nets - 1) * (both / of_nets.where(of_nets > 0)) ** 2
    student = xr.apply_ufunc(special.stdtrit, freedom.fillna(np.inf), (1 + LEVEL) / 2)
    half, middle = student * np.sqrt(both), mean.isel(resample=0)
    return xr.concat([middle - half, middle + half], "bound").clip(0, 1)


def table(result: xr.Dataset) -> Table:
    """Accuracy by kind and level, of both kinds of network, with intervals, in percent."""
    columns = {}
    for level in LEVELS:
        for recipe, name in ((CNN_RECIPE, "CNN"), (MLP_RECIPE, "MLP")):
            ends = 100 * result.interval.sel(recipe=recipe, level=level)
            mean = 100 * result.correct.sel(recipe=recipe, level=level).mean("net")
            columns[f"{name}, {level}"] = [
                f"{value:.1f} ({low:.1f}–{high:.1f})"
                for value, (low, high) in zip(
                    mean.values, ends.transpose("kind", "bound").values, strict=True
                )
            ]
    return Table(pd.DataFrame(columns, index=[str(kind) for kind in result.kind.values]))


@experiment(
    nets=(CNN_RECIPE, MLP_RECIPE),
    config=Config(),
    draft=Config(images=100),
    coords={"kind": tuple(CORRUPTIONS), "level": LEVELS, "bound": BOUNDS},
    about=lambda run: {"images": len(run.test_images(run.config.images)), "kinds": len(CORRUPTIONS)},
    variables=[
        variable("correct", "recipe net image kind level", "share of changed images classified correctly"),
        variable("still", "recipe net image", "the same of images as they are"),
        variable(
            "interval",
            "recipe kind level bound",
            "95 % interval over networks and images",
            of=lambda r: joint_interval(r.correct),
        ),
        variable("example", "kind level row column", "a test image, changed", units="ink"),
    ],
    statistics=[
        statistic(
            "kept",
            lambda r: _kept(r, CNN_RECIPE),
            "accuracy kept at medium changes, mean over kinds, CNN",
        ),
        statistic("kept_by_mlp", lambda r: _kept(r, MLP_RECIPE), "the same of the MLP"),
        statistic(
            "over_mlp",
            lambda r: _kept(r, CNN_RECIPE) - _kept(r, MLP_RECIPE),
            "accuracy kept at medium changes, mean over kinds, CNN less MLP",
        ),
    ],
    facts=[
        fact("{recipe}_{kind}_{level}", "correct", ".1%"),
        fact("{recipe}_still", "still", ".1%"),
        fact("kept", form=".1%"),
        fact("kept_by_mlp", form=".1%"),
        fact("over_mlp", form="+.1f", scale=100),
        fact("worst", lambda r: _worst(r, CNN_RECIPE)),
        fact("worst_of_mlp", lambda r: _worst(r, MLP_RECIPE)),
    ],
)
def robustness(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Whether one network classifies each changed image correctly."""
    images, labels = run.test_images(run.config.images), run.test_labels(run.config.images)
    changed = run.cached("changed", lambda: _changed(images, run))
    found = np.array([[predictions(net, each) == labels for each in row] for row in changed])
    example = int(np.flatnonzero(labels == EXAMPLE)[0])
    return {
        "correct": found.transpose(2, 0, 1),
        "still": predictions(net, images) == labels,
        "example": np.array([[each[example] for each in row] for row in changed]),
    }


def _changed(images: RawImages, run: Measurement[Config]) -> list[list[RawImages]]:
    """Images changed in all ways, by kind and level."""
    return [
        [
            corrupted(
                images,
                kind,
                level,
                np.asarray(uniform(run.key("pixels", kind=place, level=level), images.shape), np.float64),
            )
            for level in range(len(LEVELS))
        ]
        for place, kind in enumerate(CORRUPTIONS)
    ]


def _kept(result: xr.Dataset, recipe: str) -> xr.DataArray:
    """Accuracy on images changed at medium strength by that on images as they are, mean over kinds."""
    changed = at("correct", recipe=recipe, level="medium").mean("kind")
    return changed(result) / result.still.sel(recipe=recipe, drop=True)


def _worst(result: xr.Dataset, recipe: str) -> str:
    """The kind of change of medium strength that costs most."""
    left = at("correct", recipe=recipe, level="medium")(result)
    left = left.mean([dim for dim in left.dims if dim != "kind"])
    return str(left.kind.values[int(left.values.argmin())])
