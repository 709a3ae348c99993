"""The book that figures belong to: what `book.yaml` says of it, and the commit it is built from."""

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from cnnbook.publishing.addresses import absolute_url
from cnnbook.publishing.book import BookMetadata, read_book
from cnnbook.publishing.built import read_checkout, version_folders, with_commit
from cnnbook.publishing.registry import Registry, read_registry
from cnnbook.sources import PACKAGE
from cnnbook.sphinx_ext.prepare import errors_in_one_line

DIGITS = 10
"""How many digits of a commit's id are shown."""


def metadata_of(app: Sphinx) -> BookMetadata:
    """The description of the book that is being built; with its edition once that is prepared."""
    return app.config.cnnbook_about


def registry_of(app: Sphinx) -> Registry:
    """Every figure ever published; its path is as one would type it in the book's folder."""
    registry = read_registry(Path(app.srcdir))
    return replace(registry, path=registry.path.relative_to(app.srcdir))


def version_line(book: BookMetadata) -> str:
    """Which state of the book a page belongs to: "Version 0.1.0 · commit 1a2b3c4d5e · 2026-11-22"."""
    parts = [f"Version {book.version_label}"]
    if book.commit:
        full, mark, _ = book.commit.partition("+")
        parts += [f"commit {full[:DIGITS]}{' with changes' if mark else ''}", (book.commit_date or "")[:10]]
    return " · ".join(parts)


def describe_book(app: Sphinx, config: Config) -> None:
    """Take title, version and the rest from `book.yaml`, so that they are typed once.

    What pages show of it is a configuration value: when it changes, Sphinx writes them anew.
    """
    with errors_in_one_line(PACKAGE / "publishing"):
        book = with_commit(read_book(Path(app.srcdir)), read_checkout(Path(app.srcdir)))
        registry = registry_of(app)
    config.cnnbook_about = book
    config.cnnbook_registered = {
        entry.id: [entry.title, entry.withdrawn] for entry in registry.entries.values()
    }
    versions = Path(app.srcdir) / config.cnnbook_versions
    config.cnnbook_released = sorted(version_folders(versions)) if config.cnnbook_versions else []
    config.project, config.version, config.release = book.title, book.version, book.version
    if book.site_url and not config.html_baseurl:
        config.html_baseurl = f"{book.site_url}/"


def note_edition(app: Sphinx, config: Config) -> None:
    """Take the edition from the preparation of the build, which has ended by now."""
    config.cnnbook_about = replace(config.cnnbook_about, edition=config.cnnbook_edition)


def label_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let a page say which version of the book it is of, and on paper its address and its title."""
    book, address = metadata_of(app), app.builder.get_target_uri(page)
    url = absolute_url(book.site_url, address) or address
    label = f'<p class="book-version">{version_line(book)}</p><p class="book-address">{escape(url)}</p>'
    context["theme_extra_footer"] = f"{context.get('theme_extra_footer', '')}{label}"
    if page not in app.env.titles:  # one that the build adds by itself
        context["pagetitle"] = context.get("title", "")


def setup(app: Sphinx) -> None:
    """Register what is known of the book before anything is read."""
    app.add_config_value("cnnbook_about", None, "html", BookMetadata)
    app.add_config_value("cnnbook_registered", {}, "html", dict)
    app.add_config_value("cnnbook_edition", "", "html", str)
    app.add_config_value("cnnbook_versions", "", "html", str)
    app.add_config_value("cnnbook_released", [], "html", list)
    app.connect("config-inited", describe_book, priority=400)
    app.connect("config-inited", note_edition, priority=600)
    app.connect("html-page-context", label_page)
