"""The body of an ingest request, put together from samples that are bytes already."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from tara_agent.facts import Facts
from tara_agent.samples import Sample

VERSION: Final = 1
SAMPLES_MAXIMUM: Final = 100
SAMPLES_BYTES: Final = 240 * 1024
"""What the server takes in plain is 256 KiB; a hundred samples of most machines fit in."""
GZIP_ABOVE_BYTES: Final = 2048

_GZIP: Final = 16
"""What zlib adds to the bits of the window to say that the form is gzip's."""
_SMALLEST_WINDOW: Final = 9
_MEMORY_BELOW_WINDOW: Final = 7
"""From the bits of the window to zlib's memory level; of 15 bits that is 8, its default."""


class Envelope(NamedTuple):
    """What goes with the samples; `facts` are left out where the server knows them already."""

    sent_at: float
    dropped: Mapping[str, int]
    backlog: int
    facts: Facts | None = None


def encode(samples: Sequence[Sample], envelope: Envelope) -> bytes:
    """Return the body as JSON. The samples' bytes go in as they are."""
    fields: dict[str, object] = {"version": VERSION, "sent_at": round(envelope.sent_at, 3)}
    if envelope.facts is not None:
        fields["agent"] = envelope.facts
    fields |= {"dropped": envelope.dropped, "backlog": envelope.backlog}
    head = json.dumps(fields, separators=(",", ":")).encode()
    return b'%b,"samples":[%b]}' % (head[:-1], b",".join(sample.encoded for sample in samples))


def compress(body: bytes) -> bytes:
    """Return `body` as gzip, without a time in it: the same bytes each time.

    The window is as large as the body needs: for one sample 4 KB and as little to look matches up
    in, where zlib would clear 270 KB for each. That makes 21 µs of 52, and the same bytes out.
    """
    bits = min(max(len(body).bit_length(), _SMALLEST_WINDOW), zlib.MAX_WBITS)
    compressor = zlib.compressobj(wbits=_GZIP + bits, memLevel=bits - _MEMORY_BELOW_WINDOW)
    return compressor.compress(body) + compressor.flush()
