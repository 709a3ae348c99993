"""Numbers in prose: every one is looked up in what the experiments found, never typed."""

import re
from collections.abc import Callable, Mapping

from docutils import nodes
from docutils.nodes import Node, system_message
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from cnnbook.formatting import suggestion
from cnnbook.sphinx_ext.pages import warn

_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.-]+)\}")


def unknown_value(name: str, values: Mapping[str, str]) -> str:
    """The warning for an author who asked for a value that is not there."""
    prefix = name.partition(".")[0] + "."
    family = [value for value in sorted(values) if value.startswith(prefix)]
    hint = suggestion(name, values, count=4) or (f"; there are {', '.join(family[:4])}" if family else "")
    return f"value {name!r} is unknown{hint or '; no experiment has facts of this name'}"


def fill_values(text: str, values: Mapping[str, str], report: Callable[[str], None]) -> str:
    """Replace each `{name}` in a text by the value of that name, and report those that are unknown."""

    def replaced(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            report(unknown_value(name, values))
        return values.get(name, match.group(0))

    return _PLACEHOLDER.sub(replaced, text)


class ValueRole(SphinxRole):
    """The role of {value}`accuracy.mean`: the text of a value."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Look the value up."""
        name, values = self.text.strip(), self.config.cnnbook_values
        if name not in values:
            warn(unknown_value(name, values), self.get_location(), kind="value")
        return [nodes.Text(values.get(name, "?"))], []


def setup(app: Sphinx) -> None:
    """Register the role."""
    app.add_role("value", ValueRole())
