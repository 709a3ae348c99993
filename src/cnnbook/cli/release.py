"""`cnnbook release` and `metadata`: the built book as a folder and a ZIP; the files that archives read."""

from pathlib import Path

import click

from cnnbook.cli.options import FOLDER, option
from cnnbook.cli.output import UserError, user_errors
from cnnbook.progress import Reporter


@click.command("release", short_help="Release the built book: a folder and a ZIP with checksums.")
@click.argument("version", required=False)
@click.option(
    "--allow-dirty", is_flag=True, help="Make a trial, v<version>+changes, of what is not committed."
)
@option("--site", "Also put it on a site: beside older versions, and as latest/.", FOLDER)
@option("--html", "The built book (default: _build/html).", FOLDER)
@option("--out", "Where releases go (default: _build/release).", FOLDER)
def release_command(
    version: str | None, allow_dirty: bool, site: Path | None, html: Path | None, out: Path | None
) -> None:
    """Release the built book, and print the paths written.

    It writes v<version>/, which holds all pages, figures, data and checksums and needs nothing else, and the
    same as cnnbook-v<version>.zip. Released again it is the same to the last byte. A version that was
    released with another content is refused: raise the version. So is what is not committed, or not built
    from this commit.

    VERSION, if given, must be the book's: a guard against releasing the wrong one.

    The pages bear the address that they were built with: site_url in book/book.yaml, or CNNBOOK_SITE_URL,
    which counts for that one build. CITATION.cff is written from book/book.yaml alone, so an address that is
    to stand in it belongs there.
    """
    from cnnbook.build_info import INPUT_LABELS
    from cnnbook.publishing.book import find_root, read_book
    from cnnbook.publishing.built import read_built, read_checkout
    from cnnbook.publishing.metadata import outdated_files
    from cnnbook.publishing.release import add_to_site, write_release

    say = Reporter().say
    with user_errors():
        root = find_root()
        book = read_book(root, use_environment=False)
        if version and version.removeprefix("v") != book.version:
            raise UserError(
                f"VERSION={version!r}: the book is version {book.version}; the version stands in "
                f"pyproject.toml, and its day in book/book.yaml ('released')"
            )
        if "CITATION.cff" in outdated_files(root, book):
            raise UserError(
                "CITATION.cff: does not say what book/book.yaml says; 'cnnbook metadata --write' mends that"
            )
        built = read_built(html or root / "_build" / "html")
        release = write_release(
            built,
            book,
            read_checkout(root),
            root=root,
            out=out or root / "_build" / "release",
            allow_dirty=allow_dirty,
            labels=INPUT_LABELS,
            notify=say,
        )
        if built.data - {"mnist"} or built.profiles & {"draft"}:
            say(f"Note: built on {_list(built.data)} with the profile {_list(built.profiles)}.")
        if site:
            add_to_site(release, site, say)
    for path in (release.folder, release.archive, release.checksum, *([site] if site else [])):
        click.echo(path)


def _list(names: set[str]) -> str:
    """Names as one reads them."""
    return ", ".join(sorted(names))


@click.command("metadata", short_help="Write or check CITATION.cff and .zenodo.json.")
@click.option("--write/--check", default=False, help="Write what is out of date, or say so (the default).")
def metadata_command(write: bool) -> None:
    """Write CITATION.cff and .zenodo.json from book/book.yaml, or check that they say the same.

    Checking changes nothing; the exit code is 1 if one of them is out of date.
    """
    from cnnbook.publishing.book import find_root, read_book
    from cnnbook.publishing.metadata import outdated_files, write_metadata

    with user_errors():
        root = find_root()
        book = read_book(root, use_environment=False)
    if write:
        with user_errors(OSError):
            for path in write_metadata(root, book):
                click.echo(path)
        return
    if stale := outdated_files(root, book):
        remedy = "'cnnbook metadata --write' mends it"
        raise UserError(f"{' and '.join(stale)}: not what book/book.yaml says; {remedy}")
    click.echo("CITATION.cff and .zenodo.json say what book/book.yaml says.")
