"""Where each unit of the network looks: layers, sizes and receptive fields, in whole pixels.

The recursion is that of Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural
Networks", Distill 2019, section "Derivation": a layer with kernel size k and stride s above a field of
r pixels with jump j sees r + (k − 1)·j pixels and jumps j·s.
"""

from dataclasses import dataclass
from typing import Literal

INPUT_SIZE = 28
"""Rows and columns of an MNIST image."""

CROP = 26
"""Rows and columns of an image that Conv_3 depends on. Pool_2 drops the last row and column of Conv_2."""

CLASSES = 10
"""Digit classes."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer with maps.

    Attributes:
        name: as used everywhere in code, such as "conv_3".
        kind: convolution (with ReLU) or 2×2 maximum.
        kernel: rows and columns of its window on the layer below.
        stride: steps of that window.
        maps: number of its maps.
    """

    name: str
    kind: Literal["convolution", "pooling"]
    kernel: int
    stride: int
    maps: int


LAYERS: tuple[Layer, ...] = (
    Layer(name="conv_1", kind="convolution", kernel=3, stride=1, maps=32),
    Layer(name="pool_1", kind="pooling", kernel=2, stride=2, maps=32),
    Layer(name="conv_2", kind="convolution", kernel=3, stride=1, maps=64),
    Layer(name="pool_2", kind="pooling", kernel=2, stride=2, maps=64),
    Layer(name="conv_3", kind="convolution", kernel=3, stride=1, maps=128),
)
"""The layers with maps, as the article builds them, bottom first."""

MAP_LAYERS: tuple[str, ...] = tuple(layer.name for layer in LAYERS)
"""Their names."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """What one layer is and sees, the same along rows and columns.

    Attributes:
        layer: its definition.
        size: rows and columns of each map.
        receptive_field: pixels that one unit sees.
        jump: pixels between the windows of neighbouring units.
        parameters: weights and biases of the layer.
    """

    layer: Layer
    size: int
    receptive_field: int
    jump: int
    parameters: int

    def window(self, position: int) -> tuple[int, int]:
        """First and last pixel (inclusive) that the unit at a row or column sees.

        Raises:
            ValueError: there is no such row or column.
        """
        if not 0 <= position < self.size:
            raise ValueError(
                f"position={position}: {self.layer.name} has rows and columns 0 to {self.size - 1}"
            )
        start = position * self.jump
        return start, start + self.receptive_field - 1

    @property
    def union(self) -> tuple[int, int]:
        """First and last pixel that any unit of the layer sees."""
        return self.window(0)[0], self.window(self.size - 1)[1]


def geometry_of(layers: tuple[Layer, ...] = LAYERS, input_size: int = INPUT_SIZE) -> dict[str, Geometry]:
    """The geometry of every layer, from the list of layers alone.

    Args:
        layers: bottom first; valid padding.
        input_size: rows and columns of the image.

    Returns:
        One entry a layer, in the same order.

    Raises:
        ValueError: a window is larger than the maps below it.
    """
    result: dict[str, Geometry] = {}
    size, field, jump, channels = input_size, 1, 1, 1
    for layer in layers:
        if layer.kernel > size:
            raise ValueError(
                f"{layer.name}: kernel={layer.kernel} is larger than the {size}×{size} maps below it"
            )
        field += (layer.kernel - 1) * jump
        jump *= layer.stride
        size = (size - layer.kernel) // layer.stride + 1
        weights = layer.kernel**2 * channels * layer.maps + layer.maps if layer.kind == "convolution" else 0
        result[layer.name] = Geometry(
            layer=layer, size=size, receptive_field=field, jump=jump, parameters=weights
        )
        channels = layer.maps
    return result


def layer_named(name: str) -> Layer:
    """The layer of that name.

    Raises:
        ValueError: there is no such layer with maps.
    """
    for layer in LAYERS:
        if layer.name == name:
            return layer
    raise ValueError(f"layer={name!r}: expected one of {', '.join(MAP_LAYERS)}")
