"""Where this machine keeps what is computed or downloaded."""

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Where data and results are kept: `CNNBOOK_CACHE`, or the user's own cache."""
    named = os.environ.get("CNNBOOK_CACHE") or platformdirs.user_cache_dir("cnnbook")
    return Path(named).expanduser().absolute()
