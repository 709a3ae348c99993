"""A command as one process of a cluster: supervised, and ended with one line when the cluster breaks."""

import os
import shlex
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import click

from cnnbook.cli.output import UserError, report_expected_end, user_errors
from cnnbook.files import cache_folder
from cnnbook.store import make_folder
from cnnbook.training.supervisor import BROKEN, begin_supervised, is_supervised, supervised


def this_command() -> str:
    """The command line of this process, to be given again."""
    return shlex.join(["cnnbook", *sys.argv[1:]])


@contextmanager
def join_cluster(
    *, wanted: bool, coordinator: str | None, processes: int | None, process: int | None
) -> Iterator[bool]:
    """Run a block in a cluster, if one is wanted or described; yields whether this is its first process.

    The process that the user started becomes the supervisor of another one that runs the block.

    Args:
        wanted: join the cluster that the machine's own environment describes.
        coordinator: address and port of process 0.
        processes: how many there are.
        process: which one this is.
    """
    if not wanted and (coordinator, processes, process) == (None, None, None):
        yield True
        return
    if not is_supervised():
        _supervise()
    begin_supervised()
    from cnnbook.training import cluster
    from cnnbook.training.devices import begin_computing

    begin_computing(cache_folder())
    try:
        with user_errors():
            cluster.join(coordinator=coordinator, processes=processes, process=process)
        yield cluster.is_first()
        cluster.barrier()
    except BaseException as error:
        _end(error, broken=cluster.is_broken(error))


def _supervise() -> None:
    """Run this command line again as a child, and end as it ends."""
    folder = make_folder(cache_folder() / "training")
    log = folder / f"cluster-{socket.gethostname()}-{os.getpid()}.log"
    code = supervised([sys.executable, "-m", "cnnbook", *sys.argv[1:]], log=log)
    again = f"{this_command()!r} in all processes continues from the last checkpoint"
    if code is None:
        raise UserError(
            f"the cluster broke: another of its processes ended or could not be reached; {again} "
            f"(JAX's own messages: {log})"
        )
    log.unlink(missing_ok=True)
    if code < 0:
        raise UserError(f"ended by signal {-code}, if by the system then for lack of memory; {again}")
    raise click.exceptions.Exit(code)


def _end(error: BaseException, *, broken: bool) -> None:
    """Report an error and end at once: an orderly end would wait for the other processes."""
    code = BROKEN if broken else report_expected_end(error)
    if code is None:
        traceback.print_exception(error)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
