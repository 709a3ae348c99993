"""The atlas on pages: one for each map, an overview for each layer, and a directive that leads there.

    :::{atlas}     links to the overviews, with what each holds
    :::

The records and pictures are those that the preparation of the build left in the folder `atlas` of the
execution folder, see `cnnbook.atlas.making`. Without them nothing is written.
"""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from cnnbook.sphinx_ext.atlas import directive, pages

STATIC = Path(__file__).parent / "static"
"""Style and script of the pages."""

OWN_FILES = (STATIC, Path(__file__).parent / "templates")
"""What pages are made of besides code; a change makes them anew."""


def add_static_files(app: Sphinx, config: Config) -> None:
    """Let pages have the style and the script."""
    config.html_static_path = [str(STATIC), *config.html_static_path]


def setup(app: Sphinx) -> None:
    """Register all parts with Sphinx."""
    atlas = pages.Atlas()
    directive.setup(app, atlas)
    app.connect("config-inited", add_static_files)
    app.connect("html-collect-pages", atlas.collect)
    app.add_css_file("cnnbook-atlas.css", priority=400)
    app.add_js_file("cnnbook-atlas.js", loading_method="defer")
