"""`tara-agent once`: see what would be sent."""

import json
import os
import time
from argparse import ArgumentParser, Namespace
from typing import Any, Final

from tara_agent.collectors.options import Options
from tara_agent.commands.protocol import add_config_file, add_settings
from tara_agent.config import config_from
from tara_agent.exits import Exit

HELP: Final = "print what would be sent; send nothing"

_MEASURE_SECONDS: Final = 1.0


def add_arguments(parser: ArgumentParser) -> None:
    """Take the form, every setting, and the file of settings."""
    parser.add_argument("--json", action="store_true", help="the body of the request, as JSON")
    add_config_file(parser)
    add_settings(parser)


def execute(options: Namespace) -> Exit:
    """Print one sample, measured over a second. Sends nothing, needs no token."""
    config = config_from(os.environ, vars(options))  # a setting that is wrong is told here too

    from tara_agent import tables  # noqa: PLC0415

    body = _body(config.options)
    if options.json:
        print(json.dumps(body, indent=2, ensure_ascii=False))
    else:
        print(tables.aligned([(name, str(fact)) for name, fact in body["agent"].items()]))
        print()
        print(tables.table_of(body["samples"][0]))
    return Exit.DONE


def _body(measured: Options) -> dict[str, Any]:
    """Return the first request's body, as the server would read it."""
    from tara_agent import wire  # noqa: PLC0415
    from tara_agent.collectors.registry import (  # noqa: PLC0415
        default_collectors,
        default_watch,
    )
    from tara_agent.facts import machine_facts  # noqa: PLC0415
    from tara_agent.samples import Sampler  # noqa: PLC0415

    sampler = Sampler(default_collectors(measured), processes=default_watch(measured))
    sampler.prime(now=time.monotonic())
    time.sleep(_MEASURE_SECONDS)
    sample = sampler.take(now=time.monotonic(), time=time.time())
    envelope = wire.Envelope(sent_at=time.time(), dropped={}, backlog=0, facts=machine_facts())
    body: dict[str, Any] = json.loads(wire.encode([sample], envelope))
    return body
