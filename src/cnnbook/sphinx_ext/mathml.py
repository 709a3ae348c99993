"""Formulas as MathML, made while the book is built: browsers show it with no script and no request."""

import re
from typing import Any, cast

from docutils import nodes
from latex2mathml import converter, exceptions
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from cnnbook.sphinx_ext.pages import warn

NAME = "mathml"
"""What the renderer is called in `html_math_renderer`."""

_FAULTS = tuple(
    kind
    for kind in vars(exceptions).values()
    if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == exceptions.__name__
)
_NOT_TRANSLATED = re.compile(r">([^<]*\\[^<]*|&)<")
_WRITTEN_OTHERWISE = {"aligned": "split", "gathered": "gather*", "align": "align*", "equation": "equation*"}


def to_mathml(latex: str, *, display: bool) -> str:
    """Translate a formula.

    Args:
        latex: the formula, without dollar signs.
        display: on lines of its own.

    Returns:
        A `<math>` element.

    Raises:
        ValueError: the formula is not sound, or holds a command that is not known.
    """
    for name, known in _WRITTEN_OTHERWISE.items():
        latex = re.sub(rf"\\(begin|end)\{{{name}\}}", rf"\\\1{{{known}}}", latex)
    if display and r"\\" in latex and r"\begin" not in latex:
        latex = rf"\begin{{split}}{latex}\end{{split}}"
    try:
        mathml = converter.convert(latex, display="block" if display else "inline")
    except _FAULTS as error:
        raise ValueError(
            f"formula {latex!r} is not sound: {type(error).__name__} {error}".rstrip()
        ) from error
    if unknown := _NOT_TRANSLATED.search(mathml):
        raise ValueError(
            f"formula {latex!r}: {unknown.group(1)!r} cannot be written as MathML; write it otherwise"
        )
    return mathml


def _translated(node: nodes.Element, *, display: bool) -> str:
    """The formula of a node; on a fault, a warning and its source."""
    try:
        parts = [part for part in node.astext().split("\n\n") if part.strip()]
        return "".join(to_mathml(part.strip(), display=display) for part in parts)
    except ValueError as error:
        warn(str(error), node, kind="math")
        return ""


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(translator.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    translator.body.append(_translated(node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_display(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on lines of its own, with its number if it has one."""
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(_translated(node, display=True) + "</div>\n")
    raise nodes.SkipNode


def choose_renderer(app: Sphinx, config: Config) -> None:
    """Use this renderer instead of one that loads a script."""
    config.html_math_renderer = NAME


def setup(app: Sphinx) -> None:
    """Register the renderer."""
    visitors = cast(Any, ((visit_inline, None), (visit_display, None)))
    app.add_html_math_renderer(NAME, *visitors)
    app.connect("config-inited", choose_renderer)
