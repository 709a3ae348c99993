"""Addresses of lines of source: in the book's repository, at the commit that the pages were built from."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from cnnbook.publishing.checkout import CHANGES

_LINES = {
    "gitlab": ("/-/blob/{commit}/{path}", "#L{first}-{last}"),
    "codeberg": ("/src/commit/{commit}/{path}", "#L{first}-L{last}"),
}
_USUAL = ("/blob/{commit}/{path}", "#L{first}-L{last}")


def lines_url(book: Mapping[str, Any], place: Mapping[str, Any]) -> str | None:
    """The address of lines of source, or None where there can be none.

    There is none without a repository, without a commit, and where the files differ from the commit, since
    the lines there may be others.

    Args:
        book: its `repository` and `commit`.
        place: `file`, within the repository, and if known `first_line` and `last_line`.
    """
    repository, commit = book.get("repository"), book.get("commit")
    if not (repository and commit and place.get("file")) or commit.endswith(CHANGES):
        return None
    host = urlsplit(repository).netloc
    path, lines = next((form for name, form in _LINES.items() if name in host), _USUAL)
    address = repository.rstrip("/").removesuffix(".git") + path.format(
        commit=commit, path=quote(place["file"])
    )
    if not place.get("first_line"):
        return address
    return address + lines.format(
        first=place["first_line"], last=place.get("last_line") or place["first_line"]
    )


def lines_text(place: Mapping[str, Any]) -> str:
    """The same for readers: "src/cnnbook/figures/maps.py:12–40"."""
    if not place.get("first_line"):
        return str(place.get("file") or "")
    last = place.get("last_line") or place["first_line"]
    span = f"{place['first_line']}–{last}" if last != place["first_line"] else str(last)
    return f"{place['file']}:{span}"
