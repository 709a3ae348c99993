"""A stamp in an SVG: RDF in its element `metadata`, which drawing programs keep and browsers skip."""

import re
from collections.abc import Mapping

from cnnbook.publishing.stamp import Form, Stamp, read_own_fields, svg_metadata

_SEAL = re.compile(rb"(?<=<cnnbook:seal>)[0-9a-f]{64}(?=</cnnbook:seal>)")
_BEFORE_ROOT = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!DOCTYPE", b">"))
"""What may stand before the root element, by its beginning and its end."""


def _recognises(content: bytes) -> bool:
    """Whether the root element is `svg`."""
    head = content[:8192].removeprefix(b"\xef\xbb\xbf").lstrip()
    while ends := [end for begin, end in _BEFORE_ROOT if head.startswith(begin)]:
        head = head.partition(ends[0])[2].lstrip()
    return re.match(rb"<svg[\s>]", head) is not None


def _metadata(content: bytes) -> slice:
    """Where the first element `metadata` stands; nowhere if there is none."""
    end = b"</metadata>"
    start = content.find(b"<metadata")
    stop = content.find(end, start) if start >= 0 else -1
    return slice(start, stop + len(end)) if stop >= 0 else slice(0, 0)


def _stamped(content: bytes, stamp: Stamp) -> bytes:
    """Matplotlib's own metadata replaced by ours."""
    place = _metadata(content)
    return content[: place.start] + svg_metadata(stamp).encode() + content[place.stop :]


def _fields(content: bytes) -> Mapping[str, str]:
    return read_own_fields(content[_metadata(content)].decode(errors="replace"))


def _with_seal(content: bytes, digits: str) -> bytes:
    return _SEAL.sub(digits.encode(), content, count=1)


FORM = Form(
    name="svg",
    recognises=_recognises,
    stamped=_stamped,
    fields=_fields,
    with_seal=_with_seal,
    complete=lambda content: content.rstrip().endswith(b"</svg>"),
)
"""The format."""
