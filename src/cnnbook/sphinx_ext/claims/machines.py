"""Claims for machines: all records in one file, `claims.json`."""

import json
from pathlib import Path

from sphinx.application import Sphinx

FILE = "claims.json"
"""Its name, at the site's root."""


def write_claims(app: Sphinx, error: Exception | None) -> None:
    """Write the file, where the book has claims."""
    if error is None and app.config.cnnbook_claims and app.builder.name == "html":
        records = list(app.config.cnnbook_claims.values())
        text = json.dumps(records, indent=1, ensure_ascii=False, sort_keys=True)
        Path(app.outdir, FILE).write_text(text + "\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register what writes it, before the build is published."""
    app.connect("build-finished", write_claims, priority=400)
