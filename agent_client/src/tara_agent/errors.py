"""Every error the agent raises itself.

AgentError
├── ConfigError          a setting is missing or wrong; its text is for the person who set it
├── NotDone              a command could not be done; its text is for the person who gave it
├── ServerUnreachable    no answer could be had: network, TLS, timeout, or not HTTP
└── SpoolTaken           another agent keeps its samples in this folder; an OSError as well
"""

import errno
from pathlib import Path


class AgentError(Exception):
    """The root of the agent's errors."""


class ConfigError(AgentError):
    """A setting that cannot be used. The text says what is wrong, where, and what to do."""


class NotDone(AgentError):  # noqa: N818  (reads as the claim it is)
    """What was asked for could not be done. The text says why, and what to do."""


class ServerUnreachable(AgentError):  # noqa: N818  (reads as the claim it is)
    """An attempt that ended without an answer; `reason` names the kind of failure."""

    def __init__(self, reason: str) -> None:
        """Keep `reason`, which holds no address, header or body."""
        super().__init__(reason)
        self.reason = reason


class SpoolTaken(AgentError, OSError):  # noqa: N818  (reads as the claim it is)
    """Another agent has the spool's folder; `folder` says which."""

    def __init__(self, folder: Path) -> None:
        """Carry which."""
        super().__init__(errno.EAGAIN, "another agent is using it", str(folder))
        self.folder = folder
