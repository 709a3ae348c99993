"""What a command writes: text, files whose paths are tried before the work, and errors.

Errors that the user can mend take one line and exit code 1. All others are ours and keep their traceback.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

PICTURES = (".png", ".svg")
"""Endings of the pictures that a command can write."""

EXIT_INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""


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


class UserError(click.ClickException):
    """Something that the user can mend; the message says how, in one line."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        """Print the message on standard error."""
        click.echo(f"cnnbook: {self.format_message()}", err=True)


@contextmanager
def user_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Report errors of some kinds as the user's to mend.

    It stands around calls whose documented errors are about what the user gave (a number, a file, a folder),
    and never around a computation, where the same kind of error would be a fault of ours.

    Args:
        *kinds: the kinds of errors; `ValueError` and `OSError` if none is named.

    Raises:
        UserError: one of them happened.
    """
    kinds = kinds or (ValueError, OSError)
    try:
        yield
    except kinds as error:
        raise UserError(one_line(error)) from error


def one_line(error: BaseException) -> str:
    """An error's message on one line; that of an error of the system without its number."""
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror.lower()
        return f"{error.filename}: {reason}" if error.filename else reason
    return " ".join(str(error).split())


def report_expected_end(error: BaseException) -> int | None:
    """Report an expected end of a command on standard error.

    Returns:
        The exit code; None for a fault of ours, of which nothing is reported.
    """
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        click.echo(f"\ncnnbook: interrupted; {str(error) or 'what was finished is kept'}", err=True)
        return EXIT_INTERRUPTED
    return None
