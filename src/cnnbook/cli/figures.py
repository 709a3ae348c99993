"""`cnnbook figures`, `cite` and `verify`: the published figures this checkout knows, and their files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cnnbook.cli.options import json_option, option
from cnnbook.cli.output import one_line, print_json, print_lines, user_errors
from cnnbook.progress import Reporter

FORMATS = ("text", "bibtex", "ris", "csl-json")
"""Of a reference."""


@click.command("figures", short_help="List the book's figures.")
@click.option("--all", "withdrawn_too", is_flag=True, help="Also those that were withdrawn.")
@json_option("one JSON list")
def figures_command(withdrawn_too: bool, as_json: bool) -> None:
    """List the figures of this book: id, title, chapter where the book is built, first version."""
    from cnnbook.publishing.verify import find_published_figures

    with user_errors():
        figures_here = find_published_figures()
        if figures_here.registry is None:
            raise FileNotFoundError("book/figures.yaml: not found here or above; run this inside a book")
    chapters = {record.id: (record.chapter or {}).get("title") for record in figures_here.records}
    figures: list[dict[str, Any]] = [
        asdict(entry) | {"chapter": chapters.get(entry.id)}
        for entry in figures_here.registry.entries.values()
        if withdrawn_too or not entry.withdrawn
    ]
    if as_json:
        print_json(figures)
    else:
        print_lines(_table(figures))


def _table(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each figure, in columns."""
    rows = []
    for figure in figures:
        chapter = f"withdrawn {figure['withdrawn']}" if figure["withdrawn"] else figure["chapter"] or ""
        rows.append((figure["id"], f"since {figure['since']}", figure["title"], chapter))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


@click.command("cite", short_help="Print a reference to a figure.")
@click.argument("figure_id", metavar="FIGURE")
@option("--format", "One sentence, or for a reference manager.", click.Choice(FORMATS), "text")
def cite_command(figure_id: str, format: str) -> None:
    """Print a reference to a figure of this book, such as fig-conv3-three-fours.

    Where the book is built, the reference names the checksum of the figure. A build whose numbers are not
    those of the version has an edition, which is part of the key: "-sample" on the sample, "-draft" with that
    profile. All of MNIST with the profile book has none. 'cnnbook figures' lists all.
    """
    from cnnbook.publishing.book import find_root, read_book
    from cnnbook.publishing.citation import cite
    from cnnbook.publishing.record import FigureRecord
    from cnnbook.publishing.verify import find_published_figures

    with user_errors():
        root = find_root()
        figures_here = find_published_figures(root)
        book = read_book(root, edition=figures_here.edition)
        assert figures_here.registry is not None
        entry = figures_here.registry.entry(figure_id)
    built = {(record.id, record.book["version"]): record for record in figures_here.records}
    figure = built.get((figure_id, book.version)) or FigureRecord(id=entry.id, title=entry.title)
    if entry.withdrawn:
        Reporter().say(f"{figure_id} was withdrawn: {entry.withdrawn}")
    click.echo(cite(figure, book, format))


@click.command("verify", short_help="Say which figure a file is, and whether it is unchanged.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@json_option("one JSON list")
def verify_command(files: tuple[Path, ...], as_json: bool) -> int:
    """Say which figure a file is, of which version of which book, and whether it is unchanged.

    A file is known by its content, whatever it is called: SVG, PNG and PDF by the seal inside, netCDF by the
    digest of its data, CSV and JSON by the list of the built book here. A seal shows every accident and every
    edit; it is no signature, so ask the book's own site when somebody may have meant to deceive. A file that
    takes too long or too much memory to read is given up.

    The exit code is 0 if all files are unchanged, and 1 if one is altered, foreign, or cannot be read.
    """
    from cnnbook.publishing.sandbox import SandboxedReader
    from cnnbook.publishing.verify import find_published_figures, printable

    with user_errors():
        figures_here = find_published_figures()
    with SandboxedReader() as reader:
        results = [_verify(path, figures_here, reader) for path in files]
    if as_json:
        print_json(results)
    else:
        for result in results:
            click.echo(f"{printable(result['file'])}: {result['state']}: {result['answer']}")
            for note in result["notes"]:
                click.echo(f"  {note}")
    return 0 if all(result["state"] == "unchanged" for result in results) else 1


def _verify(path: Path, figures_here: Any, reader: Any) -> dict[str, Any]:
    """What is found out about a file, as plain values; one that cannot be read is a finding too."""
    from cnnbook.publishing.verify import verify

    try:
        verification = verify(path, figures_here, reader=reader)
    except OSError as error:
        reason = error.strerror.lower() if error.strerror else one_line(error).removeprefix(f"{path}: ")
        return {"file": str(path), "state": "unreadable", "answer": reason, "format": None, "notes": []}
    return {
        "file": str(path),
        "state": verification.state,
        "answer": verification.answer,
        "format": verification.format,
        "notes": list(verification.notes),
        **verification.fields,
    }
