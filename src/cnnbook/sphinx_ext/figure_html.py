"""How a citable figure is written: as HTML two pictures under one number, elsewhere one image."""

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator

FOLDER = "figures"
"""The folder of all figures' files, in the output."""


class FigurePicture(nodes.General, nodes.Element):
    """The picture of a published figure, in light and dark; attributes `figure` and `alt`."""


class FigureLinks(nodes.General, nodes.Element):
    """The quiet line below a caption: opens the figure alone, hands out its files; attribute `figure`."""


def _address(translator: HTML5Translator, node: nodes.Element, suffix: str) -> str:
    """The address of one of the figure's files, from the page being written."""
    builder: Any = translator.builder
    page = "" if builder.name == "singlehtml" else builder.get_target_uri(builder.current_docname)
    return escape(relative_uri(page, f"{FOLDER}/{node['figure'].name(suffix)}"))


def visit_picture(translator: HTML5Translator, node: FigurePicture) -> None:
    """Write both pictures; the theme shows one of them, and the browser fetches only that one."""
    figure = node["figure"]
    translator.body.append('<div class="figure-picture">\n')
    for shown, suffix in (("only-light", ".svg"), ("only-dark", "-dark.svg")):
        address = _address(translator, node, suffix)
        translator.body.append(
            f'<a class="{shown}" href="{address}">'
            f'<img class="{shown}" src="{address}" alt="{escape(node["alt"])}" '
            f'width="{figure.width}" height="{figure.height}" loading="lazy"></a>\n'
        )
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def visit_links(translator: HTML5Translator, node: FigureLinks) -> None:
    """Write the line of links."""
    svg, dark, png = (_address(translator, node, suffix) for suffix in (".svg", "-dark.svg", ".png"))
    label = f'aria-label="Open full size: {node["figure"].id}"'
    translator.body.append(
        f'<p class="figure-links"><a class="only-light" href="{svg}" {label}>Open full size</a>'
        f'<a class="only-dark" href="{dark}" {label}>Open full size</a> · '
        f'<a href="{svg}" download aria-label="SVG of {node["figure"].id}">SVG</a> · '
        f'<a href="{png}" download aria-label="PNG of {node["figure"].id}">PNG</a></p>\n'
    )
    raise nodes.SkipNode


class PlainFigures(SphinxPostTransform):
    """For builders that write no HTML: the light PNG as an ordinary image, and no links."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace the nodes that only HTML knows."""
        if self.app.builder.format == "html":
            return
        for node in list(self.document.findall(FigurePicture)):
            path = str(node["figure"].path(".png"))
            self.env.images.add_file(self.env.docname, path)
            node.replace_self(nodes.image("", uri=path, candidates={"*": path}, alt=node["alt"]))
        for node in list(self.document.findall(FigureLinks)):
            node.parent.remove(node)


def setup(app: Sphinx) -> None:
    """Register the nodes."""
    app.add_node(FigurePicture, html=(visit_picture, None))
    app.add_node(FigureLinks, html=(visit_links, None))
    app.add_post_transform(PlainFigures)
