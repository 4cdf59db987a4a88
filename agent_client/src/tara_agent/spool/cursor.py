"""How far the spool has been sent."""

import json
from collections.abc import Collection
from typing import NamedTuple

from tara_agent.spool import records


class Cursor(NamedTuple):
    """Which numbers need no sending any more: all below `next`, and those in `ahead`."""

    next: int = 0
    ahead: frozenset[int] = frozenset()

    def has(self, number: int) -> bool:
        """True if the record of this number is done with."""
        return number < self.next or number in self.ahead

    def with_done(self, numbers: Collection[int]) -> "Cursor":
        """Return the cursor after these were sent."""
        return Cursor(self.next, self.ahead.union(numbers))

    def moved_to(self, number: int) -> "Cursor":
        """Return the cursor after all below `number` were sent."""
        return Cursor(number, frozenset(sent for sent in self.ahead if sent >= number))


def encode(cursor: Cursor) -> bytes:
    """Return the cursor as a line with a checksum."""
    content = json.dumps({"next": cursor.next, "ahead": sorted(cursor.ahead)})
    return records.seal(content.encode())


def decode(line: bytes) -> Cursor:
    """Return the cursor; the very beginning where the line is damaged: samples are sent twice."""
    content = records.unseal(line)
    if content is None:
        return Cursor()
    try:
        fields = json.loads(content)
        return Cursor(int(fields["next"]), frozenset(int(number) for number in fields["ahead"]))
    except (LookupError, TypeError, ValueError):
        return Cursor()
