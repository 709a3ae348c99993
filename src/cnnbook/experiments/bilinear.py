"""If a head may only multiply points of Conv_3, how many directions, or products of points, tell 4s from 9s?

Networks of the recipe "bilinear" have a head without ReLU, whose margin between two classes is exactly a sum
of squared projections, or of products of two points. Kept are the largest terms, ranked on training images;
the others take their mean on training images. Beside them: as many principal components of Conv_3, read by
the whole form, and as many directions of the form's span at random.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from jax.random import normal
from jaxtyping import Bool, Float, Int

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.bilinear import (
    BilinearHead,
    EigenForm,
    bilinear_head_of,
    effective_rank,
    eigen_form,
    margin_direction,
    matrix_of,
)
from cnnbook.maps import flat_maps, predictions
from cnnbook.training.trained import TrainedNet

KINDS = ("eigenvectors", "products of points", "principal components", "random directions")

SIZES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
"""Numbers of terms that are kept; of directions there are 200 at most."""

SHOWN = 4
"""Eigenvectors of which the digits that they answer to most are shown, and how many of those."""

SIGNS = ("for a 4", "for a 9")


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How the forms are read."""

    train: int = number(4_000, "training images of a 4 or a 9 on which terms are ranked, at most", least=20)


class Pair(NamedTuple):
    """4s and 9s on Conv_3.

    Attributes:
        train: activations of training images.
        test: activations of test images.
        is_four: which test images are 4s.
    """

    train: Float[np.ndarray, "n d"]
    test: Float[np.ndarray, "m d"]
    is_four: Bool[np.ndarray, " m"]

    def accuracy(self, margins: Float[np.ndarray, " m"]) -> float:
        """Share of test images on the right side of 0."""
        return float(np.mean((margins > 0) == self.is_four))


