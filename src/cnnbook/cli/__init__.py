"""The command line.

A command imports what it computes with when it runs: JAX takes a second, and `cnnbook --help` has no use for
it.
"""

import os
import sys
from collections.abc import Sequence

import click

from cnnbook import __version__
from cnnbook.cli.claims import claims_command
from cnnbook.cli.doctor import doctor_command
from cnnbook.cli.figures import cite_command, figures_command, verify_command
from cnnbook.cli.maps import maps_command
from cnnbook.cli.oip import oip_command
from cnnbook.cli.output import report_expected_end
from cnnbook.cli.release import metadata_command, release_command
from cnnbook.cli.train import train_command

EXIT_PIPE_CLOSED = 141
"""Exit code when whoever read standard output has gone: 128 + SIGPIPE."""

_EPILOG = """\b
Examples:
  cnnbook doctor
  cnnbook train --data sample --epochs 2
  cnnbook train --json --out net.safetensors
  cnnbook maps 0 --layer conv_3
  cnnbook maps my-four.jpg --layer conv_1 --npz my-four.npz
  cnnbook oip --layer conv_3 --map 17
  cnnbook cite fig-conv3-three-fours --format bibtex
  cnnbook verify ~/Downloads/figure.png

\b
Environment:
  CNNBOOK_DATA     which digits: auto (MNIST where it can be had, else a
                   sample of 5,000; the default), full (MNIST or an error),
                   sample, or a folder with MNIST's four files
  CNNBOOK_PROFILE  which edition: draft (3 networks), book (10; the default)
                   or paper (20)
  CNNBOOK_CACHE    folder for downloads and results; the user's own cache
                   folder if unset

\b
Exit codes: 0 done, 1 something you can mend, 2 wrong usage, 130 interrupted.
"""


class _InOrder(click.Group):
    """Lists its commands in the order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder,
    commands=(
        train_command,
        maps_command,
        oip_command,
        doctor_command,
        claims_command,
        figures_command,
        cite_command,
        verify_command,
        metadata_command,
        release_command,
    ),
    epilog=_EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="cnnbook %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Tools of a book that anyone can rebuild: a small CNN is trained on MNIST, opened and questioned.

    'make book', or 'jupyter-book build .' in the book's folder, builds the book and trains what it needs.
    These commands do single steps of that by hand.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        argv: the words after `cnnbook`; those of this process if None.

    Returns:
        The exit code. What the user can mend is reported in one line; a fault of ours keeps its traceback.
    """
    try:
        code = _run(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)  # so that Python does not try to flush again at its end
        os.dup2(nowhere, sys.stdout.fileno())
        return EXIT_PIPE_CLOSED
    return code


def _run(argv: list[str]) -> int:
    """Run a command line and turn expected ends into exit codes.

    `click.Command.main` would do nearly the same, but takes an EOFError anywhere for Ctrl-C.
    """
    try:
        with cli.make_context("cnnbook", argv) as context:
            return cli.invoke(context) or 0
    except BaseException as error:
        code = report_expected_end(error)
        if code is None:
            raise
        return code
