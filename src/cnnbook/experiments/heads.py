"""How much is left to do behind Conv_3? Heads of several kinds, on trained and random convolutions.

Heads learn from training images and are judged on the test images; nothing is selected on these. What is
changed in front of the network's own head, without training it again, is in `experiments.changed`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from cnnbook.config.questions import HeadsConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.changed import CHANGES, changed_right
from cnnbook.experiments.judging import Judge
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.new_heads import train_head
from cnnbook.experiments.points import by_points_of
from cnnbook.experiments.resampling import Resampled, resample_weights, resampled, statistic
from cnnbook.fcp.head import head_of
from cnnbook.fcp.softmax import fit_reader
from cnnbook.formatting import format_number
from cnnbook.keys import key_for
from cnnbook.maps import flat_maps
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

HEADS = (
    "own head", "new head, one hidden layer", "linear head", "nearest neighbours", "another network's head",
    "hidden layer, random convolutions", "linear, random convolutions", "linear, pixels",
    "neighbours, pixels",
)  # fmt: skip
"""What names the digits, from what."""

NEIGHBOURS = 4


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """Accuracy of every head by network; under every change; by number of points; and the statistics.

    Random convolutions are those of the first networks before training; for others they are not a number.
    """
    own: HeadsConfig = config.own
    if len(nets) < 2:
        raise ValueError(f"nets: {len(nets)}, expected at least 2: one takes the head of another")
    train, labels = digits.train_images[: own.train], digits.train_labels[: own.train]
    weights = resample_weights(len(digits.test_labels), resamples=config.resamples, seed=config.seed)
    judge = Judge(digits.test_labels, weights)
    heads = np.full((len(HEADS), len(nets), len(weights)), np.nan)
    changes = np.zeros((len(CHANGES), len(nets), len(weights)))
    sizes = sorted({min(k, own.points) for k in (1, 2, 3, 5, 8, 12, 18, 25, 35, 45, 60)})
    by_points, best = np.zeros((2, len(sizes), len(nets))), np.zeros(len(nets))
    needed = np.zeros(len(nets))
    heads[7:9] = _on_pixels(train, labels, digits.test_images, judge, own)[:, None]
    for n, net in enumerate(nets):
        seen, asked = flat_maps(net, train, "conv_3"), flat_maps(net, digits.test_images, "conv_3")
        other = nets[(n + 1) % len(nets)]
        heads[:5, n], changes[:, n] = _of_network(
            (net, other), (seen, labels), asked, judge, own, config.seed
        )
        best[n], needed[n], by_points[:, :, n] = by_points_of(
            (seen[: own.greedy], labels[: own.greedy]),
            asked,
            judge,
            sizes,
            float(heads[2, n, 0]),
            key_for(config.seed, "heads/random points", net=net.number),
        )
        if n < own.untrained:
            heads[5:7, n] = _on_random(net, train, labels, digits.test_images, own, config.seed, judge)
    found = _dataset(heads, changes, by_points, sizes, own.untrained)
    found["best_point_auc"] = statistic(best, "area under the curve of the best point for 4s")
    found["points_needed"] = statistic(needed, "points for 95 % of a linear head's accuracy", units="points")
    said = {"claims": "C27 C29 C31 C32 C33 C35 C36", "data": digits.name} | _numbers(
        own, len(train), len(nets)
    )
    return found.assign_coords(net=[net.number for net in nets]).assign_attrs(said)


def _on_pixels(
    train: np.ndarray, labels: np.ndarray, tests: np.ndarray, judge: Judge, own: HeadsConfig
) -> np.ndarray:
    """Accuracies of a linear reader and of nearest neighbours on pixels."""
    seen, asked = (images.reshape(len(images), -1).astype(np.float32) / 255 for images in (train, tests))
    linear = fit_reader(seen, labels, decay=own.decay, steps=own.steps).right(asked, judge.labels)
    near = _neighbours(seen[: own.neighbours], labels, asked) == judge.labels
    return np.stack([judge(linear), judge(near)])


def _numbers(own: HeadsConfig, train: int, nets: int) -> dict[str, int]:
    """How many images, networks and points there really were."""
    return {
        "train": train, "neighbours": min(own.neighbours, train), "most": own.points,
        "untrained": min(own.untrained, nets),
    }  # fmt: skip


def _dataset(
    heads: np.ndarray, changes: np.ndarray, by_points: np.ndarray, sizes: list[int], untrained: int
) -> xr.Dataset:
    """Accuracies by head, change and number of points, and the statistics that follow."""
    return xr.Dataset(
        {
            "accuracy": (("head", "net"), heads[..., 0], {"units": "1"}),
            "changed": (("change", "net"), changes[..., 0], {"units": "1"}),
            "by_points": (("picked", "points", "net"), by_points, {"units": "1"}),
        }
        | _statistics(heads, changes, untrained),
        coords={
            "head": list(HEADS),
            "change": list(CHANGES),
            "picked": ["one after another", "at random"],
            "points": sizes,
        },
    )


def _statistics(heads: np.ndarray, changes: np.ndarray, untrained: int) -> dict:
    """What claims are judged by, from accuracies by head or change, net and resample."""
    kept = dict(zip(CHANGES, changes, strict=True))
    own, new, linear, near, _, random_new, _, pixels, near_pixels = heads
    return {
        "linear_accuracy": statistic(linear, "accuracy of a linear head on Conv_3"),
        "mlp_over_linear": statistic(new - linear, "a hidden layer's gain over a linear head"),
        "over_random": statistic(
            new - random_new,
            "trained less random convolutions, a head with a hidden layer",
            looked_at=untrained,
        ),
        "linear_gain": statistic(linear - pixels, "linear on Conv_3 less on pixels"),
        "neighbour_gain": statistic(near - near_pixels, "nearest neighbours on Conv_3 less on pixels"),
        "position_drop": statistic(own - kept["places shuffled"], "lost when places are shuffled"),
        "negative_drop": statistic(
            linear - kept["no negative weights, linear"], "lost without negative weights"
        ),
        "correlation_drop": statistic(
            own - kept["exchanged within classes"], "lost when points are exchanged"
        ),
    }


def _on_random(net, train, labels, tests, own: HeadsConfig, seed: int, judge: Judge) -> np.ndarray:
    """Accuracies of both new heads on the network's convolutions before training."""
    before = untrained(net)
    seen, asked = flat_maps(before, train, "conv_3"), flat_maps(before, tests, "conv_3")
    new = train_head(
        seen,
        labels,
        epochs=own.epochs,
        key=key_for(seed, "heads/head on random convolutions", net=net.number),
    )
    linear = fit_reader(seen, labels, decay=own.decay, steps=own.steps)
    return np.stack([judge(new.answers(asked) == judge.labels), judge(linear.right(asked, judge.labels))])


