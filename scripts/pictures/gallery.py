"""docs/SCREENSHOTS.md, written from the table of pictures."""

from __future__ import annotations

from typing import Final

from scripts.pictures.camera import THEMES, WINDOWS
from scripts.pictures.pages import ALL, Picture

HEAD: Final = """\
# Every page, as it looks

<!-- Written by `make screenshots`, with the pictures. Change it in scripts/pictures/. -->

Each page at a desk (1440 pixels) and on a phone (390), in the light and the dark theme. The fleet
is made up; the server that draws it is real. Longer pages are cut.

"""


def page() -> str:
    """Return the page's text."""
    heads = [f"{window.width} {theme}" for window in WINDOWS for theme in THEMES]
    table = [["Page", *heads], ["---"] * (len(heads) + 1), *(_row(each) for each in ALL)]
    return HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in table)


def _row(picture: Picture) -> list[str]:
    files = [f"{picture.name}-{window.width}-{theme}" for window in WINDOWS for theme in THEMES]
    shown = [f"[![{file}](screenshots/{file}.png)](screenshots/{file}.png)" for file in files]
    return [picture.title, *shown]
