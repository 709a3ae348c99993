"""States of a book: everything that cells depend on, known by one digest, with a folder of its own.

Cells leave their outputs and their figures' records in the state's folder, so that a book which comes back
to an earlier state finds there what its cells said.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEPT = 8
"""Folders of earlier states that are kept, so that going back is quick."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A state of a book in which every chapter can run at once.

    Attributes:
        digest: of everything that cells depend on; names the state.
        folder: keeps what cells leave behind in this state: their outputs and their figures' records.
        values: the numbers that prose quotes, by name.
        is_sample: whether the data are the sample.
        environment: variables that the chapters' kernels need to open the same state.
        claims: records of the claims that pages show, by id.
    """

    digest: str
    folder: Path
    values: Mapping[str, str]
    is_sample: bool
    environment: Mapping[str, str]
    claims: Mapping[str, Any] = field(default_factory=dict)


def state_folder(states: Path, digest: str) -> Path:
    """The folder of a state, made if need be; folders that nobody used for long are removed.

    Args:
        states: holds the folders of all states of a book.
        digest: of the state.
    """
    folder = states / digest[:32]
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    by_use = sorted(states.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for unused in by_use[KEPT:]:
        shutil.rmtree(unused, ignore_errors=True)
    return folder
