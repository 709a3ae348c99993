"""What the book grows from, read from the folder `seeds/`: which digits are shown, which labels disputed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbook.yamlfile import read_yaml


@dataclass(frozen=True, kw_only=True)
class ShownDigit:
    """One test image that chapters show.

    Attributes:
        name: as chapters and figures call it, such as "clear-four".
        label: its class.
        index: its place among the test images.
        why: the reason for choosing it.
    """

    name: str
    label: int
    index: int
    why: str


@dataclass(frozen=True, kw_only=True)
class DisputedLabel:
    """One test image of MNIST whose label people dispute.

    Attributes:
        index: its place in MNIST's own test set.
        given: its label there.
    """

    index: int
    given: int


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """All that an experiment may take from `seeds/`.

    Attributes:
        shown: the digits that chapters show.
        disputed: the labels of MNIST's test set that people dispute.
    """

    shown: tuple[ShownDigit, ...] = ()
    disputed: tuple[DisputedLabel, ...] = ()


def book_root(start: Path | None = None) -> Path:
    """The book's folder: the nearest one upwards of `start` that holds `seeds/digits.yaml`.

    Args:
        start: the current folder if None. An editable install is found from anywhere.

    Raises:
        FileNotFoundError: there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / "seeds" / "digits.yaml").is_file():
            return folder
    raise FileNotFoundError(
        f"seeds/digits.yaml: not found in {here} or above it; run this inside the book's clone"
    )


def shown_digits(root: Path, data: str) -> tuple[ShownDigit, ...]:
    """The digits that chapters show, for "mnist" or for "sample".

    Raises:
        ValueError: there is no list of digits, or an entry lacks a field or an index for these data.
    """
    path = root / "seeds" / "digits.yaml"
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get("digits"), list):
        raise ValueError(f"{path}: expected a list called 'digits'")
    entries: list[dict[str, Any]] = content["digits"]
    shown = []
    for entry in entries:
        missing = [name for name in ("name", "label", "why", "index") if name not in entry]
        if missing or data not in entry["index"]:
            what = missing[0] if missing else f"index.{data}"
            raise ValueError(f"{path}: entry {entry.get('name', '?')!r} has no {what}")
        shown.append(
            ShownDigit(name=entry["name"], label=entry["label"], index=entry["index"][data], why=entry["why"])
        )
    return tuple(shown)


def disputed_labels(root: Path) -> tuple[DisputedLabel, ...]:
    """The disputed labels of MNIST's test set; none where the book has no list of them.

    Raises:
        ValueError: the file is not a list called 'disputed', or an entry lacks its index or its label.
    """
    path = root / "seeds" / "disputed-labels.yaml"
    if not path.is_file():
        return ()
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get("disputed"), list):
        raise ValueError(f"{path}: expected a list called 'disputed'")
    entries: list[dict[str, Any]] = content["disputed"]
    for place, entry in enumerate(entries, 1):
        missing = [name for name in ("index", "given") if not isinstance(entry.get(name), int)]
        if missing:
            raise ValueError(f"{path}: entry {place} has no {missing[0]}, which is a whole number")
    return tuple(DisputedLabel(index=entry["index"], given=entry["given"]) for entry in entries)
