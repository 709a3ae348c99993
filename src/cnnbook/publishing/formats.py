"""The formats of a figure's files: how a stamp gets into one, is read from it, and is sealed there.

The seal is the SHA-256 of a file, written into the file itself and computed with zeros in its own place. A
copy whose seal fits has not changed since it was published, whatever its name is now. A seal is no signature:
who means to deceive can compute a new one.
"""

import hashlib
import io
import re
import struct
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from xml.sax.saxutils import unescape

from cnnbook.publishing.stamp import UNSEALED, Stamp, svg_metadata, xmp_packet

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
"""The first eight bytes of every PNG."""

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
"""The first eight bytes of a netCDF file of today."""

ATTRIBUTE_PREFIX = "figure_"
"""Names of a stamp's attributes in netCDF begin so."""

CUSTOM = "cnnbook:"
"""Our own names begin so in SVG, PNG and PDF; all others are those of the formats' specifications."""


class Format(ABC):
    """A format whose files bear a stamp and a seal.

    Attributes:
        name: "svg", "png", "pdf" or "netcdf".
        seal: where the 64 digits of the seal stand in a stamped file.
    """

    name: str
    seal: re.Pattern[bytes]

    @abstractmethod
    def recognises(self, content: bytes) -> bool:
        """Whether a content is, or began as, a file of this format."""

    @abstractmethod
    def fields(self, content: bytes) -> Mapping[str, str]:
        """What a stamp in a content says, by name; empty where there is none."""

    @abstractmethod
    def is_complete(self, content: bytes) -> bool:
        """Whether the content goes on to the format's own end."""

    def with_seal(self, content: bytes, digits: str) -> bytes:
        """A stamped content with other digits in the place of its seal; unchanged where it has no such place.

        Args:
            content: of the file.
            digits: 64 hexadecimal ones.
        """
        return self.seal.sub(digits.encode(), content, count=1)

    def sealed(self, content: bytes) -> bytes:
        """A stamped content with its seal."""
        return self.with_seal(content, self._digest(content))

    def is_intact(self, content: bytes) -> bool:
        """Whether a content is, byte for byte, the one that was sealed."""
        written = self.fields(content).get("seal", "")
        return written == self._digest(content) and self.with_seal(content, written) == content

    def _digest(self, content: bytes) -> str:
        return hashlib.sha256(self.with_seal(content, UNSEALED)).hexdigest()


class PictureFormat(Format):
    """A format that Matplotlib writes."""

    @abstractmethod
    def savefig_options(self, stamp: Stamp) -> dict[str, Any]:
        """Arguments of Matplotlib's `savefig`, by which the stamp, as far as it can, gets into the file."""

    def stamped(self, content: bytes, stamp: Stamp) -> bytes:
        """What Matplotlib wrote with these options, and what they could not put into it."""
        return content


class Svg(PictureFormat):
    """SVG: RDF in its element `metadata`, which drawing programs keep and browsers skip."""

    name = "svg"
    seal = re.compile(rb"(?<=<cnnbook:seal>)[0-9a-f]{64}(?=</cnnbook:seal>)")
    _before_root = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!DOCTYPE", b">"))
    _field = re.compile(r"<cnnbook:(\w+)>([^<]*)</cnnbook:\1>")

    def recognises(self, content: bytes) -> bool:
        """Whether the root element is `svg`."""
        head = content[:8192].removeprefix(b"\xef\xbb\xbf").lstrip()
        while ends := [end for begin, end in self._before_root if head.startswith(begin)]:
            head = head.partition(ends[0])[2].lstrip()
        return re.match(rb"<svg[\s>]", head) is not None

    def savefig_options(self, stamp: Stamp) -> dict[str, Any]:
        """The title, and no date."""
        return {"metadata": {"Title": stamp.title or stamp.id, "Date": None}}

    def stamped(self, content: bytes, stamp: Stamp) -> bytes:
        """Matplotlib's own metadata replaced by ours."""
        place = self._metadata(content)
        return content[: place.start] + svg_metadata(stamp).encode() + content[place.stop :]

    def fields(self, content: bytes) -> Mapping[str, str]:
        """What our own elements say."""
        text = content[self._metadata(content)].decode(errors="replace")
        return {name: unescape(value) for name, value in self._field.findall(text)}

    def is_complete(self, content: bytes) -> bool:
        """Whether the root element is closed."""
        return content.rstrip().endswith(b"</svg>")

    def _metadata(self, content: bytes) -> slice:
        """Where the first element `metadata` stands; nowhere if there is none."""
        end = b"</metadata>"
        start = content.find(b"<metadata")
        stop = content.find(end, start) if start >= 0 else -1
        return slice(start, stop + len(end)) if stop >= 0 else slice(0, 0)


