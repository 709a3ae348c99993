"""Options of the command line, made from the fields of the configs: one place for names, ranges, meanings."""

import dataclasses
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from cnnbook.config import PROFILES, Profile, TrainConfig

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

BOOK = PROFILES["book"]
"""The profile whose values `--help` shows as defaults."""


def option_of(kind: type, name: str, *, default: str) -> Decorator:
    """The option for one field of a config, None when it is not given.

    Args:
        kind: the config's class.
        name: the field's; the option `--batch-size` is for the field `batch_size`.
        default: shown in the help.
    """
    (field,) = (item for item in dataclasses.fields(kind) if item.name == name)
    hint = get_type_hints(kind)[name]
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        type=_type_of(hint, field.metadata.get("least"), field.metadata.get("most")),
        default=None,
        metavar=None if get_origin(hint) is Literal else "N" if hint is int else "X",
        help=f"{_sentence(field.metadata['help'])} (default: {default}).",
    )


def recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each field of `TrainConfig`; the command gets them by the fields' names."""
    for field in reversed(dataclasses.fields(TrainConfig)):
        full, sample = getattr(BOOK.training, field.name), getattr(BOOK.sample_training, field.name)
        default = f"{full}" if full == sample else f"{full}, on the sample {sample}"
        command = option_of(TrainConfig, field.name, default=default)(command)
    return command


def _type_of(hint: Any, least: float | None, most: float | None) -> click.ParamType:
    """What the command line accepts for a field of that type."""
    if get_origin(hint) is Literal:
        return click.Choice(get_args(hint))
    return (click.IntRange if hint is int else click.FloatRange)(least, most)  # pyright: ignore


def _sentence(words: str) -> str:
    """The same words, the first one with a capital."""
    return words[:1].upper() + words[1:]


seed_option = option_of(Profile, "seed", default=str(BOOK.seed))

profile_option = click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default=None,
    help="The edition, which sets the recipe and the seed (default: CNNBOOK_PROFILE, else book).",
)

data_option = click.option(
    "--data",
    metavar="CHOICE",
    default=None,
    help="auto, full, sample, or a folder with MNIST's four files (default: CNNBOOK_DATA, else auto).",
)
