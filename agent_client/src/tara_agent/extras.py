"""What a sample can do without: parts that only the newest sample is asked for.

They are left out where a sample goes to disk, and where the server finds one too large: the figures
are what must not be lost.
"""

import json
from typing import Final

from tara_agent.samples import Sample

EXTRAS: Final = ("processes",)


def without_extras(sample: Sample) -> Sample:
    """Return the sample without them; the very same where it has none."""
    if not any(b'"%b"' % name.encode() in sample.encoded for name in EXTRAS):
        return sample
    content = json.loads(sample.encoded)
    kept = {name: part for name, part in content.items() if name not in EXTRAS}
    if len(kept) == len(content):
        return sample  # an instance of that name
    return sample._replace(encoded=json.dumps(kept, separators=(",", ":")).encode())
