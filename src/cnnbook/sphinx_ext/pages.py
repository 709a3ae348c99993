"""What a page carries besides its text: its description, and a notice when it was built on the sample."""

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

SAMPLE_NOTICE = "Built on the sample of 5,000 digits: no number here is a result about MNIST."
"""What stands at the top of each page that was built on the sample."""


_THEME_BEFORE_FIRST_PAINT = (
    "(root => { const stored = name => localStorage.getItem(name), "
    "dark = matchMedia('(prefers-color-scheme: dark)').matches; "
    "root.mode = stored('mode') || 'auto'; root.theme = stored('theme') || (dark ? 'dark' : 'light'); "
    "})(document.documentElement.dataset);"
)
"""The theme's own script decides this after the page is shown, which then flashes white in the dark."""


def announce_sample(config: Config, *, is_sample: bool) -> None:
    """Let each page say at its top that it was built on the sample."""
    if is_sample:
        config.html_theme_options = {**config.html_theme_options, "announcement": SAMPLE_NOTICE}


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give a page the description that its front matter has (`description: ...`)."""
    description = (context.get("meta") or {}).get("description")
    if description:
        context["metatags"] = (
            f'{context.get("metatags", "")}<meta name="description" content="{escape(description)}">\n'
        )


def setup(app: Sphinx) -> None:
    """Register what happens to a page before it is written."""
    app.add_js_file(None, body=_THEME_BEFORE_FIRST_PAINT)
    app.connect("html-page-context", describe)
