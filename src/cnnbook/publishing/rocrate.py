"""An RO-Crate: what a release holds, who made it and with what, for machines that archive research data.

Version 1.1, <https://w3id.org/ro/crate/1.1>: a flat list of entities that refer to one another by id. Its own
vocabulary has no word for a checksum; `sha256` is that of the Workflow Run RO-Crate profiles.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from cnnbook.publishing.book import BookMetadata, without_empty
from cnnbook.publishing.built import UNCOMMITTED
from cnnbook.publishing.jsonld import creators
from cnnbook.publishing.record import FOLDER, FigureFile, FigureRecord
from cnnbook.publishing.request import location_text

Entity = dict[str, Any]

METADATA = "ro-crate-metadata.json"
"""The file of a crate that describes it."""

VERSION = "https://w3id.org/ro/crate/1.1"

CONTEXT = [f"{VERSION}/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}]

THEME = "_static/"
"""The folder of what pages need to look as they do: not ours, each file under its own licence."""

_MEDIA_TYPES = {
    "cff": "application/yaml",
    "css": "text/css",
    "csv": "text/csv",
    "gif": "image/gif",
    "html": "text/html",
    "inv": "application/octet-stream",
    "ipynb": "application/x-ipynb+json",
    "js": "text/javascript",
    "json": "application/json",
    "map": "application/json",
    "md": "text/markdown",
    "nc": "application/x-netcdf",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "woff2": "font/woff2",
    "xml": "application/xml",
    "zip": "application/zip",
}
"""By the ending of a file's name; written out, since what a system knows of them differs."""


def crate(
    book: BookMetadata,
    records: Sequence[FigureRecord],
    files: Sequence[Mapping[str, Any]],
    labels: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """The content of `ro-crate-metadata.json`.

    Args:
        book: its description.
        records: of the figures, completed; each of their files must be among `files`.
        files: what the crate lists, each with `name` (its path in the crate), `bytes` and `sha256`.
        labels: what to call the data that figures were made from, by the name of the data set; and other
            inputs, by the key under which `made_from` lists their SHA-256.

    Raises:
        ValueError: a figure has a file that is not listed.
    """
    authors, licences = _authors(book), _licences(book)
    listed = {file["name"]: _file(file) for file in files if not file["name"].startswith(THEME)}
    theme = [_theme(files)] if len(listed) < len(files) else []
    made = actions(book, records, listed, labels=labels, agents=authors, licence=licences[0])
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": book.full_title,
        "description": " ".join(book.abstract.split()),
        "datePublished": book.release_day,
        "version": book.version_label,
        "license": references(licences),
        "author": references(authors),
        "inLanguage": book.language,
        "keywords": ", ".join(book.keywords),
        "identifier": book.doi_url,
        "url": book.site_url,
        "hasPart": references([*listed.values(), *theme]),
        "mentions": references([entity for entity in made if entity["@type"] == "CreateAction"]),
    }
    graph = [_descriptor(), without_empty(root)]
    return {"@context": CONTEXT, "@graph": [*graph, *authors, *licences, *listed.values(), *theme, *made]}


def _descriptor() -> Entity:
    """The entity that says what this file is."""
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": VERSION},
        "about": {"@id": "./"},
    }


def _authors(book: BookMetadata) -> list[Entity]:
    """The authors, by ORCID where they have one."""
    numbered = enumerate(creators(book.authors), start=1)
    whole = ({"@id": f"#author-{number}"} | author for number, author in numbered)
    return [{key: author[key] for key in ("@id", "@type", "name")} for author in whole]


