"""The body of an ingest request, put together from samples that are bytes already."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from tara_agent.facts import Facts
from tara_agent.samples import Sample

VERSION: Final = 1
SAMPLES_MAXIMUM: Final = 100
SAMPLES_BYTES: Final = 100 * 1024
GZIP_ABOVE_BYTES: Final = 2048


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
    """Return `body` as gzip, without a time in it: the same bytes each time."""
    compressor = zlib.compressobj(wbits=31)
    return compressor.compress(body) + compressor.flush()
