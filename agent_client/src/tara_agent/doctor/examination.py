"""The whole examination, from the settings to the last collector."""

from collections.abc import Iterator

from tara_agent.answers import Answer
from tara_agent.collectors.protocol import Collector
from tara_agent.collectors.registry import default_collectors, default_watch
from tara_agent.config import Config
from tara_agent.doctor import machine, network, server
from tara_agent.doctor.findings import Finding, State, failed, good, odd, skipped
from tara_agent.tokens import Token
from tara_agent.transport import Transport


def examine(config: Config) -> Iterator[Finding]:
    """Yield what is found, as it is found; within a minute whatever hangs. Sends no sample."""
    yield from _settings(config)
    is_reachable = True
    for finding in network.examine(config):
        is_reachable = is_reachable and finding.state is not State.FAILED
        yield finding
    yield from _server(config, is_reachable=is_reachable)
    yield machine.examine_spool(config.spool_path)
    watch = default_watch(config.options)
    measured: list[Collector] = default_collectors(config.options)
    measured += [machine.Watched(watch)] if watch else []
    yield from machine.examine_collectors(measured)


def _settings(config: Config) -> Iterator[Finding]:
    where = f"from {config.path} and the environment" if config.path else "from the environment"
    yield good("settings", where)
    for warning in config.warnings:
        yield odd("settings", warning, "Do as it says.")


def _server(config: Config, *, is_reachable: bool) -> Iterator[Finding]:
    if config.token is None:
        yield failed(
            "token",
            "none is set",
            "On the server, `python manage.py gen_token --agent-id NAME` prints one; set it as "
            "AGENT_TOKEN, or as `token` in the file of settings.",
        )
        yield skipped("clock", "the server is not asked without a token")
    elif not is_reachable:
        yield skipped("token", "the server cannot be asked")
        yield skipped("clock", "the server cannot be asked")
    else:
        yield from _asked(config, config.token)


def _asked(config: Config, token: Token) -> list[Finding]:
    transport = Transport(
        config.server_url,
        token,
        ca_file=config.ca_file,
        proxy_url=config.proxy_url,
        allow_http=config.allow_http,
    )

    def post(body: bytes) -> Answer:
        """Return the server's answer. Raises ServerUnreachable."""
        return transport.post(body, within_seconds=server.ASK_SECONDS)

    try:
        return list(server.examine(post))
    finally:
        transport.close()
