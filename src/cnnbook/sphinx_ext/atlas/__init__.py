"""The atlas on pages: one for each map, an overview for each layer, and a directive that leads there.

    :::{atlas}     links to the overviews, with what each holds
    :::

The records and pictures are those that the preparation of the build left in the folder `atlas` of the
execution folder, see `cnnbook.atlas.making`. Without them nothing is written.
"""

from pathlib import Path

from sphinx.application import Sphinx

from cnnbook.sphinx_ext.atlas import directive, pages
from cnnbook.sphinx_ext.statics import add_static_files

STATIC = Path(__file__).parent / "static"
"""Style and script of the pages."""

OWN_FILES = (STATIC, Path(__file__).parent / "templates")
"""What pages are made of besides code; a change makes them anew."""


def setup(app: Sphinx) -> None:
    """Register all parts with Sphinx."""
    atlas = pages.Atlas()
    directive.setup(app, atlas)
    add_static_files(app, STATIC)
    app.connect("html-collect-pages", atlas.collect)
    app.add_css_file("cnnbook-atlas.css", priority=400)
    app.add_js_file("cnnbook-atlas.js", loading_method="defer")
