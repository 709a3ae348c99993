"""The maps of the digits that the chapters show, on every layer of one network."""

from collections.abc import Mapping, Sequence

import xarray as xr

from cnnbook.config.profiles import Profile
from cnnbook.data.digits import Digits, chosen_images
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.inputs import BookInputs, ShownDigit
from cnnbook.maps import feature_maps, predictions
from cnnbook.nets.geometry import MAP_LAYERS
from cnnbook.training.trained import TrainedNet


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Sequence[ShownDigit]) -> xr.Dataset:
    """Activations of the first network for each shown digit, and its answer."""
    images = chosen_images(digits, config)
    maps = feature_maps(nets[0], images)
    layers = {
        layer: (("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}"), maps[layer], {"units": "1"})
        for layer in MAP_LAYERS
    }
    return xr.Dataset(
        {"image": (("digit", "row", "col"), images, {"units": "1", "long_name": "pixel, 0 to 255"})}
        | {"answer": ("digit", predictions(nets[0], images), {"units": "1"})}
        | layers,
        coords={
            "digit": [digit.name for digit in config],
            "label": ("digit", [digit.label for digit in config]),
            "test_index": ("digit", [digit.index for digit in config]),
        },
        attrs={"claims": "C07 C14 C15 C20 C21 C22", "data": digits.name, "net": nets[0].number},
    )


def silent(result: xr.Dataset, layer: str, digit: str) -> int:
    """Number of maps of a layer that are zero everywhere for one digit."""
    maps = result[layer].sel(digit=digit)
    return int((maps == 0).all(dim=[f"row_{layer}", f"col_{layer}"]).sum())


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Silent maps per layer and digit, and how many are silent for all digits shown."""
    found = {}
    for layer in MAP_LAYERS:
        quiet = (result[layer] == 0).all(dim=[f"row_{layer}", f"col_{layer}"])
        found[f"silent_{layer}"] = str(int(quiet.sel(digit="clear-four").sum()))
        found[f"silent_everywhere_{layer}"] = str(int(quiet.all(dim="digit").sum()))
        fours = quiet.sel(digit=quiet.label == 4)
        found[f"silent_for_fours_{layer}"] = str(int(fours.all(dim="digit").sum()))
    for name in result.digit.values:
        found[f"index_{name}".replace("-", "_")] = str(int(result.test_index.sel(digit=name)))
    return found


def _config(profile: Profile, seeds: BookInputs) -> Sequence[ShownDigit]:
    return seeds.shown


EXPERIMENT = LegacyExperiment(
    name="maps_of_digits",
    question="What do the maps of a few chosen digits look like, layer by layer?",
    measure=measure,
    facts=facts,
    config=_config,
    nets="first",
)
