"""The agent's version; pyproject.toml says the same, a test holds it."""

from typing import Final

VERSION: Final = "0.2.0"
