"""The role `{verdict}` and the directive `claims`: read from a page's source, and checked there."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from docutils import nodes
from docutils.nodes import Node, system_message
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

logger = logging.getLogger(__name__)


class VerdictWord(nodes.General, nodes.Inline, nodes.TextElement):
    """A claim's verdict, to be linked once all pages are read; `claim` is its id."""


class ClaimsTable(nodes.General, nodes.Element):
    """Stands where a table will be; `claims` are the ids, and `all` says whether they are all."""


def unknown_claim(name: str, known: Iterable[str]) -> str:
    """What to tell an author who named a claim that is not there."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"claim {name!r} is unknown" + (f"; did you mean {', '.join(near)}?" if near else "")


class VerdictRole(SphinxRole):
    """The role of {verdict}`C26`."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Look the claim up."""
        name, records = self.text.strip(), self.config.cnnbook_claims
        if name not in records:
            _complain(unknown_claim(name, records), self.get_location())
            return [nodes.Text("?")], []
        word = records[name]["verdict"]
        return [VerdictWord("", word, claim=name, classes=["verdict", css_class(word)])], []


class ClaimsDirective(SphinxDirective):
    """The directive."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Leave a place for the table."""
        records: Mapping[str, Any] = self.config.cnnbook_claims
        asked = self.arguments[0].split() if self.arguments else []
        for name in asked:
            if name not in records:
                _complain(unknown_claim(name, records), self.get_location())
        wanted = [name for name in asked if name in records] if asked else list(records)
        return [ClaimsTable(claims=wanted, all=not asked)]


def css_class(verdict: str) -> str:
    """The class that gives a verdict its colour."""
    return f"verdict-{verdict.replace(' ', '-')}"


def _complain(message: str, location: Any) -> None:
    logger.warning("%s", message, location=location, type="cnnbook", subtype="claim")


def setup(app: Sphinx) -> None:
    """Register role and directive."""
    app.add_node(VerdictWord)
    app.add_node(ClaimsTable)
    app.add_role("verdict", VerdictRole())
    app.add_directive("claims", ClaimsDirective)