def _licences(book: BookMetadata) -> list[Entity]:
    """The licences: of words and pictures first, then of code."""
    return [
        {
            "@id": book.licences[kind]["url"],
            "@type": "CreativeWork",
            "name": book.licences[kind]["name"],
            "identifier": book.licences[kind]["id"],
            "description": f"The licence of the {what}",
        }
        for kind, what in (("text", "text and figures"), ("code", "code"))
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


def references(entities: Sequence[Mapping[str, Any]]) -> Any:
    """References to entities: one alone stands by itself, as the specification wants it."""
    links = [{"@id": entity["@id"]} for entity in entities]
    return links[0] if len(links) == 1 else links


def actions(
    book: BookMetadata,
    records: Sequence[FigureRecord],
    files: Mapping[str, Entity],
    *,
    labels: Mapping[str, str],
    agents: Sequence[Entity],
    licence: Entity,
) -> list[Entity]:
    """The actions that made the figures' files, with the sources and the data that they refer to.

    The entities of the figures' files get captions, alt texts and licences.

    Args:
        book: for its `repository` and `commit`.
        records: the figures' final records.
        files: all files of the crate, by path; changed in place.
        labels: see `crate`.
        agents: who did it.
        licence: of the figures.

    Raises:
        ValueError: a figure has a file that is not among `files`.
    """
    entities: dict[str, Entity] = {}
    for record in records:
        shown = [_listed(record, file, files) for file in record.pictures]
        data = [_listed(record, file, files) for file in record.data_files]
        for entity in shown:
            entity |= {
                "@type": ["File", "ImageObject"],
                "caption": record.caption,
                "description": record.alt,
                "license": references([licence]),
                "author": references(agents),
            }
        for entity in data:
            entity |= {
                "description": f"Data of the figure “{record.title}”",
                "license": references([licence]),
            }
        for action in (_measure_action(book, record, data, labels), _draw_action(book, record, shown, data)):
            for entity in action:
                agent = {"agent": references(agents)} if "result" in entity else {}
                entities[entity["@id"]] = entity | agent
    return list(entities.values())


def _listed(record: FigureRecord, file: FigureFile, files: Mapping[str, Entity]) -> Entity:
    """The entity of one of a figure's files."""
    path = f"{FOLDER}/{file.name}"
    if path not in files:
        raise ValueError(f"{record.id}: its file {path} is not in the crate; build the book again")
    return files[path]


def _draw_action(
    book: BookMetadata, record: FigureRecord, shown: Sequence[Entity], data: Sequence[Entity]
) -> list[Entity]:
    """The drawing of a figure, and the source that did it."""
    code = record.drawn_by
    if not (shown and code and code.get("file")):
        return []
    source = _source(book, code)
    options = json.dumps(dict(record.options), sort_keys=True, ensure_ascii=False)
    action = {
        "@id": f"#draw-{record.id}",
        "@type": "CreateAction",
        "name": f"Draw {record.id}: {record.title}",
        "description": f"{location_text(code)}, with the options {options}",
        "instrument": references([source]),
        **({"object": references(data)} if data else {}),
        "result": references(shown),
    }
    return [source, action]


def _measure_action(
    book: BookMetadata, record: FigureRecord, data: Sequence[Entity], labels: Mapping[str, str]
) -> list[Entity]:
    """The measuring of a figure's data, the sources that did it, and what was measured."""
    made_from = [made for made in record.made_from if made.get("file")]
    if not (data and made_from):
        return []
    sources = {source["@id"]: source for source in (_source(book, made) for made in made_from)}
    things = {thing["@id"]: thing for made in made_from for thing in _inputs(made, labels)}
    action = {
        "@id": f"#measure-{record.id}",
        "@type": "CreateAction",
        "name": f"Measure the data of {record.id}",
        "description": "; ".join(_experiment(made) for made in made_from),
        "instrument": references(list(sources.values())),
        **({"object": references(list(things.values()))} if things else {}),
        "result": references(data),
    }
    return [*sources.values(), *things.values(), action]


def _source(book: BookMetadata, code: Mapping[str, Any]) -> Entity:
    """A source file: at its address in the repository, if the commit can be had there."""
    repository, commit, path = book.repository, book.commit, code["file"]
    public = repository and commit and UNCOMMITTED not in commit
    return {
        "@id": f"{repository}/blob/{commit}/{path}" if public else f"#{path}",
        "@type": "SoftwareSourceCode",
        "name": path,
        **({"version": commit} if commit else {}),
    }


def _inputs(made: Mapping[str, Any], labels: Mapping[str, str]) -> list[Entity]:
    """The data that an experiment looked at, and its other inputs."""
    data = made.get("data")
    named = [(labels.get(data["name"], data["name"]), "data", data["digest"])] if data else []
    for key, label in labels.items():
        named += [(f"{label}, {digest[:12]}", key, digest) for digest in made.get(key, ())]
    return [
        {
            "@id": f"#{key}-{digest[:16]}",
            "@type": "CreativeWork",
            "name": name,
            "identifier": f"sha256:{digest}",
        }
        for name, key, digest in named
    ]


def _experiment(made: Mapping[str, Any]) -> str:
    """An experiment, in a line."""
    config = json.dumps(made.get("config"), sort_keys=True, ensure_ascii=False)
    return (
        f"{made.get('experiment')}: {made.get('question')} {location_text(made)}, "
        f"profile {made.get('profile')}, seed {made.get('seed')}, config {config}"
    )
