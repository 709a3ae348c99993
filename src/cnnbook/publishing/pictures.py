"""Write a figure's pictures: SVG, PNG and PDF, light and dark, the same bytes every time."""

import gc
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

import matplotlib
from matplotlib.figure import Figure

from cnnbook.publishing.fonts import embed_outlines_only
from cnnbook.publishing.formats import PICTURE_FORMATS
from cnnbook.publishing.record import FigureRecord, check_figure_id
from cnnbook.publishing.record_files import PIXELS, RECORD, describe_files, write_record
from cnnbook.publishing.stamp import Stamp

CSS_PX_PER_INCH = 96
"""What a browser takes an inch of an SVG to be."""

LONG = 5_000_000
"""Pixels of a PNG above which it has 256 colours: a page of several screens."""

TRUETYPE = 42
"""How Matplotlib's configuration calls it: journals refuse PDF files with Type 3 fonts, its default."""


@runtime_checkable
class HasBackground(Protocol):
    """What a palette must have: the colour of the background."""

    @property
    def background(self) -> str:
        """Any colour that Matplotlib knows."""
        ...


P = TypeVar("P", bound=HasBackground)


def write_figure(
    figure_id: str,
    draw: Callable[[P], Figure],
    folder: Path,
    *,
    light: P,
    dark: P,
    stamp: Callable[[str], Stamp] | None = None,
    title: str = "",
    **about: Any,
) -> FigureRecord:
    """Draw a figure twice, on a light and on a dark background, and write it as SVG, PNG and PDF.

    The files carry no time and no random id, so drawing the same again writes the same bytes. The record,
    `figure.json`, is written last: where it is, the files are complete.

    Args:
        figure_id: such as "fig-conv3-three-fours".
        draw: makes a new Figure with a palette; called once for each.
        folder: made if need be; files of data that lie there already become part of the record.
        light: the palette of `<id>.svg`, `<id>.png` and `<id>.pdf`.
        dark: the palette of `<id>-dark.svg` and so on.
        stamp: what is written into the pictures, by theme; None writes the id alone.
        title: the figure's short title.
        about: further attributes of the record.

    Returns:
        The figure's record, with size and checksum of each file.

    Raises:
        ValueError: a malformed id, or two drawings of different size.
        OSError: the folder cannot be written to.
    """
    check_figure_id(figure_id)
    _make_folder(folder, figure_id)
    sizes = []
    for theme, palette, stem in (("light", light, figure_id), ("dark", dark, f"{figure_id}-dark")):
        mark = stamp(theme) if stamp else _stamp_without_book(figure_id, title, theme)
        with _no_garbage_collection():
            sizes.append(_save(draw(palette), folder / stem, background=palette.background, stamp=mark))
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"{figure_id}: light is {sizes[0]} px and dark {sizes[1]} px; expected one size for both"
        )
    width, height = sizes[0]
    figure = describe_files(figure_id, folder, width=width, height=height, title=title, **about)
    write_record(figure, folder / RECORD)
    return figure


def _save(figure: Figure, stem: Path, *, background: str, stamp: Stamp) -> tuple[int, int]:
    """Write `<stem>.svg`, `<stem>.png` and `<stem>.pdf`; returns width and height [CSS px]."""
    if figure.get_layout_engine() is not None:  # it would move things a little at each saving
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    for name, form in PICTURE_FORMATS.items():
        written = io.BytesIO()
        settings: Any = {"svg.hashsalt": stem.name, "pdf.fonttype": TRUETYPE}
        with matplotlib.rc_context(settings), embed_outlines_only():
            save = _save_png if name == "png" else Figure.savefig
            save(figure, written, format=name, facecolor=background, **form.savefig_options(stamp))
        Path(f"{stem}.{name}").write_bytes(form.sealed(form.stamped(written.getvalue(), stamp)))
    width, height = figure.get_size_inches() * CSS_PX_PER_INCH
    return round(width), round(height)


def _save_png(
    figure: Figure, written: io.BytesIO, *, format: str, facecolor: str, pil_kwargs: Mapping[str, Any]
) -> None:
    """Save a figure as PNG, as Matplotlib does; but where nothing shows through, opacity is left out.

    That makes the file a tenth smaller, and takes a fifth less time. A page of several screens has 256
    colours, each close to its own: a quarter of the size.
    """
    from PIL import Image  # where all pictures are in the store already, there is no use for it

    drawn, dpi = io.BytesIO(), CSS_PX_PER_INCH * PIXELS["png"]
    figure.savefig(drawn, format="rgba", facecolor=facecolor, dpi=dpi)
    width, height = (int(inches * dpi) for inches in figure.get_size_inches())
    image = Image.frombytes("RGBA", (width, height), drawn.getvalue())
    if image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
        if width * height > LONG:
            image = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    image.save(written, format=format, dpi=(dpi, dpi), **pil_kwargs)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Within this block no cycles are searched for: a drawing makes many objects, and frees few of them.

    The search looks at all objects of the process again and again, those of the book's networks too.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _stamp_without_book(figure_id: str, title: str, theme: str) -> Stamp:
    """The stamp of a picture that belongs to no book."""
    words = dict.fromkeys(("book", "version", "authors", "copyright", "licence", "url", "data"), "")
    return Stamp(id=figure_id, title=title, theme=theme, **words)


def _make_folder(folder: Path, figure_id: str) -> None:
    """Make a folder, if it is not there.

    Raises:
        OSError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"{folder}: {figure_id} cannot be written there ({(error.strerror or str(error)).lower()}); "
            f"make {folder.parent} writable"
        ) from error
