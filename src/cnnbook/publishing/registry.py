"""The register of figures, `book/figures.yaml`: every id ever published, append-only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cnnbook.bookfiles import parse_yaml
from cnnbook.formatting import suggestion
from cnnbook.publishing.book import find_file
from cnnbook.publishing.record import check_figure_id

FIGURES = "figures.yaml"
"""The file, in the book's folder or in its subfolder `book`."""


@dataclass(frozen=True, kw_only=True)
class RegistryEntry:
    """One figure in the register.

    Attributes:
        id: never removed, never given to another figure.
        title: short; what references call it.
        since: the version of the book that had it first.
        withdrawn: why it is not in the book any more, and since when; None while it is.
    """

    id: str
    title: str
    since: str
    withdrawn: str | None = None


@dataclass(frozen=True)
class Registry:
    """All figures of a book, by id, in the order in which they came.

    Attributes:
        path: of the file.
        entries: by id.
    """

    path: Path
    entries: Mapping[str, RegistryEntry]

    def entry(self, figure_id: str) -> RegistryEntry:
        """The entry of a figure.

        Raises:
            ValueError: there is none; the message suggests similar ids.
        """
        if figure_id not in self.entries:
            hint = suggestion(figure_id, self.entries) or "; 'cnnbook figures' lists all"
            raise ValueError(f"{figure_id!r}: no such figure in {self.path}{hint}")
        return self.entries[figure_id]

    def check_publishable(self, figure_id: str, *, version: str) -> RegistryEntry:
        """The entry of a figure that is about to be published.

        Args:
            figure_id: of the figure.
            version: of the book, for the lines to add.

        Raises:
            ValueError: the id is malformed, not in the register, or withdrawn.
        """
        check_figure_id(figure_id)
        entry = self.entries.get(figure_id)
        if entry is None:
            raise ValueError(
                f"{figure_id}: not in {self.path}; add this line at its end: "
                f'- {{id: {figure_id}, title: "its short title", since: {version}, withdrawn: null}}'
            )
        if entry.withdrawn:
            raise ValueError(
                f"{figure_id}: withdrawn ({entry.withdrawn}); an id is not used again, so publish under a "
                "new one"
            )
        return entry


def read_registry(root: Path) -> Registry:
    """Read the register of the book in a folder.

    Raises:
        FileNotFoundError: it has none.
        ValueError: an entry lacks something, or an id is malformed or there twice.
    """
    path = find_file(root, FIGURES)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not found; it lists every figure ever published, one line each")
    return parse_registry(path.read_text(encoding="utf-8"), path)


def parse_registry(text: str, path: Path) -> Registry:
    """The register that a text says; `path` is for messages.

    Raises:
        ValueError: an entry lacks something, or an id is malformed or there twice.
    """
    items = parse_yaml(text, path) or []
    if not isinstance(items, list):
        raise ValueError(f"{path}: expected a list of figures, each with id, title, since and withdrawn")
    entries: dict[str, RegistryEntry] = {}
    for item in items:
        missing = [key for key in ("id", "title", "since") if not (isinstance(item, dict) and item.get(key))]
        if missing:
            raise ValueError(f"{path}: entry {item!r} has no {missing[0]!r}")
        figure_id = check_figure_id(str(item["id"]))
        if figure_id in entries:
            both = f"{entries[figure_id].title!r} and {item['title']!r}"
            raise ValueError(f"{path}: {figure_id} is there twice, as {both}")
        entries[figure_id] = RegistryEntry(
            id=figure_id,
            title=str(item["title"]),
            since=str(item["since"]),
            withdrawn=str(item["withdrawn"]) if item.get("withdrawn") else None,
        )
    return Registry(path, entries)
