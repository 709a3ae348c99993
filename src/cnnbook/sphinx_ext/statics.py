"""Style and scripts of the extension's parts, for Sphinx to copy."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config


def add_static_files(app: Sphinx, folder: Path) -> None:
    """Let pages have a folder's files; before the book's own style, which may change theirs."""

    def add(app: Sphinx, config: Config) -> None:
        config.html_static_path = [str(folder), *config.html_static_path]

    app.connect("config-inited", add)
