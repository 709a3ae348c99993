"""Are parts of a 4, and the patches that drive maps, better told from an autoencoder's convolutions?

The same three convolutions are looked at three times: as the classifier trained them, as an autoencoder
that started from the same weights did, and before any training. Two things are asked of each, alike.
Parts: R² of ridge regressions for the height of the bar and the openness of the top of test 4s, from all
points of Conv_3, fitted to all training 4s (see `four_parts`). OIPs: of a strong patch of a map and a
matched one, does the map's OIP resemble the one that drives the map more (see `typical_patches`)? Its
null is another map's OIP. All OIPs climb alike, under jitter, from the same few starts. How alike the
layers are is their linear CKA (S. Kornblith et al., "Similarity of neural network representations
revisited", ICML 2019).
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from cnnbook.config.checked import Checked, number
from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments.autoencoder_training import Autoencoder, train_autoencoder
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.experiments.four_parts import FOUR, PARTS, Fours
from cnnbook.experiments.matched_patches import (
    LAYER,
    MAPS,
    Conv3Responses,
    best_placement,
    share_predicted,
)
from cnnbook.fcp.network_similarity import cka, gram
from cnnbook.fcp.pictures import stroke_measures
from cnnbook.fcp.probes import explained, fit_ridge
from cnnbook.keys import uniform
from cnnbook.maps import flat_maps, flat_pixels, windows_at
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import map_mean
from cnnbook.oip.presets import preset_named
from cnnbook.oip.start import Fluctuations
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

ENCODERS = CLASSIFIER, AUTOENCODER, UNTRAINED = ("classifier", "autoencoder", "untrained")
REFERENCES = ("its OIP", "another map's OIP")


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How autoencoders are trained, and how much is asked of them."""

    train: int = number(20_000, "training images of an autoencoder, at most", least=32)
    epochs: int = number(2, "passes of an autoencoder", least=1)
    starts: int = number(2, "starts of the ascents of each map", least=1)
    steps: int = number(48, "steps of the ascents", least=1)
    test: int = number(4000, "test images whose patches and activations are looked at, at most", least=20)
    trials: int = number(40, "pairs of patches for each map", least=1)


def _beyond_untrained(encoder: str) -> Selection:
    """R² of bar and top, mean of both, beyond what untrained convolutions give."""
    own, before = (at("r2_resampled", encoder=each) for each in (encoder, UNTRAINED))
    return (own - before).mean("part")


def _told(encoder: str) -> Selection:
    """Share of pairs that a map's OIP tells, mean over the maps of which it is known."""
    known = at("correct", encoder=encoder, reference=REFERENCES[0])
    return Selection(lambda result: known(result).mean("map_conv_3").fillna(0))


def _more(name: str):
    return lambda result: "more" if float(result[name].mean()) > 0 else "less"


