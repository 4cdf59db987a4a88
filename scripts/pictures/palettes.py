"""PNGs made small: a page has few colours, beside the edges of its letters."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

BYTES_MAXIMUM: Final = 150_000
"""How large a picture may be; one that is larger gets fewer colours."""

FLAT_COLOURS: Final = 40
"""How many of the commonest colours are kept as they are: a page's surfaces, lines and text."""

BLENDED_COLOURS: Final = (56, 24, 12)
"""How many stand for all others, most of which smooth the edges of letters."""

Colours = npt.NDArray[np.int32]


def small(png: bytes) -> bytes:
    """Return a PNG with a palette, of as many colours as stay below BYTES_MAXIMUM."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    for blended in BLENDED_COLOURS:
        written = BytesIO()
        _drawn(picture, _palette(picture, blended)).save(written, "PNG", optimize=True)
        if written.tell() <= BYTES_MAXIMUM:
            break
    return written.getvalue()


def _palette(picture: Image.Image, blended: int) -> Colours:
    """Return the colours to draw this with, a row each.

    Left to a quantizer alone, a pale surface turns white, or a red dot brown: it looks at the
    number of pixels only, or at distances only.
    """
    counted: Any = picture.getcolors(picture.width * picture.height)
    flat = [colour for _, colour in sorted(counted, reverse=True)[:FLAT_COLOURS]]
    rest = picture.quantize(blended, Image.Quantize.MAXCOVERAGE, kmeans=2).getpalette() or []
    return np.concatenate([flat, np.reshape(rest, (-1, 3))]).astype(np.int32)


def _drawn(picture: Image.Image, palette: Colours) -> Image.Image:
    """Return the picture in the nearest colours; Pillow's own mapping is off by up to 4 of 255."""
    pixels = np.asarray(picture, dtype=np.int32)
    packed = pixels @ np.array([65536, 256, 1], dtype=np.int32)
    used, places = np.unique(packed, return_inverse=True)
    parts = np.stack([used >> 16, used >> 8 & 255, used & 255], axis=1)
    distances = ((parts[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2)
    nearest = distances.argmin(axis=1).astype(np.uint8)
    drawn = Image.fromarray(nearest[places].reshape(packed.shape), "P")
    drawn.putpalette(palette.astype(np.uint8).tobytes())
    return drawn
