"""Claims as HTML: tables with links to chapters and figures, and verdicts that lead to all claims."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from docutils import nodes
from jinja2 import Environment, PackageLoader, StrictUndefined
from sphinx.application import Sphinx

from cnnbook.publishing.addresses import relative
from cnnbook.sphinx_ext.citable.shown import all_shown
from cnnbook.sphinx_ext.claims.directive import ClaimsTable, VerdictWord, css_class

PAGE = "book/claims"
"""The page with the table of all claims, where the book has it."""

HTML = "html"
"""The builder whose pages have tables; others get a list."""


class ClaimPages:
    """Fills the places that the role and the directive have left."""

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("cnnbook.sphinx_ext.claims"), autoescape=True, undefined=StrictUndefined
        )
        environment.globals |= {"css_class": css_class, "anchor": anchor}
        self._template = environment.get_template("claims.html")

    def fill(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Put tables and links where they belong."""
        for word in list(doctree.findall(VerdictWord)):
            word.replace_self(_linked(app, word, docname))
        for table in list(doctree.findall(ClaimsTable)):
            table.replace_self(self._table(app, table, docname))

    def _table(self, app: Sphinx, table: ClaimsTable, docname: str) -> nodes.Node:
        """One table, or for a builder without HTML a list of the same."""
        records = [app.config.cnnbook_claims[name] for name in table["claims"]]
        if app.builder.name != HTML:
            return _list(records)
        page = app.builder.get_target_uri(docname)
        html = self._template.render(
            link=partial(relative, page), records=records, all=table["all"], counts=_counts(records),
            figures=set(all_shown(app.env)), chapters=_chapters(app, records),
            page=app.builder.get_target_uri(PAGE) if PAGE in app.env.found_docs else None,
        )  # fmt: skip
        return nodes.raw("", html, format="html")


def anchor(name: str) -> str:
    """Where a claim stands on the page of all claims."""
    return f"claim-{name.lower()}"


def _counts(records: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    """How many claims have which verdict, in the order in which they are met."""
    words = [record["verdict"] for record in records]
    return {word: words.count(word) for word in dict.fromkeys(words)}


def _chapters(app: Sphinx, records: Sequence[Mapping[str, Any]]) -> Mapping[str, tuple[str, str]]:
    """Title and address of each chapter that the book has."""
    named = {record["chapter"] for record in records} & app.env.found_docs
    return {
        name: (app.env.titles[name].astext(), app.builder.get_target_uri(name))
        for name in named
        if name in app.env.titles
    }


def _linked(app: Sphinx, word: VerdictWord, docname: str) -> nodes.Node:
    """A verdict's word, which leads to its claim where there is a page of them."""
    text = nodes.inline("", word.astext(), classes=word["classes"])
    if PAGE not in app.env.found_docs or app.builder.name != HTML:
        return text
    address = f"{app.builder.get_relative_uri(docname, PAGE)}#{anchor(word['claim'])}"
    return nodes.reference("", "", text, internal=True, refuri=address)


def _list(records: Sequence[Mapping[str, Any]]) -> nodes.bullet_list:
    """Claims and verdicts as text."""
    lines = [f"{record['id']}: {record['claim']} {record['verdict']}" for record in records]
    return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", line)) for line in lines))


def setup(app: Sphinx) -> None:
    """Register what fills the places."""
    app.connect("doctree-resolved", ClaimPages().fill)
