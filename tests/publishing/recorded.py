"""A book and its figures, as their records tell them, with signs that each format writes in its own way."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from cnnbook.publishing.book import BookMetadata
from cnnbook.publishing.record import FigureFile, FigureRecord

SITE = "https://example.org/book"

PERSON = {"family": "Müller", "given": "Ada", "orcid": "0000-0002-1825-0097"}
GROUP = {"name": "The <net> & co. authors"}

COMMIT = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"


def book(**changes: Any) -> BookMetadata:
    """The book, without a site."""
    values: dict[str, Any] = {
        "title": 'Maps & "features" <of a CNN>',
        "subtitle": "An executable book",
        "version": "1.0",
        "released": date(2026, 11, 22),
        "authors": [PERSON, GROUP],
        "licences": {
            "text": {
                "id": "CC-BY-4.0",
                "name": "CC BY 4.0",
                "url": "https://creativecommons.org/licenses/by/4.0/",
            },
            "code": {"id": "MIT", "name": "MIT", "url": "https://opensource.org/license/mit"},
        },
        "copyright": "© 2026 Ada Müller, The <net> & co. authors",
        "abstract": "What do the maps show?\nCounted, not judged.",
        "keywords": ["MNIST", "feature maps"],
        "commit": COMMIT,
        "commit_date": "2026-11-23T09:00:00+01:00",
    }
    return BookMetadata(**values | changes)


def chapter(**changes: Any) -> dict[str, Any]:
    """A chapter of it."""
    return {
        "title": 'What "makes" a 4 & why <it> matters',
        "address": "book/what-makes-a-four.html",
        "description": "Three 4s, and\n  what they share.",
    } | changes


def content(name: str) -> bytes:
    """What stands in a figure's file; tidy CSV where it is its data."""
    if name.endswith(".csv"):
        return b"variable,unit,net,value\naccuracy,1,0,0.99\naccuracy,1,1,0.98\n"
    return f"the file {name}".encode()


def file_entry(name: str, data: bytes | None = None) -> FigureFile:
    """A file of a figure, as its record has it."""
    kind = {"nc": "netcdf"}.get(name.rpartition(".")[2], name.rpartition(".")[2])
    media = {
        "svg": "image/svg+xml",
        "png": "image/png",
        "pdf": "application/pdf",
        "csv": "text/csv",
        "netcdf": "application/x-netcdf",
    }
    theme = None if kind in ("csv", "netcdf") else "dark" if "-dark." in name else "light"
    text = content(name) if data is None else data
    size = {"svg": {"width": 600, "height": 400}, "png": {"width": 1200, "height": 800}}.get(kind, {})
    return FigureFile(
        name=name,
        format=kind,
        theme=theme,
        media_type=media[kind],
        bytes=len(text),
        sha256=hashlib.sha256(text).hexdigest(),
        **size,
    )


def figure(figure_id: str = "fig-accuracy", *, site: str | None = None, **changes: Any) -> FigureRecord:
    """The record of a figure with all its files."""
    whole = FigureRecord.from_json(_figure(figure_id, site))
    return replace(whole, **changes)


def _figure(figure_id: str, site: str | None) -> dict[str, Any]:
    """The same as JSON."""
    whole = book()
    address = f"figures/{figure_id}.html"
    suffixes = (".svg", "-dark.svg", ".png", "-dark.png", ".pdf", "-dark.pdf", ".csv", ".nc")
    return {
        "schema": "cnnbook-figure-2",
        "id": figure_id,
        "title": "Accuracy of <ten> “nets” & their loss",
        "number": "Fig. 3.2",
        "caption": "Accuracy, in %, is > 99 for 'all' nets.",
        "alt": 'Ten points & one line; "all" above 99 %.',
        "chapter": {"title": chapter()["title"], "address": chapter()["address"]},
        "address": address,
        "url": f"{site}/{address}" if site else None,
        "book": {
            "title": whole.title,
            "version": "1.0",
            "edition": "",
            "commit": COMMIT,
            "date": "2026-11-23T09:00:00+01:00",
            "repository": None,
        },
        "since": "0.1",
        "drawn_by": {
            "function": "cnnbook.figures.counts.accuracy_figure",
            "file": "src/cnnbook/figures/counts.py",
            "first_line": 10,
            "last_line": 42,
        },
        "options": {"layer": "conv_3"},
        "made_from": [made_from()],
        "versions": {"numpy": "2.1.0", "jax": "0.10.2"},
        "platform": "Linux x86_64",
        "data": {
            "digest": "d" * 64,
            "variables": {"accuracy": {"dims": ["net"], "units": "1", "long_name": "test accuracy"}},
        },
        "licence": {"id": "CC-BY-4.0", "url": whole.licences["text"]["url"]},
        "authors": [PERSON | {"name": "Ada Müller"}, GROUP],
        "credit": "Ada Müller, The <net> & co. authors: Maps (version 1.0), CC BY 4.0",
        "copyright": whole.copyright,
        "files": [asdict(file_entry(figure_id + suffix)) for suffix in suffixes],
        "used_in": [{"title": chapter()["title"], "address": f"{chapter()['address']}#{figure_id}"}],
        "withdrawn": None,
        "earlier": [],
    }


def made_from(**changes: Any) -> dict[str, Any]:
    """How the data of a figure were measured."""
    return {
        "experiment": "accuracy",
        "question": "How often are the nets right?",
        "function": "cnnbook.experiments.accuracy.measure",
        "file": "src/cnnbook/experiments/accuracy.py",
        "first_line": 30,
        "last_line": 60,
        "config": {"rows": 4},
        "seed": 7,
        "profile": "book",
        "data": {"name": "mnist", "digest": "a" * 64},
        "nets": ["b" * 64, "c" * 64],
    } | changes


def withdrawn(figure_id: str = "fig-old") -> FigureRecord:
    """The record of a figure that the book does not show any more."""
    return figure(
        figure_id, files=[], drawn_by=None, data=None, made_from=[], caption="", alt="", chapter=None,
        withdrawn="in 0.9: counted twice",
    )  # fmt: skip


def write_built(folder: Path, records: list[FigureRecord], *, commit: str | None, version: str) -> None:
    """Write what a build leaves: a page, `figures.json`, and the figures' files."""
    built = [
        replace(record, book={**record.book, "commit": commit, "version": version}).as_json()
        for record in records
    ]
    (folder / "figures").mkdir(parents=True)
    (folder / "_static").mkdir()
    (folder / "index.html").write_text("<p>The book</p>", encoding="utf-8")
    (folder / "_static" / "theme.css").write_text("p { color: black }", encoding="utf-8")
    (folder / ".buildinfo").write_text("of no use to readers", encoding="utf-8")
    (folder / "figures.json").write_text(json.dumps({"figures": built}), encoding="utf-8")
    for record in records:
        (folder / record.address).write_text(record.id, encoding="utf-8")
        for file in record.files:
            (folder / "figures" / file.name).write_bytes(content(file.name))


def read_checksums(path: Path) -> dict[str, str]:
    """The checksums in a SHA256SUMS file, by path."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
