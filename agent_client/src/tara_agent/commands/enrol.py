"""`tara-agent enrol`: trade an enrolment key for a token, and write it into the settings."""

import os
import socket
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

from tara_agent import config_file, paths
from tara_agent.commands.protocol import add_config_file, add_settings
from tara_agent.config import CONFIG_VARIABLE, NO_FILE, Config, config_from
from tara_agent.errors import ConfigError, NotDone
from tara_agent.exits import Exit
from tara_agent.names import agent_id_of
from tara_agent.tokens import is_enrolment_key

HELP: Final = "trade an enrolment key for this machine's token"
KEY_VARIABLE: Final = "AGENT_ENROLMENT_KEY"

_STDIN: Final = "-"
_LINE_MAXIMUM: Final = 256
_OVERRIDING: Final = ("AGENT_TOKEN", "AGENT_TOKEN_FILE", "SERVER_URL")


def add_arguments(parser: ArgumentParser) -> None:
    """Take the server, the key, and the agent's id."""
    parser.add_argument("url", metavar="URL", help="the server, such as https://tara.example.org")
    parser.add_argument(
        "key",
        metavar="KEY",
        nargs="?",
        help=f"the enrolment key; `{_STDIN}` reads it from stdin, and without one it is "
        f"{KEY_VARIABLE}: other users of this machine can see what is typed here",
    )
    parser.add_argument("--agent-id", metavar="NAME", help="the agent's id (default the host name)")
    parser.add_argument("--force", action="store_true", help="replace the token that is set")
    add_config_file(parser)
    add_settings(parser, leave_out=("server_url", "token"))


def execute(options: Namespace) -> Exit:
    """Trade an enrolment key for a token and write it, with the server, into the settings (0600).

    Nothing is written, and the key is not spent, where something is wrong.
    """
    path = _path(os.environ, options.config)
    flags = vars(options) | {"server_url": options.url, "config": _readable(path, options.config)}
    config = config_from(os.environ, flags)
    key = _key(options.key, os.environ, sys.stdin)
    agent_id = options.agent_id or _agent_id()
    _require_new(config, is_forced=options.force)
    _require_writable(path)
    _enrol(config, key, agent_id, path)
    return Exit.DONE


def _enrol(config: Config, key: str, agent_id: str, path: Path) -> None:
    from tara_agent.lean import import_http_client  # noqa: PLC0415

    import_http_client(config.server_url)
    from tara_agent.enrolment import enrol  # noqa: PLC0415

    token = enrol(config, key, agent_id).token
    try:
        config_file.update(path, {"server_url": config.server_url, "token": token.secret})
    except (OSError, ConfigError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotDone(
            f"the server made the agent {agent_id}, but {path} could not be written ({reason}). "
            f"`python manage.py gen_token --agent-id {agent_id} --rotate` on the server gives it a "
            "new token."
        ) from error
    print(f"Enrolled as {agent_id} at {config.server_url}. Its token is in {path}.")
    for name in _OVERRIDING:
        if os.environ.get(name):
            print(f"Unset {name}: it weighs more than that file.", file=sys.stderr)
    print("Next: `tara-agent run`, or `tara-agent install` to make it a service.")


def _path(environ: Mapping[str, str], flag: str | None) -> Path:
    """Return the file of settings to write."""
    named = flag or environ.get(CONFIG_VARIABLE, "").strip()
    if named == NO_FILE:
        raise ConfigError(
            f"enrol writes the token into a file of settings, and {CONFIG_VARIABLE} or --config "
            f"is `{NO_FILE}`. Name a file."
        )
    return Path(named) if named else paths.config_files(environ)[0]


def _readable(path: Path, flag: str | None) -> str | None:
    """Return the file to read: a named one that is not there yet is none, and no error."""
    is_new = flag is not None or bool(os.environ.get(CONFIG_VARIABLE))
    return NO_FILE if is_new and not path.exists() else flag


def _key(argument: str | None, environ: Mapping[str, str], stdin: TextIO) -> str:
    """Return the enrolment key. Raises ConfigError where there is none, or no whole one."""
    text, where = argument or environ.get(KEY_VARIABLE, ""), "The key"
    if text == _STDIN:
        text, where = stdin.readline(_LINE_MAXIMUM), "The first line of stdin"
    text = text.strip()
    if not text:
        raise ConfigError(
            f"There is no enrolment key. `python manage.py gen_enrolment_key` on the server prints "
            f"one; give it behind the address, in {KEY_VARIABLE}, or with `-` on stdin."
        )
    if not is_enrolment_key(text):
        # The text itself stays out of the message: it may be a good key with one wrong letter.
        raise ConfigError(
            f"{where} holds {len(text)} characters that are not a whole enrolment key: one has 60, "
            "starts with `tara_enrol_` and ends in a checksum. Copy it again from where it was "
            "shown. A token, which starts with `tara_` only, needs no enrolment: see AGENT_TOKEN."
        )
    return text


def _agent_id() -> str:
    agent_id = agent_id_of(socket.gethostname())
    if not agent_id:
        raise ConfigError("This machine's host name can be no agent id. Give one with --agent-id.")
    return agent_id


def _require_new(config: Config, *, is_forced: bool) -> None:
    """Raise NotDone if there is a token already, unless it may be replaced."""
    if config.token and not is_forced:
        where = config.path or "the environment"
        raise NotDone(
            f"this machine has a token already, {config.token.prefix}…, in {where}. --force "
            "replaces it."
        )


def _require_writable(path: Path) -> None:
    """Raise NotDone if the file could not be written: the key must not be spent for it."""
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise NotDone(
            f"{path} cannot be written by this user. Become root, or name another file with "
            "--config. The key is not spent."
        )
