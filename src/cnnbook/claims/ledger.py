"""The ledger, `seeds/claims.yaml`: each claim in the book's words, and the rule that decides it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

from cnnbook.bookfiles import read_yaml, read_yaml_list
from cnnbook.claims.ranges import NUMBER, Range, may_meet, parse_range
from cnnbook.formatting import suggestion

LEDGER = Path("seeds") / "claims.yaml"
"""Where the ledger lies in the book's folder."""

LEVELS = ("network", "display", "information", "use")
"""What a claim is of: the network itself, what is seen, what can be read out, what the network uses."""

_STATISTIC = re.compile(r"[a-z]\w*\.[a-z]\w*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NULL = re.compile(rf"{NUMBER}|none: .+", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One number that helps to decide a claim.

    Attributes:
        experiment: whose Dataset has it.
        statistic: the variable's name there.
        says: what it is, in words.
        holds: the values for which this part of the claim is right.
        fails: those for which it is wrong.
        null: what the statistic would be if there were nothing to the claim: a number, the name of another
            statistic, or "none: " and why there is none; "" where it is by arithmetic.
        arithmetic: whether its value follows from sizes and definitions, so that nothing is found out by it.
    """

    experiment: str
    statistic: str
    says: str
    holds: Range
    fails: Range
    null: str = ""
    arithmetic: bool = False

    @property
    def name(self) -> str:
        """The statistic as the ledger names it, such as "census.bits"."""
        return f"{self.experiment}.{self.statistic}"

    @property
    def statistics(self) -> tuple[str, ...]:
        """The names of all statistics that it uses: its own, and that of its null."""
        return (self.name, self.null) if _STATISTIC.fullmatch(self.null) else (self.name,)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A later change of a claim's rule, or of what its statistics are.

    Attributes:
        on: the day, in ISO 8601.
        was: what it was before.
        why: the reason.
        seen: which results had been seen by then.
        definition: of the claim since: see `definitions`; "" for changes before there were any.
    """

    on: str
    was: str
    why: str
    seen: str = ""
    definition: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the article says, so that it can be tested. Its fields are those of the ledger's entries.

    Attributes:
        id: C01 to C50 for the article, S1 to S7 for other parts of its series.
        section: of the article.
        claim: in the book's own words.
        parts: all of them must hold for the claim to be confirmed, and all fail for it to be refuted.
        chapter: the page that treats it, without ending; "" where there is none yet.
        figure: the id of the figure that shows it; "" where there is none yet.
        note: what to bear in mind.
        awaits: what must be built before it can be tested; "" if nothing.
        changed: later changes of its rule, the oldest first.
        level: what is claimed: see `LEVELS`.
    """

    id: str
    section: str
    claim: str
    parts: tuple[Part, ...]
    chapter: str = ""
    figure: str = ""
    note: str = ""
    awaits: str = ""
    changed: tuple[Change, ...] = ()
    level: str = ""


def read_ledger(root: Path) -> tuple[Claim, ...]:
    """All claims, in the ledger's order; none where the book has no ledger.

    Args:
        root: the book's folder.

    Raises:
        ValueError: the file is not a list called 'claims', an id comes twice, or an entry lacks a field, has
            an unknown one, or has a rule that cannot be read, that holds and fails at once, or without null.
    """
    path = root / LEDGER
    if not path.is_file():
        return ()
    claims: dict[str, Claim] = {}
    for number, entry in enumerate(read_yaml_list(path, "claims"), 1):
        where = f"{path}: claim {entry.get('id', number) if isinstance(entry, dict) else number}"
        claim = _claim(entry, where)
        if claim.id in claims:
            raise ValueError(f"{where}: its id comes twice")
        claims[claim.id] = claim
    levels = read_yaml(path).get("levels", {})
    return tuple(
        replace(claim, level=claim.level or _level(claim.id, levels, path)) for claim in claims.values()
    )


def _level(claim: str, levels: Mapping[str, Sequence[str]], path: Path) -> str:
    """What a claim is of, by the ledger's list of each level; "" where the ledger has none."""
    found = [level for level, claims in levels.items() if claim in claims]
    if levels and (len(found) != 1 or found[0] not in LEVELS):
        raise ValueError(
            f"{path}: claim {claim}: its levels are {found}; expected it under one of 'levels', or a field "
            f"'level': {', '.join(LEVELS)}"
        )
    return found[0] if found else ""


def read_judge_changes(root: Path) -> tuple[Change, ...]:
    """The changes of the judge, which all claims share: the ledger's list `judge_changed`.

    Args:
        root: the book's folder.

    Raises:
        ValueError: a change lacks its date, what was before or its reason.
    """
    path = root / LEDGER
    content = read_yaml(path) if path.is_file() else {}
    return tuple(
        _change(each, f"{path}: judge_changed, entry {number}")
        for number, each in enumerate(content.get("judge_changed", ()), 1)
    )


def claim_named(claims: Sequence[Claim], name: str) -> Claim:
    """The claim of that id, in capitals or not.

    Args:
        claims: of the ledger.
        name: such as "C26".

    Raises:
        ValueError: there is none.
    """
    by_id = {claim.id: claim for claim in claims}
    if name.upper() not in by_id:
        known = f"{next(iter(by_id))} to {next(reversed(by_id))}" if by_id else "none: there is no ledger"
        raise ValueError(f"claim={name!r}: no such claim; there are {known}{suggestion(name.upper(), by_id)}")
    return by_id[name.upper()]


def _claim(entry: Any, where: str) -> Claim:
    """One entry of the ledger."""
    needed = {field.name for field in fields(Claim) if field.default is MISSING}
    _check_fields(entry, needed, {field.name for field in fields(Claim)}, where)
    if not isinstance(entry["parts"], list) or not entry["parts"]:
        raise ValueError(f"{where}: parts={entry['parts']!r}, expected a list of at least one")
    parts = tuple(_part(part, f"{where}, part {number}") for number, part in enumerate(entry["parts"], 1))
    changed = tuple(_change(one, f"{where}, change {n}") for n, one in enumerate(entry.get("changed", ()), 1))
    texts = {key: str(text) for key, text in entry.items() if key not in ("parts", "changed")}
    return Claim(**texts, parts=parts, changed=changed)


def _change(entry: Any, where: str) -> Change:
    """One change."""
    entry = _named(entry)
    _check_fields(entry, {"on", "was", "why"}, {field.name for field in fields(Change)}, where)
    texts = {key: str(text).strip() for key, text in entry.items()}
    if not _DATE.fullmatch(texts["on"]):
        raise ValueError(f"{where}: on={texts['on']!r}, expected a date such as 2026-11-30")
    if empty := [name for name in ("was", "why") if not texts[name]]:
        raise ValueError(f"{where}: {empty[0]} is empty; say what was before, and why it was changed")
    return Change(**texts)


def _part(entry: Any, where: str) -> Part:
    """One part of a claim."""
    entry = _named(entry)
    names = {"statistic", "says", "holds", "fails"}
    _check_fields(entry, names, names | {"null", "arithmetic"}, where)
    experiment, _, statistic = str(entry["statistic"]).partition(".")
    if not experiment or not statistic:
        raise ValueError(f"{where}: statistic={entry['statistic']!r}, expected 'experiment.variable'")
    try:
        holds, fails = parse_range(entry["holds"]), parse_range(entry["fails"])
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    null = str(entry.get("null", ""))
    if null and not (_NULL.fullmatch(null) or _STATISTIC.fullmatch(null)):
        raise ValueError(
            f"{where}: null={null!r}, expected a number, a statistic, or 'none: ' and the reason"
        )
    if not null and not entry.get("arithmetic"):
        raise ValueError(
            f"{where}: no null; say what {entry['statistic']} would be if there were nothing to the claim: a "
            "number, a statistic, or 'none: reason' (or 'arithmetic: true' for what follows from sizes)"
        )
    if may_meet(holds, fails):
        raise ValueError(f"{where}: holds={holds.words!r} and fails={fails.words!r} have values in common")
    return Part(
        experiment=experiment,
        statistic=statistic,
        says=entry["says"],
        holds=holds,
        fails=fails,
        null=null,
        arithmetic=entry.get("arithmetic", False) is True,
    )


def _named(entry: Any) -> Any:
    """An entry with the names that its author wrote: YAML 1.1 reads `null` as nothing and `on` as true."""
    names = {None: "null", True: "on"}
    return {names.get(key, key): text for key, text in entry.items()} if isinstance(entry, dict) else entry


def _check_fields(entry: Any, needed: set[str], known: set[str], where: str) -> None:
    """Raise unless an entry has the fields that it must have, and none that is not known."""
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: {entry!r}, expected fields with names")
    if missing := sorted(needed - entry.keys()):
        raise ValueError(f"{where}: no {missing[0]}")
    if unknown := sorted(entry.keys() - known):
        raise ValueError(f"{where}: {unknown[0]!r} is no field; expected {', '.join(sorted(known))}")
