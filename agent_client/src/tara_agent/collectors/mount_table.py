"""Which mounts are real: worth measuring, each file system once."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from tara_agent.collectors.choice import EVERYTHING_USUAL, Choice

# fmt: off
_PSEUDO: Final = frozenset({
    "autofs", "bdev", "binder", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "cpuset",
    "debugfs", "devfs", "devpts", "devtmpfs", "efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs",
    "pipefs", "proc", "pstore", "ramfs", "rootfs", "rpc_pipefs", "securityfs", "selinuxfs",
    "smackfs", "sockfs", "sysfs", "tmpfs", "tracefs",
})
_ALWAYS_FULL: Final = frozenset({"squashfs", "erofs", "cramfs", "iso9660", "udf"})
_VIEWS: Final = frozenset({"fuse.lxcfs", "fuse.gvfsd-fuse", "fuse.portal", "fuse.snapfuse"})
_LEFT_OUT: Final = _PSEUDO | _ALWAYS_FULL | _VIEWS
_REMOTE: Final = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4",
    "smb3", "smbfs", "virtiofs",
})
# fmt: on
_OWN_POOL: Final = frozenset({"zfs", "bcachefs"})  # their source is no path
_OCTAL: Final = re.compile(rb"\\([0-7]{3})")


class Mount(NamedTuple):
    """A place where a file system can be measured; a remote one may never answer."""

    path: str
    is_remote: bool


class _Entry(NamedTuple):
    device: str
    path: str
    fstype: str
    source: str


def parse_mountinfo(
    table: bytes,
    is_directory: Callable[[str], bool] = os.path.isdir,
    *,
    choice: Choice = EVERYTHING_USUAL,
) -> list[Mount]:
    """Return the real mounts of a /proc/PID/mountinfo, each file system at its shortest path.

    Binds of one file system, as containers have of /etc/hosts and the like, share their device and
    type. `is_directory` is not asked about remote mounts, because it would wait for a dead server.
    """
    visible = {entry.path: entry for entry in _entries(table)}  # the last one covers the others
    chosen: dict[tuple[str, str], Mount] = {}
    for entry in sorted(visible.values(), key=lambda entry: (len(entry.path), entry.path)):
        mount = Mount(entry.path, is_remote(entry.fstype))
        is_wanted = choice.takes(entry.path, by_default=is_real(entry))
        if is_wanted and (mount.is_remote or is_directory(mount.path)):
            chosen.setdefault((entry.device, entry.fstype), mount)
    return list(chosen.values())


def is_pseudo(fstype: str) -> bool:
    """True for a kind of file system that is not worth measuring."""
    return fstype in _LEFT_OUT


def is_remote(fstype: str) -> bool:
    """True for a file system whose answer comes from a server or another process."""
    return fstype in _REMOTE or fstype.startswith("fuse")


def is_real(entry: _Entry) -> bool:
    """True for what holds files on a disk or a server; loop devices and memory do not count."""
    if entry.fstype in _LEFT_OUT or entry.source.startswith("/dev/loop"):
        return False
    if entry.fstype == "overlay":
        return entry.path == "/"  # a container's own root; elsewhere it shows the disk below again
    return entry.source.startswith("/") or is_remote(entry.fstype) or entry.fstype in _OWN_POOL


def _entries(table: bytes) -> Iterable[_Entry]:
    for line in table.splitlines():
        left, _, right = line.partition(b" - ")
        before, after = left.split(b" "), right.split(b" ")
        if len(before) > 4 and len(after) > 1:  # noqa: PLR2004  (fields, as proc(5) lists them)
            yield _Entry(_text(before[2]), _text(before[4]), _text(after[0]), _text(after[1]))


def _text(field: bytes) -> str:
    r"""Return a field with the kernel's escapes (\040 is a space) taken out."""
    return os.fsdecode(_OCTAL.sub(lambda match: bytes([int(match[1], 8)]), field))
