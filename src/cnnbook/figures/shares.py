"""Falling lines: of several kinds of thing, the share whose value is at least so large."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Real
from matplotlib.figure import Figure

from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write

LEFT, RIGHT, TOP, HEIGHT, FOOT, LINE = 0.7, 2.45, 0.55, 2.2, 0.6, 0.28
"""Inches beside the axes, for the key, above, of the axes, below, and of a line of the key."""

STYLES = (("-", "—"), ("--", "- -"), ("-.", "– ·"), (":", "· · ·"), ((0, (1, 3)), "·  ·"))
"""How lines are drawn, and how the key says it, so that colour is not needed to tell them apart."""


def shares_figure(
    kinds: Sequence[tuple[str, Real[np.ndarray, " _n"]]], *, title: str, label: str, things: str,
    palette: Palette, mark: tuple[float, str] | None = None,
) -> Figure:  # fmt: skip
    """A line a kind, for values from 0 to 1.

    Args:
        kinds: their names and values; what is not a number does not count.
        title: above it.
        label: of the values.
        things: what the share is of, such as "pictures".
        palette: the theme.
        mark: a value that an upright line marks, and its name.

    Raises:
        ValueError: more kinds than there are lines that can be told apart.
    """
    if len(kinds) > len(STYLES):
        raise ValueError(
            f"kinds: {len(kinds)} of them, expected at most {len(STYLES)} that can be told apart"
        )
    figure = new_figure(TOP + HEIGHT + FOOT, palette=palette)
    write(figure, LEFT, 0.28, title, colour=palette.ink, size=TITLE)
    ax = axes_at(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT)
    grid = np.linspace(0, 1, 101)
    for k, ((name, values), (style, sign)) in enumerate(zip(kinds, STYLES, strict=False)):
        colour = (*palette.accents, palette.faint)[k]
        known = values[np.isfinite(values)]
        ax.plot(grid, [100 * float((known >= at).mean()) if len(known) else 0.0 for at in grid], color=colour,
                ls=style, lw=1.8)  # fmt: skip
        left, base = WIDTH - RIGHT + 0.15, TOP + 0.2 + LINE * k
        write(figure, left + 0.36, base, sign, colour=colour, size=LABEL, align="right")
        write(figure, left + 0.44, base, name, colour=colour, size=LABEL)
    if mark:
        ax.axvline(mark[0], color=palette.ink, lw=0.9)
        ax.text(mark[0], 104, mark[1], color=palette.ink, fontsize=SMALL, ha="center", va="bottom")
    ax.set(xlabel=label, ylabel=f"{things} with at least that (%)", xlim=(0, 1), ylim=(0, 103))
    dress(ax, palette)
    return figure
