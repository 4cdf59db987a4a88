"""Mounts: which are real, and asking them without waiting for the dead."""

import threading
import time

import pytest

from tara_agent.collectors import by_psutil
from tara_agent.collectors.mount_table import Mount, parse_mountinfo
from tara_agent.collectors.mounts import MountCollector, Usage, usage_of

HOST = rb"""
21 26 0:19 / /proc rw,nosuid shared:5 - proc proc rw
22 26 0:20 / /sys rw,nosuid shared:6 - sysfs sysfs rw
23 26 0:5 / /dev rw,nosuid shared:2 - devtmpfs udev rw,size=1k
26 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
27 26 8:2 / /home rw,relatime shared:3 master:4 - xfs /dev/sda2 rw
28 26 0:24 / /run rw,nosuid shared:7 - tmpfs tmpfs rw
29 26 7:3 / /snap/core/1 ro,nodev shared:8 - squashfs /dev/loop3 ro
30 26 7:4 / /mnt/image rw shared:8 - ext4 /dev/loop4 rw
31 26 0:50 / /srv/share rw shared:9 - nfs4 server:/export rw
32 26 0:51 / /net rw shared:10 - autofs /etc/auto.net rw
33 26 8:1 /var/lib/x /chroot/x rw shared:1 - ext4 /dev/sda1 rw
34 26 0:60 / /tank rw - zfs tank rw
35 26 0:61 / /home/me/remote rw - fuse.sshfs me@server: rw
36 26 0:62 / /var/lib/docker/overlay2/1/merged rw - overlay overlay rw
37 26 8:3 / /mnt/two\040words rw - ext4 /dev/sda3 rw
38 26 11:0 / /media/cd ro - iso9660 /dev/sr0 ro
a line that is none
"""
CONTAINER = rb"""
500 400 0:70 / / rw - overlay overlay rw,lowerdir=/a
501 500 0:71 / /proc rw - proc proc rw
502 500 0:72 / /dev rw - tmpfs tmpfs rw
503 500 8:1 /var/lib/docker/c/hosts /etc/hosts rw - ext4 /dev/sda1 rw
504 500 8:1 /var/lib/docker/c/hostname /etc/hostname rw - ext4 /dev/sda1 rw
505 500 8:1 /var/lib/docker/c/resolv.conf /etc/resolv.conf rw - ext4 /dev/sda1 rw
506 500 8:5 /volumes/data /data rw - ext4 /dev/sdb1 rw
507 500 8:5 /volumes/data/deeper /data/deeper rw - ext4 /dev/sdb1 rw
"""
COVERED = rb"""
26 1 8:1 / / rw - ext4 /dev/sda1 rw
27 26 8:2 / /mnt rw - ext4 /dev/sda2 rw
28 27 0:9 / /mnt rw - tmpfs tmpfs rw
"""


def paths(table, *, files=()):
    return {mount.path for mount in parse_mountinfo(table, lambda path: path not in files)}


class TestParseMountinfo:
    def test_finds_what_holds_files(self):
        assert paths(HOST) == {
            "/",
            "/home",
            "/srv/share",
            "/tank",
            "/home/me/remote",
            "/mnt/two words",
        }

    def test_leaves_out_the_files_bound_into_a_container(self):
        files = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}

        assert paths(CONTAINER, files=files) == {"/", "/data"}

    def test_leaves_out_what_is_covered(self):
        assert paths(COVERED) == {"/"}

    def test_knows_what_may_never_answer(self):
        remote = {mount.path for mount in parse_mountinfo(HOST, lambda _: True) if mount.is_remote}

        assert remote == {"/srv/share", "/home/me/remote"}

    def test_does_not_touch_remote_mounts(self):
        touched = []

        parse_mountinfo(HOST, lambda path: touched.append(path) or True)

        assert "/srv/share" not in touched


class TestUsageOf:
    def test_agrees_with_the_file_system(self, tmp_path):
        usage = usage_of(str(tmp_path))

        assert 0 < usage.used_bytes < usage.total_bytes
        assert usage.free_bytes <= usage.total_bytes - usage.used_bytes


