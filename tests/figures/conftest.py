"""Datasets such as experiments return, made up: strokes for digits, random filters for a network."""

import io

import numpy as np
import pytest
import xarray as xr
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text

from cnnbook.figures.style import DARK, LIGHT

LAYERS = ("conv_1", "pool_1", "conv_2", "pool_2", "conv_3")
KEYS = {"clear-four": 4, "second-four": 4, "third-four": 4, "one": 1, "two": 2}


def _stroke(image, start, stop):
    for share in np.linspace(0, 1, 60):
        row, col = (round(a + share * (b - a)) for a, b in zip(start, stop, strict=True))
        image[row : row + 2, col : col + 2] = 255


def _digit(label, shift):
    image = np.zeros((28, 28), np.uint8)
    strokes = {
        4: [((4, 8), (14, 6)), ((14, 6), (14, 20)), ((5, 17), (23, 16))],
        1: [((4, 14), (23, 13))],
        2: [((6, 8), (4, 16)), ((4, 16), (22, 7)), ((22, 7), (22, 20))],
    }[label]
    for start, stop in strokes:
        _stroke(image, (start[0], start[1] + shift), (stop[0], stop[1] + shift))
    return image


def _convolve(maps, kernel, rng):
    windows = np.lib.stride_tricks.sliding_window_view(maps, (3, 3), axis=(0, 1))
    sums = np.einsum("hwcij,ijcd->hwd", windows, kernel)
    scaled = (sums - sums.mean((0, 1))) / (sums.std((0, 1)) + 1e-3)
    return np.maximum(scaled + rng.normal(-1.2, 0.6, sums.shape[-1]), 0)


def _pool(maps):
    side = len(maps) // 2
    return maps[: 2 * side, : 2 * side].reshape(side, 2, side, 2, -1).max((1, 3))


def _forward(image):
    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=(3, 3, *shape)) for shape in ((1, 32), (32, 64), (64, 128))]
    found = {"conv_1": _convolve(image[..., None] / 255, kernels[0], rng)}
    found["pool_1"] = _pool(found["conv_1"])
    found["conv_2"] = _convolve(found["pool_1"], kernels[1], rng)
    found["pool_2"] = _pool(found["conv_2"])
    found["conv_3"] = _convolve(found["pool_2"], kernels[2], rng)
    found["conv_3"][..., :3] = 0  # three maps are silent for every digit
    return found


@pytest.fixture(scope="session")
def maps_of_digits():
    images = [_digit(label, shift) for shift, label in enumerate(KEYS.values())]
    found = [_forward(image) for image in images]
    layers = {
        layer: (
            ("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}"),
            np.stack([maps[layer] for maps in found]).astype(np.float32),
        )
        for layer in LAYERS
    }
    return xr.Dataset(
        {"image": (("digit", "row", "col"), np.stack(images)), **layers},
        coords={
            "digit": list(KEYS),
            "label": ("digit", list(KEYS.values())),
            "test_index": ("digit", [4, 33, 49, 2, 1]),
        },
    )


@pytest.fixture(scope="session")
def geometry():
    columns = {
        "maps": [32, 32, 64, 64, 128],
        "size": [26, 13, 11, 5, 3],
        "parameters": [320, 0, 18496, 0, 73856],
        "receptive_field": [3, 4, 8, 10, 18],
        "jump": [1, 2, 2, 4, 4],
        "first_start": [0, 0, 0, 0, 0],
        "last_stop": [27, 27, 27, 25, 25],
    }
    return xr.Dataset({name: ("layer", row) for name, row in columns.items()}, coords={"layer": list(LAYERS)})


@pytest.fixture(scope="session")
def common_points():
    rng = np.random.default_rng(1)
    kinds = ["three 4s", "three of one class", "three of different classes", "any three digits"]
    means = np.array([40.0, 35, 10, 12])[None, :, None, None] * np.ones((2, 4, 3, 100))
    return xr.Dataset(
        {
            "count": (("layer", "kind", "net", "triple"), rng.poisson(means)),
            "shown": (("layer", "net"), [[90.0, 80, 85], [42, 50, 38]]),
            "expected": (("layer", "net"), [[7.0, 8, 9], [1, 1.2, 1.4]]),
        },
        coords={"layer": ["conv_2", "conv_3"], "kind": kinds, "net": [0, 1, 2]},
    )