class Png(PictureFormat):
    """PNG: text chunks before the pixels, and an XMP packet for picture search engines."""

    name = "png"
    seal = re.compile(rb"\Acnnbook:seal\0[0-9a-f]{64}\Z")

    def recognises(self, content: bytes) -> bool:
        """By its signature."""
        return content.startswith(PNG_SIGNATURE)

    def savefig_options(self, stamp: Stamp) -> dict[str, Any]:
        """All texts by keyword; Pillow puts them before the pixels, where every reader finds them."""
        from PIL.PngImagePlugin import PngInfo  # verifying a file has no use for it

        texts = {
            "Title": stamp.title,
            "Author": stamp.authors,
            "Copyright": stamp.copyright,
            "Source": stamp.url or stamp.source,
            **{f"{CUSTOM}{name}": value for name, value in stamp.fields().items()},
        }
        chunks = PngInfo()
        for keyword, text in texts.items():
            chunks.add_text(keyword, text)
        chunks.add_itxt("XML:com.adobe.xmp", xmp_packet(stamp))
        return {"pil_kwargs": {"pnginfo": chunks}}

    def fields(self, content: bytes) -> Mapping[str, str]:
        """What our own keywords say."""
        texts = {}
        for _, kind, data in self._chunks(content):
            keyword, _, text = data.partition(b"\0")
            if kind in (b"tEXt", b"iTXt") and keyword.startswith(CUSTOM.encode()):
                value = text.decode("latin-1") if kind == b"tEXt" else text[4:].decode(errors="replace")
                texts[keyword.decode("latin-1").removeprefix(CUSTOM)] = value
        return texts

    def with_seal(self, content: bytes, digits: str) -> bytes:
        """Other digits in the seal's chunk, and its checksum."""
        for place, kind, data in self._chunks(content):
            if kind == b"tEXt" and self.seal.match(data):
                chunk = self._chunk(kind, data[:-64] + digits.encode())
                return content[:place] + chunk + content[place + len(chunk) :]
        return content

    def is_complete(self, content: bytes) -> bool:
        """Whether the last chunk is there."""
        return content.endswith(self._chunk(b"IEND", b""))

    def _chunks(self, content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        """Place, type and data of each chunk, as far as they are whole."""
        place = len(PNG_SIGNATURE)
        while place + 12 <= len(content):
            (length,) = struct.unpack(">I", content[place : place + 4])
            if place + 12 + length > len(content):
                return
            yield place, content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
            place += 12 + length

    def _chunk(self, kind: bytes, data: bytes) -> bytes:
        """A chunk with its length and checksum."""
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


class Pdf(PictureFormat):
    """PDF: among the keywords of its information dictionary, which every viewer shows.

    Matplotlib writes the dictionary plainly, so the seal is filled in without moving a byte.
    """

    name = "pdf"
    seal = re.compile(rb"(?<=cnnbook:seal=)[0-9a-f]{64}")
    _field = re.compile(r"cnnbook:(\w+)=([^;]*)")
    _subject = re.compile(r"fig-\S+ in: (.*), version \S+\. (.*)", re.DOTALL)
    _escape = re.compile(rb"\\(.)", re.DOTALL)
    _escaped = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}  # noqa: RUF012

    def recognises(self, content: bytes) -> bool:
        """By its first line."""
        return content.startswith(b"%PDF-")

    def savefig_options(self, stamp: Stamp) -> dict[str, Any]:
        """The information dictionary; it has no dates."""
        in_words = ("title", "authors", "book", "copyright")
        plain = {name: value for name, value in stamp.fields().items() if name not in in_words}
        return {
            "metadata": {
                "Title": stamp.title,
                "Author": stamp.authors,
                "Subject": f"{stamp.source}. {stamp.copyright}",
                "Keywords": "; ".join(f"{CUSTOM}{name}={value}" for name, value in plain.items()),
                "CreationDate": None,
            }
        }

    def fields(self, content: bytes) -> Mapping[str, str]:
        """What keywords, title, author and subject say, where they are written plainly."""
        keywords = self._text(content, b"Keywords")
        if not keywords.startswith(CUSTOM):
            return {}
        words = {"title": self._text(content, b"Title"), "authors": self._text(content, b"Author")}
        if subject := self._subject.fullmatch(self._text(content, b"Subject")):
            words |= {"book": subject[1], "copyright": subject[2]}
        return dict(self._field.findall(keywords)) | words

    def is_complete(self, content: bytes) -> bool:
        """Whether the last line is there."""
        return content.rstrip().endswith(b"%%EOF")

    def _text(self, content: bytes, key: bytes) -> str:
        """A string of the information dictionary; "" if it is not there."""
        found = re.search(rb"/" + key + rb" \(((?:[^()\\]|\\.)*)\)", content, re.DOTALL)
        if not found:
            return ""
        raw = self._escape.sub(lambda part: self._escaped.get(part[1], part[1]), found[1])
        return raw.decode("utf-16" if raw.startswith(b"\xfe\xff") else "latin-1", errors="replace")


