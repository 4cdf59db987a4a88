"""/proc/net/dev: what each network interface has carried since it came up."""

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

from tara_agent import files

_TITLE_LINES: Final = 2


class InterfaceCounters(NamedTuple):
    """The counters of one interface, called as psutil calls them."""

    bytes_recv: int
    packets_recv: int
    errin: int
    dropin: int
    bytes_sent: int
    packets_sent: int
    errout: int
    dropout: int


def read_net_dev(path: str) -> Mapping[str, InterfaceCounters]:
    """Return the counters by interface, of the network namespace that the agent is in."""
    counters = {}
    for line in files.read(path).splitlines()[_TITLE_LINES:]:
        name, _, numbers = line.rpartition(b":")  # an alias has a colon in its name: eth0:1
        fields = [int(number) for number in numbers.split()]
        counters[os.fsdecode(name.strip())] = InterfaceCounters(*fields[:4], *fields[8:12])
    return counters
