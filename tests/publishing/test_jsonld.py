"""JSON-LD against schema.org's types and properties, and against what Google's image licence asks for."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from recorded import GROUP, SITE, book, chapter, figure, withdrawn

from cnnbook.publishing import jsonld
from cnnbook.publishing.page_metadata import json_ld

WORK = {
    "abstract": {"Text"}, "alternativeHeadline": {"Text"}, "author": {"Person", "Organization"},
    "associatedMedia": {"ImageObject"}, "acquireLicensePage": {"URL"}, "copyrightNotice": {"Text"},
    "creativeWorkStatus": {"Text"}, "creator": {"Person", "Organization"}, "creditText": {"Text"},
    "datePublished": {"Date"}, "encoding": {"ImageObject", "MediaObject"},
    "hasPart": {"Chapter", "ImageObject"},
    "inLanguage": {"Text"}, "isAccessibleForFree": {"Boolean"},
    "isBasedOn": {"Dataset", "SoftwareSourceCode"}, "isPartOf": {"Book", "Chapter"}, "keywords": {"Text"},
    "license": {"URL"}, "position": {"Integer"}, "version": {"Text"},
}  # fmt: skip
THING = {
    "name": {"Text"}, "description": {"Text"}, "url": {"URL"}, "sameAs": {"URL"},
    "identifier": {"PropertyValue"},
}  # fmt: skip
MEDIA = {
    "contentSize": {"Text"}, "contentUrl": {"URL"}, "encodingFormat": {"Text"}, "sha256": {"Text"},
    "width": {"Integer"}, "height": {"Integer"},
}  # fmt: skip
PROPERTIES: dict[str, dict[str, set[str]]] = {
    "Book": THING | WORK | {"bookFormat": {"URL"}},
    "Chapter": THING | WORK | {"pageStart": {"Text", "Integer"}},
    "ImageObject": THING | WORK | MEDIA | {"caption": {"Text"}, "representativeOfPage": {"Boolean"}},
    "ImageGallery": THING | WORK,
    "DataDownload": THING | WORK | MEDIA,
    "Dataset": THING | WORK | {"distribution": {"DataDownload"}, "variableMeasured": {"PropertyValue"}},
    "SoftwareSourceCode": THING | WORK | {"codeRepository": {"URL"}, "programmingLanguage": {"Text"}},
    "Person": THING | {"givenName": {"Text"}, "familyName": {"Text"}, "affiliation": {"Organization"}},
    "Organization": THING,
    "PropertyValue": THING | {"propertyID": {"Text"}, "value": {"Text"}, "unitText": {"Text"}},
}
"""Of schema.org: the types used here, their properties, and what may stand in each."""

CREDIT = ("creator", "creditText", "copyrightNotice", "license")
"""Google's image metadata need `contentUrl` and one of these; the badge needs the last."""


