"""What became of a figure from one version of the book to the next, in sentences for readers."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from cnnbook.publishing.built import version_folders, version_key
from cnnbook.publishing.data_files import compare_csv
from cnnbook.publishing.record import FOLDER, FigureRecord
from cnnbook.publishing.record_files import INDEX, read_index


@dataclass(frozen=True, kw_only=True)
class EarlierFigure:
    """A figure in a released version of the book.

    Attributes:
        version: of the book.
        record: of the figure there; `folder` says where its files lie.
        address: of its page within the folder of versions.
    """

    version: str
    record: FigureRecord
    address: str


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What differs between two versions of one figure.

    Attributes:
        same: whether words, picture and data are the same; code and package versions may differ.
        looks_same: whether each pixel is the same; None without both pictures.
        numbers: what `compare_csv` returns; None without both data files.
        summary: all differences as sentences, the most important first.
    """

    same: bool
    looks_same: bool | None = None
    numbers: list[dict[str, Any]] | None = None
    summary: list[str]


def earlier_versions(
    versions_folder: Path, figure_id: str, *, before: str | None = None
) -> list[EarlierFigure]:
    """A figure in the released versions of the book that have it, newest first.

    Args:
        versions_folder: with one folder for each version, `v1.0/` and so on, as `cnnbook release` writes
            them; need not exist.
        figure_id: such as "fig-accuracy".
        before: only versions older than this one; all of them if None.

    Raises:
        ValueError: `before` is no version, or a release's list of figures is damaged.
    """
    return [
        EarlierFigure(
            version=version,
            record=replace(record, folder=folder / FOLDER),
            address=f"{folder.name}/{record.address}",
        )
        for version, folder in version_folders(versions_folder).items()
        if before is None or version_key(version) < version_key(before)
        for record in read_index(folder / INDEX)
        if record.id == figure_id
    ]


def changes_since(old: FigureRecord, new: FigureRecord) -> Changes:
    """What differs between two versions of one figure, the files in their folders read.

    A file's bytes differ from version to version even if nothing else does, for it says which version it
    belongs to. So pictures are compared by their pixels, and data by their numbers, where both versions have
    the files; else by checksums.

    Args:
        old: the figure's record in the older version.
        new: and in the newer one.

    Raises:
        ValueError: the records are of two figures, or a data file is none.
    """
    if old.id != new.id:
        raise ValueError(f"new: of {new.id}; expected one of {old.id}")
    if new.withdrawn and not old.withdrawn:
        return Changes(same=False, summary=[f"Withdrawn: {new.withdrawn}"])
    tables, pictures = _contents(old, new, ".csv"), _contents(old, new, ".png")
    numbers = compare_csv(*(table.decode() for table in tables)) if tables else None
    looks_same = _same_pixels(*pictures) if pictures else None
    digests = [(record.data or {}).get("digest") for record in (old, new)]
    files, words = _file_changes(old, new), _word_changes(old, new)
    same_picture = not any(files.values()) if looks_same is None else looks_same
    sentences = [
        _picture_sentence(looks_same, changed=bool(files["changed"])),
        _files_sentence(files),
        *_data_sentences(digests[0] == digests[1], numbers),
        f"Worded differently: {', '.join(words)}." if words else "",
        _code_sentence(old.drawn_by, new.drawn_by),
        _versions_sentence(old.versions, new.versions),
    ]
    return Changes(
        same=same_picture and not words and digests[0] == digests[1],
        looks_same=looks_same,
        numbers=numbers,
        summary=[sentence for sentence in sentences if sentence],
    )


def _contents(old: FigureRecord, new: FigureRecord, suffix: str) -> tuple[bytes, bytes] | None:
    """The content of one of the figure's files in both versions; None where one of them does not have it."""
    for record in (old, new):
        listed = f"{record.id}{suffix}" in {file.name for file in record.files}
        if not listed or not record.path(suffix).is_file():
            return None
    return old.path(suffix).read_bytes(), new.path(suffix).read_bytes()


def _same_pixels(old: bytes, new: bytes) -> bool:
    """Whether two PNGs show the same."""
    with Image.open(io.BytesIO(old)) as one, Image.open(io.BytesIO(new)) as other:
        if one.size != other.size:
            return False
        difference = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA"))
        return difference.getbbox(alpha_only=False) is None


def _file_changes(old: FigureRecord, new: FigureRecord) -> dict[str, list[str]]:
    """Names of pictures whose bytes changed, that were added, that were removed."""
    before, now = ({file.name: file.sha256 for file in record.pictures} for record in (old, new))
    return {
        "changed": sorted(name for name in before.keys() & now.keys() if before[name] != now[name]),
        "added": sorted(now.keys() - before.keys()),
        "removed": sorted(before.keys() - now.keys()),
    }


def _word_changes(old: FigureRecord, new: FigureRecord) -> list[str]:
    """Which of a figure's words differ."""
    pairs = {
        "title": (old.title, new.title),
        "caption": (old.caption, new.caption),
        "alt text": (old.alt, new.alt),
    }
    return [name for name, (before, now) in pairs.items() if before != now]


def _picture_sentence(looks_same: bool | None, *, changed: bool) -> str:
    if looks_same:
        return "The picture is the same, pixel by pixel."
    if looks_same is None and changed:
        return "The bytes of the picture differ."
    return "The picture is the same." if looks_same is None else "The picture differs."


def _files_sentence(files: Mapping[str, list[str]]) -> str:
    moves = [f"{', '.join(files[how])} {how}" for how in ("added", "removed") if files[how]]
    return f"Files: {'; '.join(moves)}." if moves else ""


def _data_sentences(same: bool, numbers: list[dict[str, Any]] | None) -> Iterator[str]:
    if numbers:
        yield from map(_variable_sentence, numbers)
    elif same:
        yield "The data are the same."
    else:
        yield (
            "The data differ." if numbers is None else "The numbers are the same; their description differs."
        )


def _variable_sentence(change: Mapping[str, Any]) -> str:
    unit = "" if change["unit"] in ("", "1") else f" {change['unit']}"
    largest, facts = change["largest_difference"], []
    if change["differing"]:
        by = "" if largest is None else f", by at most {largest:.3g}{unit}"
        verb = "differs" if change["differing"] == 1 else "differ"
        facts.append(f"{change['differing']:,} of {change['compared']:,} values {verb}{by}")
    for how in ("added", "removed"):
        if change[how]:
            facts.append(f"{change[how]:,} value{'' if change[how] == 1 else 's'} {how}")
    if change["unit_changed"]:
        facts.append(f"the unit is now {change['unit']!r}")
    return f"{change['variable']}: {'; '.join(facts)}."


def _code_sentence(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    if old == new:
        return ""
    before, now = ((side or {}).get("function") for side in (old, new))
    same = f"The lines of {now} differ or moved."
    return same if before == now else f"Drawn by {now}, no longer by {before}."


def _versions_sentence(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    moves = [
        f"{name} {old.get(name, '–')} → {new.get(name, '–')}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    return f"Versions: {', '.join(moves)}." if moves else ""