class Disk:
    """File systems by path; one that hangs answers once `mend` is called."""

    def __init__(self):
        self.asked = []
        self.hanging = set()
        self._mended = threading.Event()

    def usage(self, path):
        self.asked.append(path)
        if path in self.hanging:
            self._mended.wait(10)
        return Usage(total_bytes=100, used_bytes=30, free_bytes=60, inodes_total=8, inodes_used=2)

    def mend(self):
        self.hanging.clear()
        self._mended.set()


@pytest.fixture
def disk():
    disk = Disk()
    yield disk
    disk.mend()


class TestMountCollector:
    def collector(self, disk, *mounts, deadline_seconds=0.05):
        return MountCollector(lambda: list(mounts), disk.usage, deadline_seconds=deadline_seconds)

    def test_tells_space_as_df_does(self, disk):
        values = self.collector(disk, Mount("/", is_remote=False)).collect(0.0)

        assert values == {
            "disk_percent": {"/": pytest.approx(33.33, abs=0.01)},
            "disk_total_bytes": {"/": 100},
            "disk_used_bytes": {"/": 30},
            "disk_free_bytes": {"/": 60},
            "disk_inodes_percent": {"/": 25},
            "disk_inodes_total": {"/": 8},
            "disk_inodes_used": {"/": 2},
        }

    def test_has_no_inodes_where_the_file_system_has_none(self):
        collector = MountCollector(lambda: [Mount("/", is_remote=False)], lambda _: Usage(9, 3, 6))

        assert "disk_inodes_percent" not in collector.collect(0.0)

    def test_leaves_out_a_mount_that_cannot_be_read(self, disk):
        def usage(path):
            raise PermissionError(path)

        mounts = [Mount("/a", is_remote=False), Mount("/b", is_remote=True)]

        assert MountCollector(lambda: mounts, usage).collect(0.0) == {}

    def test_asks_local_mounts_without_a_thread(self, disk):
        threads = threading.active_count()
        seen = []
        collector = MountCollector(
            lambda: [Mount("/", is_remote=False)],
            lambda path: seen.append(threading.active_count()) or usage_of(path),
        )

        collector.collect(0.0)

        assert seen == [threads]

    def test_a_dead_server_costs_its_own_values_only(self, disk):
        disk.hanging = {"/dead"}
        collector = self.collector(
            disk, Mount("/", is_remote=False), Mount("/dead", is_remote=True), Mount("/nfs", True)
        )

        values = collector.collect(0.0)

        assert values["disk_percent"].keys() == {"/", "/nfs"}

    def test_all_dead_servers_together_wait_one_deadline(self, disk):
        disk.hanging = {f"/dead{n}" for n in range(10)}
        mounts = [Mount(path, is_remote=True) for path in disk.hanging]
        collector = self.collector(disk, *mounts, deadline_seconds=0.1)

        began = time.monotonic()
        collector.collect(0.0)

        assert time.monotonic() - began < 0.5

    def test_has_one_probe_outstanding_and_waits_for_it_once(self, disk, caplog):
        disk.hanging = {"/dead"}
        collector = self.collector(disk, Mount("/dead", is_remote=True), deadline_seconds=0.05)
        collector.collect(0.0)

        began = time.monotonic()
        for n in range(5):
            collector.collect(float(n))

        assert disk.asked == ["/dead"]
        assert time.monotonic() - began < 0.05
        assert len(caplog.records) == 1

    def test_measures_a_server_that_is_back(self, disk, caplog):
        disk.hanging = {"/dead"}
        collector = self.collector(disk, Mount("/dead", is_remote=True), deadline_seconds=0.2)
        collector.collect(0.0)
        disk.mend()

        deadline = time.monotonic() + 5
        while not collector.collect(1.0):
            assert time.monotonic() < deadline

    def test_looks_for_new_mounts_once_a_minute(self, disk):
        found = []
        collector = MountCollector(lambda: found.append(1) or [], disk.usage)
        for now in (0.0, 10.0, 59.0, 61.0):
            collector.collect(now)

        assert len(found) == 2

    def test_finds_the_root_of_this_machine(self):
        assert "/" in MountCollector.for_linux().collect(0.0)["disk_percent"]

    def test_finds_it_without_a_mountinfo_too(self):
        assert MountCollector(by_psutil.mounts, by_psutil.usage).collect(0.0).keys() >= {
            "disk_percent"
        }
