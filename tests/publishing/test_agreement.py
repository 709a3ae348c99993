"""CITATION.cff, .zenodo.json, the RO-Crate, JSON-LD and the Highwire tags say the same of a book."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from recorded import SITE, book, figure

from cnnbook.publishing import jsonld
from cnnbook.publishing.book import BookMetadata, read_book
from cnnbook.publishing.metadata import citation_cff, zenodo_json
from cnnbook.publishing.page_metadata import highwire_tags
from cnnbook.publishing.rocrate import crate

ROOT = Path(__file__).resolve().parents[2]


def one_of_persons_and_groups() -> BookMetadata:
    return book(doi="10.5281/zenodo.1")


@pytest.fixture(params=["this book", "another"])
def metadata(request) -> BookMetadata:
    return read_book(ROOT) if request.param == "this book" else one_of_persons_and_groups()


def said_by_all(metadata: BookMetadata) -> dict[str, dict[str, Any]]:
    """By format: title, authors in their order, version, day, licence of the figures, keywords."""
    cff, zenodo = yaml.safe_load(citation_cff(metadata)), json.loads(zenodo_json(metadata))
    graph = {entity["@id"]: entity for entity in crate(metadata, [], [])["@graph"]}
    root, linked, tags = graph["./"], jsonld.book(metadata, [], []), highwire_tags(metadata)
    authors = root["author"] if isinstance(root["author"], list) else [root["author"]]
    licence = metadata.licences["text"]["id"]
    return {
        "CITATION.cff": {
            "title": cff["title"],
            "authors": [
                author.get("name") or f"{author['given-names']} {author['family-names']}"
                for author in cff["authors"]
            ],
            "version": cff["version"],
            "day": cff["date-released"],
            "licence": licence if licence in cff["license"] else None,
            "keywords": cff["keywords"],
        },
        ".zenodo.json": {
            "title": zenodo["title"],
            "authors": [" ".join(author["name"].split(", ")[::-1]) for author in zenodo["creators"]],
            "version": zenodo["version"],
            "day": zenodo["publication_date"],
            "licence": licence if zenodo["license"] == licence.lower() else None,
            "keywords": zenodo["keywords"],
        },
        "RO-Crate": {
            "title": root["name"],
            "authors": [graph[author["@id"]]["name"] for author in authors],
            "version": root["version"],
            "day": root["datePublished"],
            "licence": graph[root["license"][0]["@id"]]["identifier"],
            "keywords": root["keywords"].split(", "),
        },
        "JSON-LD": {
            "title": linked["name"],
            "authors": [author["name"] for author in linked["author"]],
            "version": linked["version"],
            "day": linked["datePublished"],
            "licence": licence if linked["license"] == metadata.licences["text"]["url"] else None,
            "keywords": linked["keywords"],
        },
        "Highwire": {
            "title": dict(tags)["citation_title"],
            "authors": [content for name, content in tags if name == "citation_author"],
            "version": metadata.version,  # it has no tag for that
            "day": dict(tags)["citation_publication_date"].replace("/", "-"),
            "licence": licence,  # nor for that
            "keywords": [content for name, content in tags if name == "citation_keywords"],
        },
    }


def test_all_say_the_same(metadata):
    said = said_by_all(metadata)
    assert said["CITATION.cff"]["title"] == metadata.full_title
    assert said["CITATION.cff"]["licence"] == metadata.licences["text"]["id"]
    for form, says in said.items():
        assert says == said["CITATION.cff"], form


def test_orcids_agree():
    metadata = one_of_persons_and_groups()
    address = "https://orcid.org/0000-0002-1825-0097"
    assert yaml.safe_load(citation_cff(metadata))["authors"][0]["orcid"] == address
    assert json.loads(zenodo_json(metadata))["creators"][0]["orcid"] == address.rsplit("/", 1)[1]
    assert jsonld.book(metadata, [], [])["author"][0]["@id"] == address
    assert address in {entity["@id"] for entity in crate(metadata, [], [])["@graph"]}


def test_a_figure_belongs_to_the_same_book_on_every_page():
    whole, record = book(site_url=SITE), figure(site=SITE)
    of_figure = jsonld.figure(record, whole)["isPartOf"]["isPartOf"]
    of_gallery = jsonld.gallery(whole, [record])["isPartOf"]
    of_book = jsonld.book(whole, [], [])
    assert of_figure == of_gallery
    assert of_figure.items() <= of_book.items()
