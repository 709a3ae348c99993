"""Errors that the user can mend: one line and exit code 1. All others are ours and keep their traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""


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


def report_end(error: BaseException) -> int | None:
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
        return INTERRUPTED
    return None
