"""How well the nets do, one by one, and how their training went."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cnnbook.figures.checks import check_variable
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write


def shown_numbers(accuracy: xr.Dataset) -> xr.Dataset:
    """What `accuracy_figure` shows: accuracies with their intervals, and losses."""
    return accuracy[["test_accuracy", "image_interval", "net_interval", "train_loss"]]


@drawn_from(shown_numbers)
def accuracy_figure(accuracy: xr.Dataset, *, palette: Palette) -> Figure:
    """Test accuracy of each net, and the training loss of all nets by epoch.

    Net 0, which the book draws, stands out.

    Args:
        accuracy: `test_accuracy` by net, 0 to 1, with its `image_interval`; the mean's `net_interval`; and
            `train_loss` by net and epoch.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    reached = check_variable(accuracy, "test_accuracy").values
    ends = check_variable(accuracy, "image_interval").transpose("net", "bound").values
    about = check_variable(accuracy, "net_interval").values
    loss = check_variable(accuracy, "train_loss").transpose("net", "epoch").values
    height = max(2.2, 0.2 * len(reached))
    figure = new_figure(0.62 + height + 0.6, palette=palette)
    width = (WIDTH - 0.72 - 0.9 - 0.1) / 2
    write(figure, 0.72, 0.26, "Test accuracy", colour=palette.ink, size=TITLE)
    draw_accuracy(axes_at(figure, 0.72, 0.62, width, height), reached, ends, about, palette=palette)
    left = 0.72 + width + 0.9
    write(figure, left, 0.26, "Training loss", colour=palette.ink, size=TITLE)
    draw_loss(axes_at(figure, left, 0.62, width, height), loss, palette=palette)
    return figure


def draw_accuracy(
    ax: Axes,
    accuracy: Float[np.ndarray, " nets"],
    ends: Float[np.ndarray, "nets 2"],
    about: Float[np.ndarray, " 2"],
    *,
    palette: Palette,
) -> Axes:
    """Draw a dot a net with its interval, in per cent, their mean, and a band for the mean's interval.

    Args:
        ax: where; nets stand at y = 0, 1, …, downwards.
        accuracy: share of test images that are right.
        ends: low and high ends of each net's interval over images.
        about: those of the mean's interval over nets, not a number for a single net.
        palette: the theme.

    Returns:
        The axes.
    """
    percent, nets = 100 * accuracy, np.arange(len(accuracy))
    mean = float(percent.mean())
    if not np.isnan(about).any():
        ax.axvspan(*(100 * about), color=palette.grid, lw=0, alpha=0.8, gid="mean's interval")
    ax.axvline(mean, color=palette.faint, lw=1.2, linestyle=(0, (3, 2)))
    ax.hlines(nets, *(100 * ends.T), color=palette.blue, lw=1.2, alpha=0.6)
    ax.plot(percent, nets, "o", color=palette.blue, ms=6, mec=palette.paper, mew=0.6)
    ax.plot(percent[:1], nets[:1], "o", color=palette.orange, ms=7, mec=palette.paper, mew=0.6, gid="net 0")
    ax.annotate(
        f"mean {mean:.2f} %",
        (mean, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 4),
        textcoords="offset points",
        color=palette.faint,
        fontsize=SMALL,
        ha="center",
    )
    low, high = 100 * ends.min(), 100 * ends.max()
    margin = 0.06 * (high - low)
    ax.set(xlim=(low - margin, high + margin), ylim=(len(nets) - 0.4, -0.6))
    ax.set(xlabel="right answers (%)", ylabel="net")
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_yticks(nets)
    ax.grid(axis="y", color=palette.grid, lw=0.8)
    ax.set_axisbelow(True)
    return dress(ax, palette)


def draw_loss(ax: Axes, loss: Float[np.ndarray, "nets epochs"], *, palette: Palette) -> Axes:
    """Draw the training loss of every net over the epochs, net 0 on top.

    Args:
        ax: where; the first epoch is at x = 1.
        loss: mean over an epoch.
        palette: the theme.

    Returns:
        The axes.
    """
    epochs = np.arange(1, loss.shape[1] + 1)
    for one in loss[1:]:
        ax.plot(epochs, one, color=palette.blue, lw=1.1, alpha=0.6)
    ax.plot(
        epochs, loss[0], "o-", color=palette.orange, lw=1.6, ms=4, mec=palette.paper, mew=0.5, gid="net 0"
    )
    ax.annotate(
        "net 0, drawn in this book",
        (epochs[-1], loss[0].max()),
        color=palette.orange,
        fontsize=SMALL,
        ha="right",
        va="top",
    )
    if len(loss) > 1:
        ax.annotate(
            f"the other {len(loss) - 1}",
            (epochs[-1], loss[0].max()),
            xytext=(0, -15),
            textcoords="offset points",
            color=palette.blue,
            fontsize=SMALL,
            ha="right",
            va="top",
        )
    ax.set(xlabel="epoch", ylabel="cross-entropy")
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.grid(axis="y", color=palette.grid, lw=0.8)
    ax.set_axisbelow(True)
    return dress(ax, palette)
