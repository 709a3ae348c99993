"""Which Pool_2 maps does a map of Conv_3 combine, and does swapping them take its activation away?

The middle point of each map, before ReLU, is a sum of what 64 Pool_2 maps contribute. On training images
they are ranked by the difference between images that drive the point most and others; on test images the
first of them take the values that they have for another image. Ranked by the size of their weights alone, or
at random, is what that is compared with.
"""

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float, Int

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.tracing import contributions, kept_by_patching, maps_needed
from cnnbook.maps import feature_maps, map_responses, windows_at
from cnnbook.training.trained import TrainedNet

RANKINGS = ("by contribution", "by weights alone", "at random")

SWAPPED = (1, 2, 4, 8, 16, 32, 64)
"""Numbers of Pool_2 maps that are swapped."""

FIRST, LAST = 1, 4
"""Rows and columns of Pool_2 that the middle point of Conv_3 sees, the last one not included."""

DRIVEN = 0.05
"""Share of images that drive a point most."""

SHOWN = 4
"""Pool_2 maps that are drawn below the traced map."""

PATCHES = 30
"""Strongest 8×8 windows whose mean is a Conv_2 map's pattern."""

LIVE = 1e-6
"""A map whose middle point varies less than that is not traced."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """On how many images maps are traced."""

    train: int = number(4_000, "training images on which Pool_2 maps are ranked, at most", least=40)
    test: int = number(4_000, "test images on which they are swapped, at most", least=40)


@experiment(
    config=Config(),
    draft=Config(train=600, test=600),
    states=("trained", "untrained"),
    coords={"ranking": RANKINGS, "swapped": list(SWAPPED)},
    about=lambda run: {"images": len(run.test_labels(run.config.test)), "driven": DRIVEN},
    variables=[
        variable("needed", "state net map_conv_3", "Pool_2 maps that hold 80 % of a map's variance"),
        variable("fall", "state ranking swapped net map_conv_3", "share of a point's fall, by maps swapped"),
        variable("traced", "", "the map that is drawn, of the first network"),
        variable("traced_pattern", "row column", "mean of the windows that drive it most", units="byte"),
        variable("source", "shown", "Pool_2 maps that contribute most to it"),
        variable("source_share", "shown", "share of its fall when this map alone is swapped"),
        variable("source_kernel", "shown kernel_row kernel_column", "its weights for that map"),
        variable(
            "source_pattern", "shown small_row small_column", "mean of that map's 8×8 windows", units="byte"
        ),
    ],
    facts=[
        fact("needed_{state}", "needed", ".0f"),
        fact("fall_of_8", at("fall", state="trained", ranking=RANKINGS[0], swapped=8), ".0%"),
        fact("fall_of_8_by_weights", at("fall", state="trained", ranking=RANKINGS[1], swapped=8), ".0%"),
        fact("fall_of_8_random", at("fall", state="trained", ranking=RANKINGS[2], swapped=8), ".0%"),
        fact("fall_of_8_untrained", at("fall", state="untrained", ranking=RANKINGS[0], swapped=8), ".0%"),
        fact("traced", form=".0f"),
        fact("first_share", lambda r: r.source_share.isel(shown=0), ".0%"),
    ],
)
def traced_maps(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """How few Pool_2 maps a Conv_3 map combines, and what swapping them takes away, of one network."""
    kernel = net.weights["conv_3.kernel"].astype(np.float64)
    train = run.digits.train_images[: run.config.train]
    learned = contributions(_middle(net, train), kernel)
    asked = contributions(_middle(net, run.test_images(run.config.test)), kernel)
    key = run.key("random order", net=run.number)
    random = np.asarray(jax.random.permutation(key, kernel.shape[2]))
    others = np.asarray(jax.random.permutation(run.key("other images", net=run.number), len(asked)))
    fall = np.full((len(RANKINGS), len(SWAPPED), kernel.shape[3]), np.nan)
    for above in np.flatnonzero(learned.sum(axis=1).std(axis=0) > LIVE):
        driving = _driving(asked[:, :, above])
        before, after = asked[driving, :, above], asked[others[driving], :, above]
        sizes = np.linalg.norm(kernel[..., above], axis=(0, 1))
        for ranking, order in enumerate((_order(learned[:, :, above]), np.argsort(-sizes), random)):
            curve = kept_by_patching(before, after, order)
            fall[ranking, :, above] = curve[np.array(SWAPPED) - 1]
    found: dict[str, object] = {"needed": maps_needed(learned.std(axis=0)), "fall": fall}
    return found | _drawn(net, train, learned, kernel) if run.is_first else found


def _middle(net: TrainedNet, images: RawImages) -> Float[np.ndarray, "n 3 3 below"]:
    """The cells of Pool_2 that the middle point of Conv_3 sees."""
    return feature_maps(net, images, ("pool_2",))["pool_2"][:, FIRST:LAST, FIRST:LAST].astype(np.float64)


def _driving(parts: Float[np.ndarray, "n below"]) -> Int[np.ndarray, " k"]:
    """The images that drive a point most."""
    return np.argsort(-parts.sum(axis=1), kind="stable")[: max(1, round(DRIVEN * len(parts)))]


def _order(parts: Float[np.ndarray, "n below"]) -> Int[np.ndarray, " below"]:
    """Pool_2 maps by what they add to the images that drive a point, beyond what they add to all."""
    return np.argsort(-(parts[_driving(parts)].mean(axis=0) - parts.mean(axis=0)), kind="stable")


def _drawn(
    net: TrainedNet,
    images: RawImages,
    parts: Float[np.ndarray, "n below above"],
    kernel: Float[np.ndarray, "3 3 below above"],
) -> dict[str, object]:
    """One map with its sources: of those that vary much, the one that combines the fewest."""
    varying = parts.sum(axis=1).std(axis=0)
    needed = np.where(varying >= np.median(varying), maps_needed(parts.std(axis=0)), parts.shape[1])
    traced = int(needed.argmin())
    column = parts[:, :, traced]
    order, driving = _order(column)[:SHOWN], _driving(column)
    falls = column[driving].mean(axis=0) - column.mean(axis=0)
    strongest = map_responses(net, images, ("conv_2",))["conv_2"]
    patterns = []
    for source in order:
        best = np.argsort(-strongest.largest[:, source], kind="stable")[:PATCHES]
        windows = windows_at(images[best], "conv_2", strongest.point[best, source].astype(np.int64))
        patterns.append(windows.mean(axis=0))
    middle = np.full(len(driving[:PATCHES]), 4)
    return {
        "traced": traced,
        "traced_pattern": windows_at(images[driving[:PATCHES]], "conv_3", middle).mean(axis=0),
        "source": order,
        "source_share": falls[order] / falls.sum(),
        "source_kernel": kernel[..., order, traced].transpose(2, 0, 1),
        "source_pattern": np.stack(patterns),
    }
