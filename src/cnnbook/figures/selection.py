"""Which part of its Dataset a figure shows: what is offered for download beside it, no more and no less."""

from collections.abc import Callable
from typing import Any, TypeVar

import xarray as xr

Draw = TypeVar("Draw", bound=Callable[..., Any])


def drawn_from(select: Callable[..., xr.Dataset]) -> Callable[[Draw], Draw]:
    """Declare the part of its data that a figure function shows.

    Args:
        select: called as the function is, without `palette`; returns all numbers that the picture shows or
            follows from. The function draws the same from that part as from the whole.

    Returns:
        A decorator, which leaves the function as it is and notes `select` as its attribute `drawn_from`.
    """

    def declare(draw: Draw) -> Draw:
        noted: Any = draw
        noted.drawn_from = select
        return draw

    return declare
