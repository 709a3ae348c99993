"""The network as a row of blocks over a small table, and the dimensions that its layers use."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from cnnbook.figures.charts import dot_plot
from cnnbook.figures.declare import check_variable, figure, index_of, title_of
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import SMALL, WIDTH, hide_axes

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

    @property
    def colour(self) -> str:
        """Name of its colour, by kind of layer: convolution, pooling, units; the input is plain."""
        kind = self.name.split("_")[0]
        return {"Conv": "blue", "Pool": "green", "input": "faint"}.get(kind, "orange")


def network_blocks(geometry: xr.Dataset, dense: Sequence[int]) -> list[Block]:
    """The input, the layers with maps, and the dense layers, in the order of the forward pass.

    Args:
        geometry: `maps`, `size`, `parameters`, `receptive_field` by layer.
        dense: units of each dense layer; empty ends the row at the last layer with maps.

    Raises:
        ValueError: a variable or Conv_1 is missing.
    """
    table = {name: check_variable(geometry, name).values for name in COLUMNS}
    first = index_of(geometry, "layer", "conv_1")
    pixels = int(table["size"][first] + table["receptive_field"][first] - 1)
    blocks = [Block(name="input", size=pixels, maps=1, parameters=0, sees=0)]
    for index, layer in enumerate(geometry["layer"].values):
        size, maps, parameters, sees = (int(column[index]) for column in table.values())
        blocks.append(Block(name=title_of(layer), size=size, maps=maps, parameters=parameters, sees=sees))
    return blocks + _dense_blocks(blocks[-1], dense)


def _dense_blocks(last: Block, dense: Sequence[int]) -> list[Block]:
    """The last layer with maps as one row of units, and the dense layers on it."""
    if not dense:
        return []
    below = last.size**2 * last.maps
    blocks = [Block(name="flat", size=below, maps=0, parameters=0, sees=last.sees)]
    for number, units in enumerate(dense, start=1):
        name = "logits" if number == len(dense) else "hidden"
        blocks.append(Block(name=name, size=units, maps=0, parameters=(below + 1) * units, sees=0))
        below = units
    return blocks


@figure("size: layer; maps: layer; parameters: layer; receptive_field: layer [px]")
def network_figure(geometry: xr.Dataset, *, dense: Sequence[int] | None = None) -> Page:
    """The network's layers, enumerated.

    Args:
        geometry: the layers with maps.
        dense: units of each dense layer, such as (100, 10); None takes the attribute `dense` of the Dataset,
            and without one draws the layers with maps alone.
    """
    units = geometry.attrs.get("dense", ()) if dense is None else dense
    blocks = network_blocks(geometry, [int(count) for count in units])
    page = Page(DRAWING + LINE * (len(ROWS) + 1) + 0.2)
    pitch, top = (WIDTH - NAMES) / len(blocks), DRAWING + 0.28
    _draw_blocks(page.panel((NAMES, 0.05, WIDTH - NAMES, DRAWING), hide_axes), blocks, pitch)
    for row, name in enumerate(ROWS, start=1):
        page.write(0.04, top + row * LINE, name, size=SMALL)
    for column, block in enumerate(blocks):
        middle = NAMES + (column + 0.5) * pitch
        page.write(middle, top, block.name, colour=block.colour, align="center")
        for row, cell in enumerate(block.cells, start=1):
            page.write(middle, top + row * LINE, cell, size=SMALL, colour="ink", align="center")
    page.write(0.04, 0.24, f"{sum(block.parameters for block in blocks):,}")
    page.write(0.04, 0.42, "parameters", size=SMALL)
    return page


def _draw_blocks(chart: Chart, blocks: Sequence[Block], pitch: float) -> None:
    """Draw each layer as a stack of sheets of its maps' size; a row of units is a bar, by its logarithm."""
    chart.set(xlim=(0, pitch * len(blocks)), ylim=(0, DRAWING))
    chart.plot([pitch / 2, pitch * (len(blocks) - 0.5)], [DRAWING / 2] * 2, color="grid", lw=1.5, zorder=0)
    for column, block in enumerate(blocks):
        sheets = max(1, block.maps // MAPS_PER_SHEET)
        size = (SIDE * block.size,) * 2 if block.maps else (0.1, 0.38 * math.log10(1 + block.size))
        left, low = (column + 0.5) * pitch - size[0] / 2, (DRAWING - size[1]) / 2
        for sheet in reversed(range(sheets)):
            shift, fill = SHIFT * (sheet - (sheets - 1) / 2), (block.colour, 0.28 if sheet else 0.5)
            look = {"facecolor": fill, "edgecolor": block.colour, "lw": 0.7, "gid": block.name}
            chart.rectangle((left + shift, low + shift), *size, **look)


@figure(
    "components: state space net [dimensions]; intrinsic: state space net [dimensions]",
    at={"state": ("trained", "untrained")},
)
def dimensions_figure(dimension: xr.Dataset) -> Page:
    """Components for 95 % of the variance and intrinsic dimension, by space, trained and untrained."""
    components, intrinsic = dimension["components"].values, dimension["intrinsic"].values
    return dot_plot(
        [
            ("95 % of variance", components[0]),
            ("same, untrained", components[1]),
            ("two neighbours", intrinsic[0]),
            ("same, untrained", intrinsic[1]),
        ],
        [title_of(space) for space in dimension["space"].values],
        title="Dimensions in use",
        label="dimensions (logarithmic)",
        form=".0f",
        log=True,
    )