def things(value: Any) -> Iterator[dict[str, Any]]:
    """Every typed object, from the outermost inwards."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from things(inner)
    elif isinstance(value, list):
        for item in value:
            yield from things(item)


def kinds(value: Any) -> set[str]:
    """What a value can pass for."""
    if isinstance(value, bool):
        return {"Boolean"}
    if isinstance(value, int):
        return {"Integer"}
    if isinstance(value, dict):
        return {value["@type"]}
    assert isinstance(value, str)
    assert value.strip()
    is_url = not any(sign in value for sign in ' <>"{}|\\^`') and bool(urlsplit(value).path)
    is_date = len(value) == 10 and value[4] == value[7] == "-"
    return {"Text"} | ({"URL"} if is_url else set()) | ({"Date"} if is_date else set())


def check(data: dict[str, Any]) -> None:
    """Assert that JSON-LD has types and properties of schema.org only, each with what it may hold."""
    assert data["@context"] == "https://schema.org"
    for thing in things(data):
        allowed = PROPERTIES[thing["@type"]]
        for name, value in thing.items():
            if name in ("@context", "@type", "@id"):
                continue
            assert name in allowed, f"{thing['@type']} has no {name}"
            for one in value if isinstance(value, list) else [value]:
                assert kinds(one) & allowed[name], f"{name}: {one!r}"


def all_kinds(site: str | None) -> list[dict[str, Any]]:
    whole = book(site_url=site, repository="https://example.org/code", doi="10.5281/zenodo.1")
    records = [figure(site=site), withdrawn()]
    return [
        jsonld.book(whole, [chapter(), chapter(address="book/b.html")], records),
        jsonld.chapter(whole, chapter(first_page_number=3), records),
        jsonld.figure(records[0], whole),
        jsonld.figure(withdrawn(), whole),
        jsonld.gallery(whole, records),
    ]


@pytest.mark.parametrize("site", [None, SITE])
@pytest.mark.parametrize("which", range(5), ids=["book", "chapter", "figure", "withdrawn", "gallery"])
def test_it_is_schema_org(site, which):
    check(all_kinds(site)[which])


@pytest.mark.parametrize("site", [None, SITE])
def test_every_picture_shown_has_what_the_image_licence_needs(site):
    for data in all_kinds(site)[1:]:
        shown = [thing for thing in things(data) if thing["@type"] == "ImageObject" and "caption" in thing]
        for image in shown:
            assert urlsplit(image["contentUrl"]).path.endswith("fig-accuracy.png")
            assert all(image[name] for name in CREDIT)
            assert image["license"] == "https://creativecommons.org/licenses/by/4.0/"
            assert urlsplit(image["acquireLicensePage"]).path.endswith("fig-accuracy.html")


def test_a_figure_is_this():
    data = jsonld.figure(figure(site=SITE), book(site_url=SITE))
    place = f"{SITE}/figures/fig-accuracy"
    assert data["@id"] == data["url"] == data["acquireLicensePage"] == f"{place}.html"
    assert data["contentUrl"] == f"{place}.png"
    assert data["encodingFormat"] == "image/png"
    assert data["name"] == "Accuracy of <ten> “nets” & their loss"
    assert data["caption"] == "Accuracy, in %, is > 99 for 'all' nets."
    assert data["description"] == 'Ten points & one line; "all" above 99 %.'
    assert data["creditText"].endswith("CC BY 4.0")
    assert data["copyrightNotice"] == "© 2026 Ada Müller, The <net> & co. authors"
    assert data["isPartOf"]["@type"] == "Chapter"
    assert data["isPartOf"]["url"] == f"{SITE}/book/what-makes-a-four.html"
    assert data["isPartOf"]["isPartOf"] == {
        "@type": "Book",
        "@id": f"{SITE}/index.html",
        "name": 'Maps & "features" <of a CNN>: An executable book',
        "url": f"{SITE}/index.html",
        "version": "1.0",
    }


def test_a_figure_has_all_its_pictures_with_their_checksums():
    record = figure(site=SITE)
    files = {file.name: file for file in record.files}
    encodings = jsonld.figure(record, book(site_url=SITE))["encoding"]
    assert [one["name"] for one in encodings] == [
        name for name in files if not name.endswith((".csv", ".nc"))
    ]
    for one in encodings:
        file = files[one["name"]]
        assert one["sha256"] == file.sha256
        assert one["encodingFormat"] == file.media_type
        assert one["contentSize"] == f"{file.bytes} B"


def test_a_figure_is_known_by_its_id_and_by_its_checksum():
    record = figure()
    (png,) = [file for file in record.files if file.name == "fig-accuracy.png"]
    assert jsonld.figure(record, book())["identifier"] == [
        {"@type": "PropertyValue", "propertyID": "figure id", "value": "fig-accuracy"},
        {"@type": "PropertyValue", "propertyID": "SHA-256", "value": png.sha256},
    ]


def test_the_data_of_a_figure_can_be_had_as_csv_and_netcdf():
    data, code = jsonld.figure(figure(site=SITE), book(site_url=SITE))["isBasedOn"]
    assert data["@type"] == "Dataset"
    assert len(data["description"]) >= 50  # what a search engine for data sets takes
    assert [(one["encodingFormat"], one["contentUrl"]) for one in data["distribution"]] == [
        ("text/csv", f"{SITE}/figures/fig-accuracy.csv"),
        ("application/x-netcdf", f"{SITE}/figures/fig-accuracy.nc"),
    ]
    assert data["variableMeasured"] == [
        {"@type": "PropertyValue", "name": "accuracy", "description": "test accuracy", "unitText": "1"}
    ]
    assert code["name"] == "cnnbook.figures.counts.accuracy_figure, src/cnnbook/figures/counts.py lines 10–42"


def test_a_figure_without_data_or_from_a_notebook_has_less():
    record = figure(data=None, drawn_by={"function": "draw", "file": None}, files=figure().files[:6])
    (code,) = jsonld.figure(record, book(commit=None))["isBasedOn"]
    assert code["name"] == "draw"


def test_a_withdrawn_figure_says_why_and_offers_no_file():
    data = jsonld.figure(withdrawn(), book())
    assert data["creativeWorkStatus"] == "Withdrawn: in 0.9: counted twice"
    assert not {"contentUrl", "encoding", "isBasedOn"} & data.keys()
    assert data["isPartOf"]["@type"] == "Book"


def test_without_a_site_every_id_leads_from_the_page_to_the_same_thing():
    root = "file:///somewhere/"
    with_site, without = all_kinds(SITE), all_kinds(None)
    pages = ["index.html", chapter()["address"], "figures/fig-accuracy.html", "figures/fig-old.html"]
    for page, absolute_url, relative_url in zip(
        [*pages, "figures/index.html"], with_site, without, strict=True
    ):
        for far, near in zip(things(absolute_url), things(relative_url), strict=True):
            if far.get("@id", "").startswith(SITE):
                assert "://" not in near["@id"]
                assert urljoin(root + page, near["@id"]) == far["@id"].replace(f"{SITE}/", root)


def test_an_author_is_a_person_by_orcid_and_otherwise_a_group():
    person, group = jsonld.creators(book().authors)
    assert person == {
        "@type": "Person",
        "@id": "https://orcid.org/0000-0002-1825-0097",
        "name": "Ada Müller",
        "givenName": "Ada",
        "familyName": "Müller",
    }
    assert group == {"@type": "Organization", "name": "The <net> & co. authors"}


def test_a_malformed_orcid_is_refused():
    with pytest.raises(ValueError, match=r"orcid='0000-1' of Ada B: expected such as '0000-0002"):
        jsonld.creators([{"name": "Ada B", "orcid": "0000-1"}])


def test_a_chapter_may_have_authors_of_its_own():
    data = jsonld.chapter(book(), chapter(authors=[GROUP]), [])
    assert [author["name"] for author in data["author"]] == ["The <net> & co. authors"]


def test_without_a_commit_the_source_has_no_version():
    data = jsonld.book(book(repository="https://example.org/code", commit=None), [], [])
    assert data["isBasedOn"] == {"@type": "SoftwareSourceCode", "codeRepository": "https://example.org/code"}


def test_the_book_lists_its_chapters_in_order_and_then_its_figures():
    data = jsonld.book(book(), [chapter(), chapter(title="B", address="book/b.html")], [figure()])
    assert [(part["@type"], part["name"], part.get("position")) for part in data["hasPart"]] == [
        ("Chapter", 'What "makes" a 4 & why <it> matters', 1),
        ("Chapter", "B", 2),
        ("ImageObject", "Accuracy of <ten> “nets” & their loss", None),
    ]


def test_in_a_page_nothing_in_it_ends_the_script():
    data = jsonld.figure(figure(title="</script><!-- <script>alert('&amp; \u2028')</script>"), book())
    html = json_ld(data)
    assert html.count("<") == html.count(">") == 2
    (script,) = BeautifulSoup(f"<head>{html}</head>", "html.parser").find_all("script")
    assert script["type"] == "application/ld+json"
    assert json.loads(script.get_text()) == data
