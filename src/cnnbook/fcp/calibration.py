"""How sure a classifier may be: log-losses at the temperature that suits it best.

C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017: one number
that divides all logits takes out of a log-loss what overconfidence adds to it. Where what a head assumes is
compared with what is, this is the exponent that P. Latham and S. Nirenberg, "Synergy, redundancy, and
independence in population codes, revisited", Journal of Neuroscience 25 (2005) 5195, optimise.
"""

import numpy as np
from jaxtyping import Float, Integer
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

LARGEST = 4.0
"""The natural logarithm of the largest temperature tried, and of one by the smallest."""


def log_losses(
    logits: Float[np.ndarray, "n k"], labels: Integer[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """What each image's label is worth: the negative logarithm of its probability, in nats.

    Args:
        logits: scores of the classes.
        labels: true classes.
    """
    return -log_softmax(logits.astype(np.float64), axis=1)[np.arange(len(labels)), labels]


def best_temperature(logits: Float[np.ndarray, "n k"], labels: Integer[np.ndarray, " n"]) -> float:
    """The temperature with the smallest mean log-loss.

    Args:
        logits: scores of the classes.
        labels: true classes.
    """

    def loss(log: float) -> float:
        return float(log_losses(logits / np.exp(log), labels).mean())

    found = minimize_scalar(loss, bounds=(-LARGEST, LARGEST), method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x))


def calibrated_log_losses(
    logits: Float[np.ndarray, "n k"],
    labels: Integer[np.ndarray, " n"],
    part: Integer[np.ndarray, " n"],
) -> Float[np.ndarray, " n"]:
    """The log-loss of each image, at the temperature that is best for the other part of the images.

    Args:
        logits: scores of the classes.
        labels: true classes.
        part: 0 or 1 for each image.

    Raises:
        ValueError: one of the parts is empty.
    """
    if set(np.unique(part)) != {0, 1}:
        raise ValueError(
            f"part: {np.unique(part).tolist()}, expected some images of part 0 and some of part 1"
        )
    losses = np.empty(len(labels))
    for own, other in ((0, 1), (1, 0)):
        temperature = best_temperature(logits[part == other], labels[part == other])
        losses[part == own] = log_losses(logits[part == own] / temperature, labels[part == own])
    return losses
