"""The directive `atlas`: links to the overviews of the layers."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cnnbook.atlas.records import overview_of
from cnnbook.sphinx_ext.atlas.pages import HTML, Atlas


class AtlasLinks(nodes.General, nodes.Element):
    """Stands where the links will be."""


class AtlasDirective(SphinxDirective):
    """The directive."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for the links."""
        return [AtlasLinks()]


def setup(app: Sphinx, atlas: Atlas) -> None:
    """Register the directive and what fills its place."""

    def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
        data = atlas.data(app)
        for place in list(doctree.findall(AtlasLinks)):
            if data is None or app.builder.name != HTML:
                place.replace_self(nodes.paragraph("", "The atlas is part of the book's web pages."))
                continue
            page = app.builder.get_target_uri(docname)
            html = atlas.render("links.html", page, layers=data["layers"], overview_of=overview_of)
            place.replace_self(nodes.raw("", html, format="html"))

    app.add_node(AtlasLinks)
    app.add_directive("atlas", AtlasDirective)
    app.connect("doctree-resolved", fill)
