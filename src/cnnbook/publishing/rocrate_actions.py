"""What made the figures of an RO-Crate: the measuring of their data, the drawing of their pictures."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cnnbook.publishing.checkout import CHANGES
from cnnbook.publishing.final_record import FOLDER, data_files, pictures, place_in_source

Entity = dict[str, Any]


def links(entities: Sequence[Mapping[str, Any]]) -> Any:
    """References to entities: one alone stands by itself, as the specification wants it."""
    found = [{"@id": entity["@id"]} for entity in entities]
    return found[0] if len(found) == 1 else found


def actions(
    book: Mapping[str, Any], records: Sequence[Mapping[str, Any]], files: Mapping[str, Entity],
    *, agents: Sequence[Entity], licence: Entity,
) -> list[Entity]:  # fmt: skip
    """The actions that made the figures' files, with the sources and the data that they refer to.

    The entities of the figures' files are told there what they show.

    Args:
        book: for its `repository` and `commit`.
        records: the figures' final records.
        files: all files of the crate, by path; changed in place.
        agents: who did it.
        licence: of the figures.

    Raises:
        ValueError: a figure has a file that is not among `files`.
    """
    found: dict[str, Entity] = {}
    for record in records:
        shown = [_listed(record, file, files) for file in pictures(record)]
        data = [_listed(record, file, files) for file in data_files(record)]
        for entity in shown:
            entity |= {
                "@type": ["File", "ImageObject"],
                "caption": record["caption"],
                "description": record["alt"],
                "license": links([licence]),
                "author": links(agents),
            }
        for entity in data:
            entity |= {"description": f"Data of the figure “{record['title']}”", "license": links([licence])}
        for action in (_measuring(book, record, data), _drawing(book, record, shown, data)):
            for entity in action:
                found[entity["@id"]] = entity | ({"agent": links(agents)} if "result" in entity else {})
    return list(found.values())


def _listed(record: Mapping[str, Any], file: Mapping[str, Any], files: Mapping[str, Entity]) -> Entity:
    """The entity of one of a figure's files."""
    path = f"{FOLDER}/{file['name']}"
    if path not in files:
        raise ValueError(f"{record['id']}: its file {path} is not in the crate; build the book again")
    return files[path]


def _drawing(
    book: Mapping[str, Any], record: Mapping[str, Any], shown: Sequence[Entity], data: Sequence[Entity]
) -> list[Entity]:
    """The drawing of a figure, and the source that did it."""
    code = record.get("drawn_by")
    if not (shown and code and code.get("file")):
        return []
    source = _source(book, code)
    options = json.dumps(record.get("options") or {}, sort_keys=True, ensure_ascii=False)
    action = {
        "@id": f"#draw-{record['id']}",
        "@type": "CreateAction",
        "name": f"Draw {record['id']}: {record['title']}",
        "description": f"{place_in_source(code)}, with the options {options}",
        "instrument": links([source]),
        **({"object": links(data)} if data else {}),
        "result": links(shown),
    }
    return [source, action]


def _measuring(book: Mapping[str, Any], record: Mapping[str, Any], data: Sequence[Entity]) -> list[Entity]:
    """The measuring of a figure's data, the sources that did it, and what was measured."""
    made_from = [made for made in record.get("made_from") or [] if made.get("file")]
    if not (data and made_from):
        return []
    sources = {source["@id"]: source for source in (_source(book, made) for made in made_from)}
    things = {thing["@id"]: thing for made in made_from for thing in _measured(made)}
    action = {
        "@id": f"#measure-{record['id']}",
        "@type": "CreateAction",
        "name": f"Measure the data of {record['id']}",
        "description": "; ".join(_experiment(made) for made in made_from),
        "instrument": links(list(sources.values())),
        **({"object": links(list(things.values()))} if things else {}),
        "result": links(data),
    }
    return [*sources.values(), *things.values(), action]


def _source(book: Mapping[str, Any], code: Mapping[str, Any]) -> Entity:
    """A source file: at its address in the repository, if the commit can be had there."""
    repository, commit, path = book.get("repository"), book.get("commit"), code["file"]
    public = repository and commit and CHANGES not in commit
    return {
        "@id": f"{repository}/blob/{commit}/{path}" if public else f"#{path}",
        "@type": "SoftwareSourceCode",
        "name": path,
        **({"version": commit} if commit else {}),
    }


def _measured(made: Mapping[str, Any]) -> list[Entity]:
    """The digits and the networks that an experiment looked at."""
    known = {"mnist": "MNIST", "sample": "A sample of 5,000 digits of MNIST"}
    digits = made.get("data")
    named = [(known.get(digits["name"], digits["name"]), "data", digits["digest"])] if digits else []
    named += [(f"Weights of a network, {net[:12]}", "weights", net) for net in made.get("nets") or []]
    return [
        {
            "@id": f"#{kind}-{digest[:16]}",
            "@type": "CreativeWork",
            "name": name,
            "identifier": f"sha256:{digest}",
        }
        for name, kind, digest in named
    ]


def _experiment(made: Mapping[str, Any]) -> str:
    """An experiment, in a line."""
    config = json.dumps(made.get("config"), sort_keys=True, ensure_ascii=False)
    return (
        f"{made.get('experiment')}: {made.get('question')} {place_in_source(made)}, "
        f"profile {made.get('profile')}, seed {made.get('seed')}, config {config}"
    )
