"""Alternative texts and captions: required of every image, as the directive requires them of its figures."""

import re

from docutils import nodes
from sphinx.application import Sphinx

from cnnbook.sphinx_ext.pages import warn

_OF_A_CELL = "the image that this cell shows has no alt text; publish it and show it with citable-figure"
_FILE_NAME = re.compile(r"[\w./%-]+\.(png|svg|pdf|jpe?g|gif|webp)", re.IGNORECASE)


def alt_fault(alt: str, *, caption: str, name: str) -> str | None:
    """What is wrong with an alternative text, or None.

    Args:
        alt: the text.
        caption: the figure's caption, or "" when it has none.
        name: the image's file name or id.
    """
    if not alt.strip():
        return "no alt text; expected ':alt:' and what the data say, for those who do not see the figure"
    if _FILE_NAME.fullmatch(alt.strip()) or _same(alt, name):
        return f"alt text {alt!r} is a name; expected what the data say"
    if _same(alt, caption):
        return (
            "the alt text repeats the caption; expected what the data say, in other words than the caption's"
        )
    return None


def _same(first: str, second: str) -> bool:
    """Whether two texts have the same words."""
    return re.findall(r"\w+", first.lower()) == re.findall(r"\w+", second.lower())


def check_images(app: Sphinx, doctree: nodes.document) -> None:
    """Report every image without alternative text and every figure without caption on a page just read."""
    line = None
    for node in doctree.findall():
        line = node.line or line  # MyST gives an image no line: that of what stands before it is near enough
        if fault := _fault(node):
            warn(fault, (app.env.docname, line), kind="image")


def _fault(node: nodes.Node) -> str | None:
    """What is wrong with an image or a figure, or None."""
    if isinstance(node, nodes.image) and (bundle := _bundle(node)) is not None:
        first = next(bundle.findall(nodes.image)) is node  # of the formats in which the cell shows it
        return _OF_A_CELL if first and not node.get("alt") else None
    if isinstance(node, nodes.image):
        fault = alt_fault(node.get("alt", ""), caption=_caption(_enclosing_figure(node)), name=node["uri"])
        return f"image {node['uri']}: {fault}" if fault else None
    if isinstance(node, nodes.figure) and not _caption(node):
        name = node["ids"][0] if node["ids"] else "figure"
        return f"{name}: no caption; expected a paragraph that says what the figure shows"
    return None


def _bundle(image: nodes.image) -> nodes.Element | None:
    """What holds an image in all the formats in which a cell shows it; None for other images."""
    bundle = image.parent.parent
    return bundle if bundle is not None and bundle.get("nb_element") == "mime_bundle" else None


def _enclosing_figure(image: nodes.image) -> nodes.figure | None:
    node = image.parent
    while node is not None and not isinstance(node, nodes.figure):
        node = node.parent
    return node


def _caption(figure: nodes.figure | None) -> str:
    """The words of a figure's caption; "" when it has none."""
    caption = next(figure.findall(nodes.caption), None) if figure is not None else None
    return caption.astext().strip() if caption is not None else ""


def setup(app: Sphinx) -> None:
    """Register the check."""
    app.connect("doctree-read", check_images)
