"""CITATION.cff and .zenodo.json: written from one source, valid, and never out of date."""

import json
import re

import pytest
import yaml
from rain import make_book

from cnnbook.publishing.book import read_book
from cnnbook.publishing.metadata import FILES, citation_cff, outdated_files, write_metadata, zenodo_json
from helpers import BOOK


@pytest.fixture(params=["this book", "another", "another with addresses"])
def book(request, tmp_path):
    if request.param == "this book":
        return read_book(BOOK, use_environment=False)
    reference = {"title": "Clouds", "authors": [{"family": "Luft", "given": "B."}], "published": "2020-07-12"}
    more = {
        "site_url": "https://example.org/r",
        "repository": "https://example.org/g",
        "doi": "10.5281/zenodo.1",
    }
    return read_book(make_book(tmp_path, references=[reference], **(more if "with" in request.param else {})))


def test_the_files_of_this_book_say_what_its_source_says():
    stale = outdated_files(BOOK, read_book(BOOK, use_environment=False))
    assert stale == [], "run 'cnnbook metadata --write'"


def test_what_is_out_of_date_is_written_and_nothing_else(tmp_path):
    book = read_book(make_book(tmp_path))
    assert outdated_files(tmp_path, book) == ["CITATION.cff", ".zenodo.json"]
    assert write_metadata(tmp_path, book) == [tmp_path / name for name in FILES]
    assert outdated_files(tmp_path, book) == []
    (tmp_path / ".zenodo.json").write_text("{}")
    assert write_metadata(tmp_path, book) == [tmp_path / ".zenodo.json"]


CFF_KEYS = {
    "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers",
    "keywords", "license", "license-url", "message", "preferred-citation", "references", "repository",
    "repository-artifact", "repository-code", "title", "type", "url", "version",
}  # fmt: skip
"""All keys of Citation File Format 1.2.0; others make a file invalid."""

PERSON = {"family-names", "given-names", "orcid"}
ENTITY = {"name", "orcid"}


def test_citation_cff_keeps_to_its_format(book):
    said = yaml.safe_load(citation_cff(book))
    assert said["cff-version"] == "1.2.0"
    assert {"authors", "cff-version", "message", "title"} <= said.keys() <= CFF_KEYS
    assert said["type"] in ("software", "dataset")
    assert isinstance(said["version"], str)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", said["date-released"])
    assert all(re.fullmatch(r"[A-Za-z0-9.+-]+", licence) for licence in said["license"])
    assert all(isinstance(word, str) for word in said["keywords"])
    assert len(set(said["keywords"])) == len(said["keywords"])
    for author in said["authors"]:
        assert author.keys() <= PERSON or ("name" in author and author.keys() <= ENTITY)
        assert re.fullmatch(
            r"https://orcid\.org/[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]{1}", author.get("orcid", "")
        ) or ("orcid" not in author)
    for reference in said.get("references", []):
        assert {"authors", "title", "type"} <= reference.keys()
        assert reference["authors"]
    assert None not in said.values()


def test_zenodo_json_keeps_to_its_format(book):
    said = json.loads(zenodo_json(book))
    assert (said["upload_type"], said["publication_type"]) == ("publication", "book")
    assert {"title", "creators", "description", "license", "version", "publication_date"} <= said.keys()
    assert said["license"] == "cc-by-4.0"
    assert all(creator["name"] for creator in said["creators"])
    for one in said.get("related_identifiers", []):
        assert one["relation"] in ("isIdenticalTo", "isSupplementedBy", "isDerivedFrom")
        assert one["identifier"].startswith("https://")


def test_both_name_the_authors_the_version_and_the_day(tmp_path):
    book = read_book(make_book(tmp_path))
    cff, zenodo = yaml.safe_load(citation_cff(book)), json.loads(zenodo_json(book))
    assert cff["authors"] == [
        {"family-names": "Müller", "given-names": "Ada", "orcid": "https://orcid.org/0000-0002-1825-0097"},
        {"name": "The 50 % group"},
    ]
    assert zenodo["creators"] == [
        {"name": "Müller, Ada", "orcid": "0000-0002-1825-0097"}, {"name": "The 50 % group"},
    ]  # fmt: skip
    assert cff["version"] == zenodo["version"] == "2.1"
    assert cff["date-released"] == zenodo["publication_date"] == "2026-03-01"
    assert cff["license"] == ["MIT", "CC-BY-4.0"]
