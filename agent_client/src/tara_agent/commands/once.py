"""`tara-agent once`: see what would be sent."""

import json
import time
from argparse import ArgumentParser, Namespace
from typing import Final

from tara_agent.exits import Exit

HELP: Final = "print one sample as JSON; send nothing"

_MEASURE_SECONDS: Final = 1.0


def add_arguments(parser: ArgumentParser) -> None:
    """Take nothing."""


def execute(options: Namespace) -> Exit:  # noqa: ARG001  (every command is given them)
    """Print one sample as JSON, measured over a second. Sends nothing, needs no token."""
    from tara_agent.collectors.registry import default_collectors  # noqa: PLC0415
    from tara_agent.samples import Sampler  # noqa: PLC0415

    sampler = Sampler(default_collectors())
    sampler.prime(now=time.monotonic())
    time.sleep(_MEASURE_SECONDS)
    sample = sampler.take(now=time.monotonic(), time=time.time())
    print(json.dumps(json.loads(sample.encoded), indent=2, ensure_ascii=False))
    return Exit.DONE
