"""What a build knows before its first chapter runs, kept in the folder of its state.

The state's digest covers all code, data and configuration that this follows from, so that the next build of
the same state, and every chapter of this one, reads one file where it would else ask every experiment anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from cnnbook.files import read_remembered, write_remembered

FILE = "prepared.json"
"""Its name in the state's folder."""


@dataclass(frozen=True, kw_only=True)
class PreparedState:
    """What is known of a state, in plain values.

    Attributes:
        data: the data's name, "mnist" or "sample".
        values: every number that prose may quote, as text, by name.
        statistics: what claims may be judged by, mean over networks, by name.
        claims: each claim's record by its id: see `cnnbook.claims.report.claim_record`.
        remarks: on verdicts, a line each: those that differ from the accepted ones, or lack networks.
        results: by the experiment's name, the digest of its entry in the store.
    """

    data: str
    values: Mapping[str, str]
    statistics: Mapping[str, float]
    claims: Mapping[str, Mapping[str, Any]]
    remarks: Sequence[str]
    results: Mapping[str, str]


def read_prepared_state(folder: Path) -> PreparedState | None:
    """What is known of a state; None where nothing is, or not all of it.

    Args:
        folder: of the state.
    """
    values = read_remembered(folder / FILE)
    return PreparedState(**values) if values.keys() == {each.name for each in fields(PreparedState)} else None


def write_prepared_state(prepared: PreparedState, folder: Path) -> None:
    """Keep what is known of a state.

    Args:
        prepared: what it is.
        folder: of the state.

    Raises:
        OSError: it cannot be written.
    """
    write_remembered(folder / FILE, asdict(prepared))
