"""What is to be trained: runs that differ by their number, their seed or any field of the recipe."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from cnnbook.config.training import TrainConfig

STATIC = ("network", "epochs", "batch_size", "optimiser", "augmentation", "labels", "scaling")
"""Fields that a compiled program is made for; runs that differ in others can be trained together."""

_MOST = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Run:
    """One network to train.

    Attributes:
        number: tells apart networks of one seed and recipe; with the seed it decides the initial weights and
            the order of the images.
        seed: where randomness starts.
        config: the recipe.
        stopped: epochs after which the network is taken; 0 for the whole training.
        parted: epochs after which the images come in other orders; 0 for never.

    Raises:
        ValueError: number or seed is out of range, or `stopped` or `parted` lies beyond the training.
    """

    number: int
    seed: int
    config: TrainConfig
    stopped: float = 0.0
    parted: int = 0

    def __post_init__(self) -> None:
        for name in ("number", "seed"):
            value = getattr(self, name)
            if not 0 <= value <= _MOST:
                raise ValueError(f"{name}={value}: expected a whole number from 0 to {_MOST}")
        for name in ("stopped", "parted"):
            value = getattr(self, name)
            if not 0 <= value <= self.config.epochs:
                raise ValueError(
                    f"{name}={value}: expected a number from 0 to {self.config.epochs}, the epochs"
                )

    @property
    def static(self) -> tuple[Any, ...]:
        """The values of `STATIC`, and the seed where it decides the labels."""
        seed = self.seed if self.config.labels == "shuffled" else None
        return (*(getattr(self.config, name) for name in STATIC), seed, self.stopped, self.parted)

    def __str__(self) -> str:
        changed = [
            f"{field.name}={getattr(self.config, field.name)}"
            for field in fields(TrainConfig)
            if getattr(self.config, field.name) != field.default
        ]
        changed += [
            f"{name}={getattr(self, name):g}" for name in ("stopped", "parted") if getattr(self, name)
        ]
        return ", ".join([f"net {self.number} of seed {self.seed}", *changed])


def runs(
    config: TrainConfig,
    *,
    numbers: Iterable[int] = (0,),
    seed: int | Iterable[int] = 0,
    **varied: Iterable[Any],
) -> tuple[Run, ...]:
    """Every combination of numbers, seeds and values of fields of the recipe.

    Args:
        config: the recipe, where nothing is varied.
        numbers: of the networks.
        seed: one, or several.
        varied: values of fields of `TrainConfig`, by name.

    Raises:
        ValueError: a run is repeated, there is no such field, or a value is out of range.
    """
    known = [field.name for field in fields(TrainConfig)]
    for name in varied:
        if name not in known:
            raise ValueError(f"{name}: no such field of a recipe; it has {', '.join(known)}")
    configs = [
        replace(config, **dict(zip(varied, values, strict=True)))
        for values in itertools.product(*varied.values())
    ]
    seeds = [seed] if isinstance(seed, int) else list(seed)
    made = tuple(
        Run(number=number, seed=one, config=each)
        for each, one, number in itertools.product(configs, seeds, tuple(numbers))
    )
    check(made)
    return made


def check(runs: Sequence[Run], *, images: int | None = None, data: int = 1) -> None:
    """Raise unless these runs can be trained beside one another.

    Args:
        runs: what is to be trained.
        images: number of training images, where it is known.
        data: devices that share each batch.

    Raises:
        ValueError: none is given, one is repeated, or a batch is too large or not to be shared out.
    """
    if not runs:
        raise ValueError("runs: none given; expected at least one")
    repeated = [str(run) for place, run in enumerate(runs) if run in runs[:place]]
    if repeated:
        raise ValueError(f"runs: {'; '.join(dict.fromkeys(repeated))}: given twice; give each run once")
    for size in sorted({run.config.batch_size for run in runs}):
        if images is not None and size > images:
            raise ValueError(f"batch_size={size}: expected at most {images}, the training images")
        if size % data:
            raise ValueError(f"batch_size={size}: expected a multiple of {data}, the devices that share it")
