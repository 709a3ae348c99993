"""`cnnbook verify FILE...`: which figure is this, of which version of the book, and is it unchanged?"""

import json
from pathlib import Path
from typing import Any

import click

from cnnbook.cli.failures import mendable, one_line


@click.command("verify", short_help="Say which figure a file is, and whether it is unchanged.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list and nothing else.")
def verify_command(files: tuple[Path, ...], as_json: bool) -> int:
    """Say which figure a file is, of which version of which book, and whether it is unchanged.

    A file is known by its content, whatever it is called: SVG, PNG and PDF by the seal inside, netCDF by the
    digest of its data, CSV and JSON by the list of the built book here. A seal shows every accident and every
    edit; it is no signature, so ask the book's own site when somebody may have meant to deceive. A file that
    takes too long or too much memory to read is given up.

    The exit code is 0 if all files are unchanged, and 1 if one is altered, foreign, or cannot be read.
    """
    from cnnbook.publishing.examine import Examiner
    from cnnbook.publishing.verify import known_here, printable

    with mendable():
        known = known_here()
    with Examiner() as examiner:
        found = [_examined(path, known, examiner) for path in files]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for one in found:
            click.echo(f"{printable(one['file'])}: {one['state']}: {one['answer']}")
            for note in one["notes"]:
                click.echo(f"  {note}")
    return 0 if all(one["state"] == "unchanged" for one in found) else 1


def _examined(path: Path, known: Any, examiner: Any) -> dict[str, Any]:
    """What is found out about a file, as plain values; one that cannot be read is a finding too."""
    from cnnbook.publishing.verify import verify

    try:
        found = verify(path, known, examiner=examiner)
    except OSError as error:
        said = error.strerror.lower() if error.strerror else one_line(error).removeprefix(f"{path}: ")
        return {"file": str(path), "state": "unreadable", "answer": said, "format": None, "notes": []}
    return {
        "file": str(path), "state": found.state, "answer": found.answer, "format": found.format,
        "notes": list(found.notes), **found.says,
    }  # fmt: skip
