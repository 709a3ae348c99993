"""Does the network use what can be decoded of a 4's parts?

What Conv_3 tells linearly of the height of the bar, or of how open the top is, is taken out of it: the whole
of the measure's covariance with all points, by one direction (N. Belrose and others, "LEACE: Perfect linear
concept erasure in closed form", NeurIPS 2023, for a single number). Then the head is asked again. The null is
the same with the measure exchanged at random among the 4s. Fitted to training 4s, asked of test 4s.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import softmax

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.four_parts import FOUR, PARTS
from cnnbook.fcp.head import head_of
from cnnbook.fcp.pictures import stroke_measures
from cnnbook.fcp.probes import explained, fit_ridge
from cnnbook.keys import uniform
from cnnbook.maps import flat_maps
from cnnbook.training.trained import TrainedNet

WHAT = ("the measure", "exchanged at random")
DRAWS = 5
"""Times that a measure is exchanged at random."""

STRENGTH = 1e-3
"""What is added to the covariance's diagonal, by its mean."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """Of how many networks it is asked."""

    nets: int = number(3, "networks", least=1)


class Eraser:
    """Takes a measure's covariance with all points out of activations.

    Args:
        train: activations whose measures are known.
    """

    def __init__(self, train: Float[np.ndarray, "m d"]) -> None:
        self._mean = train.mean(axis=0)
        self._centred = train - self._mean
        covariance = self._centred.T @ self._centred / len(train)
        covariance += STRENGTH * max(np.trace(covariance) / len(covariance), 1e-12) * np.eye(len(covariance))
        self._inverse = np.linalg.inv(covariance)

    def __call__(
        self, codes: Float[np.ndarray, "n d"], measure: Float[np.ndarray, " m"]
    ) -> Float[np.ndarray, "n d"]:
        """Activations without what tells of a measure; of the fitted ones the covariance becomes 0 exactly.

        Args:
            codes: from which it is taken.
            measure: of the activations that this was fitted to.
        """
        along = self._centred.T @ (measure - measure.mean()) / len(measure)
        reader = self._inverse @ along
        size = float(reader @ along)
        if size <= 0:
            return codes.copy()
        return codes - np.outer((codes - self._mean) @ reader / size, along)


@experiment(
    config=Config(),
    draft=Config(nets=1),
    coords={"part": PARTS, "what": WHAT},
    about=lambda run: {
        "train": int((run.digits.train_labels == FOUR).sum()),
        "test": int((run.digits.test_labels == FOUR).sum()),
    },
    variables=[
        variable("r2", "part net", "R² of a linear probe of Conv_3 on test 4s"),
        variable("r2_erased", "part net", "the same after the measure was taken out"),
        variable("change", "part what net", "mean absolute change of the probability of a 4"),
        variable("called", "part what net", "share of test 4s that is still called a 4"),
        variable("called_before", "net", "share of test 4s that is called a 4"),
    ],
    facts=[
        fact("{part}_r2", "r2"),
        fact("{part}_r2_erased", "r2_erased"),
        fact("{part}_change", lambda r: r.change.sel(what=WHAT[0]), ".4f"),
        fact("{part}_change_random", lambda r: r.change.sel(what=WHAT[1]), ".4f"),
        fact("{part}_called", lambda r: r.called.sel(what=WHAT[0]), ".1%"),
        fact("{part}_called_random", lambda r: r.called.sel(what=WHAT[1]), ".1%"),
        fact("called_before", form=".1%"),
    ],
)
def part_use(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What is left of a measure, and of a 4, when the measure is taken out of Conv_3 of one network."""
    digits = run.digits
    train = digits.train_images[digits.train_labels == FOUR]
    test = digits.test_images[digits.test_labels == FOUR]
    wanted = run.cached("measures", lambda: [stroke_measures(each / 255.0)[:, 2:] for each in (train, test)])
    x_train, x_test = (flat_maps(net, each, "conv_3").astype(np.float64) for each in (train, test))
    head, erase = head_of(net.weights, exact=True), Eraser(x_train)
    before = softmax(head.logits(x_test), axis=1)[:, FOUR]
    found: dict[str, list] = {name: [] for name in ("r2", "r2_erased", "change", "called")}
    for part in range(len(PARTS)):
        y_train, y_test = (each[:, part] for each in wanted)
        found["r2"].append(_r2(x_train, y_train, x_test, y_test))
        found["r2_erased"].append(_r2(erase(x_train, y_train), y_train, erase(x_test, y_train), y_test))
        others = [_exchanged(y_train, run, draw) for draw in range(DRAWS)]
        logits = [[head.logits(erase(x_test, each)) for each in row] for row in ([y_train], others)]
        changes = [[softmax(each, axis=1)[:, FOUR] - before for each in row] for row in logits]
        found["change"].append([np.abs(row).mean() for row in changes])
        found["called"].append([(np.array(row).argmax(axis=-1) == FOUR).mean() for row in logits])
    return {**found, "called_before": (head.predict(x_test) == FOUR).mean()}


def _exchanged(
    measure: Float[np.ndarray, " m"], run: Measurement[Config], draw: int
) -> Float[np.ndarray, " m"]:
    """A measure in another order."""
    return measure[uniform(run.key("exchanged", draw=draw), measure.shape).argsort()]


def _r2(
    x_train: Float[np.ndarray, "m d"],
    y_train: Float[np.ndarray, " m"],
    x_test: Float[np.ndarray, "n d"],
    y_test: Float[np.ndarray, " n"],
) -> float:
    """R² of a ridge regression on test 4s, beyond the mean of training 4s."""
    predicted = fit_ridge(x_train, {"part": y_train[:, None]}).predict(x_test)["part"][:, 0]
    weights = np.ones((1, len(y_test)))
    return float(explained((y_test - predicted) ** 2, (y_test - y_train.mean()) ** 2, weights)[0])
