"""Which digits a book is built from: all of MNIST where it can be had, the sample where not."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from cnnbook.data import cache as cached
from cnnbook.data import mnist, sample
from cnnbook.data.digits import Digits
from cnnbook.data.mirrors import MIRRORS, Patience

CHOICES = ("auto", "full", "sample")
"""What may be asked for besides a folder."""

_CHOICES_EXPLAINED = (
    "auto, full, sample, or a folder with MNIST's four files (`cnnbook doctor` says what is found)"
)


def ignore(line: str) -> None:
    """Say nothing."""


def load(
    choice: str | Path | None = None,
    *,
    cache: Path | None = None,
    notify: Callable[[str], None] = ignore,
    mirrors: Sequence[str] = MIRRORS,
    files: Sequence[mnist.MnistFile] = mnist.FILES,
    patience: Patience = Patience(),  # noqa: B008  # a NamedTuple cannot change
) -> Digits:
    """The digits to work with.

    Args:
        choice: "auto": MNIST from the cache or a mirror, else the sample. "full": likewise, but without MNIST
            it is an error. "sample": the sample. Anything else: a folder with MNIST's four files. None: what
            the environment variable `CNNBOOK_DATA` says, and "auto" when it is unset or empty.
        cache: where downloads are kept; the user's own cache by default.
        notify: told what happens, one line at a time.
        mirrors: addresses to download from.
        files: which files are MNIST, by their SHA-256.
        patience: how long a mirror is waited for.

    Raises:
        FileNotFoundError: the choice is neither one of the words nor a folder, or a file is missing in it.
        ConnectionError: "full", and MNIST is neither in the cache nor on a mirror that can be reached.
        OSError: "full", and the cache cannot be written to.
        ValueError: a file in the folder is damaged or is not MNIST's.
    """
    origin = "choice"
    if choice is None:
        origin, choice = "CNNBOOK_DATA", os.environ.get("CNNBOOK_DATA") or "auto"
    if choice == "sample":
        return sample.load()
    if choice not in CHOICES:
        return mnist.read_folder(_folder(choice, origin), files=files)
    try:
        return cached.load(
            cache or cached.folder(), notify=notify, mirrors=mirrors, files=files, patience=patience
        )
    except OSError as error:
        if choice == "full":
            raise _without_mnist(error) from error
        notify(f"{_one_line(error)}; going on with the 5,000 sample digits")
        return sample.load()


def _folder(choice: str | Path, origin: str) -> Path:
    """The folder chosen, once it is known to be one."""
    folder = Path(choice).expanduser()
    if folder.is_dir():
        return folder
    found = "a file" if folder.exists() else "no such folder"
    raise FileNotFoundError(f"{origin}={str(choice)!r}: {found}, expected {_CHOICES_EXPLAINED}")


def _without_mnist(error: OSError) -> OSError:
    """The error for someone who wants MNIST and nothing else."""
    kind = ConnectionError if isinstance(error, ConnectionError) else OSError
    return kind(
        f"{_one_line(error)}; the choice 'full' wants MNIST and no sample: set CNNBOOK_DATA=folder to a"
        " folder with its four files (`cnnbook doctor` says where to get them), or choose 'auto'"
    )


def _one_line(error: OSError) -> str:
    """An error on one line, as a statement about MNIST."""
    said = " ".join(str(error).split())
    return said if isinstance(error, ConnectionError) else f"MNIST could not be downloaded ({said})"
