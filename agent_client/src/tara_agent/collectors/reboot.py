"""Whether an update waits for a restart, as Debian and its kin mark it."""

from pathlib import Path
from typing import Final

from tara_agent.collectors.protocol import Values

_MARK: Final = "run/reboot-required"
_MARKERS: Final = (
    "usr/share/update-notifier/notify-reboot-required",
    "etc/kernel/postinst.d/update-notifier",
    "etc/kernel/postinst.d/unattended-upgrades",
)
"""Who sets the mark. Where none of them is installed, a missing mark says nothing."""


class RebootCollector:
    """1 where a restart is due, 0 where it is not; nothing where nobody would say so."""

    name = "reboot"

    def __init__(self, root: Path = Path("/")) -> None:
        """`root` is /, or a copy of it."""
        self._root = root

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return whether the mark is there."""
        if (self._root / _MARK).exists():
            return {"system_reboot_pending": 1}
        if any((self._root / path).exists() for path in _MARKERS):
            return {"system_reboot_pending": 0}
        return {}
