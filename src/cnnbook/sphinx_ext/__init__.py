"""A Sphinx extension for any Jupyter Book: strict builds, citable figures, numbers that are never typed.

It prepares all that cells need before the first page is read, runs the cells when what they depend on has
changed, several pages at once, puts figures and numbers into the pages, and publishes a build only when
nothing at all is wrong.

    sphinx:
      extra_extensions: [cnnbook.sphinx_ext]

Beside `_config.yml`, or in the folder `book`, lie `book.yaml` (title, authors, licences, repository, address;
see `cnnbook.publishing.book`) and `figures.yaml` (the ids of all figures; see `cnnbook.publishing.registry`).
What only this book has, the claims and the atlas, is in `cnnbook.book_ext`.

Directives, roles and front matter:
    `citable-figure`: a figure that a cell published; its options are `alt` (required) and `class` (`wide`),
        its content is the caption. See `citable.directive`.
    `list-of-figures`: a gallery of all figures, with a search. See `citable.figure_pages`.
    `{value}`: a number by its name; within an `alt`, `{name}`.
    `key_figure`: the figure that stands for the page where the page is shared; else its first.
    `description`: what the page is about.

Configuration values:
    `cnnbook_prepare`: "module:function" that prepares a build and says what cells depend on (see `prepare`);
        "", the default, for a book that computes nothing before its cells run.
    `cnnbook_sources`: with `cnnbook_prepare: ""`, patterns of the files that cells depend on.
    `cnnbook_values`: with `cnnbook_prepare: ""`, the numbers for `{value}`, by name.
    `cnnbook_versions`: a folder of released versions, `v1.0/` and so on; figures' pages say what has changed
        since.
    `cnnbook_inputs`: names of the inputs of figures, by the key of their provenance that lists their SHA-256.
    `cnnbook_edition`: what distinguishes the numbers of a build from those of the version; the preparation
        sets it.
    `cnnbook_preload`: names of modules that the cells' kernels find imported, on Linux; the preparation sets
        it. They must start no thread when they are imported.
    `cnnbook_digest`, `cnnbook_folder`, `cnnbook_templates`, `cnnbook_about`, `cnnbook_registered`,
        `cnnbook_released`: set by the extension itself.

What it writes besides the book's pages: `figures/<id>.html` and `.json` for every figure ever published; the
files, `.bib`, `.ris` and `.csl.json` of every figure that is shown; `figures/index.html`; `figures.json`;
and `sitemap.xml` where the site's address is known.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from cnnbook.sphinx_ext import build, citable, images, incremental, mathml, pages, search_index, values


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    for part in (build, values, citable, images, mathml, pages, incremental, search_index):
        part.setup(app)
    # Pages are read one after another; their cells run several at once, in kernels: see `cells`.
    return pages.extension_metadata(Path(__file__).parent)
