"""`verify` says of any file whether it is a figure, which one, and whether it has changed; it never fails."""

import json
import os
import random
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image
from rain import FIGURES, ID, make_book

from cnnbook.publishing import verify as verify_module
from cnnbook.publishing.formats import HDF5_SIGNATURE
from cnnbook.publishing.registry import parse_registry
from cnnbook.publishing.sandbox import SandboxedReader
from cnnbook.publishing.verify import PublishedFigures, find_published_figures

PICTURES = ("svg", "png", "pdf")
SEALED = (*PICTURES, "nc")


@pytest.fixture
def record(published):
    """The record of the published figure, as a built book lists it."""
    return replace(published, title="Rain by day", folder=None, entry="", build="")


@pytest.fixture
def known(record) -> PublishedFigures:
    return PublishedFigures(
        registry=parse_registry(json.dumps(FIGURES), Path("figures.yaml")), records=[record]
    )


@pytest.fixture(scope="module")
def reader():
    """One child process for all files of this module."""
    with SandboxedReader() as one:
        yield one


@pytest.fixture
def verify(reader):
    """Verify a file in that process."""
    return partial(verify_module.verify, reader=reader)


@pytest.fixture
def copy(published, tmp_path):
    """A copy of one of the figure's files under a name that says nothing."""

    def make(suffix: str, name: str = "download.bin") -> Path:
        return Path(shutil.copyfile(published.path(suffix), tmp_path / name))

    return make


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", PICTURES)
def test_a_copy_under_any_name_is_known(copy, published, kind, theme, verify):
    found = verify(copy(f"-dark.{kind}" if theme == "dark" else f".{kind}"))
    assert found.state == "unchanged"
    assert found.format == kind
    assert found.answer == (
        f"fig-rain “Rain by day – 5 stations” ({theme} {kind.upper()}) of Rain & <wind>, version 2.1"
    )
    assert found.fields == {
        "id": ID, "title": "Rain by day – 5 stations", "theme": theme, "book": "Rain & <wind>",
        "version": "2.1", "authors": "Ada Müller, The 50 % group",
        "licence": "https://creativecommons.org/licenses/by/4.0/", "data": published.data["digest"],
    }  # fmt: skip


@pytest.mark.parametrize("kind", SEALED)
def test_a_byte_at_the_end_makes_it_altered(copy, kind, verify):
    path = copy(f".{kind}")
    path.write_bytes(path.read_bytes() + b"\n")
    found = verify(path)
    assert (found.state, found.fields["id"]) == ("altered", ID)
    assert found.answer.startswith("says it is fig-rain “Rain by day – 5 stations”")
    assert "but was changed" in found.answer


@pytest.mark.parametrize("kind", SEALED)
def test_a_cut_file_is_said_to_be_cut(copy, kind, verify):
    path = copy(f".{kind}")
    path.write_bytes(path.read_bytes()[:-500])
    found = verify(path)
    assert found.state != "unchanged"
    assert found.answer.endswith("it is cut short")


@pytest.mark.parametrize("kind", SEALED)
def test_no_damage_is_too_bad_to_be_examined(copy, kind, verify):
    path = copy(f".{kind}")
    content = path.read_bytes()
    dice = random.Random(kind)
    for _ in range(60):
        start, length = dice.randrange(len(content)), dice.choice([0, 1, 4, 64, len(content)])
        path.write_bytes(
            content[:start] + dice.randbytes(dice.choice([1, 4, 64])) + content[start + length :]
        )
        assert verify(path).state in ("altered", "foreign")


def test_a_picture_saved_anew_has_lost_its_mark(copy, tmp_path, verify):
    with Image.open(copy(".png")) as image:
        image.save(tmp_path / "anew.png")
    found = verify(tmp_path / "anew.png")
    assert found.state == "foreign"
    assert found.answer == "PNG that bears no mark of a book, or not any more"


def test_a_title_that_was_edited_shows(copy, verify):
    path = copy(".svg")
    path.write_text(path.read_text(encoding="utf-8").replace("5 stations", "6 stations"), encoding="utf-8")
    assert verify(path).state == "altered"


def test_a_seal_that_was_taken_out_shows(copy, verify):
    path = copy(".svg")
    text = path.read_text(encoding="utf-8")
    start = text.index("    <cnnbook:seal>")
    path.write_text(text[:start] + text[text.index("\n", start) + 1 :], encoding="utf-8")
    assert verify(path).state == "altered"


