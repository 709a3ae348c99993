"""What every figure shares: two palettes, text sizes, and placing things in inches.

Figures are 8 inches wide and are read at about 700 pixels, so nothing is set below 9 points. Positions are
given in inches from the top left corner: the same figure comes out byte for byte, which automatic layout does
not grant.
"""

from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

WIDTH = 8.0
"""Width of a figure, in inches."""

TITLE, LABEL, SMALL = 11.0, 10.0, 9.0
"""Text sizes, in points: a panel's title, what is read with it, tick labels and notes."""

DPI = 200
"""Pixels per inch of the PNG files: twice the pixels of a 700 to 800 pixel column."""


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of one theme, as hexadecimal strings.

    Attributes:
        name: "light" or "dark".
        paper: behind everything; the page's own background.
        ink: text and what matters most.
        faint: notes, axes and ticks; still readable as text.
        grid: lines to be seen only when looked for.
        blue: first accent. All four accents can be read as text on the paper and, being Okabe and Ito's hues
            (2008), be told apart by colour-blind readers.
        orange: second accent.
        green: third accent.
        purple: fourth accent.
        mark: rings on activation maps, which are dark in both themes.
        halo: edge of such a ring, so that it shows on bright units too.
    """

    name: str
    paper: str
    ink: str
    faint: str
    grid: str
    blue: str
    orange: str
    green: str
    purple: str
    mark: str = "#5ff2ff"
    halo: str = "#06141c"

    @property
    def accents(self) -> tuple[str, str, str, str]:
        """The four accents in the order in which figures use them."""
        return self.blue, self.orange, self.green, self.purple


LIGHT = Palette(
    name="light",
    paper="#ffffff",
    ink="#1a1d21",
    faint="#5c6470",
    grid="#dfe3e8",
    blue="#0072b2",
    orange="#b84e00",
    green="#00795a",
    purple="#a34482",
)
"""For white pages."""

DARK = Palette(
    name="dark",
    paper="#14181e",
    ink="#e8eaed",
    faint="#9ba5b3",
    grid="#333b47",
    blue="#56b4e9",
    orange="#e69f00",
    green="#2fc598",
    purple="#dd8fbb",
)
"""For the book's dark theme."""


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it.

    Args:
        first: hexadecimal, such as "#1a1d21".
        second: likewise.

    Returns:
        The lighter luminance plus 0.05 over the darker plus 0.05.
    """
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, 0 to 1."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def mix(colour: str, paper: str, share: float) -> str:
    """A tint: so much of a colour, the rest paper, both hexadecimal."""
    pairs = [(int(colour[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02x}" for one, other in pairs)


def new_figure(height: float, *, palette: Palette, width: float = WIDTH) -> Figure:
    """An empty figure on the palette's paper.

    Args:
        height: in inches.
        palette: the theme.
        width: in inches.
    """
    return Figure(figsize=(width, height), dpi=DPI, facecolor=palette.paper, edgecolor="none")


def axes_at(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """New axes with a transparent background, placed in inches.

    Args:
        figure: where.
        left: from the figure's left edge.
        top: from the figure's top edge, downwards.
        width: of the axes' box.
        height: of the axes' box.
    """
    total_width, total_height = figure.get_size_inches()
    bottom = total_height - top - height
    box = (left / total_width, bottom / total_height, width / total_width, height / total_height)
    return figure.add_axes(box, facecolor="none")


def write(
    figure: Figure,
    left: float,
    top: float,
    text: str,
    *,
    colour: str,
    size: float = LABEL,
    align: Literal["left", "center", "right"] = "left",
) -> Text:
    """A line of text whose baseline is placed in inches from the top left corner.

    Args:
        figure: where.
        left: of the text's left end, middle or right end, as `align` says.
        top: of the baseline, downwards.
        text: what.
        colour: hexadecimal.
        size: in points.
        align: "left", "center" or "right".
    """
    width, height = figure.get_size_inches()
    where = (left / width, 1 - top / height)
    return figure.text(*where, text, color=colour, fontsize=size, ha=align, va="baseline")


def dress(ax: Axes, palette: Palette) -> Axes:
    """Give axes with data on them the house's look: two quiet spines, small ticks, readable text."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=palette.faint, linewidth=0.8)
    ax.tick_params(which="both", color=palette.faint, labelcolor=palette.faint, labelsize=SMALL, width=0.8)
    ax.tick_params(which="major", length=3)
    ax.tick_params(which="minor", length=0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(color=palette.ink, fontsize=LABEL)
    return ax


def bare(ax: Axes) -> Axes:
    """Take away spines and ticks: for pictures, whose axes mean nothing."""
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set(xticks=[], yticks=[])
    return ax
