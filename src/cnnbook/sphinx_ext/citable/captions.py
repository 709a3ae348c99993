"""Captions outside their chapter: as plain text for records, and as HTML for the figure's own page."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import new_document

from cnnbook.publishing.addresses import relative
from cnnbook.sphinx_ext.citable.pictures import FigurePanel


@dataclass(frozen=True)
class Caption:
    """What a chapter says below a figure.

    Attributes:
        text: the caption as plain text.
        html: the caption and what stands below it, with links as the figure's own page needs them.
    """

    text: str
    html: str


def captions_on(app: Sphinx, docname: str, addresses: dict[str, str]) -> dict[str, Caption]:
    """The captions of a page's figures.

    Args:
        app: after all pages are read.
        docname: of the page.
        addresses: by id, the figures' own pages.
    """
    doctree = app.env.get_doctree(docname)
    found = {}
    for figure in doctree.findall(nodes.figure):
        if "citable-figure" in figure["classes"] and figure["ids"][0] in addresses:
            figure_id = figure["ids"][0]
            found[figure_id] = _caption(app, figure, docname, addresses[figure_id])
    return found


def _caption(app: Sphinx, figure: nodes.figure, docname: str, address: str) -> Caption:
    """The caption of one figure, its references resolved."""
    whole = nodes.container("", *_paragraphs(figure))
    _resolve(app, docname, whole)
    page = app.builder.get_target_uri(docname)
    for reference in whole.findall(nodes.reference):
        _relocate(reference, page, address)
    first = next(whole.findall(nodes.paragraph), None)
    return Caption(
        text=" ".join(first.astext().split()) if first else "",
        html="".join(_fragment(app, node) for node in whole.children),
    )


def _paragraphs(figure: nodes.figure) -> Iterable[nodes.Node]:
    """The caption as a paragraph, and what stands below it."""
    for part in figure.children:
        if isinstance(part, nodes.caption):
            yield nodes.paragraph("", "", *(child.deepcopy() for child in part.children))
        elif isinstance(part, nodes.legend):
            yield from (child.deepcopy() for child in part.children if not isinstance(child, FigurePanel))


def _resolve(app: Sphinx, docname: str, content: nodes.container) -> None:
    """Resolve references, in a document of their own; faults are reported where the page is written."""
    document = new_document(docname)
    document.settings.env, document.settings.language_code = app.env, app.config.language
    document += content
    with logging.suppress_logging():
        app.env.apply_post_transforms(document, docname)


def _relocate(reference: nodes.reference, page: str, address: str) -> None:
    """Let a reference that was written for one page lead to the same place from another."""
    if "refid" in reference:
        target = f"{page}#{reference.attributes.pop('refid')}"
    elif "//" in reference.get("refuri", "//") or reference["refuri"].startswith("mailto:"):
        return
    else:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), reference["refuri"]))
    reference["refuri"] = relative(address, target)


def _fragment(app: Sphinx, node: nodes.Node) -> str:
    """A node as HTML."""
    builder: Any = app.builder
    return builder.render_partial(node)["fragment"]
