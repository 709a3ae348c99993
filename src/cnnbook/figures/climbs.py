"""Ascents: one map watched step by step, and what each choice makes of it."""

import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.sheets import draw_sheet, sheet_height
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, new_figure, write

LEFT, RIGHT, TOP, GAP = 1.55, 1.0, 0.92, 0.12
"""Inches for the rows' names, for numbers, above the first row, and between rows."""


def shown_climb(climb: xr.Dataset) -> xr.Dataset:
    """What `climb_figure` shows."""
    return climb[["watched", "height", "best"]]


@drawn_from(shown_climb)
def climb_figure(climb: xr.Dataset, *, palette: Palette) -> Figure:
    """One row a start: the picture after more and more steps, and how high it is in the end.

    Args:
        climb: `watched` by begun, stop and pixel, ink 0 to 1; `height` by begun and stop; `best`.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    watched = check_variable(climb, "watched").transpose("begun", "stop", "row", "column").values
    height, best = check_variable(climb, "height"), float(check_variable(climb, "best")) or 1.0
    stops = climb["stop"].values
    width = WIDTH - LEFT - RIGHT
    side = sheet_height(len(stops), len(stops), width)
    figure = new_figure(TOP + len(watched) * (side + GAP) + 0.1, palette=palette)
    title = f"Map {climb.attrs['map']} of Conv_3: the picture after so many steps"
    write(figure, LEFT, 0.28, title, colour=palette.ink, size=TITLE)
    pitch = width / len(stops)
    for column, stop in enumerate(stops):
        write(figure, LEFT + (column + 0.5) * pitch, TOP - 0.1, str(stop), colour=palette.faint, size=SMALL,
              align="center")  # fmt: skip
    write(figure, WIDTH - RIGHT + 0.12, TOP - 0.1, "reached", colour=palette.faint, size=SMALL)
    write(figure, LEFT, 0.54, "reached: the map's mean, by that under the best training image",
          colour=palette.faint, size=SMALL)  # fmt: skip
    for row, name in enumerate(climb["begun"].values.astype(str)):
        top = TOP + row * (side + GAP)
        ax = axes_at(figure, LEFT, top, width, side)
        draw_sheet(ax, watched[row], columns=len(stops), palette=palette, high=1)
        for part, words in enumerate(_two_lines(name)):
            write(figure, LEFT - 0.12, top + side / 2 + 0.17 * part, words, colour=palette.ink, size=LABEL,
                  align="right")  # fmt: skip
        told = f"{float(height.isel(begun=row, stop=-1)) / best:.2f}"
        write(figure, WIDTH - RIGHT + 0.12, top + side / 2 + 0.05, told, colour=palette.ink, size=LABEL)
    return figure


def _two_lines(name: str) -> list[str]:
    """A name on one line or two."""
    return name.split(", ") if ", " in name else [name]


def shown_choices(climb: xr.Dataset) -> xr.Dataset:
    """What `choices_figure` shows."""
    return climb[["chosen", "chosen_reach", "asked", "best"]]


@drawn_from(shown_choices)
def choices_figure(climb: xr.Dataset, *, palette: Palette) -> Figure:
    """The same map by preset and start, and by objective from the first of these starts.

    Args:
        climb: `chosen` by preset, start and pixel; `chosen_reach`; `asked` by objective and pixel; `best`.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    chosen = check_variable(climb, "chosen").transpose("preset", "start", "row", "column")
    reach = check_variable(climb, "chosen_reach").mean("start") / (float(check_variable(climb, "best")) or 1)
    asked = check_variable(climb, "asked").transpose("objective", "row", "column")
    starts, width = climb.sizes["start"], 2.5
    side = sheet_height(starts, starts, width)
    rows = max(len(chosen), len(asked))
    figure = new_figure(TOP + rows * (side + GAP) + 0.1, palette=palette)
    write(figure, 0.3, 0.28, f"Map {climb.attrs['map']} of Conv_3: the same map, other choices",
          colour=palette.ink, size=TITLE)  # fmt: skip
    write(figure, LEFT - 0.25, TOP - 0.12, f"presets, from {starts} starts", colour=palette.faint, size=SMALL)
    write(figure, 4.15, TOP - 0.12, "reached", colour=palette.faint, size=SMALL)
    for row, name in enumerate(climb["preset"].values.astype(str)):
        top = TOP + row * (side + GAP)
        write(figure, LEFT - 0.37, top + side / 2 + 0.05, name, colour=palette.ink, size=LABEL, align="right")
        values = chosen.values[row]
        low, high = min(0.0, float(values.min())), max(1.0, float(values.max()))
        ax = axes_at(figure, LEFT - 0.25, top, width, side)
        draw_sheet(ax, values, columns=starts, palette=palette, low=low, high=high)
        write(figure, 4.15, top + side / 2 + 0.05, f"{float(reach[row]):.2f}", colour=palette.ink, size=LABEL)
    write(figure, 5.05, TOP - 0.12, "objectives, from one start", colour=palette.faint, size=SMALL)
    for row, name in enumerate(climb["objective"].values.astype(str)):
        top = TOP + row * (side + GAP)
        ax = axes_at(figure, 5.05, top, side, side)
        draw_sheet(ax, asked.values[row : row + 1], columns=1, palette=palette, high=1)
        write(figure, 5.05 + side + 0.12, top + side / 2 + 0.05, name, colour=palette.ink, size=LABEL)
    return figure
