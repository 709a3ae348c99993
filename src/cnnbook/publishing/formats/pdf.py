"""A stamp in a PDF: among the keywords of its information dictionary, which every viewer shows.

Matplotlib writes the dictionary plainly, so the seal is filled in without moving a byte.
"""

import re
from collections.abc import Mapping

from cnnbook.publishing.stamp import Form, Stamp

_KEYWORDS = re.compile(rb"/Keywords \((cnnbook:(?:[^()\\]|\\.)*)\)", re.DOTALL)
_FIELD = re.compile(r"cnnbook:(\w+)=([^;]*)")
_SEAL = re.compile(rb"(?<=cnnbook:seal=)[0-9a-f]{64}")
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_IN_WORDS = ("title", "authors", "book", "copyright")


def pdf_information(stamp: Stamp) -> Mapping[str, str | None]:
    """The information dictionary for Matplotlib; it has no dates."""
    plain = {name: value for name, value in stamp.fields().items() if name not in _IN_WORDS}
    return {
        "Title": stamp.title,
        "Author": stamp.authors,
        "Subject": f"{stamp.source}. {stamp.copyright}",
        "Keywords": "; ".join(f"cnnbook:{name}={value}" for name, value in plain.items()),
        "CreationDate": None,
    }


def _fields(content: bytes) -> Mapping[str, str]:
    """What the keywords say, and the title where it is written plainly."""
    found = _KEYWORDS.search(content)
    if not found:
        return {}
    said = _ESCAPE.sub(rb"\1", found.group(1)).decode("latin-1")
    return {**dict(_FIELD.findall(said)), **_words(content)}


def _words(content: bytes) -> Mapping[str, str]:
    """What stands in title, author and subject, by the names of a stamp's fields."""
    subject = re.fullmatch(r"fig-\S+ in: (.*), version \S+\. (.*)", _string(content, b"Subject"), re.DOTALL)
    words = {"title": _string(content, b"Title"), "authors": _string(content, b"Author")}
    return words | ({"book": subject.group(1), "copyright": subject.group(2)} if subject else {})


def _string(content: bytes, key: bytes) -> str:
    """A string of the information dictionary; "" if it is not there."""
    found = re.search(rb"/" + key + rb" \(((?:[^()\\]|\\.)*)\)", content, re.DOTALL)
    if not found:
        return ""
    raw = _ESCAPE.sub(lambda part: _ESCAPED.get(part.group(1), part.group(1)), found.group(1))
    return raw.decode("utf-16", errors="replace") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")


FORM = Form(
    name="pdf",
    recognises=lambda content: content.startswith(b"%PDF-"),
    stamped=lambda content, stamp: content,
    fields=_fields,
    with_seal=lambda content, digits: _SEAL.sub(digits.encode(), content, count=1),
    complete=lambda content: content.rstrip().endswith(b"%%EOF"),
)
"""The format; its stamp goes in when the picture is written, through `pdf_information`."""
