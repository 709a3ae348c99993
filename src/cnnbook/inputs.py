"""The inputs in the folder `seeds/`: the test images that chapters show, and the disputed labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbook.bookfiles import find_folder_upwards, read_yaml_list


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
class BookInputs:
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
    return find_folder_upwards("seeds/digits.yaml", start=start)


def read_inputs(root: Path, data: str) -> BookInputs:
    """The inputs of a book; no disputed labels where it has no list of them.

    Args:
        root: the book's folder.
        data: the data set that the digits' indices are for, "mnist" or "sample".

    Raises:
        ValueError: there is no list of digits, or an entry of a list lacks a field or has the wrong type.
    """
    digits, disputed = root / "seeds" / "digits.yaml", root / "seeds" / "disputed-labels.yaml"
    shown = tuple(_shown_digit(entry, digits, data) for entry in read_yaml_list(digits, "digits"))
    labels = enumerate(read_yaml_list(disputed, "disputed"), 1) if disputed.is_file() else ()
    return BookInputs(
        shown=shown, disputed=tuple(_disputed_label(entry, disputed, number) for number, entry in labels)
    )


def _shown_digit(entry: dict[str, Any], path: Path, data: str) -> ShownDigit:
    """One entry of the list of digits."""
    missing = [name for name in ("name", "label", "why", "index") if name not in entry]
    if missing or data not in entry["index"]:
        what = missing[0] if missing else f"index.{data}"
        raise ValueError(f"{path}: entry {entry.get('name', '?')!r} has no {what}")
    return ShownDigit(name=entry["name"], label=entry["label"], index=entry["index"][data], why=entry["why"])


def _disputed_label(entry: dict[str, Any], path: Path, number: int) -> DisputedLabel:
    """One entry of the list of disputed labels."""
    for name in ("index", "given"):
        if not isinstance(entry.get(name), int):
            raise ValueError(f"{path}: entry {number} has no {name}, which is a whole number")
    return DisputedLabel(index=entry["index"], given=entry["given"])
