"""How the nets learned: their training loss on the way, above the learning rate that drove it."""

import numpy as np
import xarray as xr
from jaxtyping import Float, Real
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, ScalarFormatter

from cnnbook.figures.checks import check_variable
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write

LEFT, RIGHT, LOSS, RATE = 0.85, 0.2, 2.5, 1.1
"""Inches left and right of the axes, and the heights of the two panels."""


def shown_curves(accuracy: xr.Dataset) -> xr.Dataset:
    """What `learning_curves_figure` shows: the losses on the way, and the learning rates."""
    return accuracy[["loss_curve", "learning_rate"]]


@drawn_from(shown_curves)
def learning_curves_figure(accuracy: xr.Dataset, *, palette: Palette) -> Figure:
    """Training loss of every net, a few points an epoch, and the learning rate of every update.

    Net 0, which the book draws, stands out.

    Args:
        accuracy: `loss_curve` by net and stretch, in nats; `learning_rate` by update; both axes in epochs.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    loss = check_variable(accuracy, "loss_curve").transpose("net", "stretch")
    rate = check_variable(accuracy, "learning_rate")
    figure = new_figure(0.45 + LOSS + 0.55 + RATE + 0.6, palette=palette)
    width = WIDTH - LEFT - RIGHT
    write(figure, LEFT, 0.26, "Training loss", colour=palette.ink, size=TITLE)
    upper = axes_at(figure, LEFT, 0.45, width, LOSS)
    draw_loss_curves(upper, loss["stretch"].values, loss.values, palette=palette)
    top = 0.45 + LOSS + 0.55
    write(figure, LEFT, top - 0.19, "Learning rate", colour=palette.ink, size=TITLE)
    lower = axes_at(figure, LEFT, top, width, RATE)
    draw_schedule(lower, rate["update"].values, rate.values, palette=palette)
    last = float(loss["stretch"].values[-1])
    for ax in (upper, lower):
        ax.set_xlim(0, last * 1.01)
        ax.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    upper.xaxis.set_major_formatter(NullFormatter())
    lower.set_xlabel("epochs")
    return figure


def draw_loss_curves(
    ax: Axes,
    along: Float[np.ndarray, " stretches"],
    loss: Float[np.ndarray, "nets stretches"],
    *,
    palette: Palette,
) -> Axes:
    """Draw one line a net on a logarithmic scale, net 0 on top.

    Args:
        ax: where.
        along: where each stretch of updates ends, in epochs.
        loss: mean over a stretch, in nats.
        palette: the theme.

    Returns:
        The axes.
    """
    for one in loss[1:]:
        ax.plot(along, one, color=palette.blue, lw=0.9, alpha=0.65)
    ax.plot(along, loss[0], color=palette.orange, lw=1.7, gid="net 0")
    words = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": SMALL, "ha": "right"}
    ax.annotate("net 0, drawn in this book", (1, 1), xytext=(-4, -12), color=palette.orange, **words)
    if len(loss) > 1:
        ax.annotate(f"the other {len(loss) - 1}", (1, 1), xytext=(-4, -27), color=palette.blue, **words)
    ax.set(yscale="log", ylabel="cross-entropy (nat)")
    _plain_ticks(ax, float(loss.min()), float(loss.max()))
    ax.grid(axis="y", color=palette.grid, lw=0.8)
    ax.set_axisbelow(True)
    return dress(ax, palette)


def _plain_ticks(ax: Axes, low: float, high: float) -> None:
    """Numbers that can be read on a logarithmic axis: 0.5 rather than 5 × 10^−1."""
    steps = [base * 10.0**power for power in range(-6, 3) for base in (1, 1.5, 2, 3, 5, 7)]
    ax.set_yticks([step for step in steps if low * 0.8 <= step <= high * 1.25])
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.yaxis.set_minor_formatter(NullFormatter())


def draw_schedule(
    ax: Axes, along: Float[np.ndarray, " updates"], rates: Real[np.ndarray, " updates"], *, palette: Palette
) -> Axes:
    """Draw the learning rate of every update as a filled line.

    Args:
        ax: where.
        along: where each update stands, in epochs.
        rates: their learning rates.
        palette: the theme.

    Returns:
        The axes.
    """
    ax.plot(along, rates, color=palette.green, lw=1.6, gid="rate")
    ax.fill_between(along, rates, 0, color=palette.green, alpha=0.15, lw=0)
    ax.set(ylim=(0, 1.08 * float(rates.max())), ylabel="rate")
    ax.yaxis.set_major_locator(MaxNLocator(3))
    ax.grid(axis="y", color=palette.grid, lw=0.8)
    ax.set_axisbelow(True)
    return dress(ax, palette)
