"""A network's dense layers by themselves, and what may be done to the activations in front of them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Integer

CELLS, MAPS = 9, 128
"""Cells of a Conv_3 map, and maps."""

Codes = Float[np.ndarray, "n 1152"]
"""Activations of Conv_3, flat, by row, column and map."""


class Head(NamedTuple):
    """One hidden layer with ReLU, then ten scores.

    Attributes:
        hidden: weights from Conv_3 to the hidden layer.
        hidden_bias: of the hidden layer.
        scores: weights from there to the ten classes.
        scores_bias: of the classes.
    """

    hidden: Float[np.ndarray, "1152 h"]
    hidden_bias: Float[np.ndarray, " h"]
    scores: Float[np.ndarray, "h 10"]
    scores_bias: Float[np.ndarray, " 10"]

    def preactivations(self, codes: Codes) -> Float[np.ndarray, "n h"]:
        """The hidden layer before ReLU."""
        return codes @ self.hidden + self.hidden_bias

    def logits(self, codes: Codes) -> Float[np.ndarray, "n 10"]:
        """Scores of the classes."""
        return np.maximum(self.preactivations(codes), 0) @ self.scores + self.scores_bias

    def predict(self, codes: Codes) -> Int[np.ndarray, " n"]:
        """The class of the highest score."""
        return self.logits(codes).argmax(axis=1)


def head_of(weights: Mapping[str, np.ndarray], *, exact: bool = False) -> Head:
    """The head of a network.

    Args:
        weights: of the network, by name.
        exact: whether in float64.
    """
    names = ("hidden.kernel", "hidden.bias", "logits.kernel", "logits.bias")
    return Head(*(np.asarray(weights[name], np.float64 if exact else np.float32) for name in names))


def answer_margins(logits: Float[np.ndarray, "*more 10"]) -> Float[np.ndarray, "*more 10"]:
    """Weights of the logits that give the answer's margin: 1 for the answer, −1 for the runner-up.

    A margin is what a softmax knows of logits: a number added to all of them changes neither.

    Args:
        logits: of the images.
    """
    first, second = (
        np.eye(logits.shape[-1])[np.argsort(-logits, axis=-1, kind="stable")[..., k]] for k in (0, 1)
    )
    return first - second


def switched_on(
    head: Head, code: Float[np.ndarray, " d"], levels: Float[np.ndarray, " d"]
) -> Float[np.ndarray, " d"]:
    """How the answer's margin over the strongest other class changes when single points take a level.

    Exact: every point is set by itself, and the head computes its logits anew. 0 for a point that is at its
    level already.

    Args:
        head: whose logits.
        code: activations of one image.
        levels: one a point.
    """
    before = head.logits(code[None])[0]
    hidden = head.preactivations(code[None]) + (levels - code)[:, None] * head.hidden
    after = np.maximum(hidden, 0) @ head.scores + head.scores_bias
    answer = before.argmax()
    others = np.arange(len(before)) != answer
    margin = before[answer] - before[others].max()
    return after[:, answer] - after[:, others].max(axis=1) - margin


def shuffle_cells(codes: Codes, orders: Int[np.ndarray, "n 9"]) -> Codes:
    """Every image's nine cells in another order, alike for all of its maps.

    Args:
        codes: of the images.
        orders: of the cells, one for each image.
    """
    grid = codes.reshape(len(codes), CELLS, MAPS)
    return np.take_along_axis(grid, orders[:, :, None], axis=1).reshape(codes.shape)


def average_maps(codes: Codes) -> Codes:
    """Every map replaced by its mean."""
    grid = codes.reshape(len(codes), CELLS, MAPS)
    return np.repeat(grid.mean(axis=1, keepdims=True), CELLS, axis=1).reshape(codes.shape)


def quantise(codes: Codes, top: Float[np.ndarray, " 1152"], bits: int) -> Codes:
    """Every point rounded to 2^bits levels, evenly from zero to the largest value that it takes elsewhere.

    Args:
        codes: of the images.
        top: each point's largest value; a point whose largest is 0 stays 0.
        bits: 1 for zero or all.
    """
    steps = 2**bits - 1
    share = np.divide(codes, top, out=np.zeros_like(codes), where=top > 0)
    return (np.rint(np.clip(share, 0, 1) * steps) / steps * top).astype(np.float32)


def shuffle_within_classes(
    codes: Codes, labels: Integer[np.ndarray, " n"], draws: Float[np.ndarray, "n 1152"]
) -> Codes:
    """Every point exchanged at random among the images of a class.

    What single points do stays; what they do together goes.

    Args:
        codes: of the images.
        labels: their classes.
        draws: random numbers; within a class, their order is the new order.
    """
    mixed = np.empty_like(codes)
    for digit in np.unique(labels):
        where = np.flatnonzero(labels == digit)
        mixed[where] = np.take_along_axis(codes[where], draws[where].argsort(axis=0), axis=0)
    return mixed
