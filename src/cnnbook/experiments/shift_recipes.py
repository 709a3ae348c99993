"""Do networks that were trained with shifts, or whose head is a mean over places, know a shifted digit?

The recipes: the book's own; with training images shifted by up to four pixels; with training images
shifted, turned, scaled and warped a little; with a head that sees of each map of Conv_3 only its mean; and an
MLP of as many parameters. Directions and distances are those of `shifts`.
"""

from dataclasses import dataclass

import numpy as np

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.shifts import DIRECTIONS, MOST, correct_by_shift, kept
from cnnbook.training.trained import TrainedNet

CALLED = {
    "reference": "the book's recipe",
    "shifted": "trained with shifts",
    "augmented": "trained with small changes",
    "pooled": "head of the maps' means",
    "wide-mlp": "MLP of as many parameters",
}
"""The recipes compared, as prose and figures call them."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """On how many images and networks shifts are tried."""

    images: int = number(1000, "test images that are shifted", least=10)
    nets: int = number(3, "networks of each recipe", least=1)


@experiment(
    nets=tuple(CALLED),
    config=Config(),
    draft=Config(images=100, nets=1),
    coords=lambda run: {
        "direction": tuple(DIRECTIONS),
        "distance": range(MOST + 1),
        "called": ("recipe", [CALLED[recipe] for recipe in run.nets]),
    },
    about=lambda run: {"images": len(run.test_images(run.config.images)), "most": MOST},
    variables=[
        variable("correct", "recipe net image direction distance", "share correctly classified"),
    ],
    statistics=[
        statistic("kept_at_4_shifted", kept("shifted", 4), "accuracy kept at 4 px, trained with shifts"),
        statistic("kept_at_4_pooled", kept("pooled", 4), "accuracy kept at 4 px, head of the maps' means"),
    ],
    facts=[
        fact("{recipe}_at_{distance}", lambda r: r.correct.mean("direction"), ".1%"),
    ],
)
def shift_recipes(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Whether one network classifies each shifted image correctly."""
    images, labels = run.test_images(run.config.images), run.test_labels(run.config.images)
    return {"correct": np.asarray(correct_by_shift(net, images, labels))}
