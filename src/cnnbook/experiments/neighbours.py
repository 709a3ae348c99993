"""Do the nearest digits on Conv_3 have the same class more often than the nearest digits on the pixels?

The nearest of few images flatter: most images of a class then have none of their kind at hand on the pixels,
while on Conv_3 it matters less. So accuracy is shown by the number of training images, and judged at the
largest. All distances are computed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.fcp.neighbours import nearest_classes
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.trained import TrainedNet

SPACES = ("Conv_3", "pixels")

VOTES = 4
"""Nearest images that vote."""

REFERENCES = (2_500, 5_000, 10_000, 20_000, 40_000, 60_000)
"""Numbers of training images among which neighbours are looked for, up to the config's."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How neighbours are looked for."""

    train: int = number(40_000, "training images among which the nearest are looked for, at most", least=10)
    tests: int = number(1_500, "test images whose neighbours are looked for, at most", least=10)


def _accuracy(space: str, place: int = -1) -> Callable[[xr.Dataset], xr.DataArray]:
    """Accuracy among one of the numbers of training images; by default the largest."""
    return lambda r: r.accuracy.sel(space=space).isel(references=place)


@experiment(
    config=Config(),
    draft=Config(train=4000, tests=200),
    coords=lambda run: {"space": SPACES, "references": _references(run)},
    about=lambda run: {
        "most": _references(run)[-1],
        "fewest": _references(run)[0],
        "tests": len(run.test_labels(run.config.tests)),
    },
    variables=[variable("accuracy", "space references net image", "accuracy of the nearest neighbours")],
    statistics=[
        statistic(
            "neighbour_gain",
            lambda r: _accuracy("Conv_3")(r) - _accuracy("pixels")(r),
            "nearest neighbours on Conv_3 less on pixels",
        ),
    ],
    facts=[
        fact("conv_3", _accuracy("Conv_3"), ".1%"),
        fact("pixels", _accuracy("pixels"), ".1%"),
        fact("conv_3_of_few", _accuracy("Conv_3", 0), ".1%"),
        fact("pixels_of_few", _accuracy("pixels", 0), ".1%"),
    ],
)
def neighbours(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Whether each test image is classified correctly, by space and number of training images."""

    def pixels() -> Bool[np.ndarray, "references n"]:
        return _is_correct(flat_pixels(train), flat_pixels(tests), run)

    train, tests = run.digits.train_images[: _references(run)[-1]], run.test_images(run.config.tests)
    on_conv_3 = _is_correct(flat_maps(net, train, "conv_3"), flat_maps(net, tests, "conv_3"), run)
    return {"accuracy": np.stack([on_conv_3, run.cached("pixels", pixels)])}


def _references(run: Measurement[Config]) -> list[int]:
    most = min(run.config.train, len(run.digits.train_labels))
    return sorted({min(size, most) for size in REFERENCES})


def _is_correct(
    train: Float[np.ndarray, "n_train d"], tests: Float[np.ndarray, "n d"], run: Measurement[Config]
) -> Bool[np.ndarray, "references n"]:
    """Whether the nearest training images have the right class, by their number."""
    labels, sizes = run.digits.train_labels[: len(train)], _references(run)
    found = nearest_classes(train, labels, tests, neighbours=VOTES, sizes=sizes)
    return found == run.test_labels(len(tests))
