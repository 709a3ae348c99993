"""What of a digit can a linear probe still find in each layer?

A probe of every layer and of the image is given as many numbers, the leading principal components
(`fcp.probes.Components`), and as many training images. A logistic one is asked for the class (G. Alain and
Y. Bengio 2016), a ridge regression, the *decoder*, for the pixels. The nulls: networks before training; the
mean image of the digit's own class in place of the decoder's; fewer training images, since a probe that has
learned too little exaggerates what a layer adds; and a control task (J. Hewitt and P. Liang, "Designing and
interpreting probes with control tasks", EMNLP 2019): labels drawn at random, which a probe can only learn by
heart, so that it classifies one test image in ten correctly.

R² of pixels is 1 less the squared error by the squared deviation from the training images' mean, summed over
pixels and images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Integer

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.fcp.pictures import ssim
from cnnbook.fcp.probes import Components, explained, fit_components, fit_probe, fit_ridge
from cnnbook.keys import integers
from cnnbook.maps import feature_maps, flat_pixels
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE, MAP_LAYERS
from cnnbook.training.trained import TrainedNet

SPACES = ("image", *MAP_LAYERS)
BEFORE_TRAINING = ("conv_2", "conv_3")
"""Layers that are looked at before training as well."""

STATES = ("trained", "untrained")
READ = ("class", "r2", "ssim")
SHARES = (16, 4, 1)
"""Of the training images a probe of the class learns from one in so many."""

_CHUNK = 1000
"""Images whose activations are held at once."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """What linear probes are fitted to, and what they are judged on."""

    train: int = number(20000, "training images that a probe is fitted to", least=160)
    test: int = number(4000, "test images that it is judged on", least=10)
    components: int = number(256, "numbers of each image that a probe is given", least=1)
    steps: int = number(25, "steps of L-BFGS of a probe of the class", least=1)
    decay: float = number(1e-3, "L2 coefficient of a probe of the class", least=0)


def _found(space: str, what: str, state: str = "trained") -> Selection:
    """What was found, by network and resample."""
    return at("read_resampled", space=space, what=what, state=state)


def _pooling_loss(result: xr.Dataset) -> xr.DataArray:
    first = _found("conv_1", "r2") - _found("pool_1", "r2")
    second = _found("conv_2", "r2") - _found("pool_2", "r2")
    return (first(result) + second(result)) / 2


def _over_class(what: str) -> Selection:
    """What the decoder of Conv_3 finds, less what the mean image of the digit's class does."""
    return _found("conv_3", what) - at("by_class_resampled", what=what)


def _untrained(result: xr.Dataset, *what: str) -> xr.DataArray:
    """What was found before training, in the layers that were looked at."""
    return at("read", what=list(what), space=list(BEFORE_TRAINING), state="untrained")(result)


