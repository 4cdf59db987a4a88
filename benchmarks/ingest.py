"""What one ingest request costs: `python -m benchmarks.ingest`.

Prints requests and values a second, server CPU a request, and p50/p99, at saturation over a few
keep-alive connections. Every request is a live sample of 60 values under a token of its own agent.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks import server

TIME_MARK = b'"TIME"'
MOUNTS = ("/", "/var")
INTERFACES = ("eth0", "wlan0")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run measured."""

    synchronous: str
    threads: int
    connections: int
    samples_a_request: int
    requests: int
    errors: int
    requests_per_second: float
    values_per_second: float
    cpu_ms_per_request: float
    p50_ms: float
    p99_ms: float
    pss_mib: float


def sample_values() -> dict[str, float | dict[str, float]]:
    """Return the 60 values of one sample of a 4-core machine with two mounts and two interfaces."""
    values: dict[str, float | dict[str, float]] = {
        f"cpu_{mode}percent": 3.1
        for mode in ("", "user_", "nice_", "system_", "iowait_", "irq_", "steal_")
    }
    values["cpu_core_percent"] = {str(core): 10.5 + core for core in range(4)}
    values |= {"load_1m": 0.51, "load_5m": 0.42, "load_15m": 0.33, "memory_percent": 40.1}
    values |= {
        f"memory_{kind}_bytes": 25_000_000_000
        for kind in ("total", "used", "available", "cached", "buffers")
    }
    values |= {"swap_percent": 0.0, "swap_total_bytes": 0, "swap_used_bytes": 0}
    values |= {"uptime_seconds": 12_345_678, "process_count": 123}
    for kind in ("percent", "total_bytes", "used_bytes", "free_bytes"):
        values[f"disk_{kind}"] = dict.fromkeys(MOUNTS, 512_000_000)
    for kind in ("percent", "total", "used"):
        values[f"disk_inodes_{kind}"] = dict.fromkeys(MOUNTS, 41.2)
    for kind in ("read_bytes_per_second", "written_bytes_per_second", "reads_per_second"):
        values[f"device_{kind}"] = {"sda": 1234}
    values |= {"device_writes_per_second": {"sda": 12.3}, "device_busy_percent": {"sda": 1.5}}
    for way in ("received", "sent"):
        for kind in ("bytes", "packets", "errors", "drops"):
            values[f"network_{way}_{kind}_per_second"] = dict.fromkeys(INTERFACES, 100.5)
    return values


def read_answer(connection: socket.socket) -> bytes:
    """Return one whole HTTP answer; its head and body may come in two pieces."""
    answer = b""
    while True:
        answer += connection.recv(4096)
        head, mark, body = answer.partition(b"\r\n\r\n")
        _, named, length = head.lower().partition(b"content-length:")
        if mark and not named:
            raise ValueError(f"An answer without a length: {answer!r}")
        if mark and len(body) >= int(length.split(b"\r\n")[0] or 0):
            return answer


class Sender(threading.Thread):
    """Sends requests over one connection for a while, each agent in its turn."""

    def __init__(self, port: int, tokens: Sequence[str], *, samples: int, seconds: float) -> None:
        """Prepare all that can be, so that the sender's own cost stays small."""
        super().__init__(daemon=True)
        self.port, self.samples, self.seconds = port, samples, seconds
        sample = {"time": "TIME", "values": sample_values()}
        body = {"version": 1, "sent_at": "TIME", "samples": [sample] * samples, "backlog": 0}
        self.parts = json.dumps(body, separators=(",", ":")).encode().split(TIME_MARK)
        size = len(self._body(time.time()))
        self.heads = [
            (
                f"POST /api/v1/ingest/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}"
                f"\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
            ).encode()
            for token in tokens
        ]
        self.latencies: list[float] = []
        self.errors = 0

    def run(self) -> None:
        """Send until the time is up."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            deadline = time.perf_counter() + self.seconds
            turn = 0
            while (start := time.perf_counter()) < deadline:
                head = self.heads[turn % len(self.heads)]
                connection.sendall(head + self._body(time.time()))
                answer = read_answer(connection)
                self.latencies.append(time.perf_counter() - start)
                self.errors += b" 200 " not in answer[:16]
                turn += 1

    def _body(self, now: float) -> bytes:
        """Return a body of samples 10 ms apart that end at `now`."""
        times = [now, *(now - 0.01 * index for index in range(self.samples))]
        stamps = [f"{moment:.3f}".encode() for moment in sorted(times)]
        pairs = zip(self.parts, [*stamps, b""], strict=True)
        return b"".join(part + stamp for part, stamp in pairs)


def measure(options: argparse.Namespace, synchronous: str) -> Figures:
    """Load a fresh server for a while and return the figures."""
    with server.running(
        agents=options.agents, threads=options.threads, synchronous=synchronous
    ) as running:
        _load(running, options, seconds=1.0)
        cpu, start = running.cpu_seconds(), time.perf_counter()
        senders = _load(running, options, seconds=options.seconds)
        elapsed = time.perf_counter() - start
        cpu = running.cpu_seconds() - cpu
        pss = running.pss_bytes()
    latencies = sorted(latency for sender in senders for latency in sender.latencies)
    count = len(latencies)
    values = count * options.samples * 60
    return Figures(
        synchronous=synchronous,
        threads=options.threads,
        connections=options.connections,
        samples_a_request=options.samples,
        requests=count,
        errors=sum(sender.errors for sender in senders),
        requests_per_second=round(count / elapsed),
        values_per_second=round(values / elapsed),
        cpu_ms_per_request=round(cpu / count * 1000, 3),
        p50_ms=round(statistics.median(latencies) * 1000, 2),
        p99_ms=round(latencies[int(count * 0.99)] * 1000, 2),
        pss_mib=round(pss / 2**20, 1),
    )


def _load(running: server.Server, options: argparse.Namespace, *, seconds: float) -> list[Sender]:
    share = max(1, len(running.tokens) // options.connections)
    senders = [
        Sender(
            running.port,
            running.tokens[index * share : (index + 1) * share],
            samples=options.samples,
            seconds=seconds,
        )
        for index in range(options.connections)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return senders


def main() -> None:
    """Measure with and without an fsync a commit and print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--agents", type=int, default=64)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--threads", type=int, default=1, help="of the one server process")
    parser.add_argument("--samples", type=int, default=1, help="samples a request")
    parser.add_argument("--synchronous", nargs="*", default=["NORMAL", "FULL"])
    options = parser.parse_args()
    runs = [asdict(measure(options, synchronous)) for synchronous in options.synchronous]
    for name in runs[0]:
        print(f"{name:<22}" + "".join(f"{run[name]!s:>12}" for run in runs))
    print(json.dumps(runs))


if __name__ == "__main__":
    main()
