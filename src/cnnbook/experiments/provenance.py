"""How a result says what it was measured by: experiment, function, config, seed, data and networks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import xarray as xr

from cnnbook.config.profiles import Profile
from cnnbook.data.digits import Digits
from cnnbook.environment import environment
from cnnbook.experiments.experiment import Experiment
from cnnbook.results import PROVENANCE
from cnnbook.training.trained import TrainedNet

MADE = "made"
"""The attribute of a stored result with what made it: the networks' weights, platform and versions."""


def plain(config: Any) -> Any:
    """A config as plain JSON values."""
    if is_dataclass(config) and not isinstance(config, type):
        return asdict(config)
    if isinstance(config, tuple) and hasattr(config, "_asdict"):
        return {name: plain(value) for name, value in config._asdict().items()}  # pyright: ignore
    return [plain(item) for item in config] if isinstance(config, tuple | list) else config


def noted(result: xr.Dataset, nets: Sequence[TrainedNet]) -> xr.Dataset:
    """A new result with the digests of its networks and what computed it, ready to be stored."""
    made = {"nets": [net.digest for net in nets], **environment()}
    return result.assign_attrs({MADE: json.dumps(made, sort_keys=True)})


def signed(
    result: xr.Dataset, experiment: Experiment, *, config: Any, profile: Profile, digits: Digits
) -> xr.Dataset:
    """A stored result with its provenance, on the whole and on each variable, so that a part keeps it.

    Args:
        result: as `noted` left it.
        experiment: that measured it.
        config: of the experiment.
        profile: of the book that reads it.
        digits: likewise.
    """
    entry: Mapping[str, Any] = {
        "experiment": experiment.name,
        "question": experiment.question,
        "function": f"{experiment.measure.__module__}.{experiment.measure.__qualname__}",
        "config": plain(config),
        "seed": profile.seed,
        "profile": profile.name,
        "data": {"name": digits.name, "digest": digits.digest},
        **json.loads(result.attrs.get(MADE, "{}")),
    }
    said = json.dumps([entry], sort_keys=True)
    whole = result.drop_attrs(deep=False).assign_attrs(
        {name: value for name, value in result.attrs.items() if name != MADE} | {PROVENANCE: said}
    )
    for variable in whole.data_vars.values():
        variable.attrs[PROVENANCE] = said
    return whole
