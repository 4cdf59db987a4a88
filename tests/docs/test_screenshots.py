"""The pictures of the pages are small, and keep the colours that tell states apart."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from scripts.pictures import palettes

SURFACE, RED = (246, 247, 249), (212, 61, 42)


def png_of(pixels) -> bytes:
    written = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(written, "PNG")
    return written.getvalue()


def drawn(png: bytes):
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


class TestSmall:
    def test_keeps_a_surface_and_a_dot_as_they_are(self):
        pixels = np.full((200, 200, 3), SURFACE)
        pixels[:, :50] = np.random.default_rng(5).integers(0, 255, (200, 50, 3))
        pixels[100:104, 100:104] = RED

        found = drawn(palettes.small(png_of(pixels)))

        assert tuple(found[150, 150]) == SURFACE
        assert tuple(found[101, 101]) == RED

    def test_takes_fewer_colours_rather_than_too_many_bytes(self, monkeypatch):
        noise = png_of(np.random.default_rng(5).integers(0, 255, (200, 200, 3)))
        size = len(palettes.small(noise))
        monkeypatch.setattr(palettes, "BYTES_MAXIMUM", size - 1)

        assert len(palettes.small(noise)) < size
