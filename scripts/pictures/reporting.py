"""The fleet goes on reporting while its pictures are taken, over HTTP as agents do."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scripts.pictures.history import History, processes_of
from scripts.pictures.machines import DOWN, MACHINES, PAUSED, WAITING

EVERY_SECONDS: Final = 10
TIMEOUT_SECONDS: Final = 10


@contextmanager
def reporting(address: str, tokens_file: Path) -> Iterator[None]:
    """Send a sample of each machine every ten seconds, from a thread, for as long as this lasts."""
    is_over = threading.Event()
    thread = threading.Thread(target=_report, args=(address, tokens_file, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _report(address: str, tokens_file: Path, is_over: threading.Event) -> None:
    known = json.loads(tokens_file.read_text(encoding="utf-8"))
    machines = [each for each in MACHINES if each.name not in {DOWN, PAUSED, WAITING}]
    histories = [History(machine, known["now"]) for machine in machines]
    while not is_over.is_set():
        for history in histories:
            _send(address, known["tokens"][history.machine.name], history)
            # As in life, they do not all report at once.
            is_over.wait(EVERY_SECONDS / len(histories))


def _send(address: str, token: str, history: History) -> None:
    """Send what the machine measures now. Raises HTTPError where it is refused."""
    at = time.time()
    [values] = history.samples([at])
    sample = {"time": at, "values": values, "processes": processes_of(history.machine, values)}
    request = urllib.request.Request(  # noqa: S310  (our own server's)
        f"{address}/api/v1/ingest/",
        data=json.dumps({"version": 1, "samples": [sample]}).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
        pass
