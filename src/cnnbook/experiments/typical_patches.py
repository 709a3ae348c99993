"""Do the patches of digits that drive a map show one pattern, and does its OIP say which they are?

Of a Conv_3 map the strongest patches are looked at: of each image the window of the map's strongest point.
*Matched* patches are a map's null: of images of the same class the window of the same point, with nearly the
same total activation of all maps there. So they are as much a part of such a digit, and drive the layer as
much, but not this map. A second null forgets the class. Three questions decide claim C40.

Coherence: how alike are the strongest patches among themselves, at the best shift of a few pixels, above
matched ones (`corrected_for_chance`)? One pattern: do more than half of them form one cluster, of patches
that share half of their variance? Prediction, the two-alternative test of per-unit interpretability (J.
Borowski et al., "Exemplary natural images explain CNN activations better than state-of-the-art feature
visualization", ICLR 2021; R. Zimmermann, W. Brendel et al., NeurIPS 2024): of a strong patch of a test digit
and its match, does the map's OIP resemble the one that drives the map more? Its null is the OIP of another
map. The OIP is climbed again for it under jitter, as plain pixels keep noise of the start.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, UInt8

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Fact, Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.matched_patches import (
    LAYER,
    MAPS,
    SIDE,
    Conv3Responses,
    best_placement,
    share_predicted,
)
from cnnbook.experiments.oips import TRAINING, oips_of
from cnnbook.keys import uniform
from cnnbook.maps import windows_at
from cnnbook.oip.alignment import aligned_likeness, corrected_for_chance
from cnnbook.oip.ascent import ascend
from cnnbook.oip.layer import MIXED
from cnnbook.oip.objective import map_mean
from cnnbook.oip.presets import preset_named
from cnnbook.oip.quality import cluster_modes, correlations, mean_of_pairs
from cnnbook.training.trained import TrainedNet

SETS = ("strongest", "matched", "matched, any class")
"""Patches of a map."""

REFERENCES = ("its OIP", "another map's OIP", "its strongest patches")
"""What a prediction looks at."""

SHIFT = 3
"""Pixels by which patches are shifted at most: less than the 4 between two points of the map."""

HALF = 0.5**0.5
"""Correlation of pictures that share half of their variance: from it patches count as one pattern."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many patches are looked at."""

    train: int = number(20000, "training images among which patches are looked for", least=20)
    test: int = number(10000, "test images whose patches are predicted, at most", least=20)
    patches: int = number(16, "strongest patches of each map", least=3)
    trials: int = number(40, "predictions for each map and reference", least=1)
    steps: int = number(64, "steps of the ascents under jitter", least=1)


