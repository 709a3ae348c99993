"""`cnnbook metadata`: CITATION.cff and .zenodo.json, from the one source of what they say."""

import click

from cnnbook.cli.failures import UserError, mendable


@click.command("metadata", short_help="Write or check CITATION.cff and .zenodo.json.")
@click.option("--write/--check", default=False, help="Write what is out of date, or say so (the default).")
def metadata_command(write: bool) -> None:
    """Write CITATION.cff and .zenodo.json from book/book.yaml, or check that they say the same.

    Checking changes nothing; the exit code is 1 if one of them is out of date.
    """
    from cnnbook.publishing.book import find_root, read_book
    from cnnbook.publishing.metadata import outdated, write_metadata

    with mendable():
        root = find_root()
        book = read_book(root, of_this_build=False)
    if write:
        with mendable((OSError,)):
            for path in write_metadata(root, book):
                click.echo(path)
        return
    if stale := outdated(root, book):
        remedy = "'cnnbook metadata --write' mends it"
        raise UserError(f"{' and '.join(stale)}: not what book/book.yaml says; {remedy}")
    click.echo("CITATION.cff and .zenodo.json say what book/book.yaml says.")
