"""The agent's settings, put together from flags, environment and file, and checked once.

A flag weighs more than a variable, and that more than a line of the file: the nearer to the moment
somebody wrote it, the better they knew what they wanted.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from tara_agent import config_file, paths
from tara_agent.collectors import options
from tara_agent.collectors.choice import Choice
from tara_agent.collectors.options import Options
from tara_agent.config_file import Value
from tara_agent.errors import ConfigError
from tara_agent.settings import (
    BY_KEY,
    INTERVAL_SECONDS_DEFAULT,
    SERVER_URL_DEFAULT,
    SETTINGS,
    Setting,
    Unusable,
    nearest,
    unknown_key,
)
from tara_agent.tokens import Token

CONFIG_VARIABLE: Final = "AGENT_CONFIG"
NO_FILE: Final = "none"
NO_FLAGS: Final[Mapping[str, Any]] = {}

_FILE: Final = "_file"
_HOMELESS: Final = (
    "this user has no home, so in an outage the last 1,000 samples are kept in memory only: set "
    "AGENT_SPOOL_DIR to a folder that it can write to"
)
_HOW_TO_GET_ONE: Final = (
    "On the server, `python manage.py gen_token --agent-id NAME` prints one; "
    "then run `AGENT_TOKEN=tara_... tara-agent run`."
)


class Config(NamedTuple):
    """What the agent is to do. `server_url` has no trailing slash.

    `path` is the file that was read; `warnings` are sentences for whoever set all this up.
    """

    server_url: str
    interval_seconds: int
    spool_path: Path | None
    token: Token | None = None
    ca_file: Path | None = None
    proxy_url: str | None = None
    allow_http: bool = False
    options: Options = options.DEFAULTS
    path: Path | None = None
    warnings: tuple[str, ...] = ()


class Given(NamedTuple):
    """A setting as somebody gave it, and `where`, as a sentence names it."""

    value: Any
    where: str
    is_path: bool = False


class Source(NamedTuple):
    """The file of settings that was found, if any, and what it holds."""

    path: Path | None
    given: dict[str, Given]
    warnings: tuple[str, ...] = ()


def config_from(environ: Mapping[str, str], flags: Mapping[str, Any] = NO_FLAGS) -> Config:
    """Return the settings. Raises ConfigError for the first one that is wrong.

    `flags` holds texts by setting's key, None for those not given, and `config`, the file's path.
    """
    source = _file(environ, flags.get("config"))
    given = source.given | _of_environment(environ) | _of_flags(flags)
    values = {key: _checked(BY_KEY[key], it) for key, it in given.items()}
    spool_path, warnings = values.get("spool_dir"), source.warnings
    if "spool_dir" not in values:
        folder = paths.state_folder(environ)
        spool_path = folder / "spool" if folder else None
        warnings += () if folder else (_HOMELESS,)
    return Config(
        server_url=values.get("server_url", SERVER_URL_DEFAULT),
        interval_seconds=values.get("interval_seconds", INTERVAL_SECONDS_DEFAULT),
        spool_path=spool_path,
        token=values.get("token"),
        ca_file=values.get("ca_file"),
        proxy_url=values.get("proxy_url"),
        allow_http=values.get("allow_http", False),
        options=_options(values),
        path=source.path,
        warnings=warnings,
    )


def _options(values: Mapping[str, Any]) -> Options:
    def choice(key: str) -> Choice:
        """Return what two settings, of which both may be missing, take and leave."""
        include, exclude = values.get(f"{key}_include", ()), values.get(f"{key}_exclude", ())
        return Choice.of(include, exclude) if include or exclude else Choice()

    return Options(
        mounts=choice("mounts"),
        devices=choice("devices"),
        interfaces=choice("interfaces"),
        textfile_path=values.get("textfile_dir"),
        off=values.get("collectors_exclude", frozenset()),
    )


def given_now(environ: Mapping[str, str], flags: Mapping[str, Any]) -> dict[str, Value]:
    """Return what flags and environment set, as it would stand in the file, secrets too."""
    given = _of_environment(environ) | _of_flags(flags)
    return {
        key: _secret_in(str(it.value), it.where) if it.is_path else it.value
        for key, it in given.items()
    }


def token_of(config: Config) -> Token:
    """Return the token. Raises ConfigError where there is none."""
    if config.token is None:
        hints = "".join(f" {warning}." for warning in config.warnings)
        raise ConfigError(f"AGENT_TOKEN is not set. {_HOW_TO_GET_ONE}{hints}")
    return config.token


def _file(environ: Mapping[str, str], flag: str | None) -> Source:
    """Return what the file holds that is asked for, else the first of the usual ones there is."""
    named = flag or environ.get(CONFIG_VARIABLE, "").strip()
    if named == NO_FILE:
        return Source(None, {})
    if named:
        try:
            return _read(Path(named))
        except OSError as error:
            raise ConfigError(
                f"{'--config' if flag else CONFIG_VARIABLE} names {named}, which cannot be read "
                f"({error.strerror}). Correct the path, or let the agent's user read the file."
            ) from error
    warnings: tuple[str, ...] = ()
    for path in paths.config_files(environ):
        try:
            return _read(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            # No error: somebody else's file must not keep a person from `tara-agent once`.
            warnings += (f"{path} cannot be read ({error.strerror}) and is left out",)
    return Source(None, {}, warnings)


def _read(path: Path) -> Source:
    lines = config_file.read(path)
    given: dict[str, Given] = {}
    for key, value in lines.items():
        setting, is_path = _setting(key)
        if setting is None:
            raise unknown_key(key, str(path))
        if setting.key in given:
            raise _both(f"{setting.key} and {setting.key}{_FILE}", f" in {path}")
        given[setting.key] = Given(value, f"{key} in {path}", is_path)
    is_open = not {"token", "proxy_url"}.isdisjoint(lines) and config_file.is_readable_by_all(path)
    warning = f"every user of this machine can read {path}, and a secret is in it: chmod 600 it"
    return Source(path, given, (warning,) if is_open else ())


def _setting(key: str) -> tuple[Setting | None, bool]:
    """Return which setting a key of the file is for, and whether it names a file that has it."""
    if key in BY_KEY:
        return BY_KEY[key], False
    setting = BY_KEY.get(key.removesuffix(_FILE))
    return (setting if setting and setting.is_secret else None), True


def _of_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    known = {CONFIG_VARIABLE}
    given = {}
    for setting in SETTINGS:
        name, name_of_file = setting.variable, f"{setting.variable}_FILE"
        known.add(name)
        text, path = environ.get(name, "").strip(), ""
        if setting.is_secret:
            known.add(name_of_file)
            path = environ.get(name_of_file, "").strip()
        if text and path:
            raise _both(f"{name} and {name_of_file}")
        if path:
            given[setting.key] = Given(path, name_of_file, is_path=True)
        elif text:
            given[setting.key] = Given(setting.parse(text), name)
    _refuse_slips(environ, known)
    return given


def _refuse_slips(environ: Mapping[str, str], known: set[str]) -> None:
    """Raise ConfigError for a variable that is nearly one of ours.

    Others that begin with AGENT_ are somebody else's: build systems set a dozen.
    """
    ours = {name.removeprefix("AGENT_"): name for name in known if name.startswith("AGENT_")}
    for name in environ:
        if name.startswith("AGENT_") and name not in known:
            guess = nearest(name.removeprefix("AGENT_"), ours)
            if guess:
                raise ConfigError(
                    f"{name} is no setting of the agent. Did you mean {ours[guess]}? Correct it, "
                    "or unset it if it is another program's."
                )


def _of_flags(flags: Mapping[str, Any]) -> dict[str, Given]:
    given = {}
    for setting in SETTINGS:
        flag = setting.flag
        if setting.is_secret:
            path = flags.get(setting.key + _FILE)
            if path is not None:
                given[setting.key] = Given(path, f"{flag}-file", is_path=True)
        elif flags.get(setting.key) is not None:
            given[setting.key] = Given(setting.parse(flags[setting.key]), flag)
    return given


def _checked(setting: Setting, given: Given) -> Any:
    value, where = given.value, given.where
    if given.is_path:
        value, where = _secret_in(str(value), where), f"The file that {where} names ({value})"
    try:
        return setting.check(value)
    except Unusable as error:
        raise ConfigError(f"{where} {error}") from error


def _secret_in(path: str, where: str) -> str:
    try:
        secret = config_file.read_secret(Path(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise ConfigError(
            f"{where} names {path}, which cannot be read ({reason}). "
            "Correct the path, or let the agent's user read the file."
        ) from error
    if not secret:
        raise ConfigError(f"{where} names {path}, which is empty. Write the secret into that file.")
    return secret


def _both(names: str, where: str = "") -> ConfigError:
    return ConfigError(f"{names} are both set{where}. Unset one of them.")
