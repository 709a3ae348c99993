"""CITATION.cff and .zenodo.json, both written from `book/book.yaml`: they cannot contradict each other."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from cnnbook.publishing.book import BookMetadata, family_first, orcid_of, without_empty

_HEAD = "# Written from book/book.yaml by `cnnbook metadata --write`.\n"


def citation_cff(book: BookMetadata) -> str:
    """The text of CITATION.cff, version 1.2.0 of that format."""
    values = {
        "cff-version": "1.2.0",
        "message": "If you use this book or one of its figures, please cite it.",
        "type": "software",  # the format has no books; it knows software and datasets
        "title": book.full_title,
        "abstract": book.abstract,
        "authors": [_cff_author(author) for author in book.authors],
        "version": book.version,
        "date-released": book.release_day,
        "doi": book.doi,
        "url": book.site_url,
        "repository-code": book.repository,
        "license": [book.licences["code"]["id"], book.licences["text"]["id"]],
        "keywords": list(book.keywords),
        "references": [_cff_reference(reference) for reference in book.references],
    }
    text = yaml.safe_dump(without_empty(values), sort_keys=False, allow_unicode=True, width=110)
    return _HEAD + text


def zenodo_json(book: BookMetadata) -> str:
    """The text of .zenodo.json; where it exists, Zenodo does not look at CITATION.cff."""
    code = book.licences["code"]
    values = {
        "upload_type": "publication",
        "publication_type": "book",
        "title": book.full_title,
        "description": book.abstract,
        "creators": [_zenodo_creator(author) for author in book.authors],
        "version": book.version,
        "publication_date": book.release_day,
        "license": book.licences["text"]["id"].lower(),
        "notes": f"Text and figures: {book.licences['text']['name']}. Code: {code['name']}.",
        "access_right": "open",
        "language": {"en": "eng"}.get(book.language, book.language),
        "keywords": list(book.keywords),
        "related_identifiers": [
            {"relation": relation, "identifier": address, "resource_type": kind}
            for relation, address, kind in _related(book)
            if address
        ],
    }
    return json.dumps(without_empty(values), indent=2, ensure_ascii=False) + "\n"


FILES: Mapping[str, Callable[[BookMetadata], str]] = {
    "CITATION.cff": citation_cff,
    ".zenodo.json": zenodo_json,
}
"""What is written, by the name of the file in the book's folder."""


def outdated_files(root: Path, book: BookMetadata) -> list[str]:
    """The names of those files that do not say what `book.yaml` says, or are not there."""
    return [name for name, write in FILES.items() if _read(root / name) != write(book)]


def write_metadata(root: Path, book: BookMetadata) -> list[Path]:
    """Write these files; returns the paths of those that changed."""
    paths = [root / name for name in outdated_files(root, book)]
    for path in paths:
        path.write_text(FILES[path.name](book), encoding="utf-8")
    return paths


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _cff_author(author: Mapping[str, str]) -> dict[str, Any]:
    """A person or an entity, as CFF distinguishes them by their keys."""
    if "family" not in author:
        return without_empty({"name": author["name"], "orcid": orcid_of(author)})
    names = {"family-names": author["family"], "given-names": author["given"]}
    return without_empty(names | {"orcid": orcid_of(author)})


def _cff_reference(reference: Mapping[str, Any]) -> dict[str, Any]:
    return without_empty(
        {
            "type": "article",
            "title": reference["title"],
            "authors": [_cff_author(author) for author in reference.get("authors", ())],
            "date-published": str(reference.get("published") or "") or None,
            "url": reference.get("url"),
            "notes": reference.get("note"),
        }
    )


def _zenodo_creator(author: Mapping[str, str]) -> dict[str, Any]:
    return without_empty({"name": family_first(author), "orcid": author.get("orcid")})


def _related(book: BookMetadata) -> list[tuple[str, str | None, str]]:
    """What the book belongs to and grew from: relation, address, type."""
    grew = [("isDerivedFrom", reference.get("url"), "publication-other") for reference in book.references]
    pages = ("isIdenticalTo", book.site_url, "publication-book")
    return [pages, ("isSupplementedBy", book.repository, "software"), *grew]
