"""The stamp and the seal in a picture: what it says of itself, and that any change shows."""

import dataclasses
import functools
import io
import random
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from PIL import Image
from rain import DARK, FIGURES, ID, LIGHT, draw_rain, publisher_of, rain

from cnnbook.publishing.formats import PICTURE_FORMATS, SEALED_FORMATS
from cnnbook.publishing.pictures import write_figure
from cnnbook.publishing.registry import parse_registry
from cnnbook.publishing.stamp import UNSEALED
from cnnbook.publishing.verify import verify

NAMES = tuple(PICTURE_FORMATS)
ENDINGS = {"netcdf": ".nc"}

EXPECTED = {
    "id": "fig-rain",
    "title": "Rain by day – 5 stations",
    "book": "Rain & <wind>",
    "version": "2.1",
    "authors": "Ada Müller, The 50 % group",
    "licence": "https://creativecommons.org/licenses/by/4.0/",
    "copyright": "© 2026 Ada Müller and others",
}

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = "{http://ns.adobe.com/xap/1.0/rights/}"


@pytest.fixture(params=SEALED_FORMATS, ids=lambda form: form.name)
def any_form(request):
    return request.param


@pytest.fixture(params=NAMES)
def form(request):
    return PICTURE_FORMATS[request.param]


@pytest.fixture
def content(form, published) -> bytes:
    return published.path(f".{form.name}").read_bytes()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_says_what_it_is(form, published, theme):
    suffix = f"-dark.{form.name}" if theme == "dark" else f".{form.name}"
    fields = form.fields(published.path(suffix).read_bytes())
    digest = published.data["digest"]
    assert {name: fields[name] for name in EXPECTED} == EXPECTED
    assert (fields["theme"], fields["data"]) == (theme, digest)
    assert re.fullmatch("[0-9a-f]{64}", fields["seal"])


def test_an_unchanged_picture_is_intact(form, content):
    assert form.is_intact(content)
    assert form.is_complete(content)
    assert form.with_seal(form.with_seal(content, UNSEALED), form.fields(content)["seal"]) == content


def test_any_byte_that_changes_shows(any_form, published):
    form, content = any_form, published.path(ENDINGS.get(any_form.name, f".{any_form.name}")).read_bytes()
    places = random.Random(form.name).sample(range(len(content)), 150)
    seal = content.index(form.fields(content)["seal"].encode())
    for place in {*places, *range(12), *range(seal - 12, seal + 76), len(content) - 1}:
        changed = bytearray(content)
        changed[place] ^= 0x01
        assert not form.is_intact(bytes(changed)), place


