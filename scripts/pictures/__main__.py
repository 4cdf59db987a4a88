"""Take the pictures of every page from a running instance: `make screenshots`.

    python -m scripts.pictures [FOLDER [NAME …]]

Without a folder, into docs/screenshots. With names, those pictures only.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from scripts.pictures import pages
from scripts.pictures.camera import chromium, shoot
from scripts.pictures.instance import ROOT, Instance
from scripts.pictures.reporting import reporting

DOCS: Final = ROOT / "docs"


def main(output: Path, names: set[str]) -> None:
    """Take the pictures of these names into `output`, all where none is named."""
    output.mkdir(parents=True, exist_ok=True)
    before, after = (
        [each for each in some if not names or each.name in names]
        for some in (pages.BEFORE, pages.AFTER)
    )
    with tempfile.TemporaryDirectory(prefix="tarasysdash-pictures-") as folder:
        instance = Instance(Path(folder))
        instance.prepare()
        instance.add_people()
        with instance.serving() as address, chromium() as browser:
            shoot(browser, address, before, output)
            instance.fill()
            with reporting(address, instance.tokens_file):
                shoot(browser, address, after, output)


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]), set(sys.argv[2:]))
    else:
        main(DOCS / "screenshots", set())
