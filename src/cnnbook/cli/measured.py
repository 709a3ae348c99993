"""What `cnnbook train` says of the networks it trained: one JSON object, or a few lines for people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.text import Text


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The speed and quality of some networks, and what made them.

    Attributes:
        images_per_second: training images seen a second, by all networks together, compilation left out; 0
            if none was left to train.
        compile_seconds: spent on making programs, one for each number of networks trained at once.
        total_seconds: from the command's start to the last test, reading of data included.
        test_accuracy: share of all test images named rightly, for each network.
        mean_test_accuracy: their mean.
        parameters: of one network.
        data: "mnist" or "sample".
        data_digest: SHA-256 of the digits.
        weights_digest: SHA-256 of each network's weights.
        nets: number of networks.
        seed: where all randomness starts.
        recipe: every field of `TrainConfig`.
        platform: what JAX computed on.
        devices: how many of them.
        processes: how many that they belong to.
        version: of this package.
        weights: the files written.
    """

    images_per_second: float
    compile_seconds: float
    total_seconds: float
    test_accuracy: Sequence[float]
    mean_test_accuracy: float
    parameters: int
    data: str
    data_digest: str
    weights_digest: Sequence[str]
    nets: int
    seed: int
    recipe: Mapping[str, Any]
    platform: str
    devices: int
    processes: int
    version: str
    weights: Sequence[str]


def as_json(measured: Measured) -> str:
    """One JSON object, with the attributes' names."""
    return json.dumps(asdict(measured), indent=2, allow_nan=False)


def as_text(measured: Measured) -> Text:
    """The same for people, a line each."""
    on = "MNIST" if measured.data == "mnist" else "the sample: no result about MNIST"
    accuracies = ", ".join(f"{100 * share:.2f} %" for share in measured.test_accuracy)
    mean = f"; mean {100 * measured.mean_test_accuracy:.2f} %" if measured.nets > 1 else ""
    rows = {
        "test accuracy": f"{accuracies}{mean} ({on})",
        "speed": f"{measured.images_per_second:,.0f} images/s once compiled "
        f"(on {measured.platform}, devices: {measured.devices})",
        "time": f"{measured.total_seconds:.1f} s, {measured.compile_seconds:.1f} s of it to compile",
        "network": f"{measured.parameters:,} parameters, seed {measured.seed}",
        "recipe": ", ".join(f"{name} {value}" for name, value in measured.recipe.items()),
        "weights": ", ".join(digest[:16] for digest in measured.weights_digest) + " (SHA-256, 16 digits)",
        "written": ", ".join(measured.weights),
    }
    lines = [Text.assemble((f"{name:15}", "bold"), text) for name, text in rows.items() if text]
    return Text("\n").join(lines)