def _neighbours(seen: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The class that most of the nearest images have; of equals the smallest."""
    squares = (seen**2).sum(axis=1)
    found = []
    for begin in range(0, len(asked), 1000):
        distances = squares - 2 * asked[begin : begin + 1000] @ seen.T
        near = np.argpartition(distances, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        votes = np.eye(10)[labels[: len(seen)][near]].sum(axis=1)
        found.append(votes.argmax(axis=1))
    return np.concatenate(found)


def _of_network(
    pair: tuple[TrainedNet, TrainedNet], train: tuple[np.ndarray, np.ndarray], asked: np.ndarray,
    judge: Judge, own: HeadsConfig, seed: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Accuracies of the first five heads and under all changes, for every resample.

    Args:
        pair: the network, and the one whose head is put in its place.
        train: activations of training images, and their classes.
        asked: activations of the test images.
        judge: of the test images.
        own: how heads are trained.
        seed: where randomness starts.
    """
    seen, labels = train
    head, other = (head_of(net.weights) for net in pair)
    linear = fit_reader(seen, labels, decay=own.decay, steps=own.steps)
    new = train_head(seen, labels, epochs=own.epochs, key=key_for(seed, "heads/new head", net=pair[0].number))
    rights = (
        head.answers(asked) == judge.labels,
        new.answers(asked) == judge.labels,
        linear.right(asked, judge.labels),
        _neighbours(seen[: own.neighbours], labels, asked) == judge.labels,
        other.answers(asked) == judge.labels,
    )
    changed = changed_right(head, linear, seen, asked, judge.labels, seed=seed, number=pair[0].number)
    return np.stack([judge(right) for right in rights]), np.stack([judge(right) for right in changed])


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Accuracies in percent, mean over networks; drops under changes; points."""
    attrs = result.attrs
    found = {name: f"{attrs[name]:,}" for name in ("train", "neighbours", "most")} | {
        "untrained_nets": str(attrs["untrained"]),
        "nets": str(result.sizes["net"]),
        "auc": f"{float(result.best_point_auc.mean()):.3f}",
        "needed": f"{float(result.points_needed.mean()):.0f}",
        "gain": format_number(100 * float(result.mlp_over_linear.isel(resample=0).mean()), "+.2f"),
    }
    for head in HEADS:
        name = head.replace(",", "").replace(" ", "_").replace("'s", "")
        found[name] = f"{100 * float(result.accuracy.sel(head=head).mean()):.2f} %"
    for change in CHANGES:
        name = change.replace(",", "").replace(" ", "_")
        found[name] = f"{100 * float(result.changed.sel(change=change).mean()):.1f} %"
    return found


EXPERIMENT = LegacyExperiment(
    name="heads",
    question="How much work is left for the dense layers behind Conv_3?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.heads),
)
