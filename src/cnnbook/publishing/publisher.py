"""Publish figures: draw each once, keep its files in the store, and leave its record for the build.

Any book can do it that has a `book.yaml` and a `figures.yaml`:

    publisher = open_publisher(light=LIGHT, dark=DARK)
    publisher.publish("fig-rain", draw_rain, dataset, month="June")
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from cnnbook.files import cache_folder
from cnnbook.publishing.book import BookMetadata, find_root, read_book
from cnnbook.publishing.data_files import describe_variables, write_csv, write_netcdf
from cnnbook.publishing.pictures import HasBackground, write_figure
from cnnbook.publishing.record import FOLDER, FigureRecord, book_fields, check_figure_id
from cnnbook.publishing.record_files import RECORD, read_record, write_record
from cnnbook.publishing.registry import Registry, read_registry
from cnnbook.publishing.request import (
    FigureRequest,
    code_digest,
    dotted_name,
    installed_versions,
    make_request,
    platform_text,
    source_location,
    source_location_of_name,
)
from cnnbook.publishing.stamp import Stamp, make_stamp
from cnnbook.sources import source_digest
from cnnbook.store import Key, Store

EXECUTION = "CNNBOOK_EXECUTION"
"""Set by a build for the chapters' kernels: the folder where records of published figures go."""

IN_PROGRESS = ".drawing"
"""What the names of files end in that say which figures cells draw at this moment."""

BUILD = "CNNBOOK_BUILD"
"""Set by a build likewise: a word that distinguishes it from other builds."""


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """What it takes to publish a book's figures.

    Attributes:
        root: the book's folder; paths of source files are relative to it.
        book: title, authors, licence.
        registry: the ids that may be published.
        store: keeps the files.
        light: the palette of the light pictures.
        dark: the palette of the dark ones.
        packages: that the book's numbers depend on, besides those of every figure.
    """

    root: Path
    book: BookMetadata
    registry: Registry
    store: Store
    light: HasBackground
    dark: HasBackground
    packages: Sequence[str] = ()

    def publish(
        self, figure_id: str, draw: Callable[..., Figure], *data: Any, **options: Any
    ) -> FigureRecord | None:
        """Draw a figure, unless the store has it, and publish it under its id.

        Args:
            figure_id: never changes once published, such as "fig-conv3-three-fours".
            draw: called with the data, the options and `palette=`; returns a new Figure.
            data: what it draws: Datasets, or DataArrays.
            options: its keyword arguments: plain JSON values, or DataArrays, which count as data.

        Returns:
            The figure, which a notebook shows; None while the book is built, where the directive
            `citable-figure` shows it.

        Raises:
            ValueError: the id is malformed, unknown, withdrawn or taken; a number has no unit; an argument is
                neither data nor a plain value.
            OSError: the files cannot be written.
        """
        check_figure_id(figure_id)
        entry = self.registry.check_publishable(figure_id, version=self.book.version)
        request = make_request(figure_id, entry.title, draw, data, options)
        key = self._key(request)
        with self.store.lock_missing(key) as missing:
            for _ in missing:
                with _noted_as_drawing(figure_id), self.store.write_entry(key) as new:
                    self._write(request, new)
        folder = self.store.folder(key)
        stored = read_record(folder / RECORD, folder=folder)
        record = replace(
            self._with_source_lines(stored, draw), entry=key.digest, build=os.environ.get(BUILD, "")
        )
        if EXECUTION not in os.environ:
            return record
        _write_for_build(record, Path(os.environ[EXECUTION]) / FOLDER / f"{figure_id}.json")
        return None

    def _stamp(self, request: FigureRequest, theme: str) -> Stamp:
        return make_stamp(
            self.book, figure_id=request.id, title=request.title, theme=theme, data=request.digest
        )

    def _key(self, request: FigureRequest) -> Key:
        """The address of a figure: what draws it, from which data, with which options; what it is called."""
        material = {
            "stamp": self._stamp(request, "light").fields(),
            "draw": dotted_name(request.draw),
            "source": code_digest(request.draw),
            "writers": _writers_digests(),
            "palettes": [repr(self.light), repr(self.dark)],
            "inputs": request.inputs,
            "options": request.options,
            "made_from": request.made_from,
            "versions": dict(installed_versions(*self.packages)),
        }
        return Key("figures", material)

    def _write(self, request: FigureRequest, folder: Path) -> None:
        """Write all files of a figure into a new entry of the store."""
        if request.dataset is not None:
            stem = folder / request.id
            write_csv(request.dataset, stem.with_suffix(".csv"))
            stamp = self._stamp(request, "light")
            write_netcdf(request.dataset, stem.with_suffix(".nc"), stamp=stamp, made_from=request.made_from)
        write_figure(
            request.id,
            request,
            folder,
            light=self.light,
            dark=self.dark,
            title=request.title,
            stamp=lambda theme: self._stamp(request, theme),
            **self._about(request),
        )

    def _about(self, request: FigureRequest) -> dict[str, Any]:
        """What the record says besides size and files."""
        data = request.dataset
        return {
            **book_fields(self.book),
            "drawn_by": source_location(request.draw, self.root),
            "options": request.options,
            "made_from": request.made_from,
            "versions": dict(installed_versions(*self.packages)),
            "platform": platform_text(),
            "data": None
            if data is None
            else {"digest": request.digest, "variables": describe_variables(data)},
        }

    def _with_source_lines(self, record: FigureRecord, draw: Callable[..., Figure]) -> FigureRecord:
        """The record with lines of source as they are now: a comment above a function only moves it."""
        sources = [
            entry | source_location_of_name(entry["function"], self.root) if "function" in entry else entry
            for entry in map(dict, record.made_from)
        ]
        return replace(record, drawn_by=source_location(draw, self.root), made_from=sources)


