"""All claims at a glance: a strip for each part, with its interval and where it holds and fails."""

import math

import numpy as np
import xarray as xr

from cnnbook.figures.declare import figure
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import LABEL, SMALL, hide_axes
from cnnbook.strips import strip_axis

VERDICTS = (
    ("confirmed", "✓", "green"),
    ("mixed", "±", "blue"),
    ("refuted", "✗", "orange"),
    ("undecided", "?", "faint"),
    ("not conclusive", "?", "faint"),
    ("not tested", "–", "faint"),
)
"""Verdicts by their code: a word, a mark so that colour is not needed, and the colour."""

GROUPS = {
    "network": "The network",
    "display": "Display: what is seen in maps and patterns",
    "information": "Information: what can be read out of activations",
    "use": "Use: what the network does with it",
}
"""Levels of claims, in the order of the book's argument."""

ROW, HEAD, LONGEST = 0.2, 0.42, 34
"""Inches of a part and of a group's heading, and letters of the text beside a strip, at most."""

LEFT, STRIP = 4.0, 3.6
"""Inches from the left edge to the strips, and of their width."""


@figure(
    "value: part; low: part; high: part; null: part; holds_low: part; holds_high: part; fails_low: part; "
    "fails_high: part; state: part; arithmetic: part; badge: part; verdict: part"
)
def claims_figure(claims: xr.Dataset) -> Page:
    """Strips by group: green where a part holds, orange where it fails; a bar for its interval."""
    groups = {level: np.flatnonzero(claims["level"].values == level).tolist() for level in GROUPS}
    rows = sum(len(each) for each in groups.values())
    page = Page(1.25 + rows * ROW + HEAD * len(GROUPS), title="The article's claims, part by part", left=0.25)
    _key(page)
    top = 0.95
    for level, parts in groups.items():
        page.write(0.25, top + 0.3, GROUPS[level], size=LABEL, colour="ink")
        top += HEAD
        if not parts:
            continue
        for row, part in enumerate(parts):
            _line(page, claims.isel(part=part), top + row * ROW, is_first=_begins(claims, part))
        chart = page.panel((LEFT, top, STRIP, ROW * len(parts)), hide_axes)
        chart.set(xlim=(0, 1), ylim=(len(parts), 0))
        for row, part in enumerate(parts):
            _strip(chart, claims.isel(part=part), row)
        top += ROW * len(parts)
    return page


def _key(page: Page) -> None:
    """What colours and marks mean."""
    left = 0.25
    for word, mark, colour in (*VERDICTS[:4], VERDICTS[5]):
        page.write(left, 0.56, f"{mark} {word}", colour=colour)
        left += 0.085 * len(word) + 0.4
    page.write(
        0.25,
        0.8,
        "Strip: green the claim holds, orange it fails; bar: 95 % interval; ◆: if there were nothing to it",
        size=SMALL,
        colour="faint",
    )


def _begins(claims: xr.Dataset, part: int) -> bool:
    """Whether a part is the first of its claim."""
    return part == 0 or claims["claim"].values[part - 1] != claims["claim"].values[part]


def _line(page: Page, part: xr.Dataset, top: float, *, is_first: bool) -> None:
    """The claim's mark and id, and what its first part measures; those below it are told by the data."""
    _, mark, colour = VERDICTS[int(part["badge"])]
    if not is_first:
        return
    page.write(0.25, top + 0.14, mark, colour=colour)
    page.write(0.45, top + 0.14, str(part["claim"].values), size=SMALL)
    says = str(part["says"].values)
    short = says if len(says) <= LONGEST else says[: LONGEST - 1].rsplit(" ", 1)[0] + " …"
    page.write(0.92, top + 0.14, short, size=SMALL, colour="faint" if part["arithmetic"] else "")


def _strip(chart: Chart, part: xr.Dataset, row: int) -> None:
    """Zones, interval and null of one part, on an axis of its own."""
    numbers = {name: float(part[name]) for name in ("value", "low", "high", "null")}
    names = ("holds_low", "holds_high", "fails_low", "fails_high")
    bounds = {name: float(part[name]) for name in names}
    place = strip_axis([*numbers.values(), *bounds.values()])
    for side, colour in (("holds", "green"), ("fails", "orange")):
        low, high = bounds[f"{side}_low"], bounds[f"{side}_high"]
        spans = [(low, high)] if low <= high else [(-math.inf, high), (low, math.inf)]
        for begin, end in spans:
            left, right = place(begin), place(end)
            chart.rectangle((left, row + 0.2), max(right - left, 0.008), 0.6, facecolor=(colour, 0.25), lw=0)
    if math.isfinite(numbers["value"]):
        left, right = place(numbers["low"]), place(numbers["high"])
        chart.rectangle((left, row + 0.4), max(right - left, 0.004), 0.2, facecolor="ink", lw=0)
        chart.plot([place(numbers["value"])], [row + 0.5], "o", color="ink", ms=3.5)
    if math.isfinite(numbers["null"]):
        chart.plot([place(numbers["null"])], [row + 0.5], "D", color="blue", ms=3)
