"""The machines of the made-up fleet: what each is, and what it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

DEBIAN: Final = ("Debian 12", "6.1.0-28-amd64")
ALPINE: Final = ("Alpine 3.21", "6.12.4-virt")
ROCKY: Final = ("Rocky 9.5", "5.14.0-503.15.1.el9_5")
UBUNTU: Final = ("Ubuntu 24.04", "6.8.0-51-generic")


class Role(NamedTuple):
    """What machines of a kind share: tags, processor, and processes with their shares of the load.

    `restless` is how many percent their processor strays, `daily` by how much it follows the day.
    """

    tags: tuple[str, ...]
    cpu_model: str
    processes: tuple[str, ...]
    restless: float
    daily: float
    is_metal: bool = False


ROLES: Final = {
    "web": Role(
        ("prod", "web"), "AMD EPYC 7313P", ("nginx", "gunicorn", "node", "redis-server"), 4, 12
    ),
    "db": Role(
        *(("prod", "db"), "AMD EPYC 7443P", ("postgres", "pgbouncer", "wal-g", "node_exporter")),
        restless=6,
        daily=12,
        is_metal=True,
    ),
    "ci": Role(("ci",), "Intel Xeon E-2388G", ("cc1plus", "runner", "dockerd", "python3"), 18, 6),
    "lab": Role(
        ("lab",), "Intel N100", ("python3", "jupyter-lab", "mosquitto"), 5, 3, is_metal=True
    ),
    "store": Role(
        ("backup",), "Intel Celeron J6412", ("restic", "smbd", "zfs"), 6, 4, is_metal=True
    ),
    "mail": Role(("mail", "prod"), "AMD EPYC 7313P", ("rspamd", "dovecot", "postfix"), 3, 6),
    "gate": Role(("edge", "prod"), "Intel Atom C3758", ("wireguard", "unbound", "nft"), 3, 8),
}


class Disk(NamedTuple):
    """A file system: GB, percent used now, percent it grows by a day."""

    size_gb: float
    percent: float
    daily_growth: float = 0.02


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine. `cpu` is its usual load in percent, `mbit` what it usually receives a second."""

    name: str
    role: Role
    system: tuple[str, str]
    cores: int
    memory_gib: int
    cpu: float
    mbit: float
    disks: dict[str, Disk]

    @property
    def facts(self) -> dict[str, str | int]:
        """What it tells of itself, as an agent does."""
        return {
            "version": "0.1.0",
            "hostname": self.name,
            "os": self.system[0],
            "kernel": self.system[1],
            "cpu_model": self.role.cpu_model,
            "cpu_count": self.cores,
            "memory_total_bytes": self.memory_gib * 2**30,
        }


def _machine(
    name: str,
    role: str,
    system: tuple[str, str],
    size: tuple[int, int],
    usual: tuple[float, float],
    **disks: Disk,
) -> Machine:
    mounts = {"/" if mount == "root" else f"/{mount}": disk for mount, disk in disks.items()}
    return Machine(name, ROLES[role], system, *size, *usual, mounts)


FEATURED: Final = "helios-db"
DOWN: Final = "janus"
PAUSED: Final = "selene"
WAITING: Final = "vesta"
"""Agents that a picture needs by name: one shown in depth, one away, one off, one not yet here."""

MACHINES: Final = (
    _machine("atlas", "web", DEBIAN, (8, 16), (34, 105), root=Disk(80, 52), var=Disk(250, 38)),
    _machine("boreas", "ci", DEBIAN, (16, 32), (41, 12), root=Disk(500, 32)),
    _machine("calypso", "lab", ALPINE, (4, 8), (6, 0.4), root=Disk(60, 14)),
    _machine("demeter", "web", ROCKY, (8, 16), (43, 68), root=Disk(80, 43), var=Disk(250, 29)),
    _machine("echo-01", "web", DEBIAN, (4, 8), (25, 31), root=Disk(80, 40)),
    _machine("echo-02", "web", DEBIAN, (4, 8), (28, 29), root=Disk(80, 41)),
    _machine("fortuna", "ci", UBUNTU, (8, 16), (22, 9), root=Disk(250, 45)),
    _machine(
        "gaia", "store", DEBIAN, (4, 16), (11, 44), root=Disk(64, 30), srv=Disk(8000, 61, 0.2)
    ),
    _machine(
        *("helios-db", "db", DEBIAN, (8, 64), (38, 24)),
        root=Disk(80, 41),
        var=Disk(250, 63),
        srv=Disk(1000, 78.4, 1.1),
    ),
    _machine("hermes", "mail", DEBIAN, (2, 4), (9, 3), root=Disk(40, 48), var=Disk(160, 57)),
    _machine("iris", "web", UBUNTU, (4, 8), (56, 47), root=Disk(80, 23)),
    _machine("janus", "ci", ROCKY, (8, 16), (30, 8), root=Disk(250, 51)),
    _machine("kratos", "lab", DEBIAN, (16, 64), (64, 2), root=Disk(2000, 64)),
    _machine(
        "luna-nas", "store", ALPINE, (4, 8), (18, 55), root=Disk(32, 45), srv=Disk(12000, 91.2, 0.9)
    ),
    _machine("mars", "lab", UBUNTU, (4, 8), (13, 0.9), root=Disk(250, 27)),
    _machine("nyx", "store", ALPINE, (4, 8), (7, 18), root=Disk(32, 13), srv=Disk(4000, 44)),
    _machine("orion-gw", "gate", DEBIAN, (8, 8), (12, 310), root=Disk(32, 22)),
    _machine("pallas-ci", "ci", UBUNTU, (16, 32), (97, 14), root=Disk(500, 72)),
    _machine("quirinus", "web", DEBIAN, (2, 4), (16, 12), root=Disk(40, 35)),
    _machine(
        "rhea-backup", "store", ROCKY, (4, 16), (24, 82), root=Disk(64, 24), srv=Disk(8000, 72)
    ),
    _machine("selene", "lab", DEBIAN, (4, 8), (5, 0.3), root=Disk(60, 33)),
    _machine("styx-mail", "mail", DEBIAN, (4, 8), (21, 6), root=Disk(40, 39), var=Disk(160, 66)),
    _machine("tethys", "db", ROCKY, (8, 32), (19, 15), root=Disk(80, 38), var=Disk(500, 47)),
    _machine("vesta", "web", ALPINE, (2, 4), (16, 10), root=Disk(40, 20)),
)
