"""Options that several commands share, and those made from the fields of the configs."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from cnnbook.config.profiles import PROFILES, RECIPES, Profile
from cnnbook.config.training import TrainConfig

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

BOOK = PROFILES["book"]
"""The profile whose values `--help` shows as defaults."""


class _Whole(click.IntRange):
    """A whole number, called N in the help."""

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "N"


COUNT, NUMBER = _Whole(1), _Whole(0)
"""How many of something, at least 1; and the number of something, from 0."""

FILE, FOLDER = click.Path(path_type=Path), click.Path(path_type=Path, file_okay=False)


def option(name: str, text: str, kind: click.ParamType, default: Any = None, **more: Any) -> Decorator:
    """An option; its default, if it has one, is shown in the help.

    Args:
        name: such as "--nets".
        text: its help.
        kind: which values are accepted.
        default: the value if it is not given.
        **more: arguments of `click.option`.
    """
    if kind in (FILE, FOLDER):
        more["metavar"] = "FILE" if kind is FILE else "FOLDER"
    return click.option(name, type=kind, default=default, show_default=default is not None, help=text, **more)


def json_option(what: str = "one JSON object") -> Decorator:
    """The option --json: the command prints that and nothing else."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} and nothing else.")


def edition_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which edition a command works on: its profile and its data."""
    about = "auto, full, sample, or a folder with MNIST's four files (default: CNNBOOK_DATA, else auto)."
    command = click.option("--data", metavar="CHOICE", help=about)(command)
    about = "The edition, which sets the recipe and the seed (default: CNNBOOK_PROFILE, else book)."
    return option("--profile", about, click.Choice(list(PROFILES)))(command)


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which network a command looks at."""
    about = "A network that 'cnnbook train --out FILE' wrote, instead of the profile's."
    command = option("--weights", about, FILE)(command)
    return option("--net", "Which of the profile's networks.", NUMBER, 0)(command)


def recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options --seed, --recipe, and one for each field of `TrainConfig`, under the fields' names."""
    for field in reversed(dataclasses.fields(TrainConfig)):
        full, sample = getattr(BOOK.training, field.name), getattr(BOOK.sample_training, field.name)
        default = f"{full}" if full == sample else f"{full}, on the sample {sample}"
        command = config_option(TrainConfig, field.name, default=default)(command)
    about = "A recipe by name, as the profile trains it; the options below change it (default: reference)."
    command = option("--recipe", about, click.Choice(list(RECIPES)))(command)
    return config_option(Profile, "seed", default=str(BOOK.seed))(command)


def config_option(config: type, name: str, *, default: str) -> Decorator:
    """The option for one field of a config, None when it is not given.

    Args:
        config: its class.
        name: the field's; the option `--batch-size` is for the field `batch_size`.
        default: shown in the help.
    """
    (field,) = (item for item in dataclasses.fields(config) if item.name == name)
    hint, about, limits = get_type_hints(config)[name], field.metadata["help"], field.metadata
    if get_origin(hint) is Literal:
        kind, metavar = click.Choice(get_args(hint)), None
    elif hint is int:
        kind, metavar = click.IntRange(limits["least"], limits["most"]), "N"
    else:
        kind, metavar = click.FloatRange(limits["least"], limits["most"]), "X"
    text = f"{about[:1].upper()}{about[1:]} (default: {default})."
    flag = f"--{name.replace('_', '-')}"
    return click.option(flag, name, type=kind, default=None, metavar=metavar, help=text)
