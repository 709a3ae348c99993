"""What all configs share: fields that know their meaning and range, and the way to plain values and back."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

_Config = TypeVar("_Config")


def number(default: Any, what: str, *, least: float, most: float | None = None) -> Any:
    """A numeric field with its meaning, unit and range, which the command line and the checks read.

    Args:
        default: of the field.
        what: it means, for help on the command line.
        least: it may be.
        most: it may be; None for any number.
    """
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


def to_dict(config: Any) -> dict[str, Any]:
    """A config as plain JSON values; `from_dict` brings it back."""
    return dataclasses.asdict(config)


def from_dict(kind: type[_Config], values: Mapping[str, Any]) -> _Config:
    """A config of that kind from `to_dict`'s values, nested configs included.

    Args:
        kind: the class.
        values: by field.

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
