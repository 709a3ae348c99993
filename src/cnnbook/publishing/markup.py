"""Metadata as HTML: tags for the head of a page, JSON-LD in a script element, escaped as HTML wants it."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_PROPERTIES = ("og:", "article:", "book:")
"""Beginnings of the names that RDFa calls properties; all other tags are named."""

_IN_A_SCRIPT = {0x3C: r"\u003c", 0x3E: r"\u003e", 0x26: r"\u0026", 0x2028: r"\u2028", 0x2029: r"\u2029"}
"""What could end a script element, or a line of JavaScript, before its time."""


def meta_tags(tags: Sequence[tuple[str, str]]) -> str:
    """Tags as `<meta>` elements, one a line, in the order given.

    Args:
        tags: name and content of each; names that OpenGraph defines become `property`, all others `name`.
    """
    return "".join(
        f'<meta {_attribute(name)}="{escape(name)}" content="{escape(content)}">\n' for name, content in tags
    )


def json_ld(data: Mapping[str, Any]) -> str:
    """JSON-LD as a `<script>` element that no text in it can end too early."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).translate(_IN_A_SCRIPT)
    return f'<script type="application/ld+json">{text}</script>\n'


def _attribute(name: str) -> str:
    """The attribute in which the name of a tag stands."""
    return "property" if name.startswith(_PROPERTIES) else "name"
