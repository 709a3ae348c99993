"""Write a figure's four files: SVG and PNG, light and dark, the same bytes every time."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

import matplotlib
from matplotlib.figure import Figure

from cnnbook.publishing.record import RECORD, PublishedFigure, check_figure_id, measure, write_record

CSS_PX_PER_INCH = 96
"""What a browser takes an inch of an SVG to be."""

PNG_PX_PER_CSS_PX = 2
"""A PNG is sharp on a screen with two device pixels to the CSS pixel."""


@runtime_checkable
class Paper(Protocol):
    """What a palette must have: the colour of the paper."""

    @property
    def paper(self) -> str:
        """Any colour that Matplotlib knows."""
        ...


P = TypeVar("P", bound=Paper)


def write_figure(
    figure_id: str, draw: Callable[[P], Figure], folder: Path, *, light: P, dark: P
) -> PublishedFigure:
    """Draw a figure twice, on light and on dark paper, and write it as SVG and PNG.

    The files carry no time and no random id, so drawing the same again writes the same bytes. The record,
    `figure.json`, is written last: where it is, the files are complete.

    Args:
        figure_id: such as "fig-conv3-three-fours".
        draw: makes a new Figure with a palette; called once for each.
        folder: made if need be.
        light: the palette of `<id>.svg` and `<id>.png`.
        dark: the palette of `<id>-dark.svg` and `<id>-dark.png`.

    Returns:
        The figure with its size and the checksums of its files.

    Raises:
        ValueError: a malformed id, or two drawings of different size.
    """
    check_figure_id(figure_id)
    folder.mkdir(parents=True, exist_ok=True)
    size = _save(draw(light), folder / figure_id, salt=figure_id, paper=light.paper)
    dark_size = _save(draw(dark), folder / f"{figure_id}-dark", salt=f"{figure_id}-dark", paper=dark.paper)
    if size != dark_size:
        raise ValueError(
            f"{figure_id}: light is {size} px and dark {dark_size} px; expected one size for both"
        )
    figure = measure(figure_id, folder, width=size[0], height=size[1])
    write_record(figure, folder / RECORD)
    return figure


def _save(figure: Figure, stem: Path, *, salt: str, paper: str) -> tuple[int, int]:
    """Write `<stem>.svg` and `<stem>.png`; returns width and height [CSS px]."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # a constrained layout would move a little at each saving
    with matplotlib.rc_context({"svg.hashsalt": salt}):
        figure.savefig(f"{stem}.svg", facecolor=paper, metadata={"Date": None, "Identifier": stem.name})
    figure.savefig(f"{stem}.png", facecolor=paper, dpi=CSS_PX_PER_INCH * PNG_PX_PER_CSS_PX)
    width, height = figure.get_size_inches() * CSS_PX_PER_INCH
    return round(width), round(height)