@experiment(
    config=Config(),
    draft=Config(train=1600, test=300, components=48, steps=12),
    states=STATES,
    inputs=("shown",),
    coords=lambda run: {
        "space": SPACES,
        "what": READ,
        "learned_from": [len(_train_images(run)) // share for share in SHARES],
        "digit": [digit.name for digit in run.inputs.shown],
    },
    about=lambda run: {
        "train": len(_train_images(run)),
        "few": len(_train_images(run)) // SHARES[0],
        "test": len(run.test_images(run.config.test)),
        "components": run.config.components,
    },
    variables=[
        variable("read", "state space net what", "accuracy, R² or SSIM of what a probe finds"),
        variable("read_resampled", "state space net what resample", published=False),
        variable("by_class", "what", "the same of the mean image of the digit's class"),
        variable("by_class_resampled", "what resample", published=False),
        variable("control", "space", "accuracy on labels drawn at random, first network"),
        variable("curve", "space learned_from", "accuracy by number of training images, first network"),
        variable("rebuilt", "state space digit row column", "the shown digits as a decoder rebuilds them"),
        variable("shown", "digit row column", "the shown digits"),
        variable("class_mean", "digit row column", "mean training image of each shown digit's class"),
    ],
    statistics=[
        statistic(
            "conv_2_over_pool_1",
            _found("conv_2", "class") - _found("pool_1", "class"),
            "probe, Conv_2 less Pool_1",
        ),
        statistic(
            "conv_2_over_untrained",
            _found("conv_2", "class") - _found("conv_2", "class", "untrained"),
            "probe on Conv_2, trained less untrained",
        ),
        statistic("pooling_loss", _pooling_loss, "fall of the decoder's R² at a pooling"),
        statistic("conv_2_r2", _found("conv_2", "r2"), "R² of the decoder from Conv_2"),
        statistic("class_mean_r2", at("by_class_resampled", what="r2"), "R² of the class's mean image"),
        statistic("conv_3_ssim_over_class", _over_class("ssim"), "SSIM of the decoder less the class's mean"),
        statistic("conv_3_r2_over_class", _over_class("r2"), "R² of the decoder less the class's mean"),
    ],
    facts=[
        fact("{space}_class", at("read", what="class"), ".1%"),
        fact("{space}_class_untrained", lambda r: _untrained(r, "class").squeeze("what"), ".1%"),
        fact("{space}_class_few", lambda r: r.curve.isel(learned_from=0), ".1%"),
        fact("{space}_control", "control", ".1%"),
        fact("{space}_{what}", at("read", what=list(READ[1:]))),
        fact("{space}_{what}_untrained", lambda r: _untrained(r, *READ[1:])),
        fact("class_mean_{what}", lambda r: r.by_class.sel(what=list(READ[1:]))),
        fact("conv_3_r2_over_class"),
        fact("conv_3_ssim_over_class"),
    ],
)
def linear_decodability(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What probes of the image and of each layer find, and the shown digits that a decoder rebuilds."""
    layers = MAP_LAYERS if run.is_trained else BEFORE_TRAINING
    found = {"image": run.cached("from the image", lambda: _probed(run, _pixel_codes(run)))}
    found |= {layer: _probed(run, codes) for layer, codes in _layer_codes(net, run, layers).items()}
    spaces = [found.get(space) or _nothing(run) for space in SPACES]
    read = np.stack([each.read for each in spaces])
    measured = {
        "read": read[..., 0],
        "read_resampled": read,
        "rebuilt": np.stack([each.rebuilt for each in spaces]),
    }
    if not run.is_first:
        return measured
    by_class, class_mean = _by_class(run)
    return measured | {
        "by_class": by_class[:, 0],
        "by_class_resampled": by_class,
        "control": [each.control for each in spaces],
        "curve": [each.curve for each in spaces],
        "shown": run.shown_images / 255.0,
        "class_mean": class_mean,
    }


class Codes(NamedTuple):
    """What a probe is given of the training images, the test images and the shown digits."""

    train: Float[np.ndarray, "n_train k"]
    test: Float[np.ndarray, "n_test k"]
    shown: Float[np.ndarray, "n_shown k"]


class Probed(NamedTuple):
    """What probes of one space find.

    Attributes:
        read: in the order of `READ`, for each resample.
        rebuilt: the shown digits.
        control: accuracy on labels drawn at random; not a number but for the first network.
        curve: accuracy by number of training images; likewise.
    """

    read: Float[np.ndarray, "what resample"]
    rebuilt: Float[np.ndarray, "n_shown 28 28"]
    control: float
    curve: Float[np.ndarray, " sizes"]


def _nothing(run: Measurement[Config]) -> Probed:
    """Of a layer that is not looked at before training."""
    read = np.full((len(READ), run.resamples + 1), np.nan)
    blank = np.full((len(run.shown_images), INPUT_SIZE, INPUT_SIZE), np.nan)
    return Probed(read, blank, np.nan, np.full(len(SHARES), np.nan))


def _train_images(run: Measurement[Config]) -> RawImages:
    return run.digits.train_images[: run.config.train]


def _images(run: Measurement[Config]) -> Sequence[np.ndarray]:
    """Training images, test images and shown digits."""
    return _train_images(run), run.test_images(run.config.test), run.shown_images


def _first_images(run: Measurement[Config]) -> RawImages:
    """Training images that components are computed from."""
    return run.digits.train_images[: min(4 * run.config.components, run.config.train)]


def _pixel_codes(run: Measurement[Config]) -> Codes:
    """Components of the pixels."""
    train, test, shown = _images(run)
    components = fit_components(flat_pixels(_first_images(run)), run.config.components)
    return Codes(*(components(flat_pixels(images)) for images in (train, test, shown)))


def _layer_codes(net: TrainedNet, run: Measurement[Config], layers: Sequence[str]) -> dict[str, Codes]:
    """Components of the activations of some layers."""
    train, *others = _images(run)
    first = feature_maps(net, _first_images(run), layers)
    components = {layer: fit_components(_flat(first[layer]), run.config.components) for layer in layers}
    of_images = [_coded(net, images, components) for images in (train, *others)]
    return {layer: Codes(*(each[layer] for each in of_images)) for layer in layers}


def _coded(
    net: TrainedNet, images: RawImages, components: Mapping[str, Components]
) -> dict[str, Float[np.ndarray, "n _k"]]:
    """Components of the activations of some images, not all of which are held at once."""
    parts: dict[str, list[np.ndarray]] = {layer: [] for layer in components}
    for begin in range(0, len(images), _CHUNK):
        maps = feature_maps(net, images[begin : begin + _CHUNK], tuple(components))
        for layer, project in components.items():
            parts[layer].append(project(_flat(maps[layer])))
    return {layer: np.concatenate(each) for layer, each in parts.items()}


def _flat(maps: Float[np.ndarray, "n h w c"]) -> Float[np.ndarray, "n points"]:
    return maps.reshape(len(maps), -1)


def _probed(run: Measurement[Config], codes: Codes) -> Probed:
    """What probes find in some codes."""
    labels, test_labels = run.digits.train_labels[: len(codes.train)], run.test_labels(len(codes.test))
    weights = run.weights(len(codes.test))
    is_correct = _is_correct(run, codes, labels, test_labels)
    pixels = run.cached("pixels", lambda: flat_pixels(_train_images(run)))
    decoder = fit_ridge(codes.train, {"pixels": pixels})
    rebuilt = decoder.predict(codes.shown)["pixels"].reshape(-1, INPUT_SIZE, INPUT_SIZE)
    likeness = _likeness(run, decoder.predict(codes.test)["pixels"])
    read = np.stack([weights @ is_correct / weights.sum(axis=1), *likeness])
    if not run.is_first:
        return Probed(read, np.clip(rebuilt, 0, 1), np.nan, np.full(len(SHARES), np.nan))
    drawn = integers(run.key("random labels"), (len(labels) + len(test_labels),), CLASSES)
    control = _is_correct(run, codes, *np.split(drawn, [len(labels)]))
    sizes = [len(labels) // share for share in SHARES[:-1]]
    curve = [_is_correct(run, codes._replace(train=codes.train[:n]), labels[:n], test_labels) for n in sizes]
    accuracies = np.array([each.mean() for each in (*curve, is_correct)])
    return Probed(read, np.clip(rebuilt, 0, 1), float(control.mean()), accuracies)


def _is_correct(
    run: Measurement[Config],
    codes: Codes,
    labels: Integer[np.ndarray, " n_train"],
    test_labels: Integer[np.ndarray, " n_test"],
) -> Bool[np.ndarray, " n_test"]:
    """Which test images a probe classifies correctly."""
    probe = fit_probe(codes.train, labels, decay=run.config.decay, steps=run.config.steps)
    return probe.is_correct(codes.test, test_labels)


def _likeness(
    run: Measurement[Config], pictures: Float[np.ndarray, "n_test 784"]
) -> tuple[Float[np.ndarray, " resample"], Float[np.ndarray, " resample"]]:
    """R² and SSIM of pictures that stand for the test images."""
    test = run.cached("test pixels", lambda: flat_pixels(run.test_images(run.config.test)))
    mean = run.cached("mean", lambda: flat_pixels(_train_images(run)).mean(axis=0))
    weights = run.weights(len(test))
    error, spread = (((test - other) ** 2).sum(axis=1, dtype=np.float64) for other in (pictures, mean))
    shape = (-1, INPUT_SIZE, INPUT_SIZE)
    similar = ssim(np.clip(pictures, 0, 1).reshape(shape), test.reshape(shape))
    return explained(error, spread, weights), weights @ similar / weights.sum(axis=1)


def _by_class(
    run: Measurement[Config],
) -> tuple[Float[np.ndarray, "what resample"], Float[np.ndarray, "n_shown 28 28"]]:
    """What the mean image of the digit's class finds, and that image for the shown digits."""
    train, labels = _train_images(run), run.digits.train_labels[: run.config.train]
    means = np.stack([flat_pixels(train[labels == digit]).mean(axis=0) for digit in range(CLASSES)])
    read = _likeness(run, means[run.test_labels(run.config.test)])
    shown = means[[digit.label for digit in run.inputs.shown]]
    return np.stack([np.ones(len(read[0])), *read]), shown.reshape(-1, INPUT_SIZE, INPUT_SIZE)
