"""References to a figure: one sentence, BibTeX, RIS, and CSL-JSON.

A figure is cited as a work of its own in a book: BibTeX has no type for that, so it is a `@misc` that says in
`howpublished` which book and version it is from, which every style prints.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cnnbook.publishing.book import BookMetadata, author_name

SHOWN_DIGITS = 16
"""Digits of a checksum that are printed: enough to tell any two files apart by eye and by chance."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}", "}": r"\textbraceright{}", **{sign: "\\" + sign for sign in "&%$#_"},
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A figure, as references need it.

    Attributes:
        id: of the figure.
        title: its short title.
        sha256: of its light SVG; None where the book is not built.
    """

    id: str
    title: str
    sha256: str | None = None


def cite(figure: Cited, book: BookMetadata, form: str) -> str:
    """A reference to a figure.

    Args:
        figure: what is cited.
        book: that it is in.
        form: one of `FORMATS`.

    Raises:
        ValueError: there is no such format.
    """
    if form not in FORMATS:
        raise ValueError(f"format={form!r}: expected one of {', '.join(FORMATS)}")
    return FORMATS[form](figure, book)


def cited(record: Mapping[str, Any]) -> Cited:
    """A figure as its final record describes it."""
    files = {file["name"]: file["sha256"] for file in record.get("files") or []}
    return Cited(id=record["id"], title=record["title"], sha256=files.get(f"{record['id']}.svg"))


def _text(figure: Cited, book: BookMetadata) -> str:
    """One sentence."""
    names = [author_name(author) for author in book.authors]
    authors = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    parts = [
        authors, f"“{figure.title}”", f"figure {figure.id} in {book.full_title}", f"version {book.version}",
        str(book.released.year), book.licences["text"]["name"],
    ]  # fmt: skip
    return ", ".join([*parts, *filter(None, [_doi_url(book), book.figure_url(figure.id)])]) + "."


def _bibtex(figure: Cited, book: BookMetadata) -> str:
    """A `@misc`; double braces keep capitals, and keep the name of a group in one piece."""
    authors = [
        f"{{{_latex(author['name'])}}}"
        if "name" in author and "family" not in author
        else f"{_latex(author['family'])}, {_latex(author['given'])}"
        for author in book.authors
    ]
    fields = {
        "author": f"{{{' and '.join(authors)}}}",
        "title": f"{{{{{_latex(figure.title)}}}}}",
        "howpublished": f"{{Figure in: \\emph{{{_latex(book.full_title)}}}, version {_latex(book.version)}}}",
        "year": f"{{{book.released.year}}}",
        "month": _MONTHS[book.released.month - 1],
        "note": f"{{{_latex(_note(figure, book))}}}",
        "doi": f"{{{book.doi}}}" if book.doi else None,
        "url": f"{{{book.figure_url(figure.id)}}}" if book.site_url else None,
    }
    lines = [f"  {name:<12} = {value}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{figure.id}-v{book.version},", *lines, "}"])


def _ris(figure: Cited, book: BookMetadata) -> str:
    """A `FIGURE` of RIS, one tag a line."""
    lines = [
        ("TY", "FIGURE"),
        ("ID", f"{figure.id}-v{book.version}"),
        *(("AU", _family_first(author)) for author in book.authors),
        ("TI", figure.title),
        ("T2", book.full_title),
        ("ET", book.version),
        ("PY", str(book.released.year)),
        ("DA", f"{book.released:%Y/%m/%d}"),
        ("LA", book.language),
        ("DO", book.doi),
        ("UR", book.figure_url(figure.id)),
        ("N1", _note(figure, book)),
    ]
    said = [f"{tag}  - {' '.join(value.split())}" for tag, value in lines if value]
    return "\n".join([*said, "ER  - "])


def _csl(figure: Cited, book: BookMetadata) -> str:
    """A list of one item of CSL-JSON; what the schema has no name for stands in `custom`."""
    names = [
        {"family": author["family"], "given": author["given"]}
        if "family" in author
        else {"literal": author["name"]}
        for author in book.authors
    ]
    item = {
        "id": f"{figure.id}-v{book.version}",
        "type": "figure",
        "title": figure.title,
        "container-title": book.full_title,
        "author": names,
        "issued": {"date-parts": [[book.released.year, book.released.month, book.released.day]]},
        "version": book.version,
        "language": book.language,
        "DOI": book.doi,
        "URL": book.figure_url(figure.id),
        "note": _note(figure, book),
        "custom": {"figure": figure.id, "licence": book.licences["text"]["url"], "sha256": figure.sha256},
    }
    return json.dumps([_filled(item)], indent=2, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[Cited, BookMetadata], str]] = {
    "text": _text,
    "bibtex": _bibtex,
    "ris": _ris,
    "csl-json": _csl,
}
"""The formats by name."""


def _note(figure: Cited, book: BookMetadata) -> str:
    """What identifies the figure whatever happens to addresses: its id, the checksum, the licence."""
    sha256 = f"SHA-256 of its SVG begins {figure.sha256[:SHOWN_DIGITS]}; " if figure.sha256 else ""
    return f"Figure {figure.id}; {sha256}{book.licences['text']['name']}"


def _latex(text: str) -> str:
    """The same for LaTeX; letters beyond ASCII stay as they are."""
    return "".join(_LATEX.get(sign, sign) for sign in " ".join(text.split()))


def _family_first(author: Mapping[str, str]) -> str:
    return f"{author['family']}, {author['given']}" if "family" in author else author["name"]


def _doi_url(book: BookMetadata) -> str | None:
    return f"https://doi.org/{book.doi}" if book.doi else None


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same without what is missing."""
    inner = {name: _filled(value) if isinstance(value, Mapping) else value for name, value in values.items()}
    return {name: value for name, value in inner.items() if value}