@cache
def _writers_digests() -> tuple[str, ...]:
    """Digests of the code that writes the files; it cannot change while it runs."""
    return tuple(source_digest(f"cnnbook.publishing.{name}") for name in ("pictures", "data_files"))


@contextmanager
def _noted_as_drawing(figure_id: str) -> Iterator[None]:
    """In a build, leave a note while a figure is drawn: a kernel that dies cannot say at what it was."""
    if EXECUTION not in os.environ:
        yield
        return
    note = Path(os.environ[EXECUTION]) / FOLDER / f"{figure_id}{IN_PROGRESS}"
    with suppress(OSError):  # whoever writes the record there says what is wrong
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()
    yield
    with suppress(OSError):
        note.unlink()


def _write_for_build(record: FigureRecord, path: Path) -> None:
    """Leave a figure's record for the build, unless this build has another one under the same id.

    Raises:
        ValueError: it has.
        OSError: the record cannot be written.
    """
    if record.build and path.exists():
        other = read_record(path)
        if other.build == record.build and other.entry != record.entry:
            raise ValueError(
                f"{record.id}: published twice in this book, as {_drawing_call(other)} and as "
                f"{_drawing_call(record)}; give one of them an id of its own"
            )
    write_record(record, path)


def _drawing_call(record: FigureRecord) -> str:
    """How a figure was drawn, in words."""
    options = ", ".join(f"{name}={value!r}" for name, value in record.options.items())
    return f"{(record.drawn_by or {})['function']}({options})"


def open_publisher(
    *,
    light: HasBackground,
    dark: HasBackground,
    root: Path | None = None,
    store: Store | None = None,
    edition: str = "",
    packages: Sequence[str] = (),
) -> Publisher:
    """What it takes to publish the figures of a book.

    Args:
        light: the palette of the light pictures.
        dark: the palette of the dark ones.
        root: the book's folder; None searches upwards from here for a `book.yaml`.
        store: keeps the files; None takes the user's own.
        edition: what distinguishes the numbers of this build from those of the version: see `BookMetadata`.
        packages: that the book's numbers depend on; records give their versions.

    Raises:
        FileNotFoundError: no book, or one without a register of figures.
        ValueError: one of its files says something that cannot be.
    """
    root = root or find_root()
    return Publisher(
        root=root,
        book=read_book(root, edition=edition),
        registry=read_registry(root),
        store=store or Store(cache_folder() / "store", notify=print),
        light=light,
        dark=dark,
        packages=packages,
    )