FOREIGN = {
    "text.txt": b"only words",
    "other.svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "page.html": b"<html><svg></svg></html>",
    "jpeg.png": b"\xff\xd8\xff\xe0JFIF",
    "header.png": b"\x89PNG\r\n\x1a\n",
    "short.pdf": b"%PDF-1.4",
    "mark.svg": b"<svg><metadata><cnnbook:id>../../etc</cnnbook:id></metadata></svg>",
    "deep.json": b"[" * 100_000,
    "zeros": bytes(1000),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_called_so(tmp_path, known, name, verify):
    path = tmp_path / name
    path.write_bytes(FOREIGN[name])
    found = verify(path, known)
    assert (found.state, found.fields) == ("foreign", {})


def test_a_pipe_is_not_read(tmp_path, verify):
    os.mkfifo(tmp_path / "pipe")
    assert verify(tmp_path / "pipe").answer == "a device or a pipe and no file; it was not read"


def test_an_empty_file_is_called_so(tmp_path, verify):
    (tmp_path / "empty.png").touch()
    assert verify(tmp_path / "empty.png").answer == "an empty file"


def test_a_huge_file_is_not_read(tmp_path, verify):
    with (tmp_path / "huge.png").open("wb") as stream:
        stream.truncate(3 * 2**30)
    found = verify(tmp_path / "huge.png")
    assert (found.state, found.answer) == ("foreign", "3,072 MiB, more than any figure has; it was not read")


def test_a_file_that_is_not_there_or_a_folder_is_an_error(tmp_path, verify):
    with pytest.raises(FileNotFoundError, match=r"nothing"):
        verify(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError, match="directory"):
        verify(tmp_path)


def test_netcdf_is_known_by_its_seal(copy, verify):
    found = verify(copy(".nc"))
    assert found.state == "unchanged"
    assert found.answer == "fig-rain “Rain by day – 5 stations” (netCDF) of Rain & <wind>, version 2.1"


def test_data_that_were_changed_show(copy, verify):
    path = copy(".nc")
    with h5py.File(path, "r+") as file:
        file["mean"].write_direct(np.array(9.0))  # pyright: ignore[reportAttributeAccessIssue]
    found = verify(path)
    assert (found.state, found.fields["id"]) == ("altered", ID)


def test_an_hdf5_file_of_others_is_foreign(tmp_path, verify):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.arange(3)
    assert verify(tmp_path / "other.h5").state == "foreign"
    (tmp_path / "broken.nc").write_bytes(HDF5_SIGNATURE + bytes(100))
    assert verify(tmp_path / "broken.nc").answer == "netCDF that bears no mark of a book, or not any more"


def test_csv_and_record_are_known_where_the_book_is_built(copy, record, known, tmp_path, verify):
    path = copy(".csv")
    assert verify(path, known).answer == "the data of fig-rain “Rain by day” (CSV), version 2.1"
    assert verify(path).state == "foreign"
    assert verify(path).answer.endswith("a CSV or JSON can be recognised only where the book is built")
    path.write_text(path.read_text() + "\n")
    assert verify(path, known).answer.endswith("nor a file that the built book here lists")
    (tmp_path / "record.json").write_text(json.dumps(record.as_json(), indent=1))
    assert verify(tmp_path / "record.json", known).answer.startswith("the record of fig-rain")


def test_a_figure_is_compared_with_the_built_book_here(copy, known, record, verify):
    assert verify(copy(".svg"), known).notes == ["the same file as in the built book here"]
    others = PublishedFigures(records=[replace(record, files=[], data={"digest": "e" * 64})])
    assert verify(copy(".svg"), others).notes == ["the built book here has another SVG, of other data"]
    redrawn = PublishedFigures(records=[replace(record, files=[])])
    assert verify(copy(".svg"), redrawn).notes == ["the built book here has another SVG, of the same data"]
    sample = PublishedFigures(records=[replace(record, book={"version": "2.1", "edition": "sample"})])
    assert verify(copy(".svg"), sample).notes == ["the built book here is of edition sample"]
    newer = PublishedFigures(records=[replace(record, book={"version": "3.0"})])
    assert verify(copy(".svg"), newer).notes == []


def test_a_figure_is_looked_up_in_the_register_here(copy, verify):
    unknown = PublishedFigures(registry=parse_registry("", Path("figures.yaml")))
    assert verify(copy(".svg"), unknown).notes == ["the book here has no figure fig-rain"]
    gone = parse_registry("- {id: fig-rain, title: R, since: 1.0, withdrawn: 'in 3.0: wrong'}", Path("f"))
    assert verify(copy(".svg"), PublishedFigures(registry=gone)).notes == ["withdrawn: in 3.0: wrong"]


def test_what_is_known_here_is_found_from_below(tmp_path, record):
    make_book(tmp_path)
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "figures.json").write_text(json.dumps({"figures": [record.as_json()]}))
    known = find_published_figures(tmp_path / "_build")
    assert known.registry is not None
    assert list(known.registry.entries) == [figure["id"] for figure in FIGURES]
    assert list(known.records) == [record]


def test_without_a_book_nothing_is_known(tmp_path, monkeypatch):
    def no_root(start):
        raise FileNotFoundError

    monkeypatch.setattr(verify_module, "find_root", no_root)
    assert find_published_figures(tmp_path) == PublishedFigures()
