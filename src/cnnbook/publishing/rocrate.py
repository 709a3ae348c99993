"""An RO-Crate: what a release holds, who made it and with what, for machines that archive research data.

Version 1.1, <https://w3id.org/ro/crate/1.1>: a flat list of entities that refer to one another by id. Its own
vocabulary has no word for a checksum; `sha256` is that of the Workflow Run RO-Crate profiles.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from cnnbook.publishing.authorship import full_title, is_person, orcid_of, published_on
from cnnbook.publishing.book import author_name
from cnnbook.publishing.rocrate_actions import Entity, actions, links

METADATA = "ro-crate-metadata.json"
"""The file of a crate that describes it."""

VERSION = "https://w3id.org/ro/crate/1.1"

CONTEXT = [f"{VERSION}/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}]

THEME = "_static/"
"""The folder of what pages need to look as they do: not ours, each file under its own licence."""

_MEDIA_TYPES = {
    "cff": "application/yaml", "css": "text/css", "csv": "text/csv", "gif": "image/gif", "html": "text/html",
    "inv": "application/octet-stream", "ipynb": "application/x-ipynb+json", "js": "text/javascript",
    "json": "application/json", "map": "application/json", "md": "text/markdown",
    "nc": "application/x-netcdf", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
    "txt": "text/plain",
    "woff2": "font/woff2", "xml": "application/xml", "zip": "application/zip",
}  # fmt: skip
"""By the ending of a file's name; written out, since what a system knows of them differs."""


def crate(
    book: Mapping[str, Any], records: Sequence[Mapping[str, Any]], files: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The content of `ro-crate-metadata.json`.

    Args:
        book: as `book.yaml` and the build describe it.
        records: the figures' final records; each of their files must be among `files`.
        files: what the crate lists, each with `name` (its path in the crate), `bytes` and `sha256`.

    Raises:
        ValueError: the book has no date, or a figure has a file that is not listed.
    """
    day = published_on(book)
    if day is None:
        raise ValueError("book: no 'released' and no 'date'; an RO-Crate must say when it was published")
    authors, licences = _authors(book), _licences(book)
    listed = {file["name"]: _file(file) for file in files if not file["name"].startswith(THEME)}
    theme = [_theme(files)] if len(listed) < len(files) else []
    made = actions(book, records, listed, agents=authors, licence=licences[0])
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": full_title(book),
        "description": " ".join((book.get("abstract") or book["title"]).split()),
        "datePublished": day,
        "version": book.get("version"),
        "license": links(licences),
        "author": links(authors),
        "inLanguage": book.get("language") or "en",
        "keywords": ", ".join(book.get("keywords") or []),
        "identifier": f"https://doi.org/{book['doi']}" if book.get("doi") else None,
        "url": book.get("site_url"),
        "hasPart": links([*listed.values(), *theme]),
        "mentions": links([entity for entity in made if entity["@type"] == "CreateAction"]),
    }
    graph = [_descriptor(), {name: said for name, said in root.items() if said}]
    return {"@context": CONTEXT, "@graph": [*graph, *authors, *licences, *listed.values(), *theme, *made]}


def _descriptor() -> Entity:
    """The entity that says what this file is."""
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": VERSION},
        "about": {"@id": "./"},
    }


def _authors(book: Mapping[str, Any]) -> list[Entity]:
    """The authors, by ORCID where they have one."""
    return [
        {
            "@id": orcid_of(author) or f"#author-{number}",
            "@type": "Person" if is_person(author) else "Organization",
            "name": author_name(author),
        }
        for number, author in enumerate(book["authors"], start=1)
    ]


def _licences(book: Mapping[str, Any]) -> list[Entity]:
    """The licences: of words and pictures first, then of code."""
    said = (("text", "text and figures"), ("code", "code"))
    return [
        {
            "@id": book["licences"][kind]["url"],
            "@type": "CreativeWork",
            "name": book["licences"][kind]["name"],
            "identifier": book["licences"][kind]["id"],
            "description": f"The licence of the {what}",
        }
        for kind, what in said
    ]


def _theme(files: Sequence[Mapping[str, Any]]) -> Entity:
    """The folder with the theme's files, which are not listed one by one."""
    count = sum(file["name"].startswith(THEME) for file in files)
    return {
        "@id": THEME,
        "@type": "Dataset",
        "name": "Theme of the pages",
        "description": f"{count} style sheets, scripts and fonts, each under its own licence",
    }


def _file(file: Mapping[str, Any]) -> Entity:
    """A file of the crate."""
    ending = file["name"].rpartition(".")[2].lower()
    return {
        "@id": quote(file["name"], safe="/!$&'()*+,;=:@~"),
        "@type": "File",
        "name": file["name"],
        "contentSize": str(file["bytes"]),
        "encodingFormat": file.get("media_type") or _MEDIA_TYPES.get(ending, "application/octet-stream"),
        "sha256": file["sha256"],
    }
