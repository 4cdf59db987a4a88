"""Records: a sample a line, each with a checksum, so that a reader finds the next whole one."""

import zlib

from tara_agent.samples import Sample


def encode(sample: Sample) -> bytes:
    """Return the line `crc32 number time json`, which `tail` can show."""
    return seal(b"%d %.3f %b" % (sample.number, sample.time, sample.encoded))


def decode(line: bytes) -> Sample | None:
    """Return the sample of a line; None if the line is torn or damaged."""
    content = unseal(line)
    if content is None:
        return None
    try:
        number, time, encoded = content.split(b" ", 2)
        return Sample(int(number), float(time), encoded)
    except ValueError:
        return None  # a good checksum over what no agent wrote


def seal(content: bytes) -> bytes:
    """Return `content`, which has no newline in it, as a line with its checksum before it."""
    return b"%08x %b\n" % (zlib.crc32(content), content)


def unseal(line: bytes) -> bytes | None:
    """Return what `seal` was given; None if the line does not fit its checksum."""
    checksum, _, content = line.removesuffix(b"\n").partition(b" ")
    return content if checksum == b"%08x" % zlib.crc32(content) else None
