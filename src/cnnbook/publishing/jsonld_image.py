"""A figure as schema.org's `ImageObject`: what Google's image licence asks for, every file, and the data."""

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbook.publishing.addresses import Place
from cnnbook.publishing.authorship import names_of
from cnnbook.publishing.final_record import (
    FOLDER,
    data_files,
    picture,
    pictures,
    place_in_source,
    withdrawal,
)

Thing = dict[str, Any]


def image_name(record: Mapping[str, Any], place: Place) -> Thing:
    """What tells a figure from others."""
    address = place.link(record["address"])
    return {"@type": "ImageObject", "@id": address, "name": record["title"], "url": address}


def image(
    record: Mapping[str, Any], place: Place, creators: Sequence[Thing], *, whole: bool = False
) -> Thing:
    """A figure with its licence and credit.

    The one `contentUrl` that the type allows is the PNG's, which every reader knows; all files stand under
    `encoding`. A figure without files, because it was withdrawn, has neither.

    Args:
        record: the figure's final record.
        place: the page that will carry this.
        creators: its authors.
        whole: with the data it was drawn from, and as what its page is about.
    """
    named = image_name(record, place)
    shown = picture(record, "png") or picture(record, "svg")
    reason = withdrawal(record)
    thing = {
        **named,
        **(_file(shown, place) if shown else {}),
        "name": record["title"],
        "caption": record.get("caption"),
        "description": record.get("alt"),
        "license": (record.get("licence") or {}).get("url"),
        "acquireLicensePage": named["url"],
        "creator": list(creators),
        "creditText": record.get("credit"),
        "copyrightNotice": record.get("copyright") or f"© {names_of(record['authors'])}",
        "identifier": _identifiers(record, shown),
        "creativeWorkStatus": f"Withdrawn: {reason}" if reason else None,
        "representativeOfPage": True if whole else None,
        "encoding": [{"@type": "ImageObject", **_file(file, place)} for file in pictures(record)],
        "isBasedOn": _sources(record, place, creators) if whole else None,
    }
    return {name: value for name, value in thing.items() if value not in (None, "", [], {})}


def _file(file: Mapping[str, Any], place: Place) -> Thing:
    """One file: where it is, what it is, how long it is, and its checksum."""
    size = {side: file[side] for side in ("width", "height") if file.get(side)}
    return {
        "name": file["name"],
        "contentUrl": place.link(f"{FOLDER}/{file['name']}"),
        "encodingFormat": file["media_type"],
        "contentSize": f"{file['bytes']} B",
        "sha256": file["sha256"],
        **size,
    }


def _identifiers(record: Mapping[str, Any], shown: Mapping[str, Any] | None) -> list[Thing]:
    """The figure's id in the book, and the checksum of what `contentUrl` leads to."""
    known = {"figure id": record["id"]} | ({"SHA-256": shown["sha256"]} if shown else {})
    return [{"@type": "PropertyValue", "propertyID": kind, "value": value} for kind, value in known.items()]


def _sources(record: Mapping[str, Any], place: Place, creators: Sequence[Thing]) -> list[Thing]:
    """The data drawn, and the function that draws them."""
    function = record.get("drawn_by")
    code = _code(function, record.get("book") or {}) if function else None
    return [source for source in (_dataset(record, place, creators), code) if source]


def _dataset(record: Mapping[str, Any], place: Place, creators: Sequence[Thing]) -> Thing | None:
    """The numbers in the figure, as files and as a list of variables."""
    files = data_files(record)
    if not files:
        return None
    title, variables = record["title"], (record.get("data") or {}).get("variables") or {}
    names = ", ".join(variables)
    thing = {
        "@type": "Dataset",
        "@id": f"{place.link(record['address'])}#data",
        "name": f"Data of the figure “{title}”",
        "description": f"The numbers shown in the figure “{title}”" + (f": {names}." if names else "."),
        "license": (record.get("licence") or {}).get("url"),
        "creator": list(creators),
        "variableMeasured": [_variable(name, said) for name, said in variables.items()],
        "distribution": [{"@type": "DataDownload", **_file(file, place)} for file in files],
    }
    return {name: value for name, value in thing.items() if value}


def _variable(name: str, said: Mapping[str, Any]) -> Thing:
    """One variable with its unit."""
    known = {"description": said.get("long_name"), "unitText": said.get("units")}
    return {"@type": "PropertyValue", "name": name} | {key: value for key, value in known.items() if value}


def _code(function: Mapping[str, Any], book: Mapping[str, Any]) -> Thing:
    """The source of the function that draws the figure."""
    thing = {
        "@type": "SoftwareSourceCode",
        "name": place_in_source(function),
        "programmingLanguage": "Python",
        "codeRepository": book.get("repository"),
        "version": book.get("commit"),
    }
    return {name: value for name, value in thing.items() if value}
