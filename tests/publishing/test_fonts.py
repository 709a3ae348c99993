"""Fonts in PDF files: the outlines that a figure shows, and nothing else, whatever was embedded before."""

import io
import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from matplotlib.backends import _backend_pdf_ps
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont

from cnnbook.figures.style import DARK, LIGHT
from cnnbook.publishing.fonts import OUTLINES, embed_outlines_only
from cnnbook.publishing.pictures import write_figure


def written(text: str, folder: Path) -> bytes:
    """The PDF of a figure with one line of text."""

    def draw(palette: Any) -> Figure:
        figure = Figure(figsize=(4, 1))
        figure.text(0.1, 0.5, text, color=palette.ink)
        return figure

    return write_figure("fig-text", draw, folder, light=LIGHT, dark=DARK).path(".pdf").read_bytes()


def embedded_font(pdf: bytes) -> TTFont:
    """The one font in a PDF."""
    streams = [zlib.decompress(part) for part in re.findall(rb"stream\r?\n(x.*?)\nendstream", pdf, re.DOTALL)]
    (content,) = [one for one in streams if one.startswith(b"\x00\x01\x00\x00")]
    return TTFont(io.BytesIO(content))


def outline(font: TTFont, glyph: str) -> list[Any]:
    """What a pen draws of a glyph, its parts as well."""
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[glyph].draw(pen)
    return pen.value


def test_an_embedded_font_has_the_tables_that_pdf_asks_for_and_no_others(tmp_path: Path):
    assert set(embedded_font(written("Tiles", tmp_path)).keys()) - {"GlyphOrder"} == set(OUTLINES)


def test_an_embedded_font_draws_the_glyphs_of_the_original_as_wide_as_there(tmp_path: Path):
    """The accent of an é is a glyph of its own, which the é refers to."""
    own, original = embedded_font(written("Aé", tmp_path)), TTFont(findfont("DejaVu Sans"))
    names: Any = original.getBestCmap()
    expected = {names[ord(letter)] for letter in "Aé"}
    wanted = [(original["hmtx"][name], outline(original, name)) for name in expected]  # pyright: ignore
    found = [(own["hmtx"][name], outline(own, name)) for name in own.getGlyphOrder()]  # pyright: ignore
    assert all(one in found for one in wanted)


def test_a_pdf_does_not_depend_on_what_was_drawn_before(tmp_path: Path):
    first = written("Tiles", tmp_path / "first")
    other = written("Maps of Tiles", tmp_path / "other")
    assert written("Tiles", tmp_path / "again") == first != other


def test_matplotlib_embeds_as_it_always_does_outside_the_block():
    own = _backend_pdf_ps.get_glyphs_subset
    with suppress(OSError), embed_outlines_only():
        assert _backend_pdf_ps.get_glyphs_subset is not own
        raise OSError("no room on the disk")
    assert _backend_pdf_ps.get_glyphs_subset is own
