"""How well a linear model of its window predicts a point's answer.

For the middle point of every Conv_3 map a ridge regression on the 324 pixels of its window is fitted to
training images and judged on test images. Its weights, turned into a picture, are what neuroscience calls a
spike-triggered average, made right for the correlations of pixels (E. Chichilnisky, "A simple white noise
analysis of neuronal light responses", Network 12 (2001) 199; F. Theunissen et al. 2001). The nulls: the same
point before training, and the class of the image: how much of the answer ten numbers, one a class, explain.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from cnnbook.config.questions import PatchesConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import Resampled, Weights, resample_weights, resampled, statistic
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import CLASSES, geometry_of
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYER = "conv_3"
STRENGTH = 1e-2
"""Ridge strength, in units of the mean variance of a pixel."""

RARE = 0.01
"""Share of training images from which a point counts as active; of rarer ones too little is seen to judge."""


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """R² of the linear model by network and map, on test images, with its nulls.

    Returns:
        `r2`, `r2_untrained` and `r2_class` by net and map, 0 for a map that never varies; `weights` of the
        first network's maps as pictures; and the statistic, mean over maps that vary.
    """
    own: PatchesConfig = config.own
    train, test = digits.train_images[: own.train], digits.test_images[: own.test]
    labels, asked = digits.train_labels[: own.train], digits.test_labels[: own.test]
    seen, shown = _windows(train), _windows(test)
    weights = resample_weights(len(test), resamples=config.resamples, seed=config.seed)
    solve = _solver(seen)
    classes, member = np.eye(CLASSES)[labels], np.eye(CLASSES)[asked]
    r2, before, by_class = [], [], []
    judged, pictures = [], None
    for net in nets:
        answers, truth = _middle(net, train), _middle(net, test)
        beta, offset = solve(answers)
        found = _r2(truth, shown @ beta + offset, answers.mean(axis=0), weights)
        active = (answers > 0).mean(axis=0) >= RARE
        judged.append(found[:, active].mean(axis=1) if active.any() else np.zeros(len(weights)))
        r2.append(np.where(active, found[0], np.nan))
        means = (classes.T @ answers) / np.maximum(classes.sum(axis=0), 1)[:, None]
        of_class = _r2(truth, member @ means, answers.mean(axis=0), weights[:1])[0]
        by_class.append(np.where(active, of_class, np.nan))
        first = untrained(net)
        old, old_truth = _middle(first, train), _middle(first, test)
        beta_before, offset_before = solve(old)
        of_old = _r2(old_truth, shown @ beta_before + offset_before, old.mean(axis=0), weights[:1])[0]
        before.append(np.where((old > 0).mean(axis=0) >= RARE, of_old, np.nan))
        pictures = beta.T.reshape(-1, *_SIDES) if pictures is None else pictures
    dims = ("net", "map_conv_3")
    return xr.Dataset(
        {
            "r2": (dims, np.stack(r2), {"units": "1"}),
            "r2_untrained": (dims, np.stack(before), {"units": "1"}),
            "r2_class": (dims, np.stack(by_class), {"units": "1"}),
            "weights": (("map_conv_3", "row", "column"), pictures, {"units": "1"}),
            "linear_r2": statistic(np.stack(judged), "R² of a linear model of a point's answer"),
        },
        coords={"net": [net.number for net in nets]},
        attrs={"claims": "C41", "data": digits.name, "train": len(train), "test": len(test)},
    )  # fmt: skip


_SIDES = (18, 18)
"""Rows and columns of a Conv_3 point's window."""


def _windows(images: np.ndarray) -> np.ndarray:
    """What the middle point sees, as ink, one row an image."""
    start, stop = geometry_of()[LAYER].window(1)
    inside = images[:, start : stop + 1, start : stop + 1]
    return inside.reshape(len(images), -1).astype(np.float64) / 255


def _solver(inputs: np.ndarray):
    """What fits a ridge regression of any answers on these inputs."""
    mean = inputs.mean(axis=0)
    away = inputs - mean
    gram = away.T @ away
    gram += STRENGTH * max(np.trace(gram) / len(gram), 1e-12) * np.eye(len(gram))
    inverse = np.linalg.inv(gram)

    def solve(answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        beta = inverse @ (away.T @ (answers - answers.mean(axis=0)))
        return beta, answers.mean(axis=0) - mean @ beta

    return solve


def _middle(net: TrainedNet, images: np.ndarray) -> np.ndarray:
    """The middle point of every map."""
    return feature_maps(net, images, (LAYER,))[LAYER][:, 1, 1].astype(np.float64)


def _r2(truth: np.ndarray, found: np.ndarray, mean: np.ndarray, weights: Weights) -> np.ndarray:
    """1 less squared error by squared deviation from the training mean, by resample and map."""
    error, spread = weights @ (truth - found) ** 2, weights @ (truth - mean) ** 2
    return np.where(spread > 1e-12, 1 - error / np.where(spread > 1e-12, spread, 1), 0.0)


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Means over maps and networks."""
    return {
        "train": f"{result.attrs['train']:,}",
        "test": f"{result.attrs['test']:,}",
        "nets": str(result.sizes["net"]),
        "r2": f"{float(result.linear_r2.isel(resample=0).mean()):.2f}",
        "untrained": f"{float(result.r2_untrained.mean()):.2f}",
        "by_class": f"{float(result.r2_class.mean()):.2f}",
        "best": f"{float(result.r2.isel(net=0).max()):.2f}",
    }


EXPERIMENT = LegacyExperiment(
    name="patches",
    question="How much of a point's answer does a linear model of its window predict?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.patches),
)
