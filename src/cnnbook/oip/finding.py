"""One call for one OIP: the image, its trace and its card.

found = find_oip(net, map_mean("conv_3", 17))
found.image, found.trace, found.card
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Float

from cnnbook.arrays import RawImages
from cnnbook.keys import key_for
from cnnbook.nets.cnn import CNN
from cnnbook.nets.geometry import SEEN
from cnnbook.oip.ascent import Ascent, ascend
from cnnbook.oip.objective import Objective, stacked
from cnnbook.oip.presets import Preset, preset_named
from cnnbook.oip.quality import agreement, modes
from cnnbook.oip.response import values
from cnnbook.oip.start import Fluctuations, Pictures
from cnnbook.training.trained import TrainedNet

ASKED = 64
"""Images asked at once for the strongest."""


class Card(NamedTuple):
    """What can be said of an OIP without another network.

    Attributes:
        reached: the objective of the best picture.
        reach: that by the best of some images; not a number if none were given or none drives it.
        woken: share of starts that end above zero.
        agreement: mean correlation of the pictures from these.
        modes: different pictures among them.
        diverged: share of starts whose ascent left the finite numbers.
    """

    reached: float
    reach: float
    woken: float
    agreement: float
    modes: int
    diverged: float


@dataclass(frozen=True, kw_only=True)
class Found:
    """An OIP.

    Attributes:
        objective: what was climbed.
        image: ink of the picture that reaches most.
        trace: of that picture's ascent: the objective before each step, and in the end.
        pictures: from all starts.
        card: its numbers.
    """

    objective: Objective
    image: Float[np.ndarray, "28 28"]
    trace: Float[np.ndarray, " steps"]
    pictures: Float[np.ndarray, "starts 28 28"]
    card: Card


def find_oip(
    net: TrainedNet, objective: Objective, *, starts: int | Pictures = 32, preset: str | Preset = "pixels",
    seed: int = 0, images: RawImages | None = None,
) -> Found:  # fmt: skip
    """The OIP of one objective; see `find_oips`."""
    return find_oips(net, [objective], starts=starts, preset=preset, seed=seed, images=images)[0]


def find_oips(
    net: TrainedNet, objectives: Sequence[Objective], *, starts: int | Pictures = 32,
    preset: str | Preset = "pixels", seed: int = 0, images: RawImages | None = None,
    report: Callable[[int], None] = lambda count: None,
) -> list[Found]:  # fmt: skip
    """The OIPs of several objectives of one form.

    Args:
        net: a trained network.
        objectives: such as the means of several maps.
        starts: how many fluctuations of mixed scales, or pictures.
        preset: its name, or one.
        seed: where randomness starts.
        images: MNIST's, for the reach.
        report: told how many ascents have been finished.

    Raises:
        ValueError: see `ascend`, `preset_named` and `Fluctuations.draw`.
    """
    start_key, climb_key = key_for(seed, "oip/starts"), key_for(seed, "oip/ascents")
    begin = Fluctuations().draw(start_key, count=starts) if isinstance(starts, int) else starts
    chosen = preset_named(preset) if isinstance(preset, str) else preset
    ascent = ascend(net, objectives, begin, chosen, key=climb_key, report=report)
    best = np.full(len(objectives), np.nan) if images is None else strongest(net, objectives, images)
    return [_found(objective, ascent, k, float(best[k])) for k, objective in enumerate(objectives)]


def strongest(
    net: TrainedNet, objectives: Sequence[Objective], images: RawImages
) -> Float[np.ndarray, " objectives"]:
    """The largest value of each objective over some images.

    Raises:
        ValueError: there are no images.
    """
    if not len(images):
        raise ValueError("images: none, expected at least one")
    graph, params = nnx.split(net.model, nnx.Param)
    form, parts = objectives[0].form, stacked(objectives)

    @jax.jit
    def asked(params: nnx.State, inputs: jax.Array) -> jax.Array:
        model = nnx.merge(graph, params)
        assert isinstance(model, CNN)

        def one(part: tuple) -> jax.Array:
            alike = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (len(inputs), *leaf.shape)), part)
            return values(model, inputs, alike, form=form)

        return jax.lax.map(one, jax.tree.map(jnp.asarray, parts))

    found = np.full(len(objectives), -np.inf)
    size = min(ASKED, len(images))
    for start in range(0, len(images), size):
        part = images[min(start, len(images) - size) :][:size]
        found = np.maximum(found, np.asarray(asked(params, net.inputs(part))).max(axis=1))
    return found


def _found(objective: Objective, ascent: Ascent, place: int, best: float) -> Found:
    """One objective's part of the ascents."""
    pictures, reached = ascent.pictures[place], ascent.reached[place]
    known = np.where(np.isfinite(reached), reached, -np.inf)
    top, woken = int(known.argmax()), known > 0
    flat = pictures[:, :SEEN, :SEEN].reshape(len(pictures), -1)[woken]
    card = Card(
        reached=float(reached[top]),
        reach=float(reached[top]) / best if best > 0 else float("nan"),
        woken=float(woken.mean()),
        agreement=agreement(flat),
        modes=len(modes(flat).typical) if woken.any() else 0,
        diverged=float(ascent.diverged[place].mean()),
    )
    return Found(
        objective=objective, image=pictures[top], trace=ascent.trace[place, top], pictures=pictures, card=card
    )


def with_steps(preset: str, steps: int | None) -> Preset:
    """A preset by its name, with another number of steps if one is given.

    Raises:
        ValueError: there is no such preset, or `steps` is below 1.
    """
    chosen = preset_named(preset)
    return chosen if steps is None else replace(chosen, steps=steps)
