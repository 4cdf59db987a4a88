"""Puts the running agent together: collectors, buffer, sender and the two threads."""

import logging

from tara_agent.buffer import SampleBuffer
from tara_agent.collectors.registry import default_collectors
from tara_agent.config import Config
from tara_agent.facts import machine_facts
from tara_agent.runner import LAST_ATTEMPT_SECONDS, Bell, Runner, SenderThread, stop_on_signals
from tara_agent.samples import Sampler
from tara_agent.sender import Sender
from tara_agent.transport import Transport
from tara_agent.version import VERSION

logger = logging.getLogger(__name__)


def run_agent(config: Config, *, hostname: str) -> None:
    """Sample and send until SIGTERM or SIGINT, then try for three seconds to send the rest."""
    bell, buffer = Bell(), SampleBuffer()
    stop_on_signals(bell)
    transport = Transport(config.server_url, config.token)
    sender = Sender(buffer, transport.post, facts=machine_facts, obey_interval=bell.set_interval)
    thread = SenderThread(sender, buffer, cut=transport.cut)
    thread.start()
    runner = Runner(
        Sampler(default_collectors()),
        buffer,
        bell,
        interval_seconds=config.interval_seconds,
        seed=config.token.prefix + hostname,
    )
    logger.info(
        "tara-agent %s started: a sample every %d s to %s",
        VERSION,
        config.interval_seconds,
        config.server_url,
    )
    runner.run()
    thread.end(LAST_ATTEMPT_SECONDS)
    logger.info("stopped: %d samples left unsent", thread.unsent)
