"""The book's Sphinx extension: the only place that knows Sphinx.

It trains and computes before the first chapter is read, runs the cells when what they depend on has changed,
puts figures and numbers into the pages, and publishes a build only when nothing at all is wrong with it.

    sphinx:
      extra_extensions: [cnnbook.sphinx_ext]
"""

from typing import Any

from sphinx.application import Sphinx

from cnnbook import __version__
from cnnbook.sphinx_ext import build, figure_html, figures, images, mathml, pages, values


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    for part in (build, values, figures, figure_html, images, mathml, pages):
        part.setup(app)
    # Chapters run one after another: side by side they would fight for the same cores, and forking after JAX
    # has started its threads can hang.
    return {"version": __version__, "parallel_read_safe": False, "parallel_write_safe": False}
