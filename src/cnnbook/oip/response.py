"""What a picture does to the maps that an objective asks about, computed no further than these need.

A map of Conv_3 is one product with 576 weights a point; the other 127 maps are left out, on the way up and on
the way back, which saves a quarter of the work. What Conv_3 does not see of the picture is left out as well.
"""

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float, Int

from cnnbook.arrays import Images
from cnnbook.nets.cnn import CNN
from cnnbook.nets.convolution import windows
from cnnbook.nets.geometry import SEEN
from cnnbook.nets.phases import convolve_and_pool
from cnnbook.oip.objective import Over

Parts = tuple[tuple[Array, Array], ...]
"""Maps and weights of each term, with a first axis for the pictures."""

Form = tuple[tuple[str, Over, bool, int], ...]
"""The forms of the terms."""


def values(model: CNN, inputs: Images, parts: Parts, *, form: Form) -> Float[Array, " n"]:
    """Each picture's objective.

    Args:
        model: the network.
        inputs: as the network takes them.
        parts: of each picture's objective.
        form: of all of them.
    """
    total = jnp.zeros(len(inputs))
    for (layer, over, before, _), (maps, weights) in zip(form, parts, strict=True):
        found = preactivations(model, inputs, layer, maps)
        if not before and layer != "logits":
            found = nnx.relu(found)
        if over == "largest":
            found = found.max(axis=(1, 2), keepdims=True)
        if over == "likeness":
            distance = ((found - weights) ** 2).sum(axis=(1, 2, 3))
            total = total - distance / (weights**2).sum(axis=(1, 2, 3))
        else:
            total = total + (found * weights).sum(axis=(1, 2, 3))
    return total


def preactivations(
    model: CNN, inputs: Images, layer: str, maps: Int[Array, "n m"]
) -> Float[Array, "n rows columns m"]:
    """Some maps of a layer before ReLU, other maps for every picture.

    Args:
        model: the network.
        inputs: as the network takes them.
        layer: conv_1, conv_2, conv_3 or logits.
        maps: numbers of the maps asked for; if as many as the layer has, all of them in their order.
    """
    if layer == "conv_1":
        return _some(model.conv_1, inputs, maps)
    if layer == "conv_2":
        return _some(model.conv_2, convolve_and_pool(model.conv_1, inputs)[1], maps)
    pool_1 = convolve_and_pool(model.conv_1, inputs[:, :SEEN, :SEEN])[1]
    pool_2 = convolve_and_pool(model.conv_2, pool_1)[1]
    if layer == "conv_3":
        return _some(model.conv_3, pool_2, maps)
    conv_3 = nnx.relu(model.conv_3(pool_2))
    logits = model.logits(nnx.relu(model.hidden(model.flatten(conv_3))))
    return jnp.take_along_axis(logits, maps, axis=1)[:, None, None, :]


def _some(layer: nnx.Conv, below: Array, maps: Int[Array, "n m"]) -> Float[Array, "n rows columns m"]:
    """Maps of a convolution, picked for every picture."""
    kernel = layer.kernel[...]
    if maps.shape[1] == kernel.shape[-1]:
        return layer(below)
    assert layer.bias is not None
    rows, columns = kernel.shape[:2]
    picked = kernel.reshape(-1, kernel.shape[-1]).T[maps]
    found = jnp.einsum("nrcp,nmp->nrcm", windows(below, rows, columns), picked)
    return found + layer.bias[...][maps][:, None, None]
