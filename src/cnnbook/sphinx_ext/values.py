"""Numbers in prose: every one is looked up in what the experiments found, never typed."""

import difflib
import re
from collections.abc import Callable, Mapping

from docutils import nodes
from docutils.nodes import Node, system_message
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

logger = logging.getLogger(__name__)

_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.-]+)\}")


def unknown_value(name: str, values: Mapping[str, str]) -> str:
    """What to tell an author who asked for a value that is not there."""
    near = difflib.get_close_matches(name, values, n=4, cutoff=0.5)
    family = name.partition(".")[0] + "."
    near = near or [known for known in sorted(values) if known.startswith(family)][:4]
    hint = f"; did you mean {', '.join(near)}?" if near else "; no experiment has facts of this name"
    return f"value {name!r} is unknown{hint}"


def fill(text: str, values: Mapping[str, str], complain: Callable[[str], None]) -> str:
    """Replace each `{name}` in a text by the value of that name, and complain of those that are unknown."""

    def replaced(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            complain(unknown_value(name, values))
        return values.get(name, match.group(0))

    return _PLACEHOLDER.sub(replaced, text)


class ValueRole(SphinxRole):
    """The role of {value}`accuracy.mean`: the text of a value."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Look the value up."""
        name, values = self.text.strip(), self.config.cnnbook_values
        if name not in values:
            logger.warning(
                unknown_value(name, values), location=self.get_location(), type="cnnbook", subtype="value"
            )
        return [nodes.Text(values.get(name, "?"))], []


def setup(app: Sphinx) -> None:
    """Register the role."""
    app.add_role("value", ValueRole())
