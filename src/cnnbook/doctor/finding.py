"""What the doctor says: one finding a check."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found.

    Attributes:
        check: what was looked at, in a word or two.
        level: "problem" if something does not work, "note" if it works but is worth knowing.
        found: what is there.
        mend: for a problem, the command or the step that mends it.
    """

    check: str
    level: Literal["ok", "note", "problem"]
    found: str
    mend: str = ""


def ok(check: str, found: str) -> Finding:
    """A finding that all is well.

    Args:
        check: what was looked at.
        found: what is there.
    """
    return Finding(check=check, level="ok", found=found)


def note(check: str, found: str, mend: str = "") -> Finding:
    """A finding that is worth knowing.

    Args:
        check: what was looked at.
        found: what is there.
        mend: a command that changes it, if there is one.
    """
    return Finding(check=check, level="note", found=found, mend=mend)


def problem(check: str, found: str, mend: str) -> Finding:
    """A finding that something does not work.

    Args:
        check: what was looked at.
        found: what is there.
        mend: the command or the step that mends it.
    """
    return Finding(check=check, level="problem", found=found, mend=mend)
