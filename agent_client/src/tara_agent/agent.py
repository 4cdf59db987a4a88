"""Puts the running agent together: collectors, backlog, sender and the three threads."""

import logging
import time

from tara_agent.backlog import Backlog
from tara_agent.clock import StampClock
from tara_agent.collectors.registry import default_collectors, default_watch
from tara_agent.config import Config
from tara_agent.facts import machine_facts
from tara_agent.runner import (
    LAST_ATTEMPT_SECONDS,
    LAST_SAVE_SECONDS,
    Bell,
    KeeperThread,
    Runner,
    SenderThread,
    stop_on_signals,
)
from tara_agent.samples import Sampler
from tara_agent.sender import Sender
from tara_agent.spool.folder import Folder
from tara_agent.spool.spool import Spool
from tara_agent.tokens import Token
from tara_agent.transport import Transport
from tara_agent.version import VERSION

logger = logging.getLogger(__name__)


def run_agent(config: Config, token: Token, *, hostname: str) -> None:
    """Sample and send until SIGTERM or SIGINT, then try for three seconds to send the rest.

    What cannot be sent is kept in the spool. Never takes more than five seconds to end.
    """
    bell = Bell()
    stop_on_signals(bell)
    clock = StampClock()
    spool = Spool(Folder(config.spool_path), wall=clock) if config.spool_path else None
    first_number = _recovered(spool)
    backlog = Backlog(spool)
    sending = _sender_thread(config, token, backlog, bell=bell, clock=clock)
    keeping = KeeperThread(backlog)
    sampler = Sampler(
        default_collectors(config.options),
        processes=default_watch(config.options),
        first_number=first_number,
    )
    _say_started(config, kept=len(backlog))
    sending.start()
    keeping.start()
    seed = token.prefix + hostname
    runner = Runner(sampler, backlog, bell, interval_seconds=config.interval_seconds, seed=seed)
    runner.run(wall=clock)
    sending.end(LAST_ATTEMPT_SECONDS)
    lost = keeping.end(LAST_SAVE_SECONDS)
    unsent = len(backlog)
    logger.info("stopped: %d samples left unsent, %d of them kept on disk", unsent, unsent - lost)


def _sender_thread(
    config: Config, token: Token, backlog: Backlog, *, bell: Bell, clock: StampClock
) -> SenderThread:
    """Return what sends `backlog` to the server, with a connection of its own."""
    transport = Transport(
        config.server_url,
        token,
        ca_file=config.ca_file,
        proxy_url=config.proxy_url,
        allow_http=config.allow_http,
    )
    sender = Sender(
        backlog,
        transport.post,
        facts=machine_facts,
        obey_interval=bell.set_interval,
        learn_time=clock.learn,
    )
    return SenderThread(sender, backlog, cut=transport.cut)


def _say_started(config: Config, *, kept: int) -> None:
    logger.info(
        "tara-agent %s started: a sample every %d s to %s%s",
        VERSION,
        config.interval_seconds,
        config.server_url,
        f", {kept} kept ones first" if kept else "",
    )


def _recovered(spool: Spool | None) -> int:
    """Take over what an earlier run left; return the first sample's number.

    Numbers start at the clock's milliseconds, so that no life of the spool repeats another's: a
    file that comes back after a power cut must not be taken for a part of it.
    """
    milliseconds = int(time.time() * 1000)
    if spool is None:
        return milliseconds
    try:
        return max(spool.recover(), milliseconds)
    except OSError as error:
        reason = error.strerror or str(error)
        logger.warning("the spool cannot be read (%s): what an earlier run left waits", reason)
        return milliseconds