def _fewest(kind: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """The fewest terms that keep 98 % of the accuracy on 4s and 9s; the most there are where fewer do not."""

    def of(r: xr.Dataset) -> xr.DataArray:
        enough = r.kept.sel(kind=kind) >= 0.98 * r.whole
        return r.terms.where(enough).min("terms").fillna(SIZES[-1])

    return of


@experiment(
    config=Config(),
    draft=Config(train=400),
    nets=("bilinear", "reference"),
    coords={"kind": KINDS, "terms": list(SIZES), "sign": SIGNS, "digit": range(10)},
    about=lambda run: {"most_terms": SIZES[-1]},
    variables=[
        variable("accuracy", "net image", "accuracy on all test images"),
        variable("reference", "net image", "the same of the book's own network of the same number"),
        variable("error", "net", "largest difference of form and margin, by the margin's spread"),
        variable("rank", "digit net", "effective rank of the form of a class against the mean of all"),
        variable("margin_rank", "net", "effective rank of the margin of 4 and 9"),
        variable("whole", "net", "accuracy on 4s and 9s of the whole form"),
        variable("kept", "kind terms net", "accuracy on 4s and 9s of the largest terms alone"),
        variable("squares", "net", "share of the margin's variance that squares of single points hold"),
        variable("eigenvalue", "sign shown net", "largest eigenvalues of either sign, by the largest"),
        variable("strongest", "sign shown example row column", "digits with the largest terms", units="byte"),
    ],
    facts=[
        fact("accuracy", form=".2%"),
        fact("reference", form=".2%"),
        fact("gap", lambda r: 100 * (r.reference - r.accuracy), "+.2f"),
        fact("error", form=".0e"),
        fact("margin_rank", form=".0f"),
        fact("whole", form=".1%"),
        fact("squares", form=".0%"),
        fact("few_{kind}", at("kept", terms=5), ".1%"),
        *(fact(f"fewest_{kind.replace(' ', '_')}", _fewest(kind), ",.0f") for kind in KINDS),
    ],
    together=True,
)
def bilinear(run: Measurement[Config]) -> Measured:
    """How exactly, and by how few terms, the form gives the answers of each network."""
    nets = run.nets["bilinear"]
    each = [_one(net, run) for net in nets]
    found = {name: np.stack([one[name] for one in each], axis=-1) for name in each[0] if name != "correct"}
    reference = [_correct(net, run) for net in run.nets["reference"][: len(nets)]]
    strongest = _strongest(nets[0], run)
    correct = [one["correct"] for one in each]
    return found | {"accuracy": np.stack(correct), "reference": np.stack(reference), "strongest": strongest}


def _correct(net: TrainedNet, run: Measurement[Config]) -> Bool[np.ndarray, " image"]:
    """Which test images a network classifies correctly."""
    return predictions(net, run.digits.test_images) == run.digits.test_labels


def _one(net: TrainedNet, run: Measurement[Config]) -> dict[str, np.ndarray]:
    """All numbers of one network."""
    head, pair = bilinear_head_of(net.weights), _pair(net, run)
    form = eigen_form(head, margin_direction(4, 9))
    margins = head.logits(pair.test) @ margin_direction(4, 9)
    mean = np.full(10, 0.1)
    return {
        "correct": _correct(net, run),
        "error": np.abs(form(pair.test) - margins).max() / margins.std(),
        "rank": np.array([effective_rank(eigen_form(head, np.eye(10)[c] - mean).values) for c in range(10)]),
        "margin_rank": np.array(effective_rank(form.values)),
        "whole": np.array(pair.accuracy(margins)),
        "kept": _kept(head, form, pair, net, run),
        "squares": np.array(_squares(head, pair)),
        "eigenvalue": np.stack([form.values[_of_sign(form, s)] / abs(form.values[0]) for s in (1, -1)]),
    }


def _pair(net: TrainedNet, run: Measurement[Config]) -> Pair:
    """4s and 9s of the training images, the first, and of all test images, on Conv_3."""
    digits = run.digits
    first = np.flatnonzero(np.isin(digits.train_labels, (4, 9)))[: run.config.train]
    asked = np.isin(digits.test_labels, (4, 9))
    train, test = (
        flat_maps(net, images, "conv_3").astype(np.float64)
        for images in (digits.train_images[first], digits.test_images[asked])
    )
    return Pair(train, test, digits.test_labels[asked] == 4)


def _of_sign(form: EigenForm, sign: int) -> Int[np.ndarray, " shown"]:
    """The eigenvectors of the largest eigenvalues of one sign."""
    return np.flatnonzero(np.sign(form.values) == sign)[:SHOWN]


def _kept(
    head: BilinearHead, form: EigenForm, pair: Pair, net: TrainedNet, run: Measurement[Config]
) -> Float[np.ndarray, "kind terms"]:
    """Accuracy of the largest terms alone, by kind and number."""
    terms, asked = form.terms(pair.train), form.terms(pair.test)
    order = np.argsort(-terms.std(axis=0), kind="stable")
    constant = terms.mean(axis=0)
    by_eigenvector = [
        pair.accuracy(asked[:, order[:k]].sum(axis=1) + constant[order[k:]].sum() + form.bias) for k in SIZES
    ]
    key = run.key("random directions", net=net.number)
    drawn = np.asarray(normal(key, (form.vectors.shape[1], SIZES[8])), np.float64)
    random = form.vectors @ np.linalg.qr(drawn)[0]
    centre = pair.train.mean(axis=0)
    _, _, components = np.linalg.svd(pair.train - centre, full_matrices=False)
    projected = [
        [pair.accuracy(form(_projected(pair.test, basis[:, :k], centre))) for k in SIZES]
        for basis in (components.T, random)
    ]
    return np.array([by_eigenvector, _by_products(head, form, pair), *projected])


def _projected(
    codes: Float[np.ndarray, "m d"], basis: Float[np.ndarray, "d k"], centre: Float[np.ndarray, " d"]
) -> Float[np.ndarray, "m d"]:
    """Codes of which only some directions are left, and their mean elsewhere."""
    return centre + (codes - centre) @ basis @ basis.T


def _by_products(head: BilinearHead, form: EigenForm, pair: Pair) -> list[float]:
    """Accuracy of the largest products of two points, squares among them, ranked by their spread."""
    matrix = matrix_of(head, margin_direction(4, 9))
    means = pair.train.T @ pair.train / len(pair.train)
    squares = pair.train**2
    spread = np.sqrt(np.maximum(squares.T @ squares / len(pair.train) - means**2, 0))
    size = np.triu(np.abs(matrix) * spread * (2 - np.eye(len(matrix))))
    order = np.argsort(-size, axis=None, kind="stable")[: SIZES[-1]]
    rows, columns = np.unravel_index(order, matrix.shape)
    weights = matrix[rows, columns] * np.where(rows == columns, 1, 2)
    total = float((matrix * means).sum())
    terms = weights * (pair.test[:, rows] * pair.test[:, columns] - means[rows, columns])
    products = np.cumsum(terms, axis=1)
    return [pair.accuracy(products[:, min(k, len(order)) - 1] + total + form.bias) for k in SIZES]


def _squares(head: BilinearHead, pair: Pair) -> float:
    """Covariance of the squares' part with the margin, by the margin's variance."""
    matrix = matrix_of(head, margin_direction(4, 9))
    part = pair.test**2 @ np.diag(matrix)
    whole = np.einsum("nd,nd->n", pair.test @ matrix, pair.test)
    return float(np.cov(part, whole)[0, 1] / whole.var(ddof=1))


def _strongest(net: TrainedNet, run: Measurement[Config]) -> np.ndarray:
    """Test digits to whose terms the largest eigenvectors of either sign answer most, of one network."""
    form = eigen_form(bilinear_head_of(net.weights), margin_direction(4, 9))
    terms = form.terms(flat_maps(net, run.digits.test_images, "conv_3").astype(np.float64))
    chosen = np.stack([np.argsort(-np.abs(terms[:, _of_sign(form, s)]), axis=0)[:SHOWN].T for s in (1, -1)])
    return run.digits.test_images[chosen]
