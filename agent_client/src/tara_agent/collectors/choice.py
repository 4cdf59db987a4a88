"""Which mounts, devices and interfaces are measured."""

import re
from collections.abc import Iterable
from fnmatch import translate
from typing import Final, NamedTuple, Self


class Choice(NamedTuple):
    """What somebody wants to have measured, by the patterns of a shell.

    `include` takes the place of the agent's own choice; `exclude` is left out of either.
    """

    include: re.Pattern[str] | None = None
    exclude: re.Pattern[str] | None = None

    @classmethod
    def of(cls, include: Iterable[str] = (), exclude: Iterable[str] = ()) -> Self:
        """Return a choice by patterns such as `eth*`."""
        return cls(_any_of(include), _any_of(exclude))

    def takes(self, name: str, *, by_default: bool) -> bool:
        """True if `name` is to be measured; `by_default` is what the agent would do."""
        if self.exclude and self.exclude.match(name):
            return False
        return bool(self.include.match(name)) if self.include else by_default


EVERYTHING_USUAL: Final = Choice()


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(translate(pattern) for pattern in patterns)
    return re.compile(joined) if joined else None
