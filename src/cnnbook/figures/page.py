"""A figure before its palette is known: texts and charts, placed in inches from the top left corner.

Places are given, so that the same figure comes out byte for byte; automatic layout does not grant that.
Colours are names of a palette's colours, so that a figure shows the same in every theme.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from cnnbook.figures.style import DPI, LABEL, SERIES, SIGNS, SMALL, TITLE, WIDTH, Palette, style_axes, tint

COLOUR_OPTIONS = frozenset("color colors edgecolor ec facecolor labelcolor mec mfc".split())
"""Options of matplotlib's that take a colour."""

Box = tuple[float, float, float, float]
"""Inches from the figure's left edge, from its upper edge, and of the width and the height."""


class Chart:
    """Axes of a page: methods of matplotlib's Axes that are called on it are called once the Axes exist.

    An option that takes a colour takes the name of a palette's colour, or a pair of such a name and a share:
    a tint on the background.
    """

    def __init__(self) -> None:
        self.steps: list[Callable[[Axes, Palette], object]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *data, **options: self.call(lambda ax: getattr(ax, name), *data, **options)

    def call(self, method: Callable[[Axes], Callable[..., object]], *data: Any, **options: Any) -> None:
        """Call a method of the Axes, or of something that belongs to them.

        Args:
            method: finds it, such as `lambda ax: ax.xaxis.set_major_locator`.
            data: its positional arguments.
            options: its keyword arguments.
        """
        self.steps.append(lambda ax, palette: method(ax)(*data, **_coloured(options, palette)))

    def draw(self, draw: Callable[..., object], *data: Any, **options: Any) -> None:
        """Call a function that draws.

        Args:
            draw: called as `draw(ax, *data, palette=…, **options)`.
            data: what it draws.
            options: of it.
        """
        self.steps.append(lambda ax, palette: draw(ax, *data, palette=palette, **options))

    def rectangle(self, corner: tuple[float, float], width: float, height: float, **options: Any) -> None:
        """Draw a rectangle.

        Args:
            corner: the corner with the least coordinates.
            width: along x.
            height: along y.
            options: of matplotlib's Rectangle.
        """
        self.call(lambda ax: lambda **look: ax.add_patch(Rectangle(corner, width, height, **look)), **options)

    def limit_ticks(self, axis: Literal["x", "y"], count: int, *, integer: bool = False) -> None:
        """Ask for so many ticks at most, at round numbers.

        Args:
            axis: along which.
            count: at most.
            integer: whether only at whole numbers.
        """
        locator = MaxNLocator(count, integer=integer)
        self.call(lambda ax: getattr(ax, f"{axis}axis").set_major_locator, locator)

    def write_in_corner(self, text: str, colour: str, *, top: float = 0.95, right: float = 0.98) -> None:
        """Write a small line of text in the upper right corner, such as an entry of a key.

        Args:
            text: what to write.
            colour: name of a colour.
            top: upper edge of the text, as a share of the axes' height.
            right: right edge of the text, as a share of the axes' width.
        """
        anchor = {"xycoords": "axes fraction", "ha": "right", "va": "top"}
        self.annotate(text, (right, top), color=colour, fontsize=SMALL, **anchor)


class Page:
    """Texts and charts of one figure; nothing is drawn before `figure` is called with a palette.

    Args:
        height: in inches.
        title: a line at the top; "" for none.
        left: of the title, in inches.
        top: of the title's baseline, in inches.
    """

    def __init__(self, height: float, *, title: str = "", left: float = 0.3, top: float = 0.28) -> None:
        self.height = height
        self._texts: list[tuple[float, float, str, str, dict[str, Any]]] = []
        self._panels: list[tuple[Box, Chart]] = []
        if title:
            self.write(left, top, title, size=TITLE)

    def write(
        self,
        left: float,
        top: float,
        text: str,
        *,
        size: float = LABEL,
        colour: str = "",
        align: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Place a line of text.

        Args:
            left: inches from the left edge to the text's left end, middle or right end, as `align` says.
            top: inches from the upper edge to the baseline.
            text: what to write.
            size: in points.
            colour: name of a colour; "" takes `faint` for small text, `ink` for other.
            align: "left", "center" or "right".
        """
        colour = colour or ("faint" if size == SMALL else "ink")
        words = {"fontsize": size, "ha": align, "va": "baseline"}
        self._texts.append((left / WIDTH, 1 - top / self.height, text, colour, words))

    def panel(self, box: Box, draw: Callable[..., object] | None = None, *data: Any, **options: Any) -> Chart:
        """Place axes with a transparent background.

        Args:
            box: of the axes.
            draw: draws on them, see `Chart.draw`; None leaves them empty.
            data: what it draws.
            options: of `draw`.

        Returns:
            What else to draw on them.
        """
        left, top, width, height = box
        lower = (self.height - top - height) / self.height
        share = left / WIDTH, lower, width / WIDTH, height / self.height
        chart = Chart()
        if draw:
            chart.draw(draw, *data, **options)
        self._panels.append((share, chart))
        return chart

    def chart(self, box: Box, *, grid: str = "", spine: bool = True, **settings: Any) -> Chart:
        """Place axes for data: with thin spines at the left and below, and small ticks.

        Args:
            box: of the axes.
            grid: "x" or "y" for grid lines at the ticks of that axis; "" for none.
            spine: whether there is a spine at the left.
            settings: of the axes, before anything is drawn on them, such as `xlabel` or `ylim`.

        Returns:
            What to draw on them.
        """
        chart = self.panel(box, style_axes, grid=grid, spine=spine)
        chart.set(**settings)
        chart.minorticks_off()  # those of a logarithmic axis have no length: see `style_axes`
        return chart

    def legend(
        self, left: float, top: float, names: Sequence[str], *, pitch: float = 0.085, gap: float = 0.5
    ) -> float:
        """Place a line of small text that names series by marker and colour, in the order of both.

        Args:
            left: inches from the left edge.
            top: inches from the upper edge to the baseline.
            names: of the series, at most five.
            pitch: inches for a character.
            gap: inches for a marker and the space between two names.

        Returns:
            Inches from the left edge to the end of the key.
        """
        for name, sign, colour in zip(names, SIGNS, SERIES, strict=False):
            self.write(left, top, f"{sign} {name}", size=SMALL, colour=colour)
            left += pitch * len(name) + gap
        return left

    def figure(self, palette: Palette) -> Figure:
        """The drawn figure."""
        background: Any = {"facecolor": palette.background, "edgecolor": "none"}
        figure = Figure(figsize=(WIDTH, self.height), dpi=DPI, **background)
        figure.suppressComposite = True  # pictures on the same axes stay exactly where they are
        for left, lower, text, colour, words in self._texts:
            figure.text(left, lower, text, color=getattr(palette, colour), **words)
        for box, chart in self._panels:
            ax = figure.add_axes(box, facecolor="none")
            for step in chart.steps:
                step(ax, palette)
        return figure


def _coloured(options: dict[str, Any], palette: Palette) -> dict[str, Any]:
    """Options of matplotlib's, with the palette's colours where they name some."""
    own = options.copy()
    for name in COLOUR_OPTIONS & own.keys():
        value = own[name]
        if isinstance(value, tuple):
            own[name] = tint(getattr(palette, value[0]), palette.background, value[1])
        else:
            own[name] = getattr(palette, value, value)
    return own
