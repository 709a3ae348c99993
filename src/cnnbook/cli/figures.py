"""`cnnbook figures`: every figure of the book, by id."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from cnnbook.cli.failures import mendable


@click.command("figures", short_help="List the book's figures.")
@click.option("--all", "withdrawn_too", is_flag=True, help="Also those that were withdrawn.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list and nothing else.")
def figures_command(withdrawn_too: bool, as_json: bool) -> None:
    """List the figures of the book here: id, title, chapter where the book is built, first version."""
    from cnnbook.publishing.verify import known_here

    with mendable():
        known = known_here()
        if known.registry is None:
            raise FileNotFoundError("book/figures.yaml: not found here or above; run this inside a book")
    chapters = {one["id"]: (one.get("chapter") or {}).get("title") for one in known.records}
    found: list[dict[str, Any]] = [
        asdict(entry) | {"chapter": chapters.get(entry.id)}
        for entry in known.registry.entries.values()
        if withdrawn_too or not entry.withdrawn
    ]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for line in _table(found):
        click.echo(line)


def _table(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each figure, in columns."""
    rows = []
    for one in found:
        where = f"withdrawn {one['withdrawn']}" if one["withdrawn"] else one["chapter"] or ""
        rows.append((one["id"], f"since {one['since']}", one["title"], where))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