def test_a_byte_more_or_less_shows(form, content):
    for changed in (content + b"\n", content[:-1], content[1:], content[: len(content) // 2], content * 2):
        assert not form.is_intact(changed)


def test_a_cut_picture_is_incomplete(form, content):
    assert not form.is_complete(content[: len(content) // 2])


def test_another_theme_has_another_seal(form, published):
    light, dark = (form.fields(published.path(end + form.name).read_bytes()) for end in (".", "-dark."))
    assert light["seal"] != dark["seal"]


def test_a_format_recognises_its_own_pictures_alone(form, content):
    assert [other.name for other in PICTURE_FORMATS.values() if other.recognises(content)] == [form.name]


def test_sealing_again_changes_nothing(form, content):
    assert form.sealed(content) == content


def test_a_png_without_its_texts_is_not_intact(published):
    with Image.open(published.path(".png")) as image:
        stripped = io.BytesIO()
        image.save(stripped, "png")
    assert PICTURE_FORMATS["png"].fields(stripped.getvalue()) == {}
    assert not PICTURE_FORMATS["png"].is_intact(stripped.getvalue())


def test_a_reader_of_png_finds_the_usual_keywords(published):
    with Image.open(published.path(".png")) as image:
        image.load()  # checks every checksum
        texts = image.text  # pyright: ignore[reportAttributeAccessIssue]
    assert texts["Title"] == EXPECTED["title"]
    assert texts["Author"] == EXPECTED["authors"]
    assert texts["Copyright"] == EXPECTED["copyright"]
    assert texts["Source"] == "fig-rain in: Rain & <wind>, version 2.1"
    assert texts["cnnbook:id"] == "fig-rain"
    assert "Software" not in texts
    packet = ET.fromstring(re.sub(r"<\?xpacket.*?\?>", "", texts["XML:com.adobe.xmp"]))
    assert [one.text for one in packet.iter(f"{XMP}WebStatement")] == [EXPECTED["licence"]]
    (title,) = packet.iter(f"{DC}title")
    assert "".join(title.itertext()).strip() == EXPECTED["title"]


def test_an_svg_is_sound_xml_with_one_metadata_in_rdf(published):
    root = ET.fromstring(published.path(".svg").read_text(encoding="utf-8"))
    svg = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{svg}svg"
    (title,) = root.findall(f"{svg}title")
    assert title.text == EXPECTED["title"]
    (metadata,) = root.iter(f"{svg}metadata")
    (rdf,) = metadata
    (work,) = rdf
    assert rdf.tag == f"{RDF}RDF"
    assert work.find(f"{DC}identifier").text == "fig-rain"  # pyright: ignore[reportOptionalMemberAccess]
    assert "".join(work.find(f"{DC}creator").itertext()) == EXPECTED["authors"]  # pyright: ignore
    (licence,) = work.iter("{http://creativecommons.org/ns#}license")
    assert licence.get(f"{RDF}resource") == EXPECTED["licence"]
    assert work.find(f"{DC}date") is None


def test_a_pdf_shows_its_facts_in_every_viewer(published):
    content = published.path(".pdf").read_bytes()
    assert b"/CreationDate" not in content
    assert b"/ModDate" not in content
    (keywords,) = re.findall(rb"/Keywords \((.*?)\)", content)
    assert keywords.startswith(b"cnnbook:id=fig-rain; cnnbook:theme=light; cnnbook:version=2.1; ")


def test_the_address_of_the_page_is_in_the_picture_where_there_is_one(tmp_path: Path):
    publisher = publisher_of(tmp_path, tmp_path / "store", site_url="https://example.org/rain/")
    figure = publisher.publish(ID, draw_rain, rain())
    assert figure is not None
    for name, form in PICTURE_FORMATS.items():
        fields = form.fields(figure.path(f".{name}").read_bytes())
        assert fields["url"] == "https://example.org/rain/figures/fig-rain.html"


def test_the_edition_is_in_every_file_of_a_build_with_other_numbers(tmp_path: Path, any_form):
    book = publisher_of(tmp_path, tmp_path / "store")
    publisher = dataclasses.replace(book, book=dataclasses.replace(book.book, edition="sample"))
    figure = publisher.publish(ID, draw_rain, rain())
    assert figure is not None
    path = figure.path(ENDINGS.get(any_form.name, f".{any_form.name}"))
    fields = any_form.fields(path.read_bytes())
    assert (fields["version"], fields["edition"]) == ("2.1", "sample")
    assert verify(path).answer.endswith(" of Rain & <wind>, version 2.1-sample")
    assert figure.book == {
        "title": "Rain & <wind>",
        "version": "2.1",
        "edition": "sample",
        "commit": None,
        "date": None,
        "repository": None,
    }
    assert "(version 2.1-sample)" in str(figure.credit)


def test_a_picture_of_no_book_is_sealed_too(tmp_path: Path, form):
    plain = functools.partial(draw_rain, rain())
    figure = write_figure(
        "fig-cells", lambda palette: plain(palette=palette), tmp_path, light=LIGHT, dark=DARK
    )
    content = figure.path(f".{form.name}").read_bytes()
    assert form.fields(content)["id"] == "fig-cells"
    assert form.is_intact(content)


@pytest.mark.parametrize("words", ["a (b) \\ c; d=e", "Ü – ½ × ●", "<&>\"'"])
def test_any_title_comes_back_as_it_was(tmp_path: Path, words: str, form):
    publisher = publisher_of(tmp_path, tmp_path / "store")
    registry = parse_registry(yaml.safe_dump([FIGURES[0] | {"title": words}]), tmp_path / "figures.yaml")
    figure = dataclasses.replace(publisher, registry=registry).publish(ID, draw_rain, rain())
    assert figure is not None
    content = figure.path(f".{form.name}").read_bytes()
    assert form.fields(content)["title"] == words
    assert form.is_intact(content)