def _by_map(name: str, state: str = TRAINING[0], **chosen: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """A variable at some labels, by network and map; trained unless another state is named."""
    return lambda result: result[name].sel({"state": state, **chosen}, drop=True)


def _mean(name: str, **chosen: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """The same, mean over the maps for which it is known; 0 where there is none."""
    values = _by_map(name, **chosen)
    return lambda result: values(result).mean("map_conv_3").fillna(0)


def _coherence(result: xr.Dataset) -> xr.DataArray:
    strongest, matched = (_mean("coherence", set=each)(result) for each in SETS[:2])
    return corrected_for_chance(strongest, matched)


def _one_pattern_gain(result: xr.Dataset) -> xr.DataArray:
    strongest, matched = (_mean("is_one", set=each)(result) for each in SETS[:2])
    return strongest - matched


def _prediction_gain(result: xr.Dataset) -> xr.DataArray:
    own, other = (_mean("correct", reference=each)(result) for each in REFERENCES[:2])
    return own - other


def _facts_before_training() -> list[Fact]:
    return [
        fact(f"{name}_untrained", _by_map(name, TRAINING[1], **chosen), form)
        for name, chosen, form in (
            ("coherence", {"set": SETS[0]}, ".2f"),
            ("is_one", {"set": SETS[0]}, ".0%"),
            ("correct", {"reference": REFERENCES[0]}, ".0%"),
        )
    ]


@experiment(
    config=Config(),
    draft=Config(train=4000, test=500, patches=8, trials=10, steps=32),
    nets=("reference",),
    states=TRAINING[:2],
    builds_on=("oips",),
    coords={"set": SETS, "reference": REFERENCES},
    about=lambda run: {"patches": run.config.patches, "shift": SHIFT, "trials": run.config.trials},
    variables=[
        variable("coherence", "state set net map_conv_3", "mean aligned correlation of a map's patches"),
        variable("is_one", "state set net map_conv_3", "whether most of them form one cluster"),
        variable("patterns", "state set net map_conv_3", "clusters that they form"),
        variable("correct", "state reference net map_conv_3", "share of correct predictions"),
    ],
    statistics=[
        statistic("coherence_above_chance", _coherence, "likeness of strongest patches, above matched"),
        statistic("one_pattern_gain", _one_pattern_gain, "maps of one pattern, less matched patches"),
        statistic("prediction_gain", _prediction_gain, "correct predictions, own less another map's OIP"),
    ],
    facts=[
        fact("half", lambda r: HALF),
        fact("coherence_{set}", lambda r: r.coherence.sel(state=TRAINING[0])),
        fact("is_one_{set}", lambda r: r.is_one.sel(state=TRAINING[0]), ".0%"),
        fact("patterns_{set}", lambda r: r.patterns.sel(state=TRAINING[0]), ".1f"),
        fact("correct_{reference}", lambda r: r.correct.sel(state=TRAINING[0]), ".0%"),
        *_facts_before_training(),
        fact("coherence", "coherence_above_chance"),
    ],
)
def typical_patches(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Coherence and clusters of each map's patches, and predictions from its OIP and from patches.

    Not a number for a map that too few training images activate, and predictions for one without an OIP.
    """
    config, digits = run.config, run.digits
    train = Conv3Responses.of(net, digits.train_images[: config.train], digits.train_labels[: config.train])
    test = Conv3Responses.of(net, run.test_images(config.test), run.test_labels(config.test))
    patches, enough = _patches_by_set(train, config.patches, run)
    shape = (len(SETS), len(enough))
    measured = {name: np.full(shape, np.nan) for name in ("coherence", "is_one", "patterns")}
    for k in np.flatnonzero(enough):
        for row, of_map in enumerate(patches[:, k]):
            likeness = aligned_likeness(of_map, shift=SHIFT)
            modes = cluster_modes(likeness, alike=HALF)
            measured["coherence"][row, k] = mean_of_pairs(likeness)
            measured["is_one"][row, k] = modes.sizes.max() > len(of_map) / 2
            measured["patterns"][row, k] = len(modes.sizes)
    return measured | {"correct": _predictions(net, test, patches[0], enough, run)}


def _patches_by_set(
    train: Conv3Responses, count: int, run: Measurement[Config]
) -> tuple[UInt8[np.ndarray, "sets maps count side side"], Bool[np.ndarray, " maps"]]:
    """Patches of each map by set, and which maps as many images activate."""
    index, point = train.strongest(count)
    key = run.key(f"matches, {run.state}", net=run.number)
    draws = uniform(key, (2, *index.shape))
    sets = [
        index,
        *(train.matches(index, point, d, same_class=s) for d, s in zip(draws, (True, False), strict=True)),
    ]
    patches = [
        windows_at(train.images[each.ravel()], LAYER, point.ravel()).reshape(*index.shape, SIDE, SIDE)
        for each in sets
    ]
    enough = train.responses.max(axis=1)[index.T, np.arange(len(index))].min(axis=0) > 0
    return np.stack(patches), enough


def _predictions(
    net: TrainedNet,
    test: Conv3Responses,
    strongest: UInt8[np.ndarray, "maps count side side"],
    enough: Bool[np.ndarray, " maps"],
    run: Measurement[Config],
) -> Float[np.ndarray, "references maps"]:
    """For each map the share of trials in which the patch that drives it more is predicted."""
    oips, has_oip = _oips(net, run)
    asked = np.flatnonzero(enough & has_oip)
    order = asked[np.argsort(uniform(run.key(f"other maps, {run.state}", net=run.number), asked.shape))]
    other = dict(zip(order, np.roll(order, 1), strict=True))
    index, point = test.strongest(run.config.trials)
    draws = uniform(run.key(f"trials, {run.state}", net=run.number), index.shape)
    match = test.matches(index, point, draws)
    correct = np.full((len(REFERENCES), len(enough)), np.nan)
    for k in asked:
        both = np.concatenate([index[k], match[k]])
        points = np.tile(point[k], 2)
        responses = test.responses[both, points, k]
        patches = windows_at(test.images[both], LAYER, points).reshape(len(both), -1)
        known = correlations(patches, strongest[k].reshape(len(strongest[k]), -1)).mean(axis=1)
        likeness = [*(best_placement(patches, oips[each]) for each in (k, other[k])), known]
        correct[:, k] = [share_predicted(each, responses) for each in likeness]
    return correct


def _oips(
    net: TrainedNet, run: Measurement[Config]
) -> tuple[Float[np.ndarray, "maps 28 28"], Bool[np.ndarray, " maps"]]:
    """Each map's OIP under jitter, from the start that led to its best one; and whether there is one."""
    mixed = oips_of(run, training=run.state).from_starts(MIXED)
    found = run.results["oips"]
    begin = found["begin"].values[found["kind"].values.astype(str) == MIXED] / np.float32(255)
    objectives = [map_mean(LAYER, index) for index in range(MAPS)]
    preset = replace(preset_named("robust"), steps=run.config.steps)
    ascent = ascend(net, objectives, begin[mixed.best_start][:, None], preset, key=run.key("ascents"))
    return ascent.pictures[:, 0], (ascent.reached[:, 0] > 0) & mixed.has_oip