@experiment(
    config=Config(),
    draft=Config(train=1280, epochs=2, starts=1, steps=6, test=120, trials=5),
    inputs=("shown",),
    coords=lambda run: {
        "encoder": ENCODERS,
        "part": PARTS,
        "reference": REFERENCES,
        "digit": [digit.name for digit in run.inputs.shown],
    },
    about=lambda run: {
        "train": len(run.digits.train_images[: run.config.train]),
        "epochs": run.config.epochs,
        "starts": run.config.starts,
        "trials": run.config.trials,
    },
    variables=[
        variable("r2", "encoder net part", "R² beyond the mean of 4s"),
        variable("r2_resampled", "encoder net part resample", published=False),
        variable("correct", "encoder reference net map_conv_3", "share of pairs of patches told"),
        variable("alignment", "encoder net", "linear CKA of Conv_3 with the classifier's"),
        variable("rebuilt_r2", "encoder", "R² of the pixels of test images, first network"),
        variable("rebuilt", "encoder digit row column", "the shown digits as a decoder rebuilds them"),
        variable("image", "digit row column", "the shown digits"),
        variable("class_mean", "digit row column", "mean training image of each shown digit's class"),
    ],
    statistics=[
        statistic(
            "parts_gain",
            _beyond_untrained(AUTOENCODER) - _beyond_untrained(CLASSIFIER),
            "R² of bar and top beyond untrained convolutions, autoencoder less classifier",
        ),
        statistic(
            "oip_gain",
            _told(AUTOENCODER) - _told(CLASSIFIER),
            "share of pairs of patches that OIPs tell, autoencoder less classifier",
        ),
    ],
    facts=[
        fact("{part}_{encoder}", "r2"),
        fact("told_{encoder}", lambda r: r.correct.sel(reference=REFERENCES[0]), ".1%"),
        fact("told_by_another_{encoder}", lambda r: r.correct.sel(reference=REFERENCES[1]), ".1%"),
        fact("alignment_{encoder}", "alignment"),
        fact("rebuilt_{encoder}", "rebuilt_r2"),
        fact("parts_gain", form="+.2f"),
        fact("parts_are", _more("parts_gain")),
        fact("oip_gain", form="+.1f", scale=100),
        fact("oips_tell", _more("oip_gain")),
    ],
)
def autoencoder(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What is told of parts and of patches by each encoder, and in the first network what is rebuilt."""
    start, images = untrained(net), run.digits.train_images[: run.config.train]
    key = run.key("autoencoder", net=net.number)
    trained = train_autoencoder(start, images, epochs=run.config.epochs, key=key)
    encoders = {CLASSIFIER: net, AUTOENCODER: trained.encoder, UNTRAINED: start}
    r2 = np.stack([_parts(each, run) for each in encoders.values()])
    test = run.test_images(run.config.test)
    codes = [flat_maps(each, test, LAYER) for each in encoders.values()]
    measured: dict[str, np.ndarray] = {
        "r2": r2[..., 0],
        "r2_resampled": r2,
        "correct": np.stack([_told_by_oips(each, run) for each in encoders.values()]),
        "alignment": np.array([cka(gram(each), gram(codes[0])) for each in codes]),
    }
    return measured | (_first_network(encoders, trained, run) if run.is_first else {})


def _fours(run: Measurement[Config]) -> tuple[Fours, Fours]:
    """All training 4s, and all test 4s in the fixed order.

    Raises:
        ValueError: there are not enough 4s.
    """
    test_images, test_labels = stratified_subset(run.digits)
    train, test = run.digits.train_images[run.digits.train_labels == FOUR], test_images[test_labels == FOUR]
    if len(train) < 2 or not len(test):
        raise ValueError(
            f"digits: {len(train)} 4s among the training images and {len(test)} among the test images, "
            "expected at least 2 and 1"
        )
    first, second = (Fours(images, stroke_measures(images / 255.0)[:, 2:]) for images in (train, test))
    return first, second


def _parts(net: TrainedNet, run: Measurement[Config]) -> Float[np.ndarray, "part resample"]:
    """R² of bar and top from Conv_3, for every resample."""
    train, test = run.cached("4s", lambda: _fours(run))
    probe = fit_ridge(flat_maps(net, train.images, LAYER), {"parts": train.parts})
    predicted = probe.predict(flat_maps(net, test.images, LAYER))["parts"]
    mean, weights = train.parts.mean(axis=0), run.weights(len(test.images))
    return explained((test.parts - predicted) ** 2, (test.parts - mean) ** 2, weights).T


def _told_by_oips(net: TrainedNet, run: Measurement[Config]) -> Float[np.ndarray, "references maps"]:
    """For each map the share of pairs of patches of which its OIP, or another's, tells the stronger.

    Not a number for a map without an OIP, or that too few images activate.
    """
    count, number = run.config.trials, net.number
    oips, has_oip = _oips(net, run)
    test = Conv3Responses.of(net, run.test_images(run.config.test), run.test_labels(run.config.test))
    index, point = test.strongest(count)
    match = test.matches(index, point, uniform(run.key("matches", net=number), index.shape))
    enough = test.responses.max(axis=1)[index.T, np.arange(MAPS)].min(axis=0) > 0
    asked = np.flatnonzero(enough & has_oip)
    order = asked[np.argsort(uniform(run.key("other maps", net=number), asked.shape))]
    other = dict(zip(order, np.roll(order, 1), strict=True))
    correct = np.full((len(REFERENCES), MAPS), np.nan)
    for k in asked:
        both, points = np.concatenate([index[k], match[k]]), np.tile(point[k], 2)
        patches = windows_at(test.images[both], LAYER, points).reshape(len(both), -1)
        responses = test.responses[both, points, k]
        likeness = [best_placement(patches, oips[each]) for each in (k, other[k])]
        correct[:, k] = [share_predicted(each, responses) for each in likeness]
    return correct


def _oips(
    net: TrainedNet, run: Measurement[Config]
) -> tuple[Float[np.ndarray, "maps 28 28"], Bool[np.ndarray, " maps"]]:
    """Each map's OIP, the best from a few starts that all encoders share; and whether there is one."""
    starts = run.cached("starts", lambda: Fluctuations().draw(run.key("starts"), count=run.config.starts))
    preset = replace(preset_named("robust"), steps=run.config.steps)
    objectives = [map_mean(LAYER, index) for index in range(MAPS)]
    ascent = ascend(net, objectives, starts, preset, key=run.key("ascents", net=net.number))
    return ascent.best, ascent.reached.max(axis=1) > 0


def _first_network(
    encoders: dict[str, TrainedNet], trained: Autoencoder, run: Measurement[Config]
) -> dict[str, np.ndarray]:
    """Shown digits rebuilt by the autoencoder, and by the same decoder behind convolutions that stay."""
    images, config = run.digits.train_images[: run.config.train], run.config
    labels, test = run.digits.train_labels[: len(images)], run.test_images(run.config.test)
    pixels, mean = flat_pixels(test), flat_pixels(images).mean(axis=0)
    rebuilt, r2 = [], []
    for name, net in encoders.items():
        decoded = trained
        if name != AUTOENCODER:
            key = run.key(f"decoder behind {name}")
            decoded = train_autoencoder(net, images, epochs=config.epochs, key=key, only_decoder=True)
        rebuilt.append(np.clip(decoded.rebuilt(run.shown_images), 0, 1))
        error = ((decoded.rebuilt(test).reshape(pixels.shape) - pixels) ** 2).sum()
        r2.append(1 - error / ((pixels - mean) ** 2).sum())
    means = [images[labels == digit.label].mean(axis=0) / 255 for digit in run.inputs.shown]
    return {
        "rebuilt": np.stack(rebuilt),
        "rebuilt_r2": np.array(r2),
        "image": run.shown_images / 255.0,
        "class_mean": np.stack(means),
    }
