"""What a page carries besides its text: templates, style and scripts, description, a notice."""

from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from docutils import nodes
from jinja2 import Environment, PackageLoader, StrictUndefined
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from cnnbook import __version__
from cnnbook.publishing.addresses import relative_url
from cnnbook.sources import files_digest

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

_THEME_BEFORE_FIRST_PAINT = (
    "(root => { const stored = name => localStorage.getItem(name), "
    "dark = matchMedia('(prefers-color-scheme: dark)').matches; "
    "root.mode = stored('mode') || 'auto'; root.theme = stored('theme') || (dark ? 'dark' : 'light'); "
    "})(document.documentElement.dataset);"
)
"""The theme's own script decides this after the page is shown, which then flashes white in the dark."""


def attached(owner: Any, name: str, make: Callable[[], Value]) -> Value:
    """What this extension keeps on an object of Sphinx's; made when it is first asked for.

    Args:
        owner: the environment, which Sphinx keeps from build to build, or the application.
        name: of the attribute.
        make: makes the first value.
    """
    if not hasattr(owner, name):
        setattr(owner, name, make())
    return getattr(owner, name)


def warn(message: str, location: Any, *, kind: str) -> None:
    """Report what is wrong on a page; no build with a warning is published.

    Args:
        message: one sentence.
        location: a page's name and a line, or a node.
        kind: what `suppress_warnings` calls it, after "cnnbook.".
    """
    logger.warning("%s", message, location=location, type="cnnbook", subtype=kind)


def extension_metadata(folder: Path) -> dict[str, Any]:
    """What an extension tells Sphinx of itself.

    What other code has kept on Sphinx's environment is thrown away, and all pages are read anew.

    Args:
        folder: of its source.
    """
    source = int(files_digest(folder, pattern="*.py")[:12], 16)
    return {
        "version": __version__,
        "env_version": source,
        "parallel_read_safe": False,
        "parallel_write_safe": False,
    }


class Templates:
    """The Jinja templates of a package, for pages whose links lead from page to page.

    Args:
        package: its name; the templates lie in its folder `templates`.
        functions: that the templates call, or use as filters, by their names.
    """

    def __init__(self, package: str, *functions: Callable[..., Any]) -> None:
        self._environment = Environment(
            loader=PackageLoader(package),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        named = {function.__name__: function for function in functions}
        self._environment.globals |= named
        self._environment.filters |= named

    def render(self, name: str, address: str, **context: Any) -> str:
        """Fill a template; in it, `link` makes an address of the book relative.

        Args:
            name: of the template.
            address: of the page that it will stand on.
            context: what the template needs besides.
        """
        return self._environment.get_template(name).render(link=partial(relative_url, address), **context)


def add_assets(app: Sphinx, folder: Path) -> None:
    """Let pages use a part's files: `static/*.css` and `static/*.js`, before the book's own style.

    A change there or in the part's `templates` makes all pages anew.

    Args:
        app: the application.
        folder: of the part.
    """
    static = folder / "static"

    def add(app: Sphinx, config: Config) -> None:
        config.html_static_path = [str(static), *config.html_static_path]
        config.cnnbook_templates = [*config.cnnbook_templates, str(folder / "templates")]

    app.connect("config-inited", add)
    for style in sorted(static.glob("*.css")):
        app.add_css_file(style.name, priority=400)
    for script in sorted(static.glob("*.js")):
        app.add_js_file(script.name, loading_method="defer")


def set_announcement(config: Config, notice: str) -> None:
    """Put a notice at the top of each page.

    Args:
        config: Sphinx's configuration, changed in place.
        notice: the text; "" for none.
    """
    if notice:
        config.html_theme_options = {**config.html_theme_options, "announcement": notice}


def add_description(
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
    app.add_config_value("cnnbook_templates", [], "", list)
    app.add_js_file(None, body=_THEME_BEFORE_FIRST_PAINT)
    app.connect("html-page-context", add_description)
