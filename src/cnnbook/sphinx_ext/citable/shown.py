"""What Sphinx remembers of figures from build to build: where each is shown, and which pages refer to it."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from cnnbook.sphinx_ext.execution import execution_data
from cnnbook.sphinx_ext.pages import attached, warn

_PUBLISHES = re.compile(r"""\bpublish\(\s*(?:figure_id\s*=\s*)?["'](fig-[^"']*)["']""")


@dataclass(frozen=True, kw_only=True)
class ShownFigure:
    """A figure on the page that shows it.

    Attributes:
        id: of the figure.
        docname: of the page.
        alt: what the data say, in words.
        source: the page's source file, within the book's folder.
        first_line: of the directive in it; None in a notebook.
        last_line: likewise.
        cell: which of the page's cells published it, counted from 1; None for a cell of another page.
    """

    id: str
    docname: str
    alt: str
    source: str
    first_line: int | None
    last_line: int | None
    cell: int | None = None


def figures_by_page(env: BuildEnvironment) -> dict[str, dict[str, ShownFigure]]:
    """By page and id, the figures shown; the mapping itself, to be changed."""
    return attached(env, "cnnbook_figures", dict)


def references_by_page(env: BuildEnvironment) -> dict[str, list[str]]:
    """By page, the ids of the figures that it refers to; the mapping itself, to be changed."""
    return attached(env, "cnnbook_references", dict)


def publications_by_page(env: BuildEnvironment) -> dict[str, dict[str, tuple[int, int | None]]]:
    """By page and id, the cell that publishes a figure, and its line; the mapping itself, to be changed."""
    return attached(env, "cnnbook_publications", dict)


def pages_with_list(env: BuildEnvironment) -> dict[str, bool]:
    """The pages that list all figures, as keys; the mapping itself, to be changed."""
    return attached(env, "cnnbook_lists", dict)


def all_shown(env: BuildEnvironment) -> dict[str, ShownFigure]:
    """The figures of the book by id, in the order of its pages and of the figures on them."""
    pages = figures_by_page(env)
    ordered = [name for name in reading_order(env) if name in pages]
    return {shown.id: shown for name in ordered for shown in pages[name].values()}


def reading_order(env: BuildEnvironment) -> list[str]:
    """All pages as one reads them from first to last; pages in no table of contents come after."""
    pages: list[str] = []

    def visit(docname: str) -> None:
        if docname not in pages:
            pages.append(docname)
            for child in env.toctree_includes.get(docname, []):
                visit(child)

    visit(env.config.root_doc)
    return [*pages, *sorted(env.found_docs - set(pages))]


def note_references(app: Sphinx, doctree: nodes.document) -> None:
    """Note what the page just read refers to, and which of its cells published its figures."""
    env, docname = app.env, app.env.docname
    targets = [node.get("reftarget", "") for node in doctree.findall(addnodes.pending_xref)]
    used = [target.lstrip("#") for target in targets]
    references_by_page(env)[docname] = list(dict.fromkeys(name for name in used if name.startswith("fig-")))
    published = _publications(env, docname) if execution_data(env) else {}
    publications_by_page(env)[docname] = published
    shown = figures_by_page(env).get(docname, {})
    for figure_id in shown.keys() & published.keys():
        shown[figure_id] = replace(shown[figure_id], cell=published[figure_id][0])


def _publications(env: BuildEnvironment, docname: str) -> dict[str, tuple[int, int | None]]:
    """By id, the number and line of the cell that publishes a figure, as the page's cells say."""
    settings: Any = getattr(env, "mystnb_config")  # noqa: B009
    notebook = nbformat.read(Path(settings.output_folder) / f"{docname}.ipynb", as_version=4)
    lines = notebook.metadata.get("source_map")
    publications: dict[str, tuple[int, int | None]] = {}
    code = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    for number, (index, cell) in enumerate(code, start=1):
        for figure_id in _PUBLISHES.findall(cell.source):
            line = lines[index] if lines else None
            if figure_id in publications:
                _warn_of_second(figure_id, docname, line, f"cell {publications[figure_id][0]}")
            publications.setdefault(figure_id, (number, line))
    return publications


def report_second_publications(app: Sphinx, env: BuildEnvironment) -> None:
    """Report a figure that cells of two pages publish: which of them one sees would depend on their order."""
    first: dict[str, str] = {}
    for docname in reading_order(env):
        for figure_id, (_, line) in publications_by_page(env).get(docname, {}).items():
            if figure_id in first:
                _warn_of_second(figure_id, docname, line, env.doc2path(first[figure_id], base=False))
            first.setdefault(figure_id, docname)


def _warn_of_second(figure_id: str, docname: str, line: int | None, other: str) -> None:
    message = f"{figure_id} is published a second time, after {other}; expected one cell for each id"
    warn(message, (docname, line), kind="figure")


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget the figures of a page that is read again or gone."""
    for memory in (figures_by_page, references_by_page, publications_by_page, pages_with_list):
        memory(env).pop(docname, None)


def setup(app: Sphinx) -> None:
    """Register what keeps the memory true."""
    app.connect("env-purge-doc", forget_page)
    app.connect("doctree-read", note_references)
    app.connect("env-updated", report_second_publications)
