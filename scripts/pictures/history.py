"""A week of a made-up machine: numbers that wander, follow the day, and belong together."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scripts.pictures.machines import Machine

GIB: Final = 2**30
DAY_SECONDS: Final = 86_400
STEP_SECONDS: Final = 60
BACK_SECONDS: Final = 7 * DAY_SECONDS
AHEAD_SECONDS: Final = 3600
BUSIEST_SECOND: Final = 14 * 3600
CORES_SHOWN: Final = 8

Floats = npt.NDArray[np.float64]
Values = dict[str, Any]


class History:
    """What a machine measures from a week before `now` until an hour after it, minute by minute.

    The same machine and moment give the same numbers, so that whoever goes on reporting for a
    machine goes on where its past ends.
    """

    def __init__(self, machine: Machine, now: float) -> None:
        """Walk through the week."""
        self.machine = machine
        self._now = now
        self._rng = np.random.default_rng(zlib.crc32(machine.name.encode()))
        self._grid = np.arange(now - BACK_SECONDS, now + AHEAD_SECONDS, STEP_SECONDS)
        role = machine.role
        day = np.cos((self._grid % DAY_SECONDS - BUSIEST_SECOND) / DAY_SECONDS * 2 * np.pi)
        # On the hour some job runs, and a build comes in bursts.
        bursts = np.clip(self._walk(20) - 1.1, 0, 1) * role.restless * 3
        drift = role.daily * day * machine.cpu / 50
        self._cpu = machine.cpu + drift + self._walk(45) * role.restless + bursts
        self._load = np.clip(self._cpu, 1, 99) / 100 * machine.cores * np.exp(0.4 * self._walk(2))
        self._memory = np.clip(
            0.44 + machine.cpu / 300 + 0.05 * self._walk(240) + 0.03 * day, 0.1, 0.93
        )
        self._cached = np.clip(0.24 + 0.05 * self._walk(300), 0.05, 0.4)
        busy = 1 + 0.45 * day + 0.3 * self._walk(60)
        self._received = machine.mbit * 125_000 * np.clip(busy, 0.08, None)
        self._sent_share = np.clip(0.42 + 0.2 * self._walk(90), 0.05, 2)
        self._device = 2.5e5 * machine.cores * np.exp(0.8 * self._walk(30))

    def samples(self, times: Sequence[float]) -> list[Values]:
        """Return what it measured at these seconds, oldest first."""
        at = np.asarray(times)
        columns = {
            **self._processor(at),
            **self._memories(at),
            **self._disks(at),
            **self._network(at),
            **self._system(at),
        }
        return [_row(columns, number) for number in range(len(at))]

    def _walk(self, minutes: float) -> Floats:
        """Return noise that forgets itself within so many minutes, as far from 0 as 1."""
        kernel = np.exp(-np.arange(6 * int(minutes)) * 60 / STEP_SECONDS / minutes)
        noise = self._rng.normal(size=len(self._grid) + len(kernel) - 1)
        return np.convolve(noise, kernel / np.sqrt((kernel**2).sum()), mode="valid")

    def _at(self, at: Floats, grid: Floats) -> Floats:
        return np.interp(at, self._grid, grid)

    def _jitter(self, at: Floats, share: float) -> Floats:
        """Return factors around 1 that differ from one sample to the next."""
        return np.exp(self._rng.normal(0, share, size=len(at)))

    def _processor(self, at: Floats) -> Values:
        cpu = np.clip(self._at(at, self._cpu) * self._jitter(at, 0.09), 0.4, 99.6)
        waiting = 0.13 if self.machine.role.is_metal else 0.05
        cores = range(min(self.machine.cores, CORES_SHOWN))
        pressure = np.clip((cpu - 20) / 6, 0, None) * self._jitter(at, 0.3)
        return {
            "cpu_percent": np.round(cpu, 1),
            "cpu_user_percent": np.round(cpu * (0.72 - waiting), 1),
            "cpu_system_percent": np.round(cpu * 0.21, 1),
            "cpu_iowait_percent": np.round(cpu * waiting * self._jitter(at, 0.4), 1),
            "cpu_irq_percent": np.round(cpu * 0.015, 1),
            "cpu_core_percent": {
                str(core): np.round(
                    np.clip(cpu * (0.8 + 0.06 * core) * self._jitter(at, 0.2), 0, 100), 1
                )
                for core in cores
            },
            "cpu_frequency_hertz": np.round(2.4e9 + cpu * 1.1e7, -6),
            "cpu_context_switches_per_second": np.round(900 * cpu * self._jitter(at, 0.1), 1),
            "cpu_interrupts_per_second": np.round(420 * cpu * self._jitter(at, 0.1), 1),
            **{
                f"load_{minutes}m": np.round(self._at(at, _mean(self._load, minutes)), 2)
                for minutes in (1, 5, 15)
            },
            "pressure_cpu_percent": np.round(np.clip(pressure, 0, 90), 1),
            "pressure_memory_percent": np.round(pressure * 0.02, 1),
            "pressure_io_percent": np.round(pressure * waiting * 4, 1),
            **self._sensors(at, cpu),
        }

    def _sensors(self, at: Floats, cpu: Floats) -> Values:
        if not self.machine.role.is_metal:
            return {"cpu_steal_percent": np.round(cpu * 0.02 * self._jitter(at, 0.5), 1)}
        package = 34 + self._at(at, _mean(self._cpu, 5)) * 0.28 * self._jitter(at, 0.03)
        return {
            "temperature_celsius": {
                "CPU package": np.round(package, 1),
                "NVMe": np.round(38 + (package - 40) * 0.3, 1),
            },
            "fan_speed_rpm": {"Chassis": np.round(620 + (package - 34) * 22, -1)},
        }

    def _memories(self, at: Floats) -> Values:
        total = self.machine.memory_gib * GIB
        used, cached = self._at(at, self._memory), self._at(at, self._cached)
        cached = np.minimum(cached, 0.97 - used)
        sizes = {
            "used": used,
            "available": 1 - used,
            "cached": cached,
            "buffers": np.full(len(at), 0.025),
            "free": np.clip(1 - used - cached - 0.025, 0.003, None),
            "anonymous": used * 0.82,
            "shared": used * 0.05,
            "slab": used * 0.07,
            "dirty": 0.001 * self._jitter(at, 0.6),
        }
        return {
            "memory_percent": np.round(used * 100, 1),
            "memory_total_bytes": np.full(len(at), total),
            **{f"memory_{name}_bytes": np.round(share * total) for name, share in sizes.items()},
            "swap_total_bytes": np.full(len(at), 2 * GIB),
            "swap_used_bytes": np.round(np.clip(used - 0.4, 0, None) * 0.7 * GIB),
        }

    def _disks(self, at: Floats) -> Values:
        percents = {
            mount: disk.percent + disk.daily_growth * (at - self._now) / DAY_SECONDS
            for mount, disk in self.machine.disks.items()
        }
        sizes = {mount: disk.size_gb * 1e9 for mount, disk in self.machine.disks.items()}
        moved = self._at(at, self._device) * self._jitter(at, 0.35)
        device = "nvme0n1" if self.machine.role.is_metal else "vda"
        rates = {
            "device_read_bytes_per_second": moved * 0.7,
            "device_written_bytes_per_second": moved * self._jitter(at, 0.2),
            "device_reads_per_second": moved / 36_000,
            "device_writes_per_second": moved / 22_000,
            "device_busy_percent": np.clip(moved / 9e4, 0, 98),
        }
        return {
            "disk_percent": {mount: np.round(each, 1) for mount, each in percents.items()},
            "disk_total_bytes": {mount: np.full(len(at), size) for mount, size in sizes.items()},
            "disk_used_bytes": {
                mount: np.round(each / 100 * sizes[mount]) for mount, each in percents.items()
            },
            "disk_free_bytes": {
                mount: np.round((1 - each / 100) * sizes[mount]) for mount, each in percents.items()
            },
            "disk_inodes_percent": {
                mount: np.round(each / 7, 1) for mount, each in percents.items()
            },
            **{name: {device: np.round(rate, 1)} for name, rate in rates.items()},
        }

    def _network(self, at: Floats) -> Values:
        received = self._at(at, self._received) * self._jitter(at, 0.16)
        sent = received * self._at(at, self._sent_share) * self._jitter(at, 0.12)
        sockets = 40 + received / 60_000
        return {
            "network_received_bytes_per_second": {"eth0": np.round(received)},
            "network_sent_bytes_per_second": {"eth0": np.round(sent)},
            "network_received_packets_per_second": {"eth0": np.round(received / 850, 1)},
            "network_sent_packets_per_second": {"eth0": np.round(sent / 700, 1)},
            "network_tcp_socket_count": {
                "established": np.round(sockets * self._jitter(at, 0.05)),
                "time-wait": np.round(sockets * 0.4 * self._jitter(at, 0.2)),
            },
            "network_tcp_retransmits_per_second": np.round(
                received / 4e6 * self._jitter(at, 0.6), 1
            ),
        }

    def _system(self, at: Floats) -> Values:
        booted = 15 if self.machine.name == "helios-db" else 24 * (9 + len(self.machine.name) * 7)
        return {
            "uptime_seconds": np.round(booted * 3600 + at - self._now),
            "process_count": np.round(140 + self._at(at, self._load) * 12),
            "process_starts_per_second": np.round(2.4 * self._jitter(at, 0.5), 1),
            "system_file_handle_count": np.round(2300 + self._at(at, self._load) * 300),
            "system_failed_unit_count": np.zeros(len(at)),
        }


def _mean(grid: Floats, minutes: int) -> Floats:
    """Return the grid's mean over so many minutes, as a load average is."""
    width = max(1, minutes * 60 // STEP_SECONDS)
    return np.convolve(grid, np.ones(width) / width, mode="same")


def _row(columns: Values, number: int) -> Values:
    """Return one sample of the columns."""
    return {
        name: {instance: float(each[number]) for instance, each in column.items()}
        if isinstance(column, dict)
        else float(column[number])
        for name, column in columns.items()
    }


def processes_of(machine: Machine, values: Values) -> list[dict[str, Any]]:
    """Return what runs, the busiest first, as an agent sends it."""
    shares = [0.55 / 2**rank for rank in range(len(machine.role.processes))]
    memory = values["memory_used_bytes"]
    running = [
        {
            "pid": 800 + 613 * rank,
            "name": name,
            "cpu_percent": round(values["cpu_percent"] * share * machine.cores, 1),
            "memory_bytes": round(memory * share * 0.8),
        }
        for rank, (name, share) in enumerate(zip(machine.role.processes, shares, strict=True))
    ]
    quiet = ("tara-agent", "systemd-journald", "sshd", "cron", "systemd")
    return running + [
        {
            "pid": 1 + 97 * rank,
            "name": name,
            "cpu_percent": round(0.4 / (rank + 1), 1),
            "memory_bytes": (31 - 5 * rank) * 2**20,
        }
        for rank, name in enumerate(quiet)
    ]
