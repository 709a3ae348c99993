"""Citations of a figure in every form, and the files that hold them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnnbook.publishing.book import BookMetadata
from cnnbook.publishing.citation import FORMATS, cite, cited


@dataclass(frozen=True)
class Kind:
    """A form of citation that programs read.

    Attributes:
        key: one of `citation.FORMATS`.
        name: as readers call it.
        suffix: of its file, after the figure's id.
    """

    key: str
    name: str
    suffix: str


KINDS = (
    Kind("bibtex", "BibTeX", ".bib"),
    Kind("ris", "RIS", ".ris"),
    Kind("csl-json", "CSL-JSON", ".csl.json"),
)


def citations(record: Mapping[str, Any], book: BookMetadata) -> dict[str, str]:
    """The citation of a figure in every form, by the form's name."""
    figure = cited(record)
    return {form: cite(figure, book, form) for form in FORMATS}
