"""`cnnbook cite fig-…`: a reference to a figure, ready to paste."""

import click

from cnnbook.cli.failures import mendable
from cnnbook.progress import Reporter


@click.command("cite", short_help="Print a reference to a figure.")
@click.argument("figure_id", metavar="FIGURE")
@click.option("--format", "form", type=click.Choice(["text", "bibtex", "ris", "csl-json"]), default="text",
              show_default=True, help="One sentence, or for a reference manager.")  # fmt: skip
def cite_command(figure_id: str, form: str) -> None:
    """Print a reference to a figure of the book here, such as fig-conv3-three-fours.

    Where the book is built, the reference names the checksum of the figure. 'cnnbook figures' lists all.
    """
    from cnnbook.publishing.book import find_root, read_book
    from cnnbook.publishing.citation import Cited, cite, cited
    from cnnbook.publishing.verify import known_here

    with mendable():
        root = find_root()
        book, known = read_book(root), known_here(root)
        assert known.registry is not None
        entry = known.registry.entry(figure_id)
    built = {(one["id"], one["book"]["version"]): one for one in known.records}
    record = built.get((figure_id, book.version))
    figure = cited(record) if record else Cited(id=entry.id, title=entry.title)
    if entry.withdrawn:
        Reporter().say(f"{figure_id} was withdrawn: {entry.withdrawn}")
    click.echo(cite(figure, book, form))
