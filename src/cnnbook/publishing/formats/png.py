"""A stamp in a PNG: text chunks before the pixels, and an XMP packet for picture search engines."""

import struct
import zlib
from collections.abc import Iterator, Mapping

from cnnbook.publishing.stamp import Form, Stamp, xmp_packet

SIGNATURE = b"\x89PNG\r\n\x1a\n"
"""The first eight bytes of every PNG."""

OWN = "cnnbook:"
"""Our own keywords begin so; all others are those of the PNG specification."""

_SEAL = f"{OWN}seal".encode() + b"\0"


def _chunks(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Place, type and data of each chunk, as far as they are whole."""
    place = len(SIGNATURE)
    while place + 12 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        if place + 12 + length > len(content):
            return
        yield place, content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        place += 12 + length


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _text(keyword: str, text: str) -> bytes:
    """A chunk of text: `tEXt` where Latin-1 will do, which every program reads, else `iTXt`."""
    try:
        return _chunk(b"tEXt", keyword.encode() + b"\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", keyword.encode() + b"\0\0\0\0\0" + text.encode())


def _texts(stamp: Stamp) -> Mapping[str, str]:
    """All texts by keyword."""
    words = {
        "Title": stamp.title,
        "Author": stamp.authors,
        "Copyright": stamp.copyright,
        "Source": stamp.url or stamp.source,
    }
    return words | {f"{OWN}{name}": value for name, value in stamp.fields().items()}


def _stamped(content: bytes, stamp: Stamp) -> bytes:
    """The texts right behind the header, where a reader that stops at the pixels still finds them."""
    head = len(SIGNATURE) + 25
    texts = b"".join(_text(keyword, text) for keyword, text in _texts(stamp).items())
    xmp = _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp_packet(stamp).encode())
    return content[:head] + texts + xmp + content[head:]


def _fields(content: bytes) -> Mapping[str, str]:
    """What our own keywords say."""
    found = {}
    for _, kind, data in _chunks(content):
        keyword, _, text = data.partition(b"\0")
        if kind in (b"tEXt", b"iTXt") and keyword.startswith(OWN.encode()):
            value = text.decode("latin-1") if kind == b"tEXt" else text[4:].decode(errors="replace")
            found[keyword.decode("latin-1").removeprefix(OWN)] = value
    return found


def _with_seal(content: bytes, digits: str) -> bytes:
    """Other digits in the seal's chunk, and its checksum."""
    for place, kind, data in _chunks(content):
        if kind == b"tEXt" and data.startswith(_SEAL) and len(data) == len(_SEAL) + 64:
            chunk = _chunk(kind, _SEAL + digits.encode())
            return content[:place] + chunk + content[place + len(chunk) :]
    return content


FORM = Form(
    name="png",
    recognises=lambda content: content.startswith(SIGNATURE),
    stamped=_stamped,
    fields=_fields,
    with_seal=_with_seal,
    complete=lambda content: content.endswith(_chunk(b"IEND", b"")),
)
"""The format."""
