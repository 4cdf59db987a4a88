"""`tara-agent run`: sample and send until stopped."""

import logging
import os
import socket
import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from tara_agent.commands.protocol import add_config_file, add_settings
from tara_agent.config import Config, config_from, token_of
from tara_agent.exits import Exit
from tara_agent.tokens import Token

HELP: Final = "sample and send until stopped"

logger = logging.getLogger(__name__)


def add_arguments(parser: ArgumentParser) -> None:
    """Take every setting, and the file of settings."""
    add_config_file(parser)
    add_settings(parser)


def execute(options: Namespace) -> Exit:
    """Sample and send until SIGTERM or Ctrl-C."""
    config = config_from(os.environ, vars(options))
    token = token_of(config)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    for warning in config.warnings:
        logger.warning("%s", warning)
    _run_agent(config, token)
    return Exit.DONE


def _run_agent(config: Config, token: Token) -> None:
    from tara_agent.lean import import_http_client  # noqa: PLC0415

    # Before anything else asks for it: what it finds now is what it stays with.
    import_http_client(config.server_url)
    from tara_agent.agent import run_agent  # noqa: PLC0415

    run_agent(config, token, hostname=socket.gethostname())
