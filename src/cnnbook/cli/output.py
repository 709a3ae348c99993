"""What a command writes: files, whose paths are tried before the work, and text on standard output."""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cnnbook.cli.errors import UserError

PICTURES = (".png", ".svg")
"""Endings of the pictures that a command can write."""


def check_picture(path: Path) -> None:
    """Check that `--out` names a picture that can be written.

    Raises:
        UserError: another kind of file.
        ValueError, OSError: see `check_writable`.
    """
    if path.suffix.lower() not in PICTURES:
        raise UserError(f"--out={str(path)!r}: expected a name that ends in {' or '.join(PICTURES)}")
    check_writable(path, "--out")


def check_writable(path: Path, option: str) -> None:
    """Check that a file can be written, before the work that it is for.

    Args:
        path: the file; one that exists will be replaced.
        option: the command line's name for it.

    Raises:
        ValueError: the path is a folder, or something else that is not a file.
        FileNotFoundError: there is no folder to write it into.
        OSError: nothing can be written there.
    """
    folder = path.resolve().parent
    if path.is_dir():
        raise ValueError(f"{option}={str(path)!r}: a folder; expected the name of a file in it")
    if path.exists() and not path.is_file():
        raise ValueError(f"{option}={str(path)!r}: not an ordinary file; choose another name")
    if not folder.is_dir():
        raise FileNotFoundError(f"{option}={str(path)!r}: no folder {folder}; 'mkdir -p {folder}' makes it")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OSError(
            f"{option}={str(path)!r}: cannot be written ({reason}); choose another folder"
        ) from error


def print_json(value: Any) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_lines(lines: Iterable[Text | str]) -> None:
    """Print lines, with their styles where standard output is a terminal."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    with console.capture() as text:
        for line in lines:
            console.print(line)
    click.echo(text.get(), nl=False)