@pytest.fixture(scope="session")
def likeness():
    means = np.array([[0.9, 0.8, 0.7, 0.5, 0.41], [0.3, 0.3, 0.35, 0.4, 0.40], [0.9, 0.8, 0.6, 0.5, 0.42]])
    values = means[:, :, None] + np.array([-0.02, 0.0, 0.02])
    kinds = ["own image", "another digit", "untrained, own image"]
    return xr.Dataset(
        {"likeness": (("kind", "layer", "net"), values)}, coords={"kind": kinds, "layer": list(LAYERS)}
    )


@pytest.fixture(scope="session")
def accuracy():
    loss = np.array([[1.0, 0.6, 0.5], [1.1, 0.62, 0.52], [0.9, 0.58, 0.49]])
    reached = np.array([0.9940, 0.9944, 0.9942])
    along = np.arange(1, 25) / 8
    curves = 0.5 + np.exp(-along) * np.array([1.0, 1.1, 0.9])[:, None]
    update = np.arange(60) / 20
    return xr.Dataset(
        {
            "test_accuracy": ("net", reached),
            "image_interval": (("net", "bound"), reached[:, None] + [-0.0016, 0.0014]),
            "net_interval": ("bound", [0.9937, 0.9947]),
            "train_loss": (("net", "epoch"), loss),
            "loss_curve": (("net", "segment"), curves),
            "learning_rate": ("update", 0.1 * np.sin(np.pi * (update + 0.05) / 3.1)),
        },
        coords={"net": [0, 1, 2], "bound": ["low", "high"], "segment": along, "update": update},
    )


@pytest.fixture(scope="session")
def recipes():
    difference = np.array(
        [[0, 0, 0], [-0.0012, -0.0010, -0.0008], [0.0002, -0.0003, 0.0004], [0.0011, 0.0016, 0.0012]]
    )
    ends = np.array([[np.nan, np.nan], [-0.0015, -0.0005], [-0.0008, 0.0010], [0.0006, 0.0020]])
    return xr.Dataset(
        {
            "difference": (("recipe", "net"), difference),
            "difference_interval": (("recipe", "bound"), ends),
        },
        coords={
            "recipe": ["reference", "no-momentum", "no-decay", "augmented"],
            "called": ("recipe", ["the book's recipe", "without momentum", "without L2", "with warps"]),
            "net": [0, 1, 2],
            "bound": ["low", "high"],
        },
    )  # fmt: skip


@pytest.fixture(scope="session")
def mlps():
    """Of 100 4s the first CNN names one as a 9, the MLPs twelve; the MLPs take 20 of 100 7s for 2s."""
    tables = np.zeros((3, 2, 10, 10), np.int64)
    tables[:, :, range(10), range(10)] = 100
    for kind, (fours, sevens) in enumerate([(1, 0), (12, 20), (12, 20)]):
        for net in range(2):
            tables[kind, net, 4, [4, 9]] = 100 - fours - net, fours + net
            tables[kind, net, 7, [7, 2]] = 100 - sevens, sevens
    return xr.Dataset(
        {"confusion": (("kind", "net", "true", "predicted"), tables)},
        coords={
            "kind": ["CNN", "small MLP", "wide MLP"],
            "net": [0, 1],
            "true": np.arange(10),
            "predicted": np.arange(10),
        },
    )


@pytest.fixture(params=[LIGHT, DARK], ids=lambda palette: palette.name)
def palette(request):
    return request.param


@pytest.fixture(scope="session")
def svg():
    """The SVG file of a figure, as bytes."""

    def saved(figure: Figure) -> bytes:
        file = io.BytesIO()
        with rc_context({"svg.hashsalt": "test"}):
            figure.savefig(file, format="svg", metadata={"Date": None})
        return file.getvalue()

    return saved


@pytest.fixture(scope="session")
def texts():
    """Every text of a figure that is not empty, ticks included."""

    def found(figure: Figure) -> list[str]:
        figure.draw_without_rendering()  # ticks are made when they are drawn
        return [item.get_text() for item in figure.findobj(Text) if item.get_text() and item.get_visible()]

    return found
