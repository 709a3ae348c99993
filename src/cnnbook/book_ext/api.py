"""What autodoc and napoleon get wrong on the book's API pages, set right."""

from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Register both corrections with Sphinx; docstrings are corrected before napoleon reads them."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", keep_colon, priority=400)
    app.connect("autodoc-skip-member", skip_tuple_field)


def keep_colon(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep napoleon from reading the words before a colon as the type of a value.

    Args:
        app: not used, like the next but one.
        what: kind of the documented object.
        name: of the object.
        obj: the object.
        options: of the directive.
        lines: of the docstring, changed in place.
    """
    if what in ("data", "attribute", "property") and lines:
        lines[0] = f": {lines[0]}"


def skip_tuple_field(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Leave out a field of a named tuple, whose docstring is only its number: its class says what it is.

    Args:
        app: not used, like the next three.
        what: kind of the documented object.
        name: of the member.
        obj: the member.
        skip: what autodoc would do.
        options: of the directive.

    Returns:
        True to skip it, None to let others decide.
    """
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None
