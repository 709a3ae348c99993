"""Files that people write for a book: its folder found from within, YAML read with errors that say where."""

from pathlib import Path
from typing import Any

import yaml


def find_folder_upwards(*files: str, start: Path | None = None) -> Path:
    """The nearest folder upwards that has a file; the checkout of an editable install where none has.

    Args:
        *files: paths within the folder, of which one is enough.
        start: the first folder looked at; the current one if None.

    Raises:
        FileNotFoundError: there is none.
    """
    first, checkout = (start or Path.cwd()).resolve(), Path(__file__).resolve().parents[2]
    for folder in (first, *first.parents, checkout):
        if any((folder / file).is_file() for file in files):
            return folder
    raise FileNotFoundError(f"{files[0]}: not found in {first} or above it; run this inside a book's folder")


def parse_yaml(text: str, name: Path | str) -> Any:
    """The values in a YAML text.

    Args:
        text: the YAML.
        name: of the file it comes from, for the message.

    Raises:
        ValueError: it is not YAML; the message names file, line and column.
    """
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"{name}{where}: not YAML ({error.problem}); mend that line") from error


def read_yaml_list(path: Path, name: str) -> list[Any]:
    """The entries of the list that is all of a YAML file, under a name.

    Args:
        path: the file.
        name: of the list.

    Raises:
        ValueError: it is not YAML, or has no list of that name.
        OSError: it cannot be read.
    """
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get(name), list):
        raise ValueError(f"{path}: expected a list called {name!r}")
    return content[name]


def read_yaml(path: Path) -> Any:
    """The values in a YAML file.

    Raises:
        ValueError: it is not YAML; the message names file, line and column.
        OSError: it cannot be read.
    """
    return parse_yaml(path.read_text(encoding="utf-8"), path)
