"""The directive `citable-figure`: one numbered figure, in HTML two pictures and a panel, elsewhere an image.

    :::{citable-figure} fig-conv3-three-fours
    :alt: What the data say, in words, with {common_points.shown} for a number.
    :class: wide

    The caption, which may hold {value}`accuracy.mean` and citations. Further paragraphs stand below it.
    :::

The figure is one that a cell published under this id. Whatever is wrong is reported with chapter and line.
"""

import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator

from cnnbook.publishing.record import FOLDER, FigureFile, FigureRecord, check_figure_id
from cnnbook.sphinx_ext.citable.shown import ShownFigure, figures_by_page
from cnnbook.sphinx_ext.execution import figure_record, published_figure
from cnnbook.sphinx_ext.images import alt_fault
from cnnbook.sphinx_ext.pages import warn
from cnnbook.sphinx_ext.values import fill_values

_FENCE = re.compile(r"\s*([:`~]{3,})\{")
_LATE_OPTION = re.compile(r"\s*:(alt|class):")


class FigurePicture(nodes.General, nodes.Element):
    """The picture of a published figure, in light and dark; attributes `figure` and `alt`."""


class FigurePanel(nodes.General, nodes.Element):
    """The quiet line below a caption: cite, download, how it was made; attributes `figure` and `html`."""


class CitableFigure(SphinxDirective):
    """The directive."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"alt": directives.unchanged, "class": directives.class_option}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Make the figure, as far as it is sound, and report all that is not."""
        figure_id = self.arguments[0]
        try:
            check_figure_id(figure_id)
        except ValueError as error:
            self._warn(str(error))
            return []
        if any(_LATE_OPTION.match(line) for line in self.content):
            self._warn(
                f"{figure_id}: an option stands below text; each takes one line, or all stand between '---'"
            )
        paragraphs = self.parse_content_to_nodes()
        figure = nodes.figure("", classes=["citable-figure", *self.options.get("class", [])])
        alt = self._alt(figure_id, paragraphs)
        figures_by_page(self.env).setdefault(self.env.docname, {})[figure_id] = self._shown(figure_id, alt)
        if published := self._published(figure_id):
            figure += FigurePicture(figure=published, alt=alt)
        figure += self._caption(figure_id, paragraphs)
        legend = nodes.legend("", *paragraphs[1:])
        if published:
            legend += FigurePanel(figure=published)
        figure += legend
        self.set_source_info(figure)
        figure["names"].append(nodes.fully_normalize_name(figure_id))
        self.state.document.note_explicit_target(figure, figure)
        return [figure]

    def _shown(self, figure_id: str, alt: str) -> ShownFigure:
        """Where the figure stands, for its own page."""
        source = Path(self.env.doc2path(self.env.docname))
        first, last = self._lines(source)
        return ShownFigure(
            id=figure_id,
            docname=self.env.docname,
            alt=alt,
            source=source.relative_to(self.env.srcdir).as_posix(),
            first_line=first,
            last_line=last,
        )

    def _lines(self, source: Path) -> tuple[int | None, int | None]:
        """The directive's first and last line in the page's source; None in a notebook."""
        lines = [] if source.suffix == ".ipynb" else source.read_text(encoding="utf-8").splitlines()
        if not 0 < self.lineno <= len(lines) or self.arguments[0] not in lines[self.lineno - 1]:
            return None, None
        fence = _FENCE.match(lines[self.lineno - 1])
        if fence is None:
            return self.lineno, self.lineno + len(self.block_text.rstrip().splitlines()) - 1
        rest = enumerate(lines[self.lineno :], start=self.lineno + 1)
        return self.lineno, next((at for at, line in rest if line.strip() == fence[1]), len(lines))

    def _published(self, figure_id: str) -> FigureRecord | None:
        """The figure as a cell published it."""
        try:
            record = published_figure(self.env, figure_id)
        except ValueError as error:
            self._warn(str(error))
            return None
        if record is None:
            self._warn(
                f"{figure_id}: no cell has published it; a cell must call book.publish({figure_id!r}, ...)"
            )
        return record

    def _alt(self, figure_id: str, paragraphs: list[nodes.Node]) -> str:
        """The text for those who do not see the figure, its numbers filled in."""
        text = " ".join(self.options.get("alt", "").split())
        alt = fill_values(
            text, self.config.cnnbook_values, lambda fault: self._warn(f"{figure_id}: alt: {fault}")
        )
        caption = paragraphs[0].astext() if paragraphs else ""
        if fault := alt_fault(alt, caption=caption, name=figure_id):
            self._warn(f"{figure_id}: {fault}")
        return alt

    def _caption(self, figure_id: str, paragraphs: list[nodes.Node]) -> nodes.caption:
        """The first paragraph, as a caption."""
        if paragraphs and isinstance(paragraphs[0], nodes.paragraph) and paragraphs[0].astext().strip():
            caption = nodes.caption(paragraphs[0].rawsource, "", *paragraphs[0].children)
        else:
            self._warn(f"{figure_id}: no caption; expected a paragraph that says what the figure shows")
            caption = nodes.caption("", figure_id)
        self.set_source_info(caption)
        return caption

    def _warn(self, message: str) -> None:
        warn(message, self.get_location(), kind="figure")


def unpublished(env: BuildEnvironment) -> set[str]:
    """The ids of figures that the book shows and no cell has published."""
    folder = Path(env.config.cnnbook_folder)
    used = set().union(*figures_by_page(env).values())
    return {figure_id for figure_id in used if not figure_record(folder, figure_id).exists()}


def _address(translator: HTML5Translator, node: nodes.Element, suffix: str) -> str:
    """The address of one of the figure's files, from the page being written."""
    builder: Any = translator.builder
    page = "" if builder.name == "singlehtml" else builder.get_target_uri(builder.current_docname)
    return escape(relative_uri(page, f"{FOLDER}/{node['figure'].id}{suffix}"))


def visit_picture(translator: HTML5Translator, node: FigurePicture) -> None:
    """Write both pictures; the theme shows one of them, and the browser fetches only that one."""
    file_size: FigureFile = node["figure"].files[0]  # the SVG, whose pixels are those of the page
    translator.body.append('<div class="figure-picture">\n')
    for shown, suffix in (("only-light", ".svg"), ("only-dark", "-dark.svg")):
        address = _address(translator, node, suffix)
        translator.body.append(
            f'<a class="{shown}" href="{address}" data-zoom>'
            f'<img class="{shown}" src="{address}" alt="{escape(node["alt"])}" '
            f'width="{file_size.width}" height="{file_size.height}" loading="lazy"></a>\n'
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
    """Register the directive and its nodes."""
    app.add_node(FigurePicture, html=(visit_picture, None))
    app.add_node(FigurePanel, html=(visit_panel, None))
    app.add_post_transform(PlainFigures)
    app.add_directive("citable-figure", CitableFigure)
