"""Do horizontal patterns prevail on the maps, and do they follow the digit's own strokes?

For every test image and layer the structure tensors of all maps are summed. Beside them stand those of the
pixels, averaged over the window that a cell sees; of the same network before training; of the digit turned
by a quarter; on Conv_3 of maps whose nine cells were shuffled (alike for all maps of an image); and of
Conv_2 averaged to 5×5 cells, which shows what fewer cells do to coherence by themselves.
"""

from collections.abc import Mapping, Sequence

import jax
import numpy as np
import xarray as xr

from cnnbook.arrays import RawImages
from cnnbook.config.questions import OrientationConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.likeness import seen_by
from cnnbook.experiments.resampling import Resampled, Weights, resample_weights, resampled, statistic
from cnnbook.fcp.orientation import coherence, horizontal_excess, line_angle, tensors
from cnnbook.formatting import format_number
from cnnbook.keys import key_for
from cnnbook.maps import stream
from cnnbook.nets.geometry import CLASSES, geometry_of
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "pool_2", "conv_3")

KINDS = ("maps", "turned digit", "untrained", "pixels", "turned pixels")
"""What is looked at: the claim, then its nulls and references."""

SAYS = {
    "conv_2_fours": "horizontal excess of Conv_2's maps of 4s",
    "conv_3_fours_excess": "the same on Conv_3 less that of shuffled cells",
    "conv_2_turning": "how far Conv_2 turns with the digit, by how far the pixels do",
    "conv_2_angle": "direction of lines on Conv_2's maps of 4s",
    "conv_2_coherence": "coherence of these lines",
    "coherence_kept": "coherence on Pool_2 by that on Conv_2",
    "coherence_kept_by_means": "the same for Conv_2 averaged to 5 by 5 cells",
}
"""What its statistics are."""

FOUR = 4
BINS = 36
"""Of line directions, each 5 degrees wide."""


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """Horizontal excess by kind, layer, class and network; lines of 4s on Conv_2; and the statistics."""
    own: OrientationConfig = config.own
    images, labels = digits.test_images[: own.images], digits.test_labels[: own.images]
    turned = np.rot90(images, axes=(1, 2))
    weights = resample_weights(len(images), resamples=config.resamples, seed=config.seed)
    orders = _orders(config.seed, own.shuffles)
    pixels, turned_pixels = _of_pixels(images), _of_pixels(turned)
    excess = np.full((len(KINDS), len(LAYERS), CLASSES, len(nets)), np.nan)
    found: dict[str, list[np.ndarray]] = {}
    lines = np.zeros((2, BINS))
    for n, net in enumerate(nets):
        here = _of_maps(net, images, orders)
        there = _of_maps(net, turned, ())
        before = _of_maps(untrained(net), images, ()) if n < own.untrained else {}
        for k, summed in enumerate((here, there, before, pixels, turned_pixels)):
            for m, layer in enumerate(LAYERS if summed else ()):
                by_class = [summed[layer][labels == c].sum(axis=0) for c in range(CLASSES)]
                excess[k, m, :, n] = horizontal_excess(np.stack(by_class))
        for name, values in _statistics(here, there, pixels, turned_pixels, labels, weights).items():
            found.setdefault(name, []).append(values)
        if n == 0:
            lines = np.stack([_directions(one["conv_2"][labels == FOUR]) for one in (here, pixels)])
    stated = {
        name: statistic(np.stack(values), SAYS[name], units="degree" if name == "conv_2_angle" else "1")
        for name, values in found.items()
    }
    return xr.Dataset(
        {
            "excess": (("kind", "layer", "class", "net"), excess, {"units": "1"}),
            "lines": (("of", "direction"), lines, {"units": "1"}),
        } | stated,
        coords={"kind": list(KINDS), "layer": list(LAYERS), "class": np.arange(CLASSES),
                "of": ["Conv_2", "pixels"],
                "net": [net.number for net in nets], "direction": (np.arange(BINS) + 0.5) * 180 / BINS},
        attrs={"claims": "C16 C17 C18 C19 C20", "data": digits.name, "images": len(images),
               "shuffles": own.shuffles, "untrained": min(own.untrained, len(nets))},
    )  # fmt: skip


