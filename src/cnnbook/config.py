"""Every number of the book that somebody chose, with its unit, in frozen dataclasses.

A profile is a named set of such numbers and nothing else. `CNNBOOK_PROFILE` names the one to use.
"""

import dataclasses
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

_Config = TypeVar("_Config")

ScalingName = Literal["unit", "standardised"]
"""Input A is "unit" (pixel/255); input B is "standardised" (per pixel, by training statistics)."""


def _number(default: Any, what: str, *, least: float, most: float | None = None) -> Any:
    """A numeric field with its meaning, unit and range, which the command line and the checks read."""
    return field(default=default, metadata={"help": what, "least": least, "most": most})


class Checked:
    """Rejects a number outside its field's range as soon as a config is made."""

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):  # pyright: ignore[reportArgumentType]
            value, limits = getattr(self, item.name), item.metadata
            if "least" in limits:
                _check_number(f"{type(self).__name__}.{item.name}", value, item.type, limits)
            elif get_origin(item.type) is Literal and value not in get_args(item.type):
                expected = ", ".join(map(repr, get_args(item.type)))
                raise ValueError(f"{type(self).__name__}.{item.name}={value!r}: expected one of {expected}")


def _check_number(name: str, value: Any, kind: Any, limits: Mapping[str, Any]) -> None:
    """Raise unless a value is a number of the right kind inside its limits."""
    least, most = limits["least"], limits["most"]
    whole = kind is int
    wanted = f"{'a whole number' if whole else 'a number'} ≥ {least}" + (
        f" and ≤ {most}" if most is not None else ""
    )
    is_number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not is_number or not least <= value < math.inf or (most is not None and value > most):
        raise ValueError(f"{name}={value!r}: expected {wanted}")


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Checked):
    """How one network is trained: SGD with Nesterov momentum and a one-cycle learning rate.

    The article does not give its constants; these are our choice.
    """

    epochs: int = _number(6, "passes over the training images", least=1)
    batch_size: int = _number(128, "images per update", least=1)
    peak_learning_rate: float = _number(0.1, "highest learning rate of the cycle", least=0)
    warmup: float = _number(0.3, "share of all updates until the learning rate peaks", least=0, most=0.99)
    momentum: float = _number(0.9, "share of the last update that is kept", least=0, most=1)
    weight_decay: float = _number(5e-4, "L2 coefficient: added gradient per unit of weight", least=0)
    label_smoothing: float = _number(0.1, "probability spread over all classes", least=0, most=1)
    scaling: ScalingName = field(
        default="unit", metadata={"help": "of the input: unit is pixel/255, standardised is per pixel"}
    )


@dataclass(frozen=True, kw_only=True)
class LikenessConfig(Checked):
    """How "does this map still look like the digit?" is measured."""

    images: int = _number(1000, "test images looked at", least=2)
    alike: float = _number(0.5, "|r| from which a map counts as looking like the image", least=0, most=1)
    margin: float = _number(0.05, "excess of |r| over another digit's that counts", least=0, most=1)


@dataclass(frozen=True, kw_only=True)
class CommonPointsConfig(Checked):
    """How common points of several digits are counted."""

    strong_share: float = _number(0.1, "share of a layer's points called strong, per image", least=0, most=1)
    triples: int = _number(2000, "triples of test images drawn per kind and network", least=10)


@dataclass(frozen=True, kw_only=True)
class Profile(Checked):
    """All numbers of one edition of the book."""

    name: str
    nets: int = _number(10, "networks, which differ by their number alone", least=1)
    seed: int = _number(2020, "where all randomness starts", least=0, most=2**31 - 1)
    training: TrainConfig = TrainConfig()
    sample_training: TrainConfig = TrainConfig(epochs=12, batch_size=64)
    likeness: LikenessConfig = LikenessConfig()
    common_points: CommonPointsConfig = CommonPointsConfig()

    def training_on(self, data: str) -> TrainConfig:
        """The recipe for "mnist" or, with more passes because it is 15 times smaller, for "sample"."""
        return self.sample_training if data == "sample" else self.training


PROFILES: Mapping[str, Profile] = {
    "draft": Profile(
        name="draft",
        nets=3,
        training=TrainConfig(epochs=2),
        sample_training=TrainConfig(epochs=8, batch_size=64),
        likeness=LikenessConfig(images=200),
        common_points=CommonPointsConfig(triples=200),
    ),
    "book": Profile(name="book"),
    "paper": Profile(name="paper", nets=20),
}
"""draft for writing and tests, book by default, paper for the full edition."""


def profile_named(name: str | None = None) -> Profile:
    """The profile of that name; None asks `CNNBOOK_PROFILE`, and then takes "book".

    Raises:
        ValueError: there is no such profile.
    """
    wanted = name or os.environ.get("CNNBOOK_PROFILE") or "book"
    if wanted not in PROFILES:
        raise ValueError(f"profile={wanted!r}: expected one of {', '.join(PROFILES)} (see CNNBOOK_PROFILE)")
    return PROFILES[wanted]


def to_dict(config: Any) -> dict[str, Any]:
    """A config as plain JSON values; `from_dict` brings it back."""
    return dataclasses.asdict(config)


def from_dict(kind: type[_Config], values: Mapping[str, Any]) -> _Config:
    """A config of that kind from `to_dict`'s values, nested configs included.

    Raises:
        ValueError: a field is unknown, or a value is out of its range.
    """
    hints = get_type_hints(kind)
    unknown = sorted(set(values) - {item.name for item in dataclasses.fields(kind)})  # pyright: ignore
    if unknown:
        raise ValueError(f"{kind.__name__}.{unknown[0]}: no such field; it has {', '.join(hints)}")
    return kind(**{name: _value_of(hints[name], value) for name, value in values.items()})


def _value_of(hint: Any, value: Any) -> Any:
    """One field's value, made into what its type says."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_dict(hint, value)
    return tuple(value) if get_origin(hint) is tuple else value
