"""How a citable figure is written: as HTML two pictures and a panel, elsewhere one image."""

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator

from cnnbook.publishing.record import FOLDER, FigureFile


class FigurePicture(nodes.General, nodes.Element):
    """The picture of a published figure, in light and dark; attributes `figure` and `alt`."""


class FigurePanel(nodes.General, nodes.Element):
    """The quiet line below a caption: cite, download, how it was made; attributes `figure` and `html`."""


def _address(translator: HTML5Translator, node: nodes.Element, suffix: str) -> str:
    """The address of one of the figure's files, from the page being written."""
    builder: Any = translator.builder
    page = "" if builder.name == "singlehtml" else builder.get_target_uri(builder.current_docname)
    return escape(relative_uri(page, f"{FOLDER}/{node['figure'].id}{suffix}"))


def visit_picture(translator: HTML5Translator, node: FigurePicture) -> None:
    """Write both pictures; the theme shows one of them, and the browser fetches only that one."""
    size: FigureFile = node["figure"].files[0]  # the SVG, whose pixels are those of the page
    translator.body.append('<div class="figure-picture">\n')
    for shown, suffix in (("only-light", ".svg"), ("only-dark", "-dark.svg")):
        address = _address(translator, node, suffix)
        translator.body.append(
            f'<a class="{shown}" href="{address}" data-zoom>'
            f'<img class="{shown}" src="{address}" alt="{escape(node["alt"])}" '
            f'width="{size.width}" height="{size.height}" loading="lazy"></a>\n'
        )
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def visit_panel(translator: HTML5Translator, node: FigurePanel) -> None:
    """Write the panel; a builder that makes no page for each figure gets links to the files alone."""
    figure = node["figure"]
    names = {"SVG": ".svg", "PNG": ".png", "PDF": ".pdf", "CSV": ".csv"}
    links = " · ".join(
        f'<a href="{_address(translator, node, suffix)}" aria-label="{name} of {figure.id}">{name}</a>'
        for name, suffix in names.items()
        if f"{figure.id}{suffix}" in {file.name for file in figure.files}
    )
    translator.body.append(node.get("html") or f'<p class="figure-panel">{links}</p>\n')
    raise nodes.SkipNode


class PlainFigures(SphinxPostTransform):
    """For builders that write no HTML: the light PNG as an ordinary image, and no panel."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace the nodes that only HTML knows."""
        if self.app.builder.format == "html":
            return
        for node in list(self.document.findall(FigurePicture)):
            path = str(node["figure"].path(".png"))
            self.env.images.add_file(self.env.docname, path)
            node.replace_self(nodes.image("", uri=path, candidates={"*": path}, alt=node["alt"]))
        for node in list(self.document.findall(FigurePanel)):
            node.parent.remove(node)


def setup(app: Sphinx) -> None:
    """Register the nodes."""
    app.add_node(FigurePicture, html=(visit_picture, None))
    app.add_node(FigurePanel, html=(visit_panel, None))
    app.add_post_transform(PlainFigures)
