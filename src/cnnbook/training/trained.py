"""A trained network as one thing: its weights, the config that made them, and the scaling of its input.

Weights are kept as safetensors, a plain format without code; the config travels in the file's header.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

from cnnbook.arrays import Images, RawImages
from cnnbook.config.checked import from_dict, to_dict
from cnnbook.config.training import TrainConfig
from cnnbook.data.scaling import Scaling
from cnnbook.digests import digest_of
from cnnbook.keys import shape_key
from cnnbook.nets.geometry import INPUT_SIZE
from cnnbook.nets.networks import Network, network

FORMAT = "cnnbook-net-2"
"""Marks the files this module writes; the number grows when their layout changes."""


@dataclass(frozen=True, kw_only=True)
class TrainedNet:
    """A trained network and what made it.

    Attributes:
        number: which of the book's networks it is; networks of one recipe and seed differ by it alone.
        seed: where the book's randomness starts.
        model: the network.
        scaling: turns stored pixels into its input.
        config: its recipe.
        loss_curve: mean loss of each segment of updates, in nats, label smoothing included; as many segments
            to each epoch.
    """

    number: int
    seed: int
    model: Network
    scaling: Scaling
    config: TrainConfig
    loss_curve: Float[np.ndarray, " segments"]

    def inputs(self, images: RawImages) -> Images:
        """Stored pixels as this network wants them."""
        return jnp.asarray(self.scaling(images))

    @property
    def train_loss(self) -> Float[np.ndarray, " epochs"]:
        """Mean loss of each epoch of a whole training, in nats; none for an untrained network."""
        if not len(self.loss_curve):
            return self.loss_curve
        return self.loss_curve.reshape(self.config.epochs, -1).mean(axis=1)

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """All parameters by name, such as "conv_1.kernel"."""
        flat = nnx.to_flat_state(nnx.state(self.model, nnx.Param))
        return {".".join(map(str, path)): np.asarray(leaf[...]) for path, leaf in flat}

    @property
    def digest(self) -> str:
        """SHA-256 over names, shapes and bytes of all weights."""
        return digest_of({name: [list(w.shape), w.tobytes().hex()] for name, w in self.weights.items()})


def save(net: TrainedNet, path: Path) -> None:
    """Write a network to one file.

    Raises:
        OSError: it cannot be written.
    """
    made = {
        "format": FORMAT,
        "number": net.number,
        "seed": net.seed,
        "training": to_dict(net.config),
        "loss_curve": [float(loss) for loss in net.loss_curve],
    }
    scaling = {"scaling.mean": net.scaling.mean, "scaling.std": net.scaling.std}
    header = {"cnnbook": json.dumps(made, sort_keys=True)}
    path.write_bytes(to_bytes(net.weights | scaling, metadata=header))


def load(path: Path) -> TrainedNet:
    """Read a network that `save` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not such a file, or it holds another network.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; 'cnnbook train --out {path.name}' writes one")
    try:
        with safe_open(path, framework="np") as file:
            made = _header(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except SafetensorError as error:
        raise ValueError(
            f"{path}: not a safetensors file ({error}); 'cnnbook train --out' writes one"
        ) from error
    if made.get("format") != FORMAT:
        raise ValueError(
            f"{path}: format {made.get('format')!r} in its header; expected {FORMAT!r}: "
            "'cnnbook train --out' writes it"
        )
    return _rebuilt(made, tensors, path)


def _header(metadata: Mapping[str, str]) -> dict[str, Any]:
    """What `save` wrote into a file's header; empty where there is no such thing."""
    try:
        made = json.loads(metadata.get("cnnbook", "{}"))
    except json.JSONDecodeError:
        return {}
    return made if isinstance(made, dict) else {}


def _rebuilt(made: dict[str, Any], tensors: dict[str, np.ndarray], path: Path) -> TrainedNet:
    """A network from a file's header and tensors."""
    config = from_dict(TrainConfig, made["training"])
    # No weights are drawn: they are in the file.
    model = nnx.eval_shape(lambda: network(config.network, key=shape_key()))
    flat = nnx.to_flat_state(nnx.state(model, nnx.Param))
    leaves = {".".join(map(str, place)): leaf for place, leaf in flat}
    pixels = dict.fromkeys(("scaling.mean", "scaling.std"), (INPUT_SIZE, INPUT_SIZE))
    expected = {name: leaf.shape for name, leaf in leaves.items()} | pixels
    for name in sorted(expected.keys() | tensors.keys()):
        found = tensors[name].shape if name in tensors else "nothing"
        if found != expected.get(name, "nothing"):
            wanted = expected.get(name, "nothing")
            raise ValueError(f"{path}: {name} holds {found}; expected {wanted}: it is another network's file")
    scaling = Scaling(name=config.scaling, mean=tensors["scaling.mean"], std=tensors["scaling.std"])
    for name, leaf in leaves.items():
        leaf.set_value(jnp.asarray(tensors[name]))
    return TrainedNet(
        number=made["number"],
        seed=made["seed"],
        model=model,
        scaling=scaling,
        config=config,
        loss_curve=np.array(made["loss_curve"]),
    )