def _statistics(
    here: Mapping[str, np.ndarray], there: Mapping[str, np.ndarray], pixels: Mapping[str, np.ndarray],
    turned_pixels: Mapping[str, np.ndarray], labels: np.ndarray, weights: Weights,
) -> dict[str, np.ndarray]:  # fmt: skip
    """One network's numbers for every resample of the images."""
    fours = weights * (labels == FOUR)

    def change(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return horizontal_excess(fours @ one) - horizontal_excess(fours @ other)

    by_pixels = change(pixels["conv_2"], turned_pixels["conv_2"])
    by_maps = change(here["conv_2"], there["conv_2"])
    conv_2, pool_2 = fours @ here["conv_2"], fours @ here["pool_2"]
    first = coherence(conv_2)

    def kept(later: np.ndarray) -> np.ndarray:
        return np.divide(coherence(later), first, out=np.zeros_like(first), where=first > 0)

    return {
        "conv_2_fours": horizontal_excess(conv_2),
        "conv_3_fours_excess": horizontal_excess(fours @ here["conv_3"])
        - horizontal_excess(fours @ here["shuffled"]),
        "conv_2_turning": np.divide(
            by_maps, by_pixels, out=np.zeros_like(by_maps), where=np.abs(by_pixels) > 1e-9
        ),
        "conv_2_angle": line_angle(conv_2),
        "conv_2_coherence": first,
        "coherence_kept": kept(pool_2),
        "coherence_kept_by_means": kept(fours @ here["means"]),
    }


def _of_maps(net: TrainedNet, images: RawImages, orders: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Tensors of every image by layer; with orders, also of shuffled Conv_3 and of averaged Conv_2."""
    parts: dict[str, list[np.ndarray]] = {}
    for batch in stream(net, images, LAYERS):
        summed = {layer: tensors(batch[layer]) for layer in LAYERS}
        if orders:
            flat = batch["conv_3"].reshape(len(batch["conv_3"]), 9, -1)
            cells = [tensors(flat[:, order].reshape(batch["conv_3"].shape)) for order in orders]
            summed["shuffled"] = np.mean(cells, axis=0)
            conv_2 = batch["conv_2"][:, :10, :10]
            means = conv_2.reshape(len(conv_2), 5, 2, 5, 2, -1).mean(axis=(2, 4))
            summed["means"] = tensors(means)
        for name, values in summed.items():
            parts.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _of_pixels(images: RawImages) -> dict[str, np.ndarray]:
    """Tensors of the mean pixel of the window that each cell sees, by layer."""
    return {layer: tensors(seen_by(images, geometry_of()[layer])[..., None]) for layer in LAYERS}


def _orders(seed: int, count: int) -> list[np.ndarray]:
    """Orders of the nine cells of a map."""
    keys = jax.random.split(key_for(seed, "orientation/shuffled cells"), count)
    return [np.asarray(jax.random.permutation(key, 9)) for key in keys]


def _directions(summed: np.ndarray) -> np.ndarray:
    """Shares of images by the direction of their lines."""
    counts, _ = np.histogram(line_angle(summed), bins=BINS, range=(0, 180))
    return counts / max(len(summed), 1)


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """The excess of 4s by kind and layer, the lines' direction, and what pooling leaves of it."""
    found = {
        "images": f"{result.attrs['images']:,}",
        "nets": str(result.sizes["net"]),
        "untrained_nets": str(result.attrs["untrained"]),
        "angle": f"{float(result.conv_2_angle.isel(resample=0).mean()):.0f}",
        "coherence": f"{float(result.conv_2_coherence.isel(resample=0).mean()):.2f}",
        "kept": f"{float(result.coherence_kept.isel(resample=0).mean()):.2f}",
        "kept_by_means": f"{float(result.coherence_kept_by_means.isel(resample=0).mean()):.2f}",
        "turning": format_number(result.conv_2_turning.isel(resample=0).mean()),
        "pixels_angle": f"{float(result.lines.sel(of='pixels').idxmax('direction')):.0f}",
    }
    fours = result.excess.sel({"class": FOUR}).mean("net")
    for kind in KINDS:
        for layer in ("conv_2", "conv_3"):
            value = float(fours.sel(kind=kind, layer=layer))
            found[f"{layer}_{kind.replace(' ', '_')}"] = format_number(value, "+.2f")
    return found


EXPERIMENT = LegacyExperiment(
    name="orientation",
    question="Do horizontal patterns prevail on the maps of a 4, and do they follow its strokes?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.orientation),
)
