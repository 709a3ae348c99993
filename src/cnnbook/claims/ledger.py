"""The ledger, `seeds/claims.yaml`: each claim in the book's words, and the rule that decides it."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbook.claims.ranges import Range, may_meet, parse_range
from cnnbook.yamlfile import read_yaml

LEDGER = Path("seeds") / "claims.yaml"
"""Where the ledger lies in the book's folder."""

_OF_CLAIM = {"id", "section", "claim", "parts"}
_MORE_OF_CLAIM = {"chapter", "figure", "note", "awaits", "changed"}
_OF_PART = {"statistic", "says", "holds", "fails"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One number that helps to decide a claim.

    Attributes:
        experiment: whose Dataset has it.
        statistic: the variable's name there.
        says: what it is, in words.
        holds: the values for which this part of the claim is right.
        fails: those for which it is wrong.
    """

    experiment: str
    statistic: str
    says: str
    holds: Range
    fails: Range


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the article says, so that it can be tested.

    Attributes:
        id: C01 to C50 for the article, S1 to S7 for other parts of its series.
        section: of the article.
        claim: in the book's own words.
        parts: all of them must hold for the claim to be confirmed, and all fail for it to be refuted.
        chapter: the page that treats it, without ending; "" where there is none yet.
        figure: the id of the figure that shows it; "" where there is none yet.
        note: what to bear in mind.
        awaits: what must be built before it can be tested; "" if nothing.
        changed: later changes of its rule, each with date, former rule and reason.
    """

    id: str
    section: str
    claim: str
    parts: tuple[Part, ...]
    chapter: str = ""
    figure: str = ""
    note: str = ""
    awaits: str = ""
    changed: tuple[Mapping[str, str], ...] = ()


def read_ledger(root: Path) -> tuple[Claim, ...]:
    """All claims, in the ledger's order; none where the book has no ledger.

    Args:
        root: the book's folder.

    Raises:
        ValueError: the file is not a list called 'claims', an id comes twice, or an entry lacks a field, has
            an unknown one, or has a rule that cannot be read or that holds and fails at once.
    """
    path = root / LEDGER
    if not path.is_file():
        return ()
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get("claims"), list):
        raise ValueError(f"{path}: expected a list called 'claims'")
    claims: list[Claim] = []
    for place, entry in enumerate(content["claims"], 1):
        where = f"{path}: claim {entry.get('id', place) if isinstance(entry, dict) else place}"
        claims.append(_claim(entry, where))
        if claims[-1].id in [claim.id for claim in claims[:-1]]:
            raise ValueError(f"{where}: its id comes twice")
    return tuple(claims)


def claim_named(claims: Sequence[Claim], name: str) -> Claim:
    """The claim of that id, in capitals or not.

    Raises:
        ValueError: there is none.
    """
    found = {claim.id: claim for claim in claims}
    if name.upper() not in found:
        near = difflib.get_close_matches(name.upper(), found, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        known = f"{next(iter(found))} to {next(reversed(found))}" if found else "none: there is no ledger"
        raise ValueError(f"claim={name!r}: no such claim; there are {known}{hint}")
    return found[name.upper()]


def _claim(entry: Any, where: str) -> Claim:
    """One entry of the ledger."""
    _check_fields(entry, needed=_OF_CLAIM, more=_MORE_OF_CLAIM, where=where)
    if not isinstance(entry["parts"], list) or not entry["parts"]:
        raise ValueError(f"{where}: parts={entry['parts']!r}, expected a list of at least one")
    parts = tuple(_part(part, f"{where}, part {place}") for place, part in enumerate(entry["parts"], 1))
    changed = tuple({key: str(text) for key, text in one.items()} for one in entry.get("changed", ()))
    told = {key: str(entry[key]) for key in entry if key not in ("parts", "changed")}
    return Claim(**told, parts=parts, changed=changed)


def _part(entry: Any, where: str) -> Part:
    """One part of a claim."""
    _check_fields(entry, needed=_OF_PART, more=set(), where=where)
    experiment, dot, statistic = str(entry["statistic"]).partition(".")
    if not dot or not experiment or not statistic:
        raise ValueError(f"{where}: statistic={entry['statistic']!r}, expected 'experiment.variable'")
    try:
        holds, fails = parse_range(entry["holds"]), parse_range(entry["fails"])
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    if may_meet(holds, fails):
        raise ValueError(f"{where}: holds={holds.words!r} and fails={fails.words!r} have values in common")
    return Part(experiment=experiment, statistic=statistic, says=entry["says"], holds=holds, fails=fails)


def _check_fields(entry: Any, *, needed: set[str], more: set[str], where: str) -> None:
    """Raise unless an entry has the fields that it must have, and no others than it may have."""
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: {entry!r}, expected fields with names")
    if missing := sorted(needed - entry.keys()):
        raise ValueError(f"{where}: no {missing[0]}")
    if strange := sorted(entry.keys() - needed - more):
        raise ValueError(f"{where}: {strange[0]!r} is no field; expected {', '.join(sorted(needed | more))}")
