"""Are the bar and the open top of a 4 still to be found in Conv_3?

Where a 4's bar lies and how open its top is are asked of all points of Conv_3 by ridge regressions, fitted to
all 4s of the training images and judged on all test 4s. R² is 1 less the squared error by the squared
deviation from the mean of the training 4s: what is found beyond the class. The nulls: the same network before
training, since any generic linear image of a picture tells something of its parts; and the pixels, which show
how much a linear probe can find of such a measure at all.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cnnbook.arrays import RawImages
from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.experiments.intervals import Weights
from cnnbook.fcp.pictures import MEASURES, stroke_measures
from cnnbook.fcp.probes import explained, fit_ridge
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.trained import TrainedNet

SOURCES = ("image", "conv_3")
STATES = ("trained", "untrained")
FOUR = 4

PARTS = MEASURES[2:]
"""What is asked: the height of the bar, and how open the top is."""


class Fours(NamedTuple):
    """Some 4s and what is to be found of them.

    Attributes:
        images: as stored.
        parts: the measures of `PARTS`.
    """

    images: RawImages
    parts: Float[np.ndarray, "n 2"]


def _conv_3(state: str = "trained") -> Selection:
    """R² from Conv_3, mean of bar and top, by network and resample."""
    return at("r2_resampled", source="conv_3", state=state).mean("part")


@experiment(
    states=STATES,
    coords={"source": SOURCES, "part": PARTS},
    about=lambda run: {
        "train": int((run.digits.train_labels == FOUR).sum()),
        "test": int((run.digits.test_labels == FOUR).sum()),
    },
    variables=[
        variable("r2", "state source net part", "R² beyond the mean of 4s"),
        variable("r2_resampled", "state source net part resample", published=False),
    ],
    statistics=[
        statistic("conv_3_r2", _conv_3(), "R² of bar and top of 4s from Conv_3, beyond the mean of 4s"),
        statistic(
            "conv_3_over_untrained",
            _conv_3() - _conv_3("untrained"),
            "R² of bar and top from Conv_3, trained less untrained",
        ),
    ],
    facts=[
        fact("{source}_{part}", at("r2")),
        fact("{source}_{part}_untrained", at("r2", state="untrained")),
        fact("conv_3_over_untrained", form="+.2f"),
        fact("more_or_less", lambda r: "more" if r.conv_3_over_untrained.mean() > 0 else "less"),
    ],
)
def four_parts(net: TrainedNet, run: Measurement[None]) -> Measured:
    """R² of bar and top from the image and from Conv_3.

    Raises:
        ValueError: there are not enough 4s.
    """
    train, test = run.cached("4s", lambda: _fours(run))
    weights = run.weights(len(test.images))
    of_image = run.cached("image", lambda: _found(train, test, flat_pixels, weights))
    r2 = np.stack([of_image, _found(train, test, lambda each: flat_maps(net, each, "conv_3"), weights)])
    return {"r2": r2[..., 0], "r2_resampled": r2}


def _fours(run: Measurement[None]) -> tuple[Fours, Fours]:
    """All training 4s, in the order of the file, and all test 4s, in the fixed order."""
    test_images, test_labels = stratified_subset(run.digits)
    train, test = run.digits.train_images[run.digits.train_labels == FOUR], test_images[test_labels == FOUR]
    if len(train) < 2 or not len(test):
        raise ValueError(
            f"digits: {len(train)} 4s among the training images and {len(test)} among the test images, "
            "expected at least 2 and 1"
        )
    first, second = (Fours(images, stroke_measures(images / 255.0)[:, 2:]) for images in (train, test))
    return first, second


def _found(train: Fours, test: Fours, of: Callable[[RawImages], np.ndarray], weights: Weights) -> np.ndarray:
    """R² of both measures by resample, from what is given of the images."""
    predicted = fit_ridge(of(train.images), {"parts": train.parts}).predict(of(test.images))["parts"]
    mean = train.parts.mean(axis=0)
    return explained((test.parts - predicted) ** 2, (test.parts - mean) ** 2, weights).T
