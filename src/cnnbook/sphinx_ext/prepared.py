"""What the rest of the package hands to a build: numbers, figures and the state they belong to."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from rich.console import Console
from sphinx.errors import ConfigError

from cnnbook.publishing.record import read_record


@runtime_checkable
class Prepared(Protocol):
    """What `cnnbook.preparation.prepare` returns once all data, nets and results are in the store."""

    @property
    def digest(self) -> str:
        """Of everything that cells depend on: package source, seeds, data, profile, lock file, versions."""
        ...

    @property
    def folder(self) -> Path:
        """The execution folder, one for each digest.

        Cells leave a record of each figure they publish in `figures/<id>.json`; Jupyter Book keeps the
        executed cells in `jupyter/`.
        """
        ...

    @property
    def values(self) -> Mapping[str, str]:
        """The numbers that prose may use, as text, by name: "accuracy.mean" -> "99.42 %"."""
        ...

    @property
    def is_sample(self) -> bool:
        """Whether the data are the sample and not MNIST."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables that the cells' kernels need to see the same state."""
        ...


@runtime_checkable
class Prepare(Protocol):
    """The type of `cnnbook.preparation.prepare`: quick when the store holds everything."""

    def __call__(self, root: Path, *, console: Console) -> Prepared:
        """Load, train and compute what the book in the folder `root` needs, showing progress."""
        ...


def load_prepare(name: str) -> Prepare:
    """The function that an import string such as "cnnbook.preparation:prepare" names.

    Raises:
        ConfigError: there is no such function.
    """
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"cnnbook_prepare={name!r}: expected 'module:function' ({error})") from error


def executed_cells(folder: Path) -> Path:
    """Where Jupyter Book keeps executed cells, in an execution folder."""
    return folder / "jupyter"


def figure_record(folder: Path, figure_id: str) -> Path:
    """Where a cell leaves the record of a figure, in an execution folder."""
    return folder / "figures" / f"{figure_id}.json"


def figure_faults(folder: Path) -> list[str]:
    """What is wrong with the figures that cells published: files gone or damaged. Empty when all is well."""
    records = sorted((folder / "figures").glob("fig-*.json"))
    return [fault for path in records if (fault := read_record(path).fault())]
