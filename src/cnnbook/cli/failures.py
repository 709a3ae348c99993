"""Errors that the user can mend: one line and exit code 1. All others are ours and keep their traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


class UserError(click.ClickException):
    """Something that the user can mend; the message says how, in one line."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        """Say it on standard error."""
        click.echo(f"cnnbook: {self.format_message()}", err=True)


@contextmanager
def mendable(kinds: tuple[type[Exception], ...] = (ValueError, OSError)) -> Iterator[None]:
    """Take errors of these kinds as the user's to mend.

    It stands around calls whose documented errors are about what the user gave (a number, a file, a folder),
    and never around a computation, where the same kind of error would be a fault of ours.

    Args:
        kinds: of errors.

    Raises:
        UserError: one of them happened.
    """
    try:
        yield
    except kinds as error:
        raise UserError(one_line(error)) from error


def one_line(error: BaseException) -> str:
    """What an error says, on one line; an error of the system without its number."""
    if isinstance(error, OSError) and error.strerror:
        said = error.strerror.lower()
        return f"{error.filename}: {said}" if error.filename else said
    return " ".join(str(error).split())
