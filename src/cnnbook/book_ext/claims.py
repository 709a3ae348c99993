"""Claims on pages: the role `{verdict}`, the tables of the directive `claims`, the file `claims.json`."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from cnnbook.formatting import short_number, suggestion
from cnnbook.publishing.citation import cite_passage
from cnnbook.sphinx_ext.citable.about_book import metadata_of
from cnnbook.sphinx_ext.citable.shown import all_shown
from cnnbook.sphinx_ext.pages import Templates, warn
from cnnbook.strips import strip_places

PAGE = "book/claims"
"""The page with the table of all claims, where the book has it."""

FILE = "claims.json"
"""All records, at the site's root."""

TABLE = "claims.csv"
"""All parts as a table, beside it."""

COLUMNS = tuple(
    "statistic says value low high standard_error null nets units holds fails state arithmetic".split()
)
"""Of that table, after the claim's id and its verdicts."""

HTML = "html"
"""The builder whose pages have tables; others get a list."""

GROUPS = {
    "display": "Display: what is seen in maps and patterns",
    "information": "Information: what can be read out of activations",
    "use": "Use: what the network does with it",
    "network": "The network itself",
}
"""Levels of claims with their headings, in the order of the book's argument."""

Records = Sequence[Mapping[str, Any]]


class VerdictWord(nodes.General, nodes.Inline, nodes.TextElement):
    """A claim's verdict, to be linked once all pages are read; `claim` is its id."""


class ClaimsTable(nodes.General, nodes.Element):
    """Stands where a table will be; `claims` are the ids, and `all` says whether they are all."""


class VerdictRole(SphinxRole):
    """The role of {verdict}`C26`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Look the claim up."""
        name, records = self.text.strip(), self.config.cnnbook_claims
        if name not in records:
            warn(unknown_claim(name, records), self.get_location(), kind="claim")
            return [nodes.Text("?")], []
        verdict = records[name]["badge"]
        return [VerdictWord("", verdict, claim=name, classes=["verdict", css_class(verdict)])], []


class StripsTable(nodes.General, nodes.Element):
    """Stands where the picture of all claims will be."""


class StripsDirective(SphinxDirective):
    """The directive `claim-strips`."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for the picture."""
        return [StripsTable()]


class ClaimsDirective(SphinxDirective):
    """The directive `claims`."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Leave a place for the table."""
        records: Mapping[str, Any] = self.config.cnnbook_claims
        names = self.arguments[0].split() if self.arguments else list(records)
        for name in names:
            if name not in records:
                warn(unknown_claim(name, records), self.get_location(), kind="claim")
        known = [name for name in names if name in records]
        return [ClaimsTable(claims=known, all=not self.arguments)]


def unknown_claim(name: str, known: Iterable[str]) -> str:
    """The warning for an author who named a claim that does not exist.

    Args:
        name: of the claim.
        known: the ids of all claims.
    """
    return f"claim {name!r} is unknown{suggestion(name, known)}"


def css_class(verdict: str) -> str:
    """The class that gives a verdict its colour."""
    return f"verdict-{verdict.replace(' ', '-')}"


def anchor(name: str) -> str:
    """Where a claim stands on the page of all claims."""
    return f"claim-{name.lower()}"