class NetCdf(Format):
    """netCDF: among its attributes, where every program that opens it shows them.

    The seal is text of variable length, which HDF5 keeps plainly and without a checksum of its own; so it is
    filled in without moving a byte. The stamp goes in when the file is written.
    """

    name = "netcdf"
    seal = re.compile(rb"(?<=cnnbook:seal=)[0-9a-f]{64}")
    _mark = f"{CUSTOM}seal="
    _errors = (OSError, LookupError, ValueError, TypeError, RuntimeError, ArithmeticError, MemoryError)
    """What h5py raises, depending on where a file is damaged."""
    _end_is_at = {0: 40, 2: 28, 3: 28}  # noqa: RUF012

    def attributes(self, stamp: Stamp) -> Mapping[str, str]:
        """A stamp's fields as attributes of the file."""
        fields = {name: text for name, text in stamp.fields().items() if name not in ("theme", "seal")}
        fields["seal"] = self._mark + stamp.seal
        return {f"{ATTRIBUTE_PREFIX}{name}": text for name, text in fields.items()}

    def recognises(self, content: bytes) -> bool:
        """By its signature."""
        return content.startswith(HDF5_SIGNATURE)

    def fields(self, content: bytes) -> Mapping[str, str]:
        """What the attributes say; nothing where the file is damaged."""
        import h5py  # takes its time, and few files need it

        with suppress(*self._errors), h5py.File(io.BytesIO(content)) as file:
            return {
                name.removeprefix(ATTRIBUTE_PREFIX): str(text).removeprefix(self._mark)
                for name, text in file.attrs.items()
                if name.startswith(ATTRIBUTE_PREFIX)
            }
        return {}

    def is_complete(self, content: bytes) -> bool:
        """Whether the file reaches as far as its superblock says."""
        place = self._end_is_at.get(content[8]) if len(content) > 48 else None
        return place is None or len(content) >= int.from_bytes(content[place : place + 8], "little")


NETCDF = NetCdf()
"""The format of the data that bears a seal."""

PICTURE_FORMATS: Mapping[str, PictureFormat] = {form.name: form for form in (Svg(), Png(), Pdf())}
"""The formats of pictures, by name."""

SEALED_FORMATS: tuple[Format, ...] = (*PICTURE_FORMATS.values(), NETCDF)
"""All formats that bear a seal."""
