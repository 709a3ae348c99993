"""What of the activations carries the class: points, their on/off states, means of maps, or silence alone?

The same linear reader learns from different codes of Conv_2 and Conv_3, on training images, and is judged
on the test images. The nulls: the same codes of networks before training, pixels, and a reader of the full
code that learned shuffled labels.
"""

from collections.abc import Callable, Mapping, Sequence

import jax
import numpy as np
import xarray as xr

from cnnbook.config.questions import CodesConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import Experiment
from cnnbook.experiments.resampling import Resampled, resample_weights, resampled, statistic
from cnnbook.fcp.softmax import fit_reader
from cnnbook.keys import key_for
from cnnbook.maps import feature_maps
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_2", "conv_3")
STATES = ("trained", "untrained")

CODES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "all points": lambda maps: maps.reshape(len(maps), -1),
    "points on/off": lambda maps: (maps.reshape(len(maps), -1) > 0).astype(np.float32),
    "map means": lambda maps: maps.mean(axis=(1, 2)),
    "map maxima": lambda maps: maps.max(axis=(1, 2)),
    "maps on/off": lambda maps: (maps.max(axis=(1, 2)) > 0).astype(np.float32),
    "place means": lambda maps: maps.mean(axis=3).reshape(len(maps), -1),
}
"""What is kept of the maps of a layer (n, rows, columns, maps), by name."""


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """Accuracy of the reader by state, layer, code and network.

    Returns:
        `accuracy` by state, layer, code and net (not a number for untrained networks not looked at);
        `pixels` and `shuffled`, the accuracies of the nulls; and the statistics.
    """
    own: CodesConfig = config.own
    nets = nets[: own.nets]
    train, labels = digits.train_images[: own.images], digits.train_labels[: own.images]
    weights = resample_weights(len(digits.test_labels), resamples=config.resamples, seed=config.seed)
    right = {state: np.full((len(LAYERS), len(CODES), len(nets), len(weights)), np.nan) for state in STATES}
    shuffle = np.asarray(jax.random.permutation(key_for(config.seed, "codes/shuffled labels"), len(labels)))

    def read(inputs: np.ndarray, tests: np.ndarray, of: np.ndarray) -> np.ndarray:
        reader = fit_reader(inputs, of, decay=own.decay, steps=own.steps)
        return weights @ reader.right(tests, digits.test_labels) / weights.sum(axis=1)

    shuffled = 0.0
    for n, net in enumerate(nets):
        for state, looked_at in zip(STATES, (net, untrained(net)), strict=True):
            for m, layer in enumerate(LAYERS if state == "trained" or n < own.untrained else ()):
                seen = feature_maps(looked_at, train, (layer,))[layer]
                asked = feature_maps(looked_at, digits.test_images, (layer,))[layer]
                for c, code in enumerate(CODES.values()):
                    right[state][m, c, n] = read(code(seen), code(asked), labels)
                if n == 0 and state == "trained" and layer == "conv_3":
                    flat = CODES["all points"]
                    shuffled = read(flat(seen), flat(asked), labels[shuffle])[0]
    seen, asked = (
        images.reshape(len(images), -1).astype(np.float32) / 255 for images in (train, digits.test_images)
    )
    accuracy = np.stack([right[state][..., 0] for state in STATES])
    return xr.Dataset(
        {
            "accuracy": (("state", "layer", "code", "net"), accuracy, {"units": "1"}),
            "pixels": ((), read(seen, asked, labels)[0], {"units": "1"}),
            "shuffled": ((), shuffled, {"units": "1"}),
        } | _statistics(right["trained"]),
        coords={"state": list(STATES), "layer": list(LAYERS), "code": list(CODES),
                "net": [net.number for net in nets]},
        attrs={"claims": "C23 C28 C29 C34", "data": digits.name, "images": len(train), "steps": own.steps,
               "untrained": min(own.untrained, len(nets))},
    )  # fmt: skip


def _statistics(right: np.ndarray) -> dict:
    """What claims are judged by, from accuracies by layer, code, net and resample."""
    names = list(CODES)

    def of(layer: str, code: str) -> np.ndarray:
        return right[LAYERS.index(layer), names.index(code)]

    full, means, silence = "all points", "map means", "maps on/off"
    return {
        "conv_2_full_over_means": statistic(
            of("conv_2", full) - of("conv_2", means), "all points less map means"
        ),
        "conv_2_means": statistic(of("conv_2", means), "accuracy from the means of Conv_2's maps"),
        "silence_gain": statistic(
            of("conv_3", silence) - of("conv_2", silence), "silence, Conv_3 less Conv_2"
        ),
        "conv_3_full_over_means": statistic(
            of("conv_3", full) - of("conv_3", means), "all points less map means"
        ),
        "conv_3_level_gain": statistic(
            of("conv_3", full) - of("conv_3", "points on/off"), "all points less their on/off states"
        ),
    }


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Accuracies in percent, mean over networks, by layer and code."""
    found = {
        "images": f"{result.attrs['images']:,}",
        "steps": str(result.attrs["steps"]),
        "nets": str(result.sizes["net"]),
        "untrained_nets": str(result.attrs["untrained"]),
        "pixels": _percent(result.pixels),
        "shuffled": _percent(result.shuffled),
    }
    mean = result.accuracy.mean("net")
    for state in STATES:
        for layer in LAYERS:
            for code in CODES:
                name = f"{layer}_{code.replace(' ', '_').replace('/', '_')}"
                end = "" if state == "trained" else "_untrained"
                found[name + end] = _percent(mean.sel(state=state, layer=layer, code=code))
    return found


def _percent(share: xr.DataArray) -> str:
    return f"{100 * float(share):.1f} %"


EXPERIMENT = Experiment(
    name="codes",
    question="Which part of the activations carries the class: points, their states, means or silence?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.codes),
)
