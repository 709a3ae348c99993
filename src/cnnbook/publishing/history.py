"""What became of a figure from one version of the book to the next."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from cnnbook.publishing.figure_numbers import number_changes
from cnnbook.publishing.final_record import (
    FOLDER,
    INDEX,
    data_files,
    picture,
    pictures,
    read_index,
    withdrawal,
)
from cnnbook.publishing.history_words import summary
from cnnbook.publishing.versions import rank, version_folders

WORDS = ("title", "caption", "alt")
"""What a figure says in words."""


def earlier(versions_folder: Path, figure_id: str, *, before: str | None = None) -> list[dict[str, Any]]:
    """A figure in the released versions of the book, newest first.

    Args:
        versions_folder: with one folder for each version, `v1.0/` and so on, as `cnnbook release` writes
            them; need not exist.
        figure_id: such as "fig-accuracy".
        before: only versions older than this one; all of them if None.

    Returns:
        Of each version that has the figure: `version`; `record`, its final record there; `folder`, where its
        files lie (a Path); `address`, of its page within the folder of versions.

    Raises:
        ValueError: `before` is no version, or a release's list of figures is damaged.
    """
    return [
        {
            "version": version,
            "record": dict(record),
            "folder": folder / FOLDER,
            "address": f"{folder.name}/{record['address']}",
        }
        for version, folder in version_folders(versions_folder).items()
        if before is None or rank(version) < rank(before)
        for record in read_index(folder / INDEX)
        if record["id"] == figure_id
    ]


def changes_since(old: Mapping[str, Any], new_record: Mapping[str, Any], new_folder: Path) -> dict[str, Any]:
    """What differs from an earlier version, its files read.

    Args:
        old: one of those that `earlier` returns.
        new_record: the figure's final record now.
        new_folder: where its files lie now.

    Returns:
        As `changes`.
    """
    sides = (("old", old["record"], old["folder"]), ("new", new_record, new_folder))
    texts, images = {}, {}
    for side, record, folder in sides:
        tables = [folder / file["name"] for file in data_files(record) if file["format"] == "csv"]
        shown = picture(record, "png")
        if tables and tables[0].is_file():
            texts[f"{side}_csv"] = tables[0].read_text(encoding="utf-8")
        if shown and (folder / shown["name"]).is_file():
            images[f"{side}_png"] = (folder / shown["name"]).read_bytes()
    return changes(old["record"], new_record, **texts, **images)


def changes(
    old_record: Mapping[str, Any], new_record: Mapping[str, Any],
    *, old_csv: str | None = None, new_csv: str | None = None,
    old_png: bytes | None = None, new_png: bytes | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What differs between two versions of one figure.

    A file's bytes differ from version to version even if nothing else does, for it says which version it
    belongs to. So pictures are compared by their pixels where they are given.

    Args:
        old_record: the figure's final record in the older version.
        new_record: and in the newer one.
        old_csv: the text of the older version's data file; without both the numbers are not compared.
        new_csv: and of the newer one's.
        old_png: the older version's picture; without both the checksums of the files are compared.
        new_png: and the newer one's.

    Returns:
        Plain JSON values:
        `same`: whether words, picture and data are the same; code and package versions may differ;
        `words`: {"title"|"caption"|"alt": {"old", "new"}}, of those that differ;
        `looks_same`: whether each pixel is the same, or None without both pictures;
        `files`: {"changed", "added", "removed"}: names of pictures;
        `data`: {"changed", "old", "new"}: the digests;
        `numbers`: None without both data files, else what `number_changes` returns;
        `code`: {"old", "new"} of `drawn_by`, or None when it is the same;
        `versions`: {package: {"old", "new"}}, of those that differ;
        `withdrawn`: why the newer version withdrew it, or None;
        `summary`: sentences for readers.

    Raises:
        ValueError: the records are of two figures, or a data file is none.
    """
    if old_record["id"] != new_record["id"]:
        raise ValueError(f"new_record: of {new_record['id']}; expected one of {old_record['id']}")
    numbers = None if old_csv is None or new_csv is None else number_changes(old_csv, new_csv)
    found = {
        "words": _differing({name: (old_record.get(name), new_record.get(name)) for name in WORDS}),
        "looks_same": None if old_png is None or new_png is None else _same_pixels(old_png, new_png),
        "files": _file_changes(old_record, new_record),
        "data": _data_changes(old_record, new_record),
        "numbers": numbers,
        "code": _differing({"code": (old_record.get("drawn_by"), new_record.get("drawn_by"))}).get("code"),
        "versions": _differing(_paired(old_record.get("versions"), new_record.get("versions"))),
        "withdrawn": None if withdrawal(old_record) else withdrawal(new_record),
    }
    looks_same = not any(found["files"].values()) if found["looks_same"] is None else found["looks_same"]
    same = looks_same and not (found["words"] or found["data"]["changed"] or found["withdrawn"])
    return {"same": same, **found, "summary": summary(found)}


def _same_pixels(old: bytes, new: bytes) -> bool:
    """Whether two PNGs show the same."""
    with Image.open(io.BytesIO(old)) as one, Image.open(io.BytesIO(new)) as other:
        if one.size != other.size:
            return False
        difference = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA"))
        return difference.getbbox(alpha_only=False) is None


def _paired(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, tuple[Any, Any]]:
    """The values of two mappings by name; None where one lacks it."""
    old, new = old or {}, new or {}
    return {name: (old.get(name), new.get(name)) for name in sorted(old.keys() | new.keys())}


def _differing(pairs: Mapping[str, tuple[Any, Any]]) -> dict[str, dict[str, Any]]:
    """Of pairs by name those whose two values differ."""
    return {name: {"old": old, "new": new} for name, (old, new) in pairs.items() if old != new}


def _file_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names of pictures whose bytes changed, that came, that went."""
    sums = [{file["name"]: file["sha256"] for file in pictures(record)} for record in (old, new)]
    pairs = _differing(_paired(*sums))
    return {
        "changed": [name for name, pair in pairs.items() if pair["old"] and pair["new"]],
        "added": [name for name, pair in pairs.items() if not pair["old"]],
        "removed": [name for name, pair in pairs.items() if not pair["new"]],
    }


def _data_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The digests of the data, and whether they differ."""
    before, now = ((record.get("data") or {}).get("digest") for record in (old, new))
    return {"changed": before != now, "old": before, "new": now}
