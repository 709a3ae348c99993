"""One file from one of MNIST's public mirrors: within a bounded time, within a bounded size, and verified."""

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cnnbook.data.idx import REMEDY, Content
from cnnbook.data.mnist import FILES, MnistFile, check_sha256, parse

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
"""Addresses to which a file's name and `.gz` are added."""

_CHUNK = 1 << 12
"""Bytes taken at a time: few, since a slow line has to deliver the first of them in time."""

_CONNECT_S = 3.0
_REPORT_EVERY_S = 5.0

_SLACK = 1 << 16
"""Bytes that a download may have beyond its decompressed size: a gzip is never much larger."""


class Timeouts(NamedTuple):
    """How long a mirror is waited for, in seconds.

    Attributes:
        answer: until the first byte of a file, the look-up of the mirror's name included.
        pause: between two bytes after that.
        total: for a whole file.
    """

    answer: float = 3.5
    pause: float = 10.0
    total: float = 600.0


class Download(NamedTuple):
    """Which files are MNIST's, and where they are to be had.

    Attributes:
        mirrors: addresses, in the order in which they are tried.
        files: known by their SHA-256.
        timeouts: how long a mirror is waited for.
    """

    mirrors: Sequence[str] = MIRRORS
    files: Sequence[MnistFile] = FILES
    timeouts: Timeouts = Timeouts()


MNIST = Download()
"""MNIST itself, from its public mirrors."""


class DownloadedFile(NamedTuple):
    """A file that arrived and is MNIST's own.

    Attributes:
        stored: the bytes as they were sent, gzipped or not.
        content: what is in them.
        mirror: who sent them.
    """

    stored: bytes
    content: Content
    mirror: str


def fetch(
    file: MnistFile, mirrors: Sequence[str], *, timeouts: Timeouts, notify: Callable[[str], None]
) -> DownloadedFile:
    """Download a file from the first mirror that has it, and verify it.

    Nothing is shown while no mirror answers: what each of them did is in the error.

    Args:
        file: which one.
        mirrors: addresses, in the order in which they are tried.
        timeouts: how long each is waited for.
        notify: called with one line for each thing that happens.

    Raises:
        ConnectionError: no mirror has it.
    """
    failures = []
    for mirror in mirrors:
        name = f"{file.name}.gz"
        try:
            address = f"{mirror.rstrip('/')}/{name}"
            stored = download(address, most=file.size + _SLACK, timeouts=timeouts, notify=notify)
            content = parse(stored, file, name=name)
            check_sha256(content, file, name=name)
        except (OSError, ValueError) as error:
            failures.append(f"{_host(mirror)}: {_reason(error)}")
            continue
        if failures:
            notify(f"{'; '.join(failures)}; {file.name} is from {_host(mirror)} instead")
        return DownloadedFile(stored, content, mirror)
    count = f"{len(failures)} mirror{'' if len(failures) == 1 else 's'}"
    raise ConnectionError(f"MNIST could not be downloaded ({count} tried: {'; '.join(failures)})")


def download(url: str, *, most: int, timeouts: Timeouts, notify: Callable[[str], None]) -> bytes:
    """Download a few megabytes into memory.

    The work is done by a thread, which is left behind when it stalls: no timeout of the sockets bounds the
    look-up of a name, nor the trial of a host's many addresses.

    Args:
        url: what to download.
        most: bytes that are accepted at most.
        timeouts: how long to wait.
        notify: called when the first byte has arrived, and every few seconds with how many have.

    Raises:
        TimeoutError: nothing came for too long.
        OSError: the network or the server refused.
        ValueError: there is more than `most`.
    """
    import pooch  # here, because with `requests` it takes 0.25 s that only a download is worth
    import requests  # noqa: F401  # pooch would import it in the thread, on the mirror's time

    receiver = _Receiver(most)
    responses: list[Any] = []
    failures: list[BaseException] = []
    get = pooch.HTTPDownloader(
        chunk_size=_CHUNK,
        timeout=(min(_CONNECT_S, timeouts.answer), timeouts.pause + 1),
        hooks={"response": lambda response, **_: responses.append(response)},
    )

    def work() -> None:
        try:
            get(url, receiver, None)
        except BaseException as error:
            failures.append(error)  # raised below, in the thread that waits
        finally:
            for response in responses:  # pooch leaves them open when it fails
                response.close()

    thread = Thread(target=work, name="cnnbook download", daemon=True)
    thread.start()
    for received in _arrivals(thread, receiver, timeouts):
        notify(f"downloading {url}" + (f": {received / 1e6:.1f} MB so far" if received else ""))
    if failures:
        raise failures[0]
    return bytes(receiver.content)


class _Receiver:
    """What `pooch` writes to: keeps the bytes, and refuses too many."""

    def __init__(self, most: int) -> None:
        self.content = bytearray()
        self.most = most
        self.abandoned = False

    def write(self, chunk: bytes) -> None:
        if self.abandoned:
            raise TimeoutError("nobody waits for this download any more")
        if len(self.content) + len(chunk) > self.most:
            raise ValueError(f"sent more than the {self.most:,} bytes expected")
        self.content += chunk

    def flush(self) -> None:
        """Nothing to do: `pooch` asks for it after every chunk."""


def _arrivals(thread: Thread, receiver: _Receiver, timeouts: Timeouts) -> Iterator[int]:
    """Wait for the thread while bytes arrive; yields 0 at the first bytes, later how many arrived."""
    begun = moved = reported = time.monotonic()
    received = 0
    while thread.is_alive():
        thread.join(0.05)
        now, arrived = time.monotonic(), len(receiver.content)
        if arrived > received:
            if not received or now - reported > _REPORT_EVERY_S:
                reported = now
                yield received
            received, moved = arrived, now
        limit = timeouts.pause if received else timeouts.answer
        if thread.is_alive() and (now - moved > limit or now - begun > timeouts.total):
            receiver.abandoned = True
            after = f"stopped after {received:,} bytes" if received else f"no answer in {now - moved:.1f} s"
            raise TimeoutError(after)


def _host(mirror: str) -> str:
    """The name of a mirror's machine."""
    return urlsplit(mirror).netloc


def _reason(error: OSError | ValueError) -> str:
    """Why a mirror did not serve, in a few words."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return " ".join(str(error).removesuffix(f": {REMEDY}").split())
