"""The network as a row of blocks over a small table: sizes, maps, parameters, and what a unit sees."""

import math
from dataclasses import dataclass

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnbook.figures.checks import check_choice, check_variable, title_of
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, WIDTH, Palette, axes_at, bare, mix, new_figure, write

NAMES, DRAWING, LINE = 0.86, 1.3, 0.22
"""Inches: width of the row names, height of the blocks, height of a table's row."""

SIDE, SHIFT = 0.023, 0.03
"""Inches of a pixel's side, and from one sheet of a stack to the next."""

MAPS_PER_SHEET = 8
"""Maps that one sheet of a stack stands for."""

COLUMNS = ("size", "maps", "parameters", "receptive_field")
"""What is drawn of each layer."""

ROWS = ("size", "maps", "parameters", "unit sees")
"""Rows of the table under the blocks."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One column of the figure.

    Attributes:
        name: its heading.
        size: rows and columns of its maps; for a row of units, their number.
        maps: number of its maps; 0 for a row of units.
        parameters: weights and biases.
        sees: pixels along the side of a unit's receptive field; 0 leaves it out.
    """

    name: str
    size: int
    maps: int
    parameters: int
    sees: int

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What the table says of it, in the order of `ROWS`."""
        size = f"{self.size} × {self.size}" if self.maps else f"{self.size:,}"
        maps = f"{self.maps}" if self.maps else "–"
        sees = f"{self.sees} × {self.sees}" if self.sees else "–" if self.name == "input" else "all"
        return size, maps, f"{self.parameters:,}" if self.parameters else "–", sees


def blocks_of(geometry: xr.Dataset, dense: tuple[int, ...]) -> list[Block]:
    """The input, the layers with maps, and the dense layers, in the order of the forward pass.

    Args:
        geometry: `maps`, `size`, `parameters`, `receptive_field` by layer.
        dense: units of each dense layer; empty ends the row at the last layer with maps.

    Raises:
        ValueError: a variable or Conv_1 is missing.
    """
    table = {name: check_variable(geometry, name) for name in COLUMNS}
    first = geometry.sel(layer=check_choice(geometry, "layer", "conv_1"))
    pixels = int(first["size"]) + int(first["receptive_field"]) - 1
    blocks = [Block(name="input", size=pixels, maps=1, parameters=0, sees=0)]
    for layer in map(str, geometry["layer"].values):
        size, maps, parameters, sees = (int(table[name].sel(layer=layer)) for name in COLUMNS)
        blocks.append(Block(name=title_of(layer), size=size, maps=maps, parameters=parameters, sees=sees))
    below = blocks[-1].size ** 2 * blocks[-1].maps
    for number, units in enumerate(dense):
        name = "logits" if number == len(dense) - 1 else "hidden"
        if number == 0:
            blocks.append(Block(name="flat", size=below, maps=0, parameters=0, sees=blocks[-1].sees))
        blocks.append(Block(name=name, size=units, maps=0, parameters=(below + 1) * units, sees=0))
        below = units
    return blocks


def shown_layers(geometry: xr.Dataset, **options: tuple[int, ...] | None) -> xr.Dataset:
    """What `network_figure` shows: size, maps, parameters and window of each layer."""
    return geometry[list(COLUMNS)]


@drawn_from(shown_layers)
def network_figure(geometry: xr.Dataset, *, palette: Palette, dense: tuple[int, ...] | None = None) -> Figure:
    """The network's layers, enumerated.

    Args:
        geometry: `maps`, `size`, `parameters`, `receptive_field` by layer.
        palette: the theme.
        dense: units of each dense layer, such as (100, 10); None takes the attribute `dense` of the Dataset,
            and without one draws the layers with maps alone.

    Raises:
        ValueError: a variable or Conv_1 is missing.
    """
    units = geometry.attrs.get("dense", ()) if dense is None else dense
    blocks = blocks_of(geometry, tuple(int(count) for count in units))
    figure = new_figure(DRAWING + LINE * (len(ROWS) + 1) + 0.2, palette=palette)
    pitch = (WIDTH - NAMES) / len(blocks)
    ax = axes_at(figure, NAMES, 0.05, WIDTH - NAMES, DRAWING)
    draw_network(ax, blocks, palette=palette, pitch=pitch)
    top = DRAWING + 0.28
    for row, name in enumerate(ROWS):
        write(figure, 0.04, top + (row + 1) * LINE, name, colour=palette.faint, size=SMALL)
    for column, block in enumerate(blocks):
        middle = NAMES + (column + 0.5) * pitch
        write(figure, middle, top, block.name, colour=_accent(block, palette), align="center")
        for row, cell in enumerate(block.cells):
            down = top + (row + 1) * LINE
            write(figure, middle, down, cell, colour=palette.ink, size=SMALL, align="center")
    total = sum(block.parameters for block in blocks)
    write(figure, 0.04, 0.24, f"{total:,}", colour=palette.ink, size=LABEL)
    write(figure, 0.04, 0.42, "parameters", colour=palette.faint, size=SMALL)
    return figure


def draw_network(ax: Axes, blocks: list[Block], *, palette: Palette, pitch: float) -> Axes:
    """Draw each layer as a stack of sheets as large as its maps; a row of units is a bar, by its logarithm.

    Args:
        ax: where; its coordinates become inches.
        blocks: the columns, left to right.
        palette: the theme.
        pitch: inches from one column to the next.

    Returns:
        The axes.
    """
    ax.set(xlim=(0, pitch * len(blocks)), ylim=(0, DRAWING))
    bare(ax)
    ax.plot([pitch / 2, pitch * (len(blocks) - 0.5)], [DRAWING / 2] * 2, color=palette.grid, lw=1.5, zorder=0)
    for column, block in enumerate(blocks):
        middle, accent = (column + 0.5) * pitch, _accent(block, palette)
        sheets = max(1, block.maps // MAPS_PER_SHEET)
        wide, high = (SIDE * block.size,) * 2 if block.maps else (0.1, 0.38 * math.log10(1 + block.size))
        spread = SHIFT * (sheets - 1)
        for sheet in reversed(range(sheets)):
            left = middle - (wide + spread) / 2 + sheet * SHIFT
            low = (DRAWING - high - spread) / 2 + sheet * SHIFT
            fill = mix(accent, palette.paper, 0.28 if sheet else 0.5)
            box = Rectangle((left, low), wide, high, facecolor=fill, edgecolor=accent, lw=0.7, gid=block.name)
            ax.add_patch(box)
    return ax


def _accent(block: Block, palette: Palette) -> str:
    """Colour by kind of layer: convolution, pooling, units; the input is plain."""
    kind = block.name.split("_")[0]
    return {"Conv": palette.blue, "Pool": palette.green, "input": palette.faint}.get(kind, palette.orange)
