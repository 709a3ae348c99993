"""Datasets and networks made by hand, to ask a statistic for a number that is known."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from flax import nnx

from cnnbook.config.training import TrainConfig
from cnnbook.data import Digits
from cnnbook.data.scaling import fit_scaling
from cnnbook.experiments import find_experiments
from cnnbook.experiments.experiment import REFERENCE, Measurement, NetsOf
from cnnbook.experiments.facts import facts_of
from cnnbook.experiments.measuring import measure, statistic_of
from cnnbook.inputs import BookInputs, DisputedLabel, ShownDigit
from cnnbook.keys import key_for
from cnnbook.nets.cnn import CNN
from cnnbook.training.trained import TrainedNet


def statistic_from(
    experiment: str,
    name: str,
    variables: Mapping[str, tuple[str, Any]],
    **coords: Any,
) -> np.ndarray:
    """A statistic of an experiment, computed from variables made by hand.

    Args:
        experiment: its name.
        name: of the statistic.
        variables: dimensions, as words, and values by name.
        coords: labels of dimensions.
    """
    whole = xr.Dataset(
        {key: (tuple(dims.split()), np.asarray(values)) for key, (dims, values) in variables.items()},
        coords={key: list(values) for key, values in coords.items()},
    )
    found = find_experiments()[experiment]
    return statistic_of(found.statistic(name), whole).values


def stub_net(number: int = 0) -> TrainedNet:
    """A network that can be told by its number and has shapes, but no weights.

    Args:
        number: its number.
    """
    return TrainedNet(
        number=number,
        seed=0,
        model=nnx.eval_shape(lambda: CNN(key=key_for(0, "a network without weights"))),
        scaling=fit_scaling("unit", np.zeros((1, 28, 28), np.uint8)),
        config=TrainConfig(),
        loss_curve=np.zeros(0),
    )


def oips_result(
    reached: Any,
    *,
    kinds: Sequence[str],
    pictures: Any = None,
    untrained: tuple[Any, Any] | None = None,
    shuffled: tuple[Any, Any] | None = None,
) -> xr.Dataset:
    """What the experiment "oips" would have found.

    Args:
        reached: by network, Conv_3 map and start.
        kinds: of the starts.
        pictures: ink, 0 to 255, likewise; blank by default.
        untrained: the same two before training; zero by default.
        shuffled: the same two, without networks, after learning shuffled labels; zero by default.
    """
    high = np.asarray(reached, np.float64)
    blank = np.zeros((*high.shape, 28, 28), np.uint8)
    before = (np.zeros_like(high), blank) if untrained is None else untrained
    other = (np.zeros_like(high[0]), blank[0]) if shuffled is None else shuffled
    by_net = ("net", "map_conv_3", "start")
    return xr.Dataset(
        {
            "reached": (by_net, high),
            "picture": ((*by_net, "row", "column"), blank if pictures is None else pictures),
            "untrained_reached": (by_net, np.asarray(before[0], np.float64)),
            "untrained_picture": ((*by_net, "row", "column"), before[1]),
            "shuffled_reached": (by_net[1:], np.asarray(other[0], np.float64)),
            "shuffled_picture": ((*by_net[1:], "row", "column"), other[1]),
            "begin": (("start", "row", "column"), np.zeros((len(kinds), 28, 28), np.uint8)),
        },
        coords={"kind": ("start", list(kinds))},
    )


def run_of(experiment: str, digits: Digits, **given: Any) -> Measurement:
    """What an experiment's function is given.

    Args:
        experiment: its name.
        digits: the data.
        given: further attributes of `Measurement`.
    """
    owner = find_experiments()[find_experiments()[experiment].config_of or experiment]
    usual = {"config": owner.draft or owner.config, "inputs": BookInputs(), "seed": 0, "resamples": 2}
    return Measurement(experiment=experiment, digits=digits, **(usual | given))


def measured(
    experiment: str,
    digits: Digits,
    nets: Sequence[Any] | NetsOf = (),
    *,
    config: Any = None,
    shown: Sequence[ShownDigit] = (),
    disputed: Sequence[DisputedLabel] = (),
    results: Mapping[str, xr.Dataset] | None = None,
    resamples: int = 2,
) -> xr.Dataset:
    """What an experiment measures of some digits and networks by the book's recipe.

    Args:
        experiment: its name.
        digits: the data.
        nets: of the book's recipe, or of several by recipe.
        config: its numbers; None for those of the draft.
        shown: the digits that chapters show.
        disputed: labels that people dispute.
        results: of experiments that it builds on.
        resamples: times that the test images are drawn anew.
    """
    given = nets if isinstance(nets, Mapping) else {REFERENCE: tuple(nets)}
    run = run_of(
        experiment,
        digits,
        inputs=BookInputs(shown=tuple(shown), disputed=tuple(disputed)),
        resamples=resamples,
        nets=given if nets else {},
        results=results or {},
        **({"config": config} if config else {}),
    )
    return measure(find_experiments()[experiment], run)


def facts(experiment: str, result: xr.Dataset) -> dict[str, str]:
    """The facts of an experiment.

    Args:
        experiment: its name.
        result: its Dataset.
    """
    return facts_of(find_experiments()[experiment], result)


def fact(experiment: str, name: str, result: xr.Dataset) -> dict[str, str]:
    """What one fact gives, declared or a count, for a Dataset that does not hold what the others need.

    Args:
        experiment: that declares it.
        name: as declared, or that of the count.
        result: of the experiment.
    """
    found = find_experiments()[experiment]
    declared = replace(found, facts=tuple(each for each in found.facts if each.name == name))
    counts = facts_of(replace(found, facts=()), result)
    texts = facts_of(declared, result)
    return {key: text for key, text in texts.items() if key == name or key not in counts}
