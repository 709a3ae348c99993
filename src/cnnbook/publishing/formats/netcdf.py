"""A stamp in a netCDF file: among its attributes, where every program that opens it shows them.

The seal is text of variable length, which HDF5 keeps plainly and without a checksum of its own; so it is
filled in without moving a byte.
"""

import io
import re
from collections.abc import Mapping

from cnnbook.publishing.stamp import Form, Stamp

HDF5 = b"\x89HDF\r\n\x1a\n"
"""The first eight bytes of a netCDF file of today."""

ADDED = "figure_"
"""Names of a stamp's attributes begin so."""

_MARK = "cnnbook:seal="
_SEAL = re.compile(_MARK.encode() + rb"[0-9a-f]{64}")
_DAMAGE = (OSError, LookupError, ValueError, TypeError, RuntimeError, ArithmeticError, MemoryError)
"""What h5py raises, depending on where a file is damaged."""

_END_IS_AT = {0: 40, 2: 28, 3: 28}


def stamp_attributes(stamp: Stamp) -> Mapping[str, str]:
    """A stamp's fields as attributes of the file."""
    fields = {name: text for name, text in stamp.fields().items() if name not in ("theme", "seal")}
    return {f"{ADDED}{name}": text for name, text in fields.items()} | {f"{ADDED}seal": _MARK + stamp.seal}


def _fields(content: bytes) -> Mapping[str, str]:
    import h5py  # takes its time, and few files need it

    try:
        with h5py.File(io.BytesIO(content)) as file:
            said = {name: str(text) for name, text in file.attrs.items() if name.startswith(ADDED)}
    except _DAMAGE:
        return {}
    fields = {name.removeprefix(ADDED): text for name, text in said.items()}
    return {name: text.removeprefix(_MARK) if name == "seal" else text for name, text in fields.items()}


def _complete(content: bytes) -> bool:
    """Whether the file reaches as far as its superblock says."""
    place = _END_IS_AT.get(content[8]) if len(content) > 48 else None
    return place is None or len(content) >= int.from_bytes(content[place : place + 8], "little")


FORM = Form(
    name="netcdf",
    recognises=lambda content: content.startswith(HDF5),
    stamped=lambda content, stamp: content,
    fields=_fields,
    with_seal=lambda content, digits: _SEAL.sub((_MARK + digits).encode(), content, count=1),
    complete=_complete,
)
"""The format; its stamp goes in when the file is written, through `stamp_attributes`."""
