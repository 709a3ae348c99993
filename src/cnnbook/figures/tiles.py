"""All maps of a layer as one picture: tiles side by side, each a map, drawn as a single image.

128 separate axes would take seconds to draw; one array takes milliseconds. Coordinates are tiles: tile
(row 2, column 5) lies between x = 5 and 6, and between y = 2 and 3, less a gap at its right and lower edge.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import Rectangle

from cnnbook.figures.activations import ACTIVATION, activation_colours, activation_scale
from cnnbook.figures.style import SMALL, Palette, hide_axes
from cnnbook.tiling import tile_pictures

TILE_SAMPLES = 24
"""Fewest samples along a tile's side: units are repeated to reach it, so that gaps can be narrow."""

INSET = 0.07
"""Share of a unit's side by which a box around it is drawn inwards, so that neighbours' boxes stay apart."""


@dataclass(frozen=True, kw_only=True)
class Mosaic:
    """Where the tiles of one picture lie.

    Attributes:
        maps: number of tiles.
        size: units along a tile's side.
        columns: tiles in a row.
    """

    maps: int
    size: int
    columns: int

    @property
    def rows(self) -> int:
        """Rows of tiles."""
        return -(-self.maps // self.columns)

    @property
    def repeat(self) -> int:
        """Samples along a unit's side."""
        return -(-TILE_SAMPLES // self.size)

    @property
    def gap(self) -> int:
        """Samples between tiles, about a tenth of a tile."""
        return max(2, round(self.size * self.repeat / 10))

    @property
    def pitch(self) -> int:
        """Samples from one tile to the next."""
        return self.size * self.repeat + self.gap

    @property
    def span(self) -> float:
        """A tile's side, when the distance from tile to tile is 1."""
        return 1 - self.gap / self.pitch

    def corner(self, number: int) -> tuple[int, int]:
        """Column and row of a tile, which are the coordinates of its upper left corner."""
        return number % self.columns, number // self.columns

    def unit_box(self, row: int, col: int, number: int) -> tuple[float, float, float]:
        """Left, top and side of one unit.

        Args:
            row: of the unit.
            col: of the unit.
            number: of its map.
        """
        left, top = self.corner(number)
        side = self.span / self.size
        return left + col * side, top + row * side, side


def mosaic_image(maps: Float[np.ndarray, "h h c"], mosaic: Mosaic) -> Float[np.ndarray, "rows columns"]:
    """The picture of all maps, row by row; gaps and silent maps are NaN.

    Args:
        maps: one layer's activations for one image.
        mosaic: where each goes.
    """
    large = np.repeat(np.repeat(maps, mosaic.repeat, axis=0), mosaic.repeat, axis=1)
    tiles = np.where(silent_maps(maps), np.nan, large).transpose(2, 0, 1)
    sheet = tile_pictures(tiles, mosaic.columns, gap=mosaic.gap)
    picture = np.full((mosaic.rows * mosaic.pitch, mosaic.columns * mosaic.pitch), np.nan)
    picture[: sheet.shape[0], : sheet.shape[1]] = sheet
    return picture


def scale_each_map(maps: Float[np.ndarray, "h w c"]) -> Float[np.ndarray, "h w c"]:
    """Every map divided by its own maximum; a silent map stays zero."""
    highest = maps.max(axis=(0, 1))
    return maps / np.where(highest > 0, highest, 1)


def silent_maps(maps: Float[np.ndarray, "h w c"]) -> Bool[np.ndarray, " c"]:
    """Which maps are zero everywhere."""
    return np.logical_not((maps > 0).any(axis=(0, 1)))


def draw_tiles(
    ax: Axes,
    maps: Float[np.ndarray, "h h c"],
    *,
    palette: Palette,
    columns: int,
    limit: float | None,
    cmap: str = ACTIVATION,
    numbered: bool = True,
) -> Axes:
    """Draw all maps of one layer for one image; silent maps are empty frames with a cross.

    Args:
        ax: where; its aspect should be columns to rows.
        maps: activations, ≥ 0.
        palette: the theme.
        columns: tiles in a row.
        limit: the activation drawn brightest, or None: each map by its own maximum.
        cmap: one of `activations.COLOUR_MAPS`.
        numbered: whether rows say the number of their first map and columns what to add to it.

    Returns:
        The axes, in coordinates of tiles.

    Raises:
        ValueError: `cmap` is unknown.
    """
    mosaic = Mosaic(maps=maps.shape[-1], size=maps.shape[0], columns=columns)
    picture = mosaic_image(scale_each_map(maps) if limit is None else maps, mosaic)
    ax.imshow(
        np.ma.masked_invalid(picture),
        cmap=activation_colours(cmap),
        norm=activation_scale(1.0 if limit is None else limit),
        extent=(0, columns, mosaic.rows, 0),
        interpolation="none",
    )
    trailing = 1 - mosaic.span
    ax.set(xlim=(0, columns - trailing), ylim=(mosaic.rows - trailing, 0), aspect="equal")
    hide_axes(ax)
    _cross_silent(ax, mosaic, silent_maps(maps), palette)
    if numbered:
        _number_tiles(ax, mosaic, palette)
    return ax


def _cross_silent(ax: Axes, mosaic: Mosaic, which: Bool[np.ndarray, " c"], palette: Palette) -> None:
    """An empty frame with a small cross where a silent map would be."""
    low, high = mosaic.span * 0.38, mosaic.span * 0.62
    corners = [mosaic.corner(int(number)) for number in np.flatnonzero(which)]
    crosses = [
        [(left + low, top + start), (left + high, top + stop)]
        for left, top in corners
        for start, stop in ((low, high), (high, low))
    ]
    frames = [Rectangle(corner, mosaic.span, mosaic.span) for corner in corners]
    style = {"linewidths": 0.7, "gid": "silent"}
    ax.add_collection(LineCollection(crosses, colors=palette.faint, **style), autolim=False)
    edges = PatchCollection(frames, facecolor="none", edgecolor=palette.grid, **style)
    ax.add_collection(edges, autolim=False)


def _number_tiles(ax: Axes, mosaic: Mosaic, palette: Palette) -> None:
    """Label rows by the number of their first map, and columns by what to add to it."""
    middle = mosaic.span / 2
    ax.set_xticks([column + middle for column in range(mosaic.columns)], map(str, range(mosaic.columns)))
    firsts = [str(row * mosaic.columns) for row in range(mosaic.rows)]
    ax.set_yticks([row + middle for row in range(mosaic.rows)], firsts)
    ax.xaxis.tick_top()
    ax.tick_params(length=0, pad=2.5, labelsize=SMALL, labelcolor=palette.faint)


def draw_unit_boxes(
    ax: Axes, marks: Bool[np.ndarray, "h h c"], *, palette: Palette, columns: int, width: float = 1.3
) -> Axes:
    """Box the marked units of tiles that are already drawn.

    Args:
        ax: where `draw_tiles` has drawn.
        marks: which units.
        palette: the theme.
        columns: tiles in a row, as drawn.
        width: of the line, in points.

    Returns:
        The axes; the boxes are its last collection.
    """
    mosaic = Mosaic(maps=marks.shape[-1], size=marks.shape[0], columns=columns)
    boxes = []
    for row, col, number in np.argwhere(marks):
        left, top, side = mosaic.unit_box(int(row), int(col), int(number))
        inset = INSET * side
        boxes.append(Rectangle((left + inset, top + inset), side - 2 * inset, side - 2 * inset))
    for colour, line, name in ((palette.halo, width * 2, "halo"), (palette.mark, width, "common")):
        look = {"facecolor": "none", "edgecolor": colour, "linewidths": line, "clip_on": False}
        edges = PatchCollection(boxes, gid=name, **look)
        edges.set_joinstyle("round")
        ax.add_collection(edges, autolim=False)
    return ax
