"""Can the dense layers of one network use the maps of another?

The Conv_3 maps of one network are turned into those of another by one affine layer, alike at all nine points,
in closed form (`fit_stitch`); then the other network's dense layers classify. It is fitted on one half of
the test images, without labels, and judged on the other half. Accuracy alone proves little: noise that
clusters by class can be stitched into such a network as well (D. Smith, H. Mannering, A. Marcu, "Functional
Alignment Can Mislead", ICML 2025). So that noise is a null, beside networks before training and others that
learned shuffled labels.
"""

import jax
import numpy as np
from jaxtyping import Bool, Float

from cnnbook.arrays import RawImages, RawLabels
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.network_pairs import PairsConfig, check_enough
from cnnbook.fcp.head import CELLS, MAPS, Head, head_of
from cnnbook.fcp.matching import fit_stitch
from cnnbook.maps import flat_maps
from cnnbook.nets.geometry import CLASSES
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

SOURCES = (
    "own maps",
    "same recipe",
    "other recipe",
    "shuffled labels",
    "before training",
    "clustered noise",
    "not stitched",
)
"""Whose maps the dense layers get; the last are another network's maps as they are."""

SPREAD = 0.5
"""Standard deviation of the noise around the centre of its class, by that of the centres."""

Maps = Float[np.ndarray, "n cells maps"]


@experiment(
    config=PairsConfig(images=4000),
    draft=PairsConfig(images=400),
    nets=("reference", "standardised", "shuffled-labels"),
    together=True,
    coords={"source": SOURCES},
    about=lambda run: {"images": len(run.test_images(run.config.images)) // 2},
    variables=[variable("accuracy", "source net image", "share of test images classified correctly")],
    facts=[fact("{source}", "accuracy", ".1%")],
)
def stitching(run: Measurement[PairsConfig]) -> Measured:
    """Whether each judged test image is classified correctly, by source of the maps and network."""
    for recipe, nets in run.nets.items():
        check_enough(nets, recipe)
    images, labels = run.test_images(run.config.images), run.test_labels(run.config.images)
    correct = [_of_network(number, images, labels, run) for number in range(len(run.reference))]
    return {"accuracy": np.stack(correct, axis=1)}


def _of_network(
    number: int, images: RawImages, labels: RawLabels, run: Measurement[PairsConfig]
) -> Bool[np.ndarray, "sources judged"]:
    """The same for the dense layers of one network."""
    net, following = run.reference[number], (number + 1) % len(run.reference)
    others = [run.nets[recipe][following] for recipe in ("reference", "standardised", "shuffled-labels")]
    own, *sources = (_maps(each, images) for each in (net, *others, untrained(others[0])))
    sources.append(clustered_noise(run.key("noise", net=number), labels))
    head, judged = head_of(net.weights), labels[1::2]
    stitched = [
        own[1::2],
        *(fit_stitch(each[0::2], own[0::2])(each[1::2]) for each in sources),
        sources[0][1::2],
    ]
    return np.stack([_classes(head, each) == judged for each in stitched])


def _maps(net: TrainedNet, images: RawImages) -> Maps:
    return flat_maps(net, images, "conv_3").reshape(len(images), CELLS, MAPS)


def _classes(head: Head, maps: Maps) -> np.ndarray:
    return head.predict(maps.reshape(len(maps), -1))


def clustered_noise(key: jax.Array, labels: RawLabels) -> Maps:
    """Noise in the form of Conv_3's maps that knows the class of its image, and nothing else of it.

    Args:
        key: consumed.
        labels: of the images.
    """
    of_class, of_image = jax.random.split(key)
    centres = np.asarray(jax.random.normal(of_class, (CLASSES, CELLS, MAPS)))
    around = np.asarray(jax.random.normal(of_image, (len(labels), CELLS, MAPS)))
    return centres[labels] + np.float32(SPREAD) * around
