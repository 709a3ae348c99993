"""The panel below each figure, filled in once all pages are read."""

from docutils import nodes
from sphinx.application import Sphinx

from cnnbook.sphinx_ext.citable.collection import Collection
from cnnbook.sphinx_ext.citable.pictures import FigurePanel
from cnnbook.sphinx_ext.citable.rendering import Templates
from cnnbook.sphinx_ext.citable.views import panel_view


class Panels:
    """Fills in panels.

    Args:
        collection: hands out the records.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection, self._templates = collection, Templates()

    def fill(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Write the panels of a page as HTML."""
        if not self._collection.has_pages(app):
            return
        page, book = app.builder.get_target_uri(docname), self._collection.book(app)
        for node in doctree.findall(FigurePanel):
            if record := self._collection.records(app).by_id.get(node["figure"].id):
                node["html"] = self._templates.render("panel.html", page=page, **panel_view(record, book))


def setup(app: Sphinx, collection: Collection) -> None:
    """Register the filling in."""
    app.connect("doctree-resolved", Panels(collection).fill)
