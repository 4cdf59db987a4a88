"""Agents for crash tests: they send until they are answered, and know what they were told."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence

INGEST = "/api/v1/ingest/"
SAMPLES_A_REQUEST = 6
PAUSE_SECONDS = 0.01
AGAIN_SECONDS = 0.05
PATIENCE_SECONDS = 5
HOUR_MS = 3_600_000
BACKLOG_HOURS = 40


class Client(threading.Thread):
    """One agent. `acknowledged` has the time of every sample that was answered with a 200.

    Live samples, a backlog that is old enough to be sealed, and stragglers of hours that are sealed
    already take turns. A request that had no good answer is sent again, byte for byte.
    """

    def __init__(self, port: int, agent_id: str, token: str, *, seed: int) -> None:
        super().__init__(name=agent_id)
        self.agent_id = agent_id
        self.acknowledged: set[int] = set()
        self.failures = 0
        self._port = port
        self._token = token
        self._rng = random.Random(seed)
        self._ending = threading.Event()

    def run(self) -> None:
        """Send until told to stop; what is under way then is finished."""
        for times in self._turns():
            if self._ending.is_set():
                return
            self._deliver(times)
            time.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """End after the request that is under way."""
        self._ending.set()

    def _turns(self) -> Iterator[list[int]]:
        """Yield the times of the next request, each time of the run once."""
        start_ms = round(time.time() * 1000)
        backlog_ms = start_ms - BACKLOG_HOURS * HOUR_MS
        live_ms, step_ms = start_ms - 60_000, 10_000
        while True:
            live_ms = max(live_ms + 1, round(time.time() * 1000))
            yield [live_ms]
            yield [backlog_ms + step_ms * number for number in range(SAMPLES_A_REQUEST)]
            backlog_ms += step_ms * SAMPLES_A_REQUEST
            if backlog_ms > start_ms - 2 * HOUR_MS:
                backlog_ms -= (BACKLOG_HOURS - 3) * HOUR_MS - 1  # once more, a millisecond later
            straggler_ms = backlog_ms - step_ms * self._rng.randrange(500)
            if straggler_ms + 5000 not in self.acknowledged:
                yield [straggler_ms + 5000]

    def _deliver(self, times: Sequence[int]) -> None:
        body = body_of(times)
        while True:
            answer = self._post(body)
            if answer is not None:
                assert answer["accepted"] + answer["duplicate"] == len(times), answer
                self.acknowledged.update(times)
                return
            self.failures += 1
            time.sleep(AGAIN_SECONDS)

    def _post(self, body: bytes) -> dict[str, int] | None:
        """Return the answer, None if there was none or it was the server's fault."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", INGEST, body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        assert response.status in {200, 500, 502, 503}, content
        return dict(json.loads(content)) if response.status == 200 else None


def body_of(times: Sequence[int]) -> bytes:
    """Return the body of a request with samples of these times."""
    samples = [
        {"time": time_ms / 1000, "values": {"cpu_percent": value_at(time_ms), "load_1m": 0.5}}
        for time_ms in times
    ]
    return json.dumps({"version": 1, "samples": samples}).encode()


def value_at(time_ms: int) -> float:
    """Return the value that a sample of this time has, so that a mixed-up one is seen."""
    return (time_ms // 7) % 1000 / 10
