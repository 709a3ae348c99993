"""Fonts in PDF files: the outlines of the glyphs that a figure shows, without the tables that lay out text.

Matplotlib lays text out before it writes a PDF, in which each glyph goes by its number. It embeds the tables
for ligatures, kerning and names all the same, and cutting those to size takes longer than drawing the figure.
"""

import io
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fontTools import subset
from matplotlib.backends import _backend_pdf_ps

OUTLINES = ("cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep")
"""The tables that PDF asks for in a TrueType font whose glyphs go by their numbers."""

_KEPT = 16
"""Fonts that are kept: a figure's light and dark picture show the same glyphs."""

_MATPLOTLIBS_OWN = _backend_pdf_ps.get_glyphs_subset


@contextmanager
def embed_outlines_only() -> Iterator[None]:
    """Within this block Matplotlib embeds TrueType fonts of which nothing but outlines is left.

    A font's bytes follow from its file and from the glyphs, whatever was embedded before.
    """
    _backend_pdf_ps.get_glyphs_subset = _cut_font
    try:
        yield
    finally:
        _backend_pdf_ps.get_glyphs_subset = _MATPLOTLIBS_OWN


@dataclass(frozen=True, kw_only=True)
class _Font:
    """A font's file, with the one method that Matplotlib calls.

    Attributes:
        content: the file's bytes.
    """

    content: bytes

    def save(self, file: io.BytesIO, **_: Any) -> None:
        """Write it; its tables are in order already."""
        file.write(self.content)


def _cut_font(fontfile: Any, glyphs: Collection[int]) -> AbstractContextManager[Any]:
    """What Matplotlib's own function gives: a font, and by the number of a glyph its new one."""
    cut = _outlines(str(fontfile), fontfile.face_index, frozenset(glyphs))
    if cut is None:
        return _MATPLOTLIBS_OWN(fontfile, set(glyphs))
    font: Any = _Font(content=cut[0])
    return nullcontext(_backend_pdf_ps.SubsetResults(font, dict(cut[1])))


@lru_cache(_KEPT)
def _outlines(path: str, face: int, glyphs: frozenset[int]) -> tuple[bytes, Mapping[int, int]] | None:
    """The font with these glyphs alone, and by the number of each its new one; None if it is no TrueType."""
    options = subset.Options(font_number=face)
    written = io.BytesIO()
    with subset.load_font(path, options, dontLoadGlyphNames=True) as font:
        if "glyf" not in font:
            return None
        for table in set(font.keys()) - {"GlyphOrder", *OUTLINES}:
            del font[table]
        cutter = subset.Subsetter(options=options)
        cutter.populate(gids=glyphs)
        cutter.subset(font)
        font.save(written, reorderTables=False)
    return written.getvalue(), cutter.glyph_index_map
