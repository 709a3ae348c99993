"""Small pictures of the atlas: one pixel a pixel, enlarged by the page that shows them."""

from pathlib import Path

import numpy as np
from jaxtyping import Real
from PIL import Image

NEGATIVE, ZERO, POSITIVE = (0, 114, 178), (255, 255, 255), (184, 78, 0)
"""Colours of weights below, at and above zero."""


def save_ink(values: Real[np.ndarray, "h w"], path: Path) -> tuple[int, int]:
    """Write ink from 0 to 255 as a PNG, transparent where it is not a number; its width and height."""
    known = np.isfinite(values)
    ink = np.where(known, values, 0).round().astype(np.uint8)
    both = np.stack([ink, np.where(known, 255, 0).astype(np.uint8)], axis=-1)
    return _save(Image.fromarray(both, "LA"), path)


def save_signed(values: Real[np.ndarray, "h w"], path: Path) -> tuple[int, int]:
    """Write signed numbers as a PNG in two colours, by their largest size; transparent where not a number."""
    known = np.isfinite(values)
    top = float(np.abs(values[known]).max(initial=0.0)) or 1.0
    share = np.where(known, values, 0) / top
    ends = np.where(share[..., None] < 0, np.array(NEGATIVE), np.array(POSITIVE))
    colour = np.array(ZERO) + np.abs(share)[..., None] * (ends - np.array(ZERO))
    alpha = np.where(known, 255, 0)[..., None]
    pixels = np.concatenate([colour, alpha], axis=-1).round().astype(np.uint8)
    return _save(Image.fromarray(pixels, "RGBA"), path)


def _save(image: Image.Image, path: Path) -> tuple[int, int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, optimize=True)
    return image.width, image.height
