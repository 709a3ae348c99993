"""Options of the command line, made from the fields of the configs: one place for names, ranges, meanings."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from cnnbook.config.profiles import PROFILES, Profile
from cnnbook.config.recipes import RECIPES
from cnnbook.config.training import TrainConfig

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

recipe_option = click.option(
    "--recipe",
    type=click.Choice(list(RECIPES)),
    default=None,
    help="A recipe by name, as the profile trains it; the options below change it (default: reference).",
)

_DEVICES = (
    click.option(
        "--devices", type=click.IntRange(1), metavar="N", default=None,
        help="Train on so many devices: cores of the CPU, or GPUs (default: all).",
    ),
    click.option(
        "--data-devices", type=click.IntRange(1), metavar="N", default=1, show_default=True,
        help="Devices that share each batch; the others have networks of their own.",
    ),
    click.option(
        "--checkpoint-every", type=click.FloatRange(0), metavar="SECONDS", default=30.0, show_default=True,
        help="Keep the progress so often; stopped, the same call goes on from there.",
    ),
)  # fmt: skip

_CLUSTER = (
    click.option(
        "--cluster", is_flag=True,
        help="Be one process of the cluster that SLURM, Open MPI, Kubernetes or a TPU pod describes.",
    ),
    click.option(
        "--coordinator", metavar="HOST:PORT", default=None, hidden=True,
        help="Elsewhere: where process 0 listens.",
    ),
    click.option("--processes", type=click.IntRange(1), metavar="N", default=None, hidden=True,
                 help="Elsewhere: how many processes there are."),
    click.option("--process-id", type=click.IntRange(0), metavar="N", default=None, hidden=True,
                 help="Elsewhere: which one this is."),
)  # fmt: skip


def device_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say where to train, and how often to keep the progress."""
    return _with(_DEVICES, command)


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that make the process one of a cluster."""
    return _with(_CLUSTER, command)


def _with(options: Sequence[Decorator], command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with some options, shown in their order."""
    for option in reversed(options):
        command = option(command)
    return command