class ClaimPages:
    """Fills the places that the role and the directive have left."""

    def __init__(self) -> None:
        self.templates = Templates("cnnbook.book_ext", css_class, anchor, strip_places, short_number)

    def fill(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Put tables and links where they belong."""
        for word in list(doctree.findall(VerdictWord)):
            word.replace_self(_linked(app, word, docname))
        for picture in list(doctree.findall(StripsTable)):
            records = list(app.config.cnnbook_claims.values())
            html = self._strips(app, records, docname) if app.builder.name == HTML else None
            picture.replace_self(nodes.raw("", html, format="html") if html else _list(records))
        for table in list(doctree.findall(ClaimsTable)):
            records = [app.config.cnnbook_claims[name] for name in table["claims"]]
            if app.builder.name == HTML:
                html = self._table(app, records, docname, is_of_all=table["all"])
                table.replace_self(nodes.raw("", html, format="html"))
            else:
                table.replace_self(_list(records))

    def _strips(self, app: Sphinx, records: Records, docname: str) -> str:
        """The picture of all claims as HTML: a line for each, with a strip for each part."""
        return self.templates.render(
            "strips.html",
            app.builder.get_target_uri(docname),
            groups={
                heading: [record for record in records if (record["level"] or "network") == level]
                for level, heading in GROUPS.items()
            },
            page=app.builder.get_target_uri(PAGE) if PAGE in app.env.found_docs else None,
        )

    def _table(self, app: Sphinx, records: Records, docname: str, *, is_of_all: bool) -> str:
        """One table as HTML."""
        verdicts = [record["badge"] for record in records]
        return self.templates.render(
            "claims.html",
            app.builder.get_target_uri(docname),
            records=records,
            all=is_of_all,
            counts={verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)},
            figures=set(all_shown(app.env)),
            chapters=_chapters(app, records),
            page=app.builder.get_target_uri(PAGE) if PAGE in app.env.found_docs else None,
            citations=_citations(app, records) if is_of_all else {},
        )


def _citations(app: Sphinx, records: Records) -> Mapping[str, str]:
    """A reference to each claim, by its id."""
    page, book = app.builder.get_target_uri(PAGE), metadata_of(app)
    return {
        record["id"]: cite_passage(
            record["claim"],
            f"claim {record['id']} ({record['badge']})",
            f"{page}#{anchor(record['id'])}",
            book,
        )
        for record in records
    }


def _chapters(app: Sphinx, records: Records) -> Mapping[str, tuple[str, str]]:
    """Title and address of each chapter that the book has, by its name."""
    return {
        name: (app.env.titles[name].astext(), app.builder.get_target_uri(name))
        for name in {record["chapter"] for record in records} & app.env.found_docs
        if name in app.env.titles
    }


def _linked(app: Sphinx, word: VerdictWord, docname: str) -> nodes.Node:
    """A verdict's word, which leads to its claim where there is a page of them."""
    text = nodes.inline("", word.astext(), classes=list(word["classes"]))
    word["classes"] = []  # what replaces the word takes its classes as well, and would have a second border
    if PAGE not in app.env.found_docs or app.builder.name != HTML:
        return text
    address = f"{app.builder.get_relative_uri(docname, PAGE)}#{anchor(word['claim'])}"
    return nodes.reference("", "", text, internal=True, refuri=address)


def _list(records: Records) -> nodes.bullet_list:
    """Claims and verdicts as text."""
    lines = [f"{record['id']}: {record['claim']} {record['badge']}" for record in records]
    return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", line)) for line in lines))


def write_claims(app: Sphinx, error: Exception | None) -> None:
    """Write all records, and their parts as a table, for other programs, where the book has claims."""
    if error is None and app.config.cnnbook_claims and app.builder.name == HTML:
        records = list(app.config.cnnbook_claims.values())
        text = json.dumps(records, indent=1, ensure_ascii=False, sort_keys=True)
        Path(app.outdir, FILE).write_text(text + "\n", encoding="utf-8")
        with Path(app.outdir, TABLE).open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream, lineterminator="\n")
            rows.writerow(["claim", "verdict", "accepted", *COLUMNS])
            for record in records:
                head = [record["id"], record["verdict"], record["accepted"]]
                rows.writerows([*head, *(part[name] for name in COLUMNS)] for part in record["parts"])


def setup(app: Sphinx) -> None:
    """Register role, directive and what fills their places; the file is written before publishing."""
    app.add_config_value("cnnbook_claims", {}, "env", dict)
    app.add_node(VerdictWord)
    app.add_node(ClaimsTable)
    app.add_node(StripsTable)
    app.add_role("verdict", VerdictRole())
    app.add_directive("claims", ClaimsDirective)
    app.add_directive("claim-strips", StripsDirective)
    app.connect("doctree-resolved", ClaimPages().fill)
    app.connect("build-finished", write_claims, priority=400)
