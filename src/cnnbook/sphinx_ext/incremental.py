"""Which pages are written: all of them only when something changed that any page may show of the others.

Sphinx writes the pages that it has read anew. Another may refer to what is no longer there, so
`shared_content_digest` is one digest of what pages show of each other; while it stays, the other pages stay.
A page that no source stands for, such as a figure's or a map's, is written when its content has changed.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from cnnbook.digests import digest_of
from cnnbook.files import read_remembered, write_remembered
from cnnbook.sphinx_ext.citable.shown import all_shown, references_by_page
from cnnbook.sphinx_ext.pages import attached

WRITTEN = "pages.json"
"""Beside what Sphinx remembers: by page without a source, the digest of what stands on it."""

GeneratedPage = tuple[str, dict[str, Any], str]
"""What Sphinx writes a page without a source from: name, context and template."""


def shared_content_digest(app: Sphinx, env: BuildEnvironment) -> str:
    """SHA-256 of all that pages show of each other, and of what stands on every page.

    Args:
        app: that builds.
        env: when all pages have been read and figures have their numbers.
    """
    standard, cited = env.domaindata["std"], env.domaindata.get("cite", {})
    toc = getattr(app.config, "external_toc_path", "")
    return digest_of(
        {
            "titles": {name: title.astext() for name, title in env.titles.items()},
            "contents": [env.toctree_includes, sorted(env.found_docs)],
            "outline": _text_of(Path(app.srcdir) / toc) if toc else "",
            "numbers": repr(sorted(env.toc_secnumbers.items())),
            "figure numbers": repr(sorted(env.toc_fignumbers.items())),
            "labels": [_sorted(standard[name]) for name in ("labels", "anonlabels", "terms", "objects")],
            "objects": _sorted(env.domaindata["py"]["objects"]),
            "cited": sorted(
                f"{entry.key} {entry.formatted_entry.label}" for entry in cited.get("citations", ())
            ),
            "references": _sorted(references_by_page(env)),
            "figures": {name: [shown.docname, shown.cell] for name, shown in all_shown(env).items()},
            "settings": getattr(getattr(app.builder, "build_info", None), "config_hash", ""),
        }
    )


def _text_of(path: Path) -> str:
    """A file's text; "" if there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _sorted(mapping: Mapping[Any, Any]) -> str:
    """A mapping as text, whatever its order."""
    return repr(sorted(mapping.items(), key=lambda item: repr(item[0])))


class GeneratedPages:
    """Remembers what stands on the pages without a source, from build to build.

    Args:
        doctrees: where Sphinx keeps what it remembers.
        surroundings: of this build's pages.
    """

    def __init__(self, doctrees: Path, surroundings: str) -> None:
        self._path, self._surroundings = doctrees / WRITTEN, surroundings
        self._written: dict[str, str] = {}
        self._before = read_remembered(self._path)

    def changed_pages(self, pages: Iterable[GeneratedPage], output: Path) -> Iterator[GeneratedPage]:
        """Those that have to be written.

        Args:
            pages: all of them.
            output: the folder to which they are written.
        """
        for page in pages:
            name, context, template = page
            digest = digest_of([self._surroundings, template, repr(sorted(context.items()))])
            self._written[name] = digest
            if self._before.get(name) != digest or not (output / f"{name}.html").exists():
                yield page

    def mark_all_changed(self) -> None:
        """Let all of them be written."""
        self._before = {}

    def save(self) -> None:
        """Remember this build's, which has written all that had to be."""
        write_remembered(self._path, self._before | self._written)


def generated_pages(app: Sphinx) -> GeneratedPages:
    """The memory of the build that goes on."""
    known = getattr(app.env, "cnnbook_surroundings", "")
    return attached(app, "cnnbook_pages", lambda: GeneratedPages(Path(app.doctreedir), known))


def share_table_of_contents(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Let the pages without a source in one folder share the contents: they are the same for all of them.

    The theme asks for it several times a page, and Sphinx resolves the whole book's for each.
    """
    if page in app.env.found_docs or "toctree" not in context:
        return
    known: dict[Any, str] = attached(app, "cnnbook_contents", dict)
    folder, resolve = page.rpartition("/")[0], context["toctree"]  # addresses are relative to the folder

    def toctree(**options: Any) -> str:
        key = folder, tuple(sorted(options.items()))
        if key not in known:
            known[key] = resolve(**options)
        return known[key]

    context["toctree"] = toctree


def setup(app: Sphinx) -> None:
    """Register what pages share; before the theme asks for it."""
    app.connect("html-page-context", share_table_of_contents, priority=300)
