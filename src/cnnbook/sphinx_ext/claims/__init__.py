"""Claims on pages: the role `{verdict}` for one verdict, the directive `claims` for a table of them.

    {verdict}`C26`          the verdict's word, linked to the claim's row on the page of all claims

    :::{claims} C25 C26     a table of these claims; without ids, of all, with filters and a search
    :::

What they show is handed over by the preparation of the build as records, see `cnnbook.claims.report.record`.
All of them stand in the file `claims.json` too.
"""

from pathlib import Path

from sphinx.application import Sphinx

from cnnbook.sphinx_ext.claims import directive, machines, pages
from cnnbook.sphinx_ext.statics import add_static_files

STATIC = Path(__file__).parent / "static"
"""Style and script of the tables."""

OWN_FILES = (STATIC, Path(__file__).parent / "templates")
"""What tables are made of besides code; a change makes their pages anew."""


def setup(app: Sphinx) -> None:
    """Register all parts with Sphinx."""
    app.add_config_value("cnnbook_claims", {}, "env", dict)
    for part in (directive, pages, machines):
        part.setup(app)
    add_static_files(app, STATIC)
    app.add_css_file("cnnbook-claims.css", priority=400)
    app.add_js_file("cnnbook-claims.js", loading_method="defer")
