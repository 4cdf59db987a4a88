"""Make wheel and sdist in dist/, as `pip wheel` would. Called by `make agent-dist`."""

import os
from pathlib import Path

from flit_core import buildapi

ROOT = Path(__file__).resolve().parents[2]


def main():
    """Build both."""
    for name in build(ROOT / "dist"):
        print(f"dist/{name}")


def build(folder):
    """Return the names of the sdist and the wheel, made in `folder`."""
    folder.mkdir(exist_ok=True)
    before = Path.cwd()
    os.chdir(ROOT / "agent_client")
    try:
        return [buildapi.build_sdist(str(folder)), buildapi.build_wheel(str(folder))]
    finally:
        os.chdir(before)


if __name__ == "__main__":
    main()
