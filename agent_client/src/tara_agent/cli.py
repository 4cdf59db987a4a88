"""The command `tara-agent`."""

import argparse
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from typing import Final

from tara_agent.collectors.registry import default_collectors, default_watch
from tara_agent.config import Config, config_from
from tara_agent.errors import ConfigError
from tara_agent.samples import Sampler
from tara_agent.version import VERSION

EXIT_DONE: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_CONFIG: Final = 3

_MEASURE_SECONDS: Final = 1.0
_DESCRIPTION: Final = "Measures this machine and pushes the samples to a taraSysDash server."
_EPILOG: Final = """\
first steps:
  tara-agent once                               see what would be sent; sends nothing
  AGENT_TOKEN=tara_... SERVER_URL=https://tara.example.org tara-agent run

environment:
  AGENT_TOKEN             this machine's token, from `manage.py gen_token --agent-id NAME`
  AGENT_TOKEN_FILE        or the file that holds it
  SERVER_URL              the server (default http://localhost:8080)
  AGENT_INTERVAL_SECONDS  seconds between samples, 1 to 900 (default 10), until the server names one
  AGENT_SPOOL_DIR         folder for samples while the server is away; `none` keeps them in memory

exit codes:
  0  ended as asked        2  wrong command line
  1  an unexpected error   3  a setting is missing or wrong
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    command = _parser().parse_args(arguments).command
    try:
        return {"run": run, "once": once, "version": version}[command]()
    except ConfigError as error:
        print(f"tara-agent: {error}", file=sys.stderr)
        return EXIT_CONFIG
    except KeyboardInterrupt:
        return EXIT_DONE


def version() -> int:
    """Print the agent's version."""
    print(f"tara-agent {VERSION}")
    return EXIT_DONE


def once() -> int:
    """Print one sample as JSON, measured over a second. Sends nothing, needs no token."""
    sampler = Sampler(default_collectors(), processes=default_watch())
    sampler.prime(now=time.monotonic())
    time.sleep(_MEASURE_SECONDS)
    sample = sampler.take(now=time.monotonic(), time=time.time())
    print(json.dumps(json.loads(sample.encoded), indent=2, ensure_ascii=False))
    return EXIT_DONE


def run() -> int:
    """Sample and send until SIGTERM or Ctrl-C."""
    config = config_from(os.environ)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # the agent tells of failures itself
    _run_agent(config)
    return EXIT_DONE


def _run_agent(config: Config) -> None:
    from tara_agent.lean import import_requests  # noqa: PLC0415

    # Before anything else asks for requests: what it finds now is what it stays with.
    import_requests(config.server_url)
    from tara_agent.agent import run_agent  # noqa: PLC0415

    run_agent(config, hostname=socket.gethostname())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tara-agent",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"tara-agent {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("run", help="sample and send until stopped")
    commands.add_parser("once", help="print one sample as JSON; send nothing")
    commands.add_parser("version", help="print the version")
    return parser
