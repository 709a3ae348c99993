"""What became of a figure, as sentences for readers."""

from collections.abc import Iterable, Mapping
from typing import Any


def summary(found: Mapping[str, Any]) -> list[str]:
    """The differences that `history.changes` found, as sentences; the most important first."""
    if found["withdrawn"]:
        return [f"Withdrawn: {found['withdrawn']}"]
    sentences = [
        _picture(found["looks_same"], found["files"]),
        _files(found["files"]),
        *_data(found["data"], found["numbers"]),
        _words(found["words"]),
        _code(found["code"]),
        _versions(found["versions"]),
    ]
    return [sentence for sentence in sentences if sentence]


def _picture(looks_same: bool | None, files: Mapping[str, list[str]]) -> str:
    if looks_same:
        return "The picture is the same, pixel by pixel."
    changed = looks_same is False or files["changed"]
    if looks_same is None and changed:
        return "The bytes of the picture differ."
    return "The picture differs." if changed else "The picture is the same."


def _files(files: Mapping[str, list[str]]) -> str:
    words = {"added": "came", "removed": "went"}
    moves = [f"{', '.join(files[how])} {word}" for how, word in words.items() if files[how]]
    return f"Files: {'; '.join(moves)}." if moves else ""


def _data(data: Mapping[str, Any], numbers: list[Mapping[str, Any]] | None) -> Iterable[str]:
    if not data["changed"] and not numbers:
        return ["The data are the same."]
    if numbers is None:
        return ["The data differ."]
    if not numbers:
        return ["The numbers are the same; what is said about them differs."]
    return [_variable(change) for change in numbers]


def _variable(change: Mapping[str, Any]) -> str:
    name, unit = change["variable"], change["unit"]
    said = []
    if change["differing"]:
        largest = change["largest_difference"]
        by = "" if largest is None else f", by at most {largest:.3g}{_unit(unit)}"
        verb = "differs" if change["differing"] == 1 else "differ"
        said.append(f"{change['differing']:,} of {change['compared']:,} values {verb}{by}")
    if change["added"]:
        said.append(f"{_count(change['added'], 'value')} came")
    if change["removed"]:
        said.append(f"{_count(change['removed'], 'value')} went")
    if change["unit_changed"]:
        said.append(f"the unit is now {unit!r}")
    return f"{name}: {'; '.join(said)}."


def _words(words: Iterable[str]) -> str:
    called = ["alt text" if word == "alt" else word for word in words]
    return f"Worded differently: {', '.join(called)}." if called else ""


def _code(code: Mapping[str, Any] | None) -> str:
    if code is None:
        return ""
    names = [(side or {}).get("function") for side in (code["old"], code["new"])]
    if names[0] != names[1]:
        return f"Drawn by {names[1]}, no longer by {names[0]}."
    return f"The lines of {names[1]} differ or moved."


def _versions(versions: Mapping[str, Mapping[str, Any]]) -> str:
    moves = [f"{name} {pair['old'] or '–'} → {pair['new'] or '–'}" for name, pair in versions.items()]
    return f"Versions: {', '.join(moves)}." if moves else ""


def _unit(unit: str) -> str:
    return "" if unit in ("", "1") else f" {unit}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
