"""A figure that a cell asks for: what draws it, from which data, with which options."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from cnnbook.publishing.data_files import data_of, digest_of_data, is_data
from cnnbook.publishing.provenance import made_from
from cnnbook.results import Data


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure to be drawn: called with a palette, it draws.

    Attributes:
        id: of the figure.
        title: of the figure.
        draw: its function.
        data: the function's positional arguments.
        arguments: its keyword arguments, as given.
        options: the same as plain JSON values.
        dataset: what the picture shows; None for one without data.
        digest: of that; "" for none.
        inputs: digests of all data given, of which the picture may show a part.
        made_from: what the data say about how they were measured.
    """

    id: str
    title: str
    draw: Callable[..., Figure]
    data: Sequence[Data]
    arguments: Mapping[str, Any]
    options: Mapping[str, Any]
    dataset: xr.Dataset | None
    digest: str
    inputs: Sequence[str]
    made_from: Sequence[Mapping[str, Any]]

    def __call__(self, palette: Any) -> Figure:
        """A new Figure in a palette's colours."""
        return self.draw(*self.data, palette=palette, **self.arguments)


def drawing_of(
    figure_id: str,
    title: str,
    draw: Callable[..., Figure],
    data: Sequence[Any],
    arguments: Mapping[str, Any],
) -> Drawing:
    """Look at what a cell asks for.

    Raises:
        ValueError: a number has no unit, data do not fit together or are no Datasets, or an option is neither
            plain nor data.
    """
    for one in data:
        if not is_data(one):
            what = f"a {type(one).__name__} among its data"
            raise ValueError(f"{figure_id}: {what}; expected Datasets or DataArrays, which say their units")
    dataset = data_of(figure_id, draw, data, arguments)
    everything = [*data, *filter(is_data, arguments.values())]
    return Drawing(
        id=figure_id, title=title, draw=draw, data=data, arguments=arguments,
        options={name: _plain(figure_id, name, value) for name, value in arguments.items()},
        dataset=dataset, digest=digest_of_data(dataset) if dataset is not None else "",
        inputs=[digest_of_data(one) for one in everything], made_from=made_from(everything),
    )  # fmt: skip


def _plain(figure_id: str, name: str, value: Any) -> Any:
    """An option as a plain JSON value; data by their name."""
    if is_data(value):
        return {"data": str(getattr(value, "name", None) or name)}
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{figure_id}: {name}: a {type(value).__name__}; expected text, numbers, lists of them, or a "
            "DataArray"
        ) from error
