"""A network with its maps and hidden nodes in another order, and the straight path between two networks.

Exchanging maps of a layer, together with the weights that read them, leaves what a network computes. So two
networks may be the same but for such orders. S. Ainsworth, J. Hayase, S. Srinivasa, "Git Re-Basin: Merging
Models modulo Permutation Symmetries", ICLR 2023: section 3.1 matches activations, section 3.2 weights; the
barrier is its definition 2.1.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment

ORDERED = ("conv_1", "conv_2", "conv_3", "hidden")
"""The layers whose maps or nodes can be exchanged, bottom first."""

LAYERS = (*ORDERED, "logits")

Weights = Mapping[str, np.ndarray]
"""Kernels and biases of a network by name, such as "conv_1.kernel"."""

Orders = Mapping[str, Int[np.ndarray, " _maps"]]
"""For each of `ORDERED`, which map or node comes at each place."""

ROUNDS = 100
"""Rounds over all layers after which weights count as matched even if something still changes."""


def check_alike(first: Weights, second: Weights) -> None:
    """Raise unless two networks have the same layers of the same sizes.

    Raises:
        ValueError: they have not.
    """
    for name in sorted({*first, *second, *(f"{layer}.kernel" for layer in LAYERS)}):
        shapes = [each[name].shape if name in each else "nothing" for each in (first, second)]
        if shapes[0] != shapes[1] or "nothing" in shapes:
            raise ValueError(
                f"{name}: {shapes[0]} in the first network and {shapes[1]} in the second; expected the same "
                "layers and sizes: compare two networks of the book's CNN"
            )


def unchanged(weights: Weights) -> dict[str, Int[np.ndarray, " maps"]]:
    """The orders that leave a network as it is."""
    return {layer: np.arange(weights[f"{layer}.bias"].size) for layer in ORDERED}


def permute(weights: Weights, orders: Orders) -> dict[str, np.ndarray]:
    """The network with its maps and hidden nodes in other orders: it computes the same logits.

    Args:
        weights: of the network.
        orders: of each layer: place k gets the map that was at `orders[layer][k]`.

    Raises:
        ValueError: an order is missing, or does not hold every map once.
    """
    permuted = dict(weights)
    for layer, above in zip(ORDERED, LAYERS[1:], strict=True):
        maps = weights[f"{layer}.bias"].size
        order = np.asarray(orders.get(layer, ()))
        if sorted(order.tolist()) != list(range(maps)):
            raise ValueError(f"orders[{layer!r}]={order.tolist()}: expected each of 0 to {maps - 1} once")
        permuted[f"{layer}.kernel"] = permuted[f"{layer}.kernel"][..., order]
        permuted[f"{layer}.bias"] = permuted[f"{layer}.bias"][order]
        kernel = permuted[f"{above}.kernel"]
        split = kernel.reshape(*kernel.shape[:-2], -1, maps, kernel.shape[-1])  # Conv_3 is flat: cells, maps
        permuted[f"{above}.kernel"] = split[..., order, :].reshape(kernel.shape)
    return permuted


def match_activations(
    first: Mapping[str, Float[np.ndarray, "rows _maps"]],
    second: Mapping[str, Float[np.ndarray, "rows _maps"]],
) -> dict[str, Int[np.ndarray, " maps"]]:
    """Orders of the second network in which its activations are nearest to the first's, layer by layer.

    Args:
        first: activations of each of `ORDERED`, one row an image or a cell of one.
        second: of the other network, in the same rows.

    Raises:
        ValueError: a layer is missing, or has another shape in the other network.
    """
    orders = {}
    for layer in ORDERED:
        if layer not in first or layer not in second or first[layer].shape != second[layer].shape:
            shapes = [each[layer].shape if layer in each else "nothing" for each in (first, second)]
            raise ValueError(
                f"{layer}: {shapes[0]} in the first network and {shapes[1]} in the second; expected the same "
                "rows and maps: compare the same layers, for the same images"
            )
        shared = np.asarray(first[layer], np.float32).T @ np.asarray(second[layer], np.float32)
        orders[layer] = linear_sum_assignment(-shared)[1]
    return orders


def match_weights(
    first: Weights, second: Weights, start: Orders, *, rounds: int = ROUNDS
) -> dict[str, Int[np.ndarray, " maps"]]:
    """Orders of the second network in which its weights are nearest to the first's, one layer at a time.

    Each layer is given its best order while the others keep theirs, bottom first, until none changes: the
    algorithm 1 of Ainsworth and others. It ends in an optimum that depends on where it starts.

    Args:
        first: weights of one network.
        second: of the other one.
        start: orders to begin with, such as those of `match_activations`, or `unchanged`.
        rounds: over all layers, at most.

    Raises:
        ValueError: the networks differ in their layers, or an order is none.
    """
    check_alike(first, second)
    orders = {layer: np.asarray(start[layer]) for layer in ORDERED}
    for _ in range(rounds):
        before = {layer: order.copy() for layer, order in orders.items()}
        for layer in ORDERED:
            loose = permute(second, orders | {layer: np.arange(len(orders[layer]))})
            orders[layer] = linear_sum_assignment(-_likeness(first, loose, layer))[1]
        if all(np.array_equal(before[layer], orders[layer]) for layer in ORDERED):
            break
    return orders


def _likeness(first: Weights, second: Weights, layer: str) -> Float[np.ndarray, "maps maps"]:
    """Inner products of all weights into and out of each map of a layer, with those of the other network."""
    above, maps = LAYERS[LAYERS.index(layer) + 1], first[f"{layer}.bias"].size

    def rows(weights: Weights) -> Float[np.ndarray, "maps d"]:
        into = weights[f"{layer}.kernel"].reshape(-1, maps)
        kernel = weights[f"{above}.kernel"]
        out = np.moveaxis(kernel.reshape(-1, maps, kernel.shape[-1]), 1, 0).reshape(maps, -1)
        return np.concatenate([into.T, weights[f"{layer}.bias"][:, None], out], axis=1).astype(np.float64)

    return rows(first) @ rows(second).T


def on_the_path(first: Weights, second: Weights, share: float) -> dict[str, np.ndarray]:
    """The network at a place of the straight path between two: at share 0 the first, at 1 the second.

    Args:
        first: weights of one network.
        second: of the other one.
        share: of the second.

    Raises:
        ValueError: the networks differ in their layers, or the share is none.
    """
    check_alike(first, second)
    if not 0 <= share <= 1:
        raise ValueError(f"share={share!r}: expected a number from 0 to 1")
    return {name: (1 - share) * first[name] + share * second[name] for name in first}


def barrier(losses: Float[np.ndarray, "*shape"], axis: int = -1) -> Float[np.ndarray, "*rest"]:
    """The highest loss on a path, less the mean of its ends (Ainsworth and others, definition 2.1).

    Args:
        losses: at places along the path, both ends included.
        axis: along the path.

    Raises:
        ValueError: there are fewer than two places.
    """
    if losses.shape[axis] < 2:
        raise ValueError(f"losses: {losses.shape[axis]} along a path, expected at least its two ends")
    ends = (losses.take(0, axis) + losses.take(-1, axis)) / 2
    return np.asarray(losses.max(axis=axis) - ends)
