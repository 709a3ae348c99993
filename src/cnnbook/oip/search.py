"""One call for one OIP: the image, its trace and the numbers of its quality.

oip = find_oip(net, map_mean("conv_3", 17))
oip.image, oip.trace, oip.quality
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jaxtyping import Float

from cnnbook.arrays import Images, RawImages
from cnnbook.keys import key_for
from cnnbook.nets.cnn import CNN
from cnnbook.nets.geometry import CROP
from cnnbook.oip.alignment import aligned_likeness
from cnnbook.oip.ascent import Ascent, ascend, objective_values
from cnnbook.oip.objective import Objective, stack_terms
from cnnbook.oip.presets import Preset, preset_named
from cnnbook.oip.quality import cluster_modes, mean_of_pairs
from cnnbook.oip.start import Fluctuations, Pictures
from cnnbook.training.trained import TrainedNet

MICROBATCH = 64
"""Images in one forward pass of `largest_values`."""


class OIPQuality(NamedTuple):
    """The numbers of an OIP that need no other network.

    Attributes:
        reached: the objective of the best picture.
        relative_activation: `reached` divided by the largest value over some images; not a number if none
            were given or none drives it.
        activating: share of starts that end above zero.
        agreement: mean correlation of the pictures from these.
        modes: different patterns among them.
        diverged: share of starts whose ascent left the finite numbers.
    """

    reached: float
    relative_activation: float
    activating: float
    agreement: float
    modes: int
    diverged: float


@dataclass(frozen=True, kw_only=True)
class OIP:
    """An OIP.

    Attributes:
        objective: what was maximised.
        image: ink of the picture that reaches most.
        trace: of that picture's ascent: the objective before each step, and in the end.
        pictures: from all starts.
        quality: its numbers.
    """

    objective: Objective
    image: Float[np.ndarray, "28 28"]
    trace: Float[np.ndarray, " steps"]
    pictures: Float[np.ndarray, "starts 28 28"]
    quality: OIPQuality


def find_oip(net: TrainedNet, objective: Objective, **options: Any) -> OIP:
    """The OIP of one objective.

    Args:
        net: a trained network.
        objective: such as the mean of a map.
        **options: of `find_oips`.
    """
    return find_oips(net, [objective], **options)[0]


def find_oips(
    net: TrainedNet,
    objectives: Sequence[Objective],
    *,
    starts: int | Pictures = 32,
    preset: str | Preset = "pixels",
    seed: int = 0,
    images: RawImages | None = None,
    report: Callable[[int], None] = lambda count: None,
) -> list[OIP]:
    """The OIPs of several objectives of one form.

    Args:
        net: a trained network.
        objectives: such as the means of several maps.
        starts: how many fluctuations of mixed scales, or pictures.
        preset: its name, or one.
        seed: where randomness starts.
        images: MNIST's, for the relative activation.
        report: called with the number of ascents that have been finished, part by part.

    Raises:
        ValueError: see `ascend`, `preset_named` and `Fluctuations.draw`.
    """
    start_key, ascent_key = key_for(seed, "oip/starts"), key_for(seed, "oip/ascents")
    begin = Fluctuations().draw(start_key, count=starts) if isinstance(starts, int) else starts
    chosen = preset_named(preset) if isinstance(preset, str) else preset
    ascent = ascend(net, objectives, begin, chosen, key=ascent_key, report=report)
    best = np.full(len(objectives), np.nan) if images is None else largest_values(net, objectives, images)
    return [_oip(objective, ascent, k, float(best[k])) for k, objective in enumerate(objectives)]


def largest_values(
    net: TrainedNet, objectives: Sequence[Objective], images: RawImages
) -> Float[np.ndarray, " objectives"]:
    """The largest value of each objective over some images.

    Args:
        net: a trained network.
        objectives: of one form.
        images: MNIST's.

    Raises:
        ValueError: there are no images.
    """
    if not len(images):
        raise ValueError("images: none, expected at least one")
    graph, params = nnx.split(net.model, nnx.Param)
    structure, parts = objectives[0].structure, stack_terms(objectives)

    @jax.jit
    def values_by_objective(params: nnx.State, inputs: Images) -> Float[Array, "objectives n"]:
        model = nnx.merge(graph, params)
        assert isinstance(model, CNN)

        def for_one_objective(part: tuple) -> Float[Array, " n"]:
            alike = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (len(inputs), *leaf.shape)), part)
            return objective_values(model, inputs, alike, structure=structure)

        return jax.lax.map(for_one_objective, jax.tree.map(jnp.asarray, parts))

    largest = np.full(len(objectives), -np.inf)
    size = min(MICROBATCH, len(images))
    for start in range(0, len(images), size):
        part = images[min(start, len(images) - size) :][:size]
        largest = np.maximum(largest, np.asarray(values_by_objective(params, net.inputs(part))).max(axis=1))
    return largest


def _oip(objective: Objective, ascent: Ascent, index: int, best: float) -> OIP:
    """The OIP of one objective among several."""
    pictures, reached = ascent.pictures[index], ascent.reached[index]
    known = np.where(np.isfinite(reached), reached, -np.inf)
    top, is_active = int(known.argmax()), known > 0
    likeness = aligned_likeness(pictures[is_active, :CROP, :CROP])
    quality = OIPQuality(
        reached=float(reached[top]),
        relative_activation=float(reached[top]) / best if best > 0 else float("nan"),
        activating=float(is_active.mean()),
        agreement=mean_of_pairs(likeness),
        modes=len(cluster_modes(likeness).typical) if is_active.any() else 0,
        diverged=float(ascent.diverged[index].mean()),
    )
    return OIP(
        objective=objective,
        image=pictures[top],
        trace=ascent.trace[index, top],
        pictures=pictures,
        quality=quality,
    )
