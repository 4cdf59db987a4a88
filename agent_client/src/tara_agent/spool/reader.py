"""Reads records in order, past whatever is damaged."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from tara_agent.samples import Sample
from tara_agent.spool import records
from tara_agent.spool.folder import Folder


class Reader:
    """Goes through the segments once, and holds what it has read until that is done with."""

    def __init__(self, folder: Folder, wants: Callable[[Sample], bool]) -> None:
        """`wants` says of each record read whether it still has to be sent."""
        self._folder = folder
        self._wants = wants
        self._held: deque[tuple[int, Sample]] = deque()
        self._segment = 0
        self._offset = 0
        self.broken: set[int] = set()

    @property
    def first_segment(self) -> int:
        """The segment of the oldest record that is held, or else the one being read."""
        return self._held[0][0] if self._held else self._segment

    def oldest(self, segments: Sequence[int]) -> Iterator[Sample]:
        """Yield what is held, and then what comes after that in `segments`."""
        for _, sample in list(self._held):
            yield sample
        for first in [first for first in segments if first >= self._segment]:
            if first != self._segment:
                self._segment, self._offset = first, 0
            for sample in self._rest_of_segment():
                self._held.append((first, sample))
                yield sample

    def release(self, is_done: Callable[[int], bool]) -> int | None:
        """Let go of what is done; return the last number up to which, from the oldest, all is."""
        number = None
        while self._held and is_done(self._held[0][1].number):
            number = self._held.popleft()[1].number
        # The newest sample is sent before those ahead of it, and may have been read by then.
        self._held = deque(held for held in self._held if not is_done(held[1].number))
        return number

    def forget(self, segment: int) -> None:
        """Let go of all records of a segment."""
        self._held = deque(held for held in self._held if held[0] != segment)

    def forget_all(self) -> None:
        """Begin anew."""
        self._held.clear()
        self._segment = self._offset = 0

    def _rest_of_segment(self) -> Iterator[Sample]:
        try:
            with self._folder.lines(self._segment, self._offset) as lines:
                for line in lines:
                    self._offset += len(line)
                    sample = records.decode(line)
                    if sample is not None and self._wants(sample):
                        yield sample
        except OSError:
            self.broken.add(self._segment)
