"""What every figure shares: two palettes, text sizes, markers, and the look of axes.

Figures are 8 inches wide and are read at about 700 pixels, so nothing is set below 9 points.
"""

from dataclasses import dataclass

from matplotlib.axes import Axes

WIDTH = 8.0
"""Width of a figure, in inches."""

TITLE, LABEL, SMALL = 11.0, 10.0, 9.0
"""Text sizes, in points: a panel's title, what is read with it, tick labels and notes."""

DPI = 200
"""Pixels per inch of the PNG files: twice the pixels of a 700 to 800 pixel column."""

FRAME = 0.8
"""Width of the line around a picture, in points."""

SERIES = ("blue", "orange", "green", "purple", "faint")
"""Names of the colours of up to five series."""

MARKERS = ("o", "s", "D", "^", "v")
"""Their markers, so that colour is not needed to tell them apart."""

SIGNS = ("●", "■", "◆", "▲", "▼")
"""The same markers as characters, for keys."""


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of one theme, as hexadecimal strings.

    Attributes:
        name: "light" or "dark".
        background: of the figure; that of the page around it.
        ink: text and what matters most.
        faint: notes, axes and ticks; still readable as text.
        grid: lines to be seen only when looked for.
        blue: first accent. All four accents can be read as text on the background and, being the hues of
            Okabe and Ito (2008), be told apart by colour-blind readers.
        orange: second accent.
        green: third accent.
        purple: fourth accent.
        mark: rings on activation maps, which are dark in both themes.
        halo: edge of such a ring, so that it shows on bright units too.
    """

    name: str
    background: str
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
    background="#ffffff",
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
    background="#14181e",
    ink="#e8eaed",
    faint="#9ba5b3",
    grid="#333b47",
    blue="#56b4e9",
    orange="#e69f00",
    green="#2fc598",
    purple="#dd8fbb",
)
"""For the book's dark theme."""


def contrast_ratio(first: str, second: str) -> float:
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


def tint(colour: str, background: str, share: float) -> str:
    """A tint of a colour.

    Args:
        colour: hexadecimal.
        background: hexadecimal.
        share: of the colour, 0 to 1; the rest is background.
    """
    pairs = [(int(colour[at : at + 2], 16), int(background[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02x}" for one, other in pairs)


def text_colour(background: str, palette: Palette) -> str:
    """The palette's ink or background, whichever has more contrast to a colour that is written on.

    Args:
        background: what is written on, hexadecimal.
        palette: the theme.
    """
    return max((palette.ink, palette.background), key=lambda colour: contrast_ratio(colour, background))


def style_axes(ax: Axes, palette: Palette, *, grid: str = "", spine: bool = True) -> Axes:
    """Give axes with data on them thin spines, small ticks and readable text.

    Args:
        ax: what is drawn on.
        palette: the theme.
        grid: "x" or "y" for grid lines at the ticks of that axis; "" for none.
        spine: whether there is a spine at the left, besides the one below.

    Returns:
        The axes.
    """
    for side, line in ax.spines.items():
        line.set_visible(side == "bottom" or (side == "left" and spine))
        line.set(color=palette.faint, linewidth=0.8)
    ax.tick_params(which="both", color=palette.faint, labelcolor=palette.faint, labelsize=SMALL, width=0.8)
    ax.tick_params(which="major", length=3)
    ax.tick_params(which="minor", length=0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(color=palette.ink, fontsize=LABEL)
    if grid == "x" or grid == "y":
        ax.grid(axis=grid, color=palette.grid, lw=0.8)
        ax.set_axisbelow(True)
    return ax


def hide_axes(ax: Axes, *, palette: Palette | None = None) -> Axes:
    """Remove spines and ticks: for pictures, whose axes mean nothing.

    Args:
        ax: what is drawn on.
        palette: not looked at; all that draws on a chart is given it.

    Returns:
        The axes.
    """
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set(xticks=[], yticks=[])
    return ax


def frame_axes(ax: Axes, colour: str, width: float = FRAME) -> Axes:
    """Remove ticks, and draw all four spines as a thin frame.

    Args:
        ax: what is drawn on.
        colour: of the frame, hexadecimal.
        width: of its line, in points.

    Returns:
        The axes.
    """
    for spine in hide_axes(ax).spines.values():
        spine.set(visible=True, color=colour, linewidth=width)
    return ax
