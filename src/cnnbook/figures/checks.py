"""Where figures check what they are given: the layers, digits and values that a Dataset must have."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

MAP_LAYERS = ("conv_1", "pool_1", "conv_2", "pool_2", "conv_3")
"""The layers that have maps, bottom first."""


def title_of(layer: str) -> str:
    """A layer's name as prose writes it: conv_1 is Conv_1."""
    return layer[:1].upper() + layer[1:]


def check_variable(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """A variable of a Dataset.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in dataset.data_vars:
        raise ValueError(f"dataset has no variable {name!r}; it has {_list(dataset.data_vars)}")
    return dataset[name]


def labels_of(dataset: xr.Dataset, dimension: str) -> list[str]:
    """The labels of a coordinate, such as all digits of a Dataset.

    Raises:
        ValueError: there is no such coordinate.
    """
    if dimension not in dataset.coords:
        raise ValueError(f"dataset has no coordinate {dimension!r}; it has {_list(dataset.coords)}")
    return [str(label) for label in dataset[dimension].values]


def check_choice(dataset: xr.Dataset, dimension: str, value: str) -> str:
    """A value, when it is one of a coordinate's labels.

    Args:
        dataset: what is drawn.
        dimension: the coordinate, such as "digit"; errors call the value by this name.
        value: the label asked for.

    Raises:
        ValueError: the coordinate is missing or has no such label.
    """
    known = labels_of(dataset, dimension)
    if value not in known:
        raise ValueError(f"{dimension}={value!r}: not in the dataset; it has {_list(known)}")
    return value


def check_digits(dataset: xr.Dataset, digits: Sequence[str] | None) -> list[str]:
    """The digits to draw; None means all of the Dataset.

    Raises:
        ValueError: there are none, or one of them is not in the dataset.
    """
    known = labels_of(dataset, "digit")
    if digits is None:
        return known
    if isinstance(digits, str) or not digits:
        raise ValueError(f"digits={digits!r}: expected a list of some of {_list(known)}")
    return [check_choice(dataset, "digit", digit) for digit in digits]


def maps_of(dataset: xr.Dataset, layer: str) -> Float[np.ndarray, "digits h w c"]:
    """The activations of one layer for every digit of the Dataset.

    Raises:
        ValueError: the layer is unknown, or a value is not finite or is negative (activations follow a ReLU).
    """
    if layer not in MAP_LAYERS or layer not in dataset.data_vars:
        known = [name for name in MAP_LAYERS if name in dataset.data_vars]
        raise ValueError(f"layer={layer!r}: not in the dataset; it has maps of {_list(known) or 'no layer'}")
    values = dataset[layer].transpose("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}").values
    if not np.isfinite(values).all() or values.min() < 0:
        raise ValueError(
            f"dataset[{layer!r}] has minimum {values.min()}: expected finite values ≥ 0, after ReLU"
        )
    return values


def maps_of_digit(dataset: xr.Dataset, layer: str, digit: str) -> Float[np.ndarray, "h w c"]:
    """The activations of one layer for one digit.

    Raises:
        ValueError: the layer or the digit is not in the dataset, or a value is not an activation.
    """
    place = labels_of(dataset, "digit").index(check_choice(dataset, "digit", digit))
    return maps_of(dataset, layer)[place]


def limit_of(dataset: xr.Dataset, layer: str) -> float:
    """The end of the scale that all figures of a layer share: its largest activation over every digit.

    A part of a Dataset may lack some of these digits; then it has the limit as a variable of its own.

    Raises:
        ValueError: the layer is not in the dataset, or a value is not an activation.
    """
    known = dataset.get(f"limit_{layer}")
    return float(known if known is not None else maps_of(dataset, layer).max())


def maps_with_limit(dataset: xr.Dataset, layer: str, digits: Sequence[str]) -> xr.Dataset:
    """The maps of one layer for some digits, and the limit that figures of this layer share."""
    words = {"units": "1", "long_name": f"largest activation of {title_of(layer)} over all digits looked at"}
    limit = xr.DataArray(limit_of(dataset, layer), attrs=words)
    return dataset[[layer]].sel(digit=list(digits)).assign({f"limit_{layer}": limit})


def _list(names: object) -> str:
    """Names for an error message."""
    return ", ".join(map(str, names))  # pyright: ignore[reportArgumentType]
