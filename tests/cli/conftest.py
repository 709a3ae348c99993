"""Runs command lines in this process, on a few digits, in a folder of their own."""

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cnnbook import data
from cnnbook.cli import main
from cnnbook.data import Digits


class Ended(NamedTuple):
    """How a command line ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


def run_command(*words: object) -> Ended:
    """Run one command line."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main([str(word) for word in words])
    return Ended(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs one command line and says how it ended."""
    return run_command


@pytest.fixture(scope="module", autouse=True)
def few_digits_only(few_digits: Digits) -> Iterator[None]:
    """Commands find the few digits, whatever data they are asked for; and the profile is draft."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load", lambda choice, **_: few_digits)
        patch.setenv("CNNBOOK_PROFILE", "draft")
        yield


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test works in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
