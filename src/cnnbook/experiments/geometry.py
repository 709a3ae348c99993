"""What each layer is and sees: sizes, parameters, receptive fields, and the ink that nobody sees."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import statistic
from cnnbook.nets.cnn import HIDDEN_UNITS, PARAMETERS
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE, LAYERS, MAP_LAYERS, geometry_of
from cnnbook.tables import Table
from cnnbook.training.trained import TrainedNet

_UNITS = {"receptive_field": "px", "jump": "px", "first_start": "px", "last_stop": "px"}


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Any) -> xr.Dataset:
    """The geometry of every layer, and the share of test images with ink where Conv_3 is blind.

    Returns:
        Per layer: maps, size, parameters, receptive_field, jump, and the first and last pixel seen;
        `ink_unseen_rows` and `ink_unseen_columns` in [0, 1].
    """
    table = geometry_of()
    columns = {
        "maps": [layer.maps for layer in LAYERS],
        "size": [table[name].size for name in MAP_LAYERS],
        "parameters": [table[name].parameters for name in MAP_LAYERS],
        "receptive_field": [table[name].receptive_field for name in MAP_LAYERS],
        "jump": [table[name].jump for name in MAP_LAYERS],
        "first_start": [table[name].union[0] for name in MAP_LAYERS],
        "last_stop": [table[name].union[1] for name in MAP_LAYERS],
    }
    last = table["conv_3"].union[1]
    inked = digits.test_images > 0
    return xr.Dataset(
        {
            name: ("layer", np.array(values), {"units": _UNITS.get(name, "1")})
            for name, values in columns.items()
        }
        | {
            "ink_unseen_rows": ((), float(inked[:, last + 1 :, :].any(axis=(1, 2)).mean()), {"units": "1"}),
            "ink_unseen_columns": (
                (),
                float(inked[:, :, last + 1 :].any(axis=(1, 2)).mean()),
                {"units": "1"},
            ),
        }
        | _statistics(),
        coords={"layer": list(MAP_LAYERS)},
        attrs={
            "claims": "C01 C02 C04 C05",
            "test_images": len(digits.test_images),
            "dense": [HIDDEN_UNITS, CLASSES],
        },
    )


def _statistics() -> dict[str, Any]:
    """What claims about sizes are judged by: arithmetic, known exactly."""
    table, convolutions = geometry_of(), [layer for layer in LAYERS if layer.kind == "convolution"]
    sizes, maps = [table[name].size for name in MAP_LAYERS], [layer.maps for layer in convolutions]
    first, second = convolutions[:2]
    alone = 1 + sum(layer.kernel - 1 for layer in convolutions)
    field = table["conv_3"].receptive_field
    said = (sizes, maps) == ([26, 13, 11, 5, 3], [32, 64, 128])
    return {
        "chain_as_said": statistic(float(said), "sizes and numbers of maps are as stated"),
        "conv_2_weights": statistic(second.kernel**2 * first.maps * second.maps, "weights of Conv_2"),
        "unit_share": statistic(field**2 / INPUT_SIZE**2, "share of the image that a Conv_3 point can see"),
        "field_growth": statistic(field / alone, "side of that part, with pooling by without"),
    }


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Sizes and shares in words ready to print."""
    top = result.sel(layer="conv_3")
    field, last = int(top.receptive_field), int(top.last_stop)
    units = int(top["size"])
    return {
        "parameters": f"{PARAMETERS:,}",
        "conv_2_weights": f"{3 * 3 * 32 * 64:,}",
        "conv_2_parameters": f"{int(result.sel(layer='conv_2').parameters):,}",
        "field": f"{field} × {field}",
        "field_share": f"{field**2 / INPUT_SIZE**2:.1%}".replace("%", " %"),
        "last_seen": str(last),
        "first_unseen": str(last + 1),
        "unseen_pixels": str(INPUT_SIZE**2 - (last + 1) ** 2),
        "mlp_input": f"{units**2 * int(top.maps):,}",
        "pixels": str(INPUT_SIZE**2),
        "ink_unseen_rows": f"{float(result.ink_unseen_rows):.1%}".replace("%", " %"),
        "ink_unseen_columns": f"{float(result.ink_unseen_columns):.1%}".replace("%", " %"),
        "test_images": f"{result.attrs['test_images']:,}",
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


EXPERIMENT = LegacyExperiment(
    name="geometry",
    question="How large is each layer, and how much of the image does one of its points see?",
    measure=measure,
    facts=facts,
    nets="none",
)
