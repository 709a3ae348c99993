"""The IDX file format: parsed as a stream, so that a file costs what it holds and not what it promises.

An IDX file is a magic number (two zero bytes, 0x08 for unsigned bytes, the number of dimensions), the
dimensions as big-endian 32-bit integers, and the values. It may be gzipped; this is seen from its content,
not from its name.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", its section on file
formats.
"""

import gzip
import hashlib
import io
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8

from cnnbook.data.digits import SIDE

MAX_ITEMS = 60_000
"""Images or labels in MNIST's largest file: reading stops there, whatever a file promises."""

REMEDY = "delete it and get it again (`cnnbook doctor` says how)"
"""What to do about a damaged file."""

_KINDS = {0x0801: "labels", 0x0803: "images"}
_MAGICS = {kind: magic for magic, kind in _KINDS.items()}
_CHUNK = 1 << 20


class Content(NamedTuple):
    """What an IDX file holds.

    Attributes:
        values: read-only.
        sha256: of the decompressed file, header included.
    """

    values: UInt8[np.ndarray, "..."]
    sha256: str


def read_images(source: Path | bytes, *, name: str | None = None, most: int = MAX_ITEMS) -> Content:
    """Read images of 28×28 pixels.

    Args:
        source: a file or its bytes, gzipped or not.
        name: what to call it in a message; a path's own name is the path.
        most: how many images are read at most.

    Returns:
        Values of shape `n 28 28`, 0 (paper) to 255 (ink).

    Raises:
        FileNotFoundError: no such file.
        ValueError: not an IDX file of such images, damaged, or with more or less in it than its header says.
    """
    return _read(source, name=name, kind="images", item=(SIDE, SIDE), most=most)


def read_labels(source: Path | bytes, *, name: str | None = None, most: int = MAX_ITEMS) -> Content:
    """Read labels: one byte each, of any value (`digits.check_pair` looks at the range).

    Args:
        source: a file or its bytes, gzipped or not.
        name: what to call it in a message; a path's own name is the path.
        most: how many labels are read at most.

    Returns:
        Values of shape `n`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not an IDX file of labels, damaged, or with more or less in it than its header says.
    """
    return _read(source, name=name, kind="labels", item=(), most=most)


def is_gzip(start: bytes) -> bool:
    """Whether content that starts so is gzipped."""
    return start[:2] == b"\x1f\x8b"


def _read(source: Path | bytes, *, name: str | None, kind: str, item: tuple[int, ...], most: int) -> Content:
    name = name or (str(source) if isinstance(source, Path) else "the bytes given")
    with _opened(source, name) as stream, _gzip_errors_named(name):
        header = _read_header(stream, name, kind)
        shape = struct.unpack(f">{1 + len(item)}I", header[4:])
        if shape[1:] != item:
            found = "×".join(map(str, shape[1:]))
            raise ValueError(
                f"{name}: {kind} of {found} pixels, expected {SIDE}×{SIDE}: take MNIST's own file"
            )
        promised, cap = math.prod(shape), most * math.prod(item)
        body = _read_at_most(stream, min(promised, cap) + 1)
    _check_size(name, f"{shape[0]:,} {kind}", promised=promised, held=len(body), cap=cap)
    values = np.frombuffer(body, dtype=np.uint8).reshape(shape)
    values.flags.writeable = False
    digest = hashlib.sha256(header)
    digest.update(body)
    return Content(values, digest.hexdigest())


@contextmanager
def _opened(source: Path | bytes, name: str) -> Iterator[io.BufferedIOBase]:
    """The content as a stream, decompressed where it is gzipped."""
    if isinstance(source, Path) and not source.is_file():
        raise FileNotFoundError(f"{name}: no such file, expected an IDX file, gzipped or not")
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stored:
        start = stored.read(2)
        stored.seek(0)
        if not start:
            raise ValueError(f"{name}: the file is empty: {REMEDY}")
        if is_gzip(start):
            with gzip.GzipFile(fileobj=stored, mode="rb") as unzipped:
                yield unzipped
        else:
            yield stored


@contextmanager
def _gzip_errors_named(name: str) -> Iterator[None]:
    """What `gzip` raises, as errors that name the file."""
    try:
        yield
    except EOFError as error:
        raise ValueError(f"{name}: truncated gzip, the compressed file ends too early: {REMEDY}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{name}: corrupt gzip ({error}): {REMEDY}") from error


def _read_header(stream: io.BufferedIOBase, name: str, kind: str) -> bytes:
    """The magic number, once found right, and the dimensions as they stand in the file."""
    start = bytes(_read_at_most(stream, 4))
    magic = int.from_bytes(start)
    if len(start) == 4 and magic != _MAGICS[kind]:
        _refuse(start + _read_at_most(stream, 60), name, kind)
    length = 16 if kind == "images" else 8
    header = start + _read_at_most(stream, length - len(start))
    if len(header) < length:
        raise ValueError(
            f"{name}: {len(header)} bytes in all, the header of IDX {kind} alone takes {length}: {REMEDY}"
        )
    return header


def _refuse(start: bytes, name: str, kind: str) -> None:
    """Say what a file is that does not start with the magic number expected."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        shown = text.splitlines()[0][:24].decode("ascii", "replace")
        raise ValueError(
            f"{name}: a web page and not data (it begins with {shown!r}); a server answered the download with"
            f" an error or a login page: {REMEDY}"
        )
    magic = int.from_bytes(start[:4])
    found = f"wrong magic number 0x{magic:08x}" + (f" (IDX {_KINDS[magic]})" if magic in _KINDS else "")
    what = "take the file of that name" if magic in _KINDS else REMEDY
    raise ValueError(f"{name}: {found}, expected 0x{_MAGICS[kind]:08x} (IDX {kind}): {what}")


def _read_at_most(stream: io.BufferedIOBase, most: int) -> bytearray:
    """Read to the end, or up to `most` bytes, growing with what is really there."""
    content = bytearray()
    while len(content) < most:
        chunk = stream.read(min(_CHUNK, most - len(content)))
        if not chunk:
            break
        content += chunk
    return content


def _check_size(name: str, items: str, *, promised: int, held: int, cap: int) -> None:
    """Compare the header with the bytes that followed; reading stopped one byte past the lower bound."""
    if held > min(promised, cap):
        bound = f"the header promises for {items}" if promised <= cap else "any file of MNIST has"
        found = f"more than the {min(promised, cap):,} bytes that {bound}"
    elif held < promised:
        found = f"the header promises {items} ({promised:,} bytes), the file holds {held:,} bytes of them"
    else:
        return
    raise ValueError(f"{name}: wrong size, {found}: {REMEDY}")
