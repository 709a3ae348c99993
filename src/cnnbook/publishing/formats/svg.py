"""A stamp in an SVG: RDF in its element `metadata`, which drawing programs keep and browsers skip."""

import re
from collections.abc import Mapping

from cnnbook.publishing.formats.form import Form
from cnnbook.publishing.stamp import Stamp
from cnnbook.publishing.xmp import read_own_fields, svg_metadata

_METADATA = re.compile(rb"[ \t]*<metadata[ >].*?</metadata>", re.DOTALL)
_SEAL = re.compile(rb"(?<=<cnnbook:seal>)[0-9a-f]{64}(?=</cnnbook:seal>)")
_ROOT = re.compile(
    rb"\A(\xef\xbb\xbf)?\s*(<\?xml.*?\?>\s*)?((<!--.*?-->|<!DOCTYPE[^>]*>)\s*)*<svg[\s>]", re.DOTALL
)


def _recognises(content: bytes) -> bool:
    return _ROOT.match(content[:8192]) is not None


def _stamped(content: bytes, stamp: Stamp) -> bytes:
    """Matplotlib's own metadata replaced by ours."""
    metadata = svg_metadata(stamp).encode()
    return _METADATA.sub(lambda _: metadata, content, count=1)


def _fields(content: bytes) -> Mapping[str, str]:
    found = _METADATA.search(content)
    return read_own_fields(found.group().decode(errors="replace")) if found else {}


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
