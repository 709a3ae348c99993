"""What do the maps of the digits that chapters show look like, layer by layer?"""

from collections.abc import Callable

import xarray as xr

from cnnbook.data.digits import shown_images
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.maps import feature_maps, predictions
from cnnbook.nets.geometry import MAP_LAYERS
from cnnbook.training.trained import TrainedNet


def is_silent(result: xr.Dataset, layer: str) -> xr.DataArray:
    """Which maps of a layer are zero everywhere, by digit.

    Args:
        result: of this experiment.
        layer: one with maps.
    """
    return (result[layer] == 0).all([f"row_{layer}", f"col_{layer}"])


def _silent_for(which: Callable[[xr.Dataset], xr.DataArray]) -> Callable[[xr.Dataset], xr.DataArray]:
    """How many maps are silent for all of some digits, by layer."""
    return lambda result: xr.DataArray(
        [int(is_silent(result, layer).sel(digit=which(result)).all("digit").sum()) for layer in MAP_LAYERS],
        coords={"layer": list(MAP_LAYERS)},
        dims="layer",
    )


@experiment(
    nets="first",
    inputs=("shown",),
    coords=lambda run: {
        "digit": [digit.name for digit in run.inputs.shown],
        "label": ("digit", [digit.label for digit in run.inputs.shown]),
        "test_index": ("digit", [digit.index for digit in run.inputs.shown]),
    },
    about=lambda run: {"net": run.reference[0].number},
    variables=[
        variable("image", "digit row col", "pixel, 0 to 255"),
        variable("answer", "digit", "class that the network predicts"),
        *(variable(layer, f"digit row_{layer} col_{layer} map_{layer}") for layer in MAP_LAYERS),
    ],
    facts=[
        fact("silent_{layer}", _silent_for(lambda r: r.digit == "clear-four"), ".0f"),
        fact("silent_everywhere_{layer}", _silent_for(lambda r: r.digit != ""), ".0f"),
        fact("silent_for_fours_{layer}", _silent_for(lambda r: r.label == 4), ".0f"),
        fact("index_{digit}", "test_index", ".0f"),
    ],
)
def maps_of_digits(net: TrainedNet, run: Measurement[None]) -> Measured:
    """Activations of the first network for each shown digit, and the class that it predicts."""
    images = shown_images(run.digits, run.inputs.shown)
    return {"image": images, "answer": predictions(net, images), **feature_maps(net, images)}
