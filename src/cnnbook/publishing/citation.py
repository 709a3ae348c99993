"""References to a figure: one sentence, BibTeX, RIS, and CSL-JSON.

A figure is cited as a work of its own in a book: BibTeX has no type for that, so it is a `@misc` that says in
`howpublished` which book and version it is from, which every style prints.

A build whose numbers are not those that the version stands for, such as one on a sample, has an edition. It
is part of key, version and note: `fig-rain-v2.1-sample`, version 2.1-sample.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnbook.publishing.addresses import absolute_url
from cnnbook.publishing.book import BookMetadata, author_name, family_first, without_empty
from cnnbook.publishing.record import FigureRecord

SHOWN_DIGITS = 16
"""Digits of a checksum that are printed: enough to tell any two files apart by eye and by chance."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    **{sign: "\\" + sign for sign in "&%$#_"},
}


def cite(figure: FigureRecord, book: BookMetadata, form: str) -> str:
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


def citations(figure: FigureRecord, book: BookMetadata) -> dict[str, str]:
    """The references to a figure in every format, by the format's name."""
    return {form: cite(figure, book, form) for form in FORMATS}


def cite_passage(title: str, what: str, page: str, book: BookMetadata) -> str:
    """A reference to a part of the book that is no figure, as one sentence.

    Args:
        title: its own words.
        what: it is, such as "claim C26".
        page: its address within the site.
        book: that it is in.
    """
    return _sentence(title, what, absolute_url(book.site_url, page), book)


def _text(figure: FigureRecord, book: BookMetadata) -> str:
    """One sentence."""
    return _sentence(figure.title, f"figure {figure.id}", book.figure_url(figure.id), book)


def _sentence(title: str, what: str, address: str | None, book: BookMetadata) -> str:
    """Authors, title, where it stands, version, year, licence and addresses."""
    names = [author_name(author) for author in book.authors]
    authors = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    parts = [
        authors,
        f"“{title.rstrip('.')}”",
        f"{what} in {book.full_title}",
        f"version {book.version_label}",
        str(book.released.year),
        book.licences["text"]["name"],
    ]
    return ", ".join([*parts, *filter(None, [book.doi_url, address])]) + "."


def _bibtex(figure: FigureRecord, book: BookMetadata) -> str:
    """A `@misc`; double braces keep capitals, and keep the name of a group in one piece."""
    authors = [
        f"{{{_latex(author['name'])}}}"
        if "name" in author and "family" not in author
        else f"{_latex(author['family'])}, {_latex(author['given'])}"
        for author in book.authors
    ]
    source = f"\\emph{{{_latex(book.full_title)}}}, version {_latex(book.version_label)}"
    fields = {
        "author": f"{{{' and '.join(authors)}}}",
        "title": f"{{{{{_latex(figure.title)}}}}}",
        "howpublished": f"{{Figure in: {source}}}",
        "year": f"{{{book.released.year}}}",
        "month": _MONTHS[book.released.month - 1],
        "note": f"{{{_latex(_note(figure, book))}}}",
        "doi": f"{{{book.doi}}}" if book.doi else None,
        "url": f"{{{book.figure_url(figure.id)}}}" if book.site_url else None,
    }
    lines = [f"  {name:<12} = {value}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(figure, book)},", *lines, "}"])


def _ris(figure: FigureRecord, book: BookMetadata) -> str:
    """A `FIGURE` of RIS, one tag a line."""
    lines = [
        ("TY", "FIGURE"),
        ("ID", f"{_key(figure, book)}"),
        *(("AU", family_first(author)) for author in book.authors),
        ("TI", figure.title),
        ("T2", book.full_title),
        ("ET", book.version_label),
        ("PY", str(book.released.year)),
        ("DA", f"{book.released:%Y/%m/%d}"),
        ("LA", book.language),
        ("DO", book.doi),
        ("UR", book.figure_url(figure.id)),
        ("N1", _note(figure, book)),
    ]
    tagged = [f"{tag}  - {' '.join(value.split())}" for tag, value in lines if value]
    return "\n".join([*tagged, "ER  - "])


def _csl(figure: FigureRecord, book: BookMetadata) -> str:
    """A list of one item of CSL-JSON; what the schema has no name for stands in `custom`."""
    names = [
        {"family": author["family"], "given": author["given"]}
        if "family" in author
        else {"literal": author["name"]}
        for author in book.authors
    ]
    item = {
        "id": f"{_key(figure, book)}",
        "type": "figure",
        "title": figure.title,
        "container-title": book.full_title,
        "author": names,
        "issued": {"date-parts": [[book.released.year, book.released.month, book.released.day]]},
        "version": book.version_label,
        "language": book.language,
        "DOI": book.doi,
        "URL": book.figure_url(figure.id),
        "note": _note(figure, book),
        "custom": without_empty(
            {"figure": figure.id, "licence": book.licences["text"]["url"], "sha256": _sha256(figure)}
        ),
    }
    return json.dumps([without_empty(item)], indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class CitationFile:
    """A format that programs read, as a file of each figure.

    Attributes:
        key: one of `FORMATS`.
        name: as readers call it.
        suffix: of the file, after the figure's id.
    """

    key: str
    name: str
    suffix: str


CITATION_FILES = (
    CitationFile("bibtex", "BibTeX", ".bib"),
    CitationFile("ris", "RIS", ".ris"),
    CitationFile("csl-json", "CSL-JSON", ".csl.json"),
)

FORMATS: Mapping[str, Callable[[FigureRecord, BookMetadata], str]] = {
    "text": _text,
    "bibtex": _bibtex,
    "ris": _ris,
    "csl-json": _csl,
}
"""The formats by name."""


def _key(figure: FigureRecord, book: BookMetadata) -> str:
    """What a figure is cited by: `fig-rain-v2.1`, and `fig-rain-v2.1-sample` where the numbers are others."""
    return f"{figure.id}-v{book.version_label}"


def _note(figure: FigureRecord, book: BookMetadata) -> str:
    """What identifies the figure whatever happens to addresses: id, edition, checksum, licence."""
    sha256 = _sha256(figure)
    digits = f"SHA-256 of its SVG begins {sha256[:SHOWN_DIGITS]}; " if sha256 else ""
    edition = f"edition {book.edition}; " if book.edition else ""
    return f"Figure {figure.id}; {edition}{digits}{book.licences['text']['name']}"


def _sha256(figure: FigureRecord) -> str | None:
    """The checksum of the light SVG; None where the book is not built."""
    svg = figure.picture("svg")
    return svg.sha256 if svg else None


def _latex(text: str) -> str:
    """The same for LaTeX; letters beyond ASCII stay as they are."""
    return "".join(_LATEX.get(sign, sign) for sign in " ".join(text.split()))
