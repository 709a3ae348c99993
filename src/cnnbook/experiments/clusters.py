"""Do convolutions serve an MLP better than a cluster analysis does?

In front of the same small MLP, one hidden layer of 100, stand several spaces: the pixels, the distances of
an image to the centres of clusters of training images, and the points of Conv_3, after training and before
it. There are as many centres as points. Centres come from the pixels by k-means in small batches (D.
Sculley, "Web-scale k-means clustering", WWW 2010) and know no labels; untrained convolutions do not either,
trained ones do. All MLPs are trained alike, on the same images. Distances themselves are what the claim
names. K-means is known to serve better if only what is nearer than the average counts (A. Coates, H. Lee,
A. Ng, "An analysis of single-layer networks in unsupervised feature learning", AISTATS 2011); so that is
looked at as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Bool, Float, Key
from sklearn.cluster import MiniBatchKMeans

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.experiments.head_training import train_head
from cnnbook.fcp.head import CELLS, MAPS
from cnnbook.keys import integers
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

SPACES = ("pixels", "distances to clusters", "nearness to clusters", "Conv_3 untrained", "Conv_3")
"""What the MLP is given."""

POINTS = CELLS * MAPS
"""Numbers that it is given of each image; zeros are added to pixels, so that one program serves."""

_BATCH, _SEEDS = 2048, 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How clusters are found and MLPs trained."""

    train: int = number(12_000, "training images for clusters and MLPs, at most", least=20)
    centres: int = number(POINTS, "cluster centres, at most half as many as training images", least=2)
    passes: int = number(3, "passes of k-means over the training images", least=1)
    epochs: int = number(6, "passes of every MLP", least=1)


def _accuracy(space: str) -> Selection:
    return at("accuracy", space=space)


def _over_clusters(space: str) -> Selection:
    """What an MLP gains by a space over distances to clusters."""
    return _accuracy(space) - _accuracy("distances to clusters")


@experiment(
    config=Config(),
    draft=Config(train=1600, centres=200, passes=2, epochs=3),
    coords={"space": SPACES},
    about=lambda run: {
        "train": len(run.digits.train_images[: run.config.train]),
        "centres": _centres(run),
        "epochs": run.config.epochs,
    },
    variables=[variable("accuracy", "space net image", "accuracy of a small MLP")],
    statistics=[
        statistic(
            "convolution_gain", _over_clusters("Conv_3"), "accuracy, Conv_3 less distances to clusters"
        ),
        statistic(
            "untrained_gain",
            _over_clusters("Conv_3 untrained"),
            "accuracy, untrained Conv_3 less distances to clusters",
        ),
    ],
    facts=[
        fact("{space}", "accuracy", ".2%"),
        fact("convolution_gain", form="+.2f", scale=100),
        fact("untrained_gain", form="+.2f", scale=100),
        fact(
            "untrained_over_nearness",
            _accuracy("Conv_3 untrained") - _accuracy("nearness to clusters"),
            "+.2f",
            scale=100,
        ),
    ],
)
def clusters(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Which test images an MLP on each space classifies correctly; each network has clusters of its own."""
    train, test = run.digits.train_images[: run.config.train], run.digits.test_images
    pixels = [flat_pixels(images) for images in (train, test)]
    key, passes = run.key("clusters", net=net.number), run.config.passes
    distances = distances_to_clusters(*pixels, centres=_centres(run), passes=passes, key=key)
    before = untrained(net)
    spaces = {
        "distances to clusters": distances,
        "nearness to clusters": [nearness(each) for each in distances],
        "Conv_3 untrained": [flat_maps(before, images, "conv_3") for images in (train, test)],
        "Conv_3": [flat_maps(net, images, "conv_3") for images in (train, test)],
    }
    found = {"pixels": run.cached("pixels", lambda: _is_correct(run, "pixels", pixels, 0))}
    found |= {space: _is_correct(run, space, codes, net.number) for space, codes in spaces.items()}
    return {"accuracy": np.stack([found[space] for space in SPACES])}


def _centres(run: Measurement[Config]) -> int:
    """How many centres there are."""
    return min(run.config.centres, len(run.digits.train_images[: run.config.train]) // 2)


def distances_to_clusters(
    train: Float[np.ndarray, "n_train d"],
    test: Float[np.ndarray, "n_test d"],
    *,
    centres: int,
    passes: int,
    key: Key[jax.Array, ""],
) -> tuple[Float[np.ndarray, "n_train centres"], Float[np.ndarray, "n_test centres"]]:
    """Distances of images to the centres of clusters of training images, by k-means in small batches.

    Args:
        train: pixels of the images that are clustered.
        test: pixels of further images.
        centres: how many.
        passes: over the training images.
        key: decides which images the centres start from, and the batches.

    Raises:
        ValueError: there are fewer training images than centres.
    """
    if len(train) < centres:
        raise ValueError(f"centres={centres}: expected at most one for each of the {len(train)} images")
    first_key, batch_key = jax.random.split(key)
    start = train[np.asarray(jax.random.permutation(first_key, len(train)))[:centres]]
    seed = int(integers(batch_key, (1,), _SEEDS)[0])
    means = MiniBatchKMeans(
        centres,
        init=start,  # pyright: ignore[reportArgumentType]
        max_iter=passes,
        batch_size=_BATCH,
        random_state=seed,
    ).fit(train)
    first, second = (means.transform(images).astype(np.float32) for images in (train, test))
    return first, second


def nearness(distances: Float[np.ndarray, "n centres"]) -> Float[np.ndarray, "n centres"]:
    """By how much each centre is nearer to an image than centres are on average; 0 for one that is not."""
    return np.maximum(distances.mean(axis=1, keepdims=True) - distances, 0)


def _is_correct(
    run: Measurement[Config], space: str, codes: Sequence[Float[np.ndarray, "_n _d"]], net: int
) -> Bool[np.ndarray, " n_test"]:
    """Which test images an MLP on training images of a space classifies correctly."""
    train, test = (np.pad(each, ((0, 0), (0, max(POINTS - each.shape[1], 0)))) for each in codes)
    key, labels = run.key(f"MLP on {space}", net=net), run.digits.train_labels[: len(train)]
    head = train_head(train, labels, epochs=run.config.epochs, key=key)
    return head.predict(test) == run.digits.test_labels
