"""How large is each layer, and how much of the image does one of its points see?

Sizes, parameters and receptive fields follow from the list of layers; the ink outside of what Conv_3 sees is
counted on the test images.
"""

import pandas as pd
import xarray as xr

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.nets.cnn import HIDDEN_UNITS, PARAMETERS
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE, LAYERS, MAP_LAYERS, geometry_of
from cnnbook.tables import Table

SIZES, MAPS = [26, 13, 11, 5, 3], [32, 32, 64, 64, 128]
"""Rows and numbers of maps of the layers, as the article states them."""


def _of(result: xr.Dataset, name: str, layer: str = "conv_3") -> int:
    """A whole number of one layer."""
    return int(result[name].sel(layer=layer))


def _has_the_stated_sizes(result: xr.Dataset) -> float:
    return float((result["size"].values.tolist(), result["maps"].values.tolist()) == (SIZES, MAPS))


def _conv_2_weights(result: xr.Dataset) -> int:
    """Parameters of Conv_2 without its biases, one for each map."""
    return _of(result, "parameters", "conv_2") - _of(result, "maps", "conv_2")


def _field_growth(result: xr.Dataset) -> float:
    """The field of Conv_3 by the one that its convolutions would have without pooling."""
    kernels = [layer.kernel for layer in LAYERS if layer.kind == "convolution"]
    return _of(result, "receptive_field") / (1 + sum(kernel - 1 for kernel in kernels))


def _unit_share(result: xr.Dataset) -> float:
    return _of(result, "receptive_field") ** 2 / INPUT_SIZE**2


@experiment(
    nets="none",
    coords={"layer": MAP_LAYERS},
    about=lambda run: {"test_images": len(run.digits.test_images), "dense": [HIDDEN_UNITS, CLASSES]},
    variables=[
        variable("maps", "layer"),
        variable("size", "layer"),
        variable("parameters", "layer"),
        variable("receptive_field", "layer", units="px"),
        variable("jump", "layer", units="px"),
        variable("first_start", "layer", "first pixel seen", units="px"),
        variable("last_stop", "layer", "last pixel seen", units="px"),
        variable("ink_unseen_rows", "", "share of test images with ink in rows that Conv_3 does not see"),
        variable("ink_unseen_columns", "", "share of test images with ink in columns that it does not see"),
    ],
    statistics=[
        statistic("chain_as_said", _has_the_stated_sizes, "sizes and numbers of maps are as stated"),
        statistic("conv_2_weights", _conv_2_weights, "weights of Conv_2"),
        statistic("unit_share", _unit_share, "share of the image that a Conv_3 point can see"),
        statistic("field_growth", _field_growth, "side of that part, with pooling by without"),
    ],
    facts=[
        fact("parameters", lambda r: PARAMETERS, ",.0f"),
        fact("conv_2_weights", form=",.0f"),
        fact("conv_2_parameters", lambda r: _of(r, "parameters", "conv_2"), ",.0f"),
        fact("field", lambda r: "{0} × {0}".format(_of(r, "receptive_field"))),
        fact("field_share", "unit_share", ".1%"),
        fact("last_seen", lambda r: _of(r, "last_stop"), ".0f"),
        fact("first_unseen", lambda r: _of(r, "last_stop") + 1, ".0f"),
        fact("unseen_pixels", lambda r: INPUT_SIZE**2 - (_of(r, "last_stop") + 1) ** 2, ".0f"),
        fact("mlp_input", lambda r: _of(r, "size") ** 2 * _of(r, "maps"), ",.0f"),
        fact("pixels", lambda r: INPUT_SIZE**2, ".0f"),
        fact("ink_unseen_rows", form=".1%"),
        fact("ink_unseen_columns", form=".1%"),
    ],
)
def geometry(run: Measurement[None]) -> Measured:
    """The geometry of every layer, and the share of test images with ink where Conv_3 is blind."""
    table = [geometry_of()[name] for name in MAP_LAYERS]
    first_unseen = table[-1].union[1] + 1
    has_ink = run.digits.test_images > 0
    return {
        "maps": [each.layer.maps for each in table],
        "size": [each.size for each in table],
        "parameters": [each.parameters for each in table],
        "receptive_field": [each.receptive_field for each in table],
        "jump": [each.jump for each in table],
        "first_start": [each.union[0] for each in table],
        "last_stop": [each.union[1] for each in table],
        "ink_unseen_rows": has_ink[:, first_unseen:, :].any(axis=(1, 2)).mean(),
        "ink_unseen_columns": has_ink[:, :, first_unseen:].any(axis=(1, 2)).mean(),
    }


def table(result: xr.Dataset) -> Table:
    """The layers as a table for readers."""
    fields, sizes = result.receptive_field.values, result["size"].values
    columns = {
        "maps": result.maps.values,
        "size of a map": [f"{size} × {size}" for size in sizes],
        "numbers": [f"{size**2 * maps:,}" for size, maps in zip(sizes, result.maps.values, strict=True)],
        "parameters": [f"{count:,}" for count in result.parameters.values],
        "a point sees": [f"{field} × {field} px" for field in fields],
        "next point": [f"{jump} px on" for jump in result.jump.values],
        "rows seen": [f"0 to {stop}" for stop in result.last_stop.values],
    }
    return Table(pd.DataFrame(columns, index=[name.capitalize() for name in result.layer.values]))
