"""Start the agent from one file: unpack it where Python can import it from, once, and go on.

This is the zipapp's __main__. What is in the file goes into a folder that only this user can write,
named for its digest: Python imports no compiled module from within a zip, as psutil is one on macOS
and Windows, and compiles whatever else is in one anew with each start. The folders of other
versions go away as soon as nobody runs them.
Nothing here that a Python older than the agent's could not read, so that it is told so. What only
unpacking needs is imported there: 1.4 MB that the agent would carry for as long as it lives.
"""

import os
import re
import stat
import sys

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

OLDEST = (3, 11)
NAME = "tara-agent"
UNPACKED = re.compile(r"([0-9a-f]{32}|\.tara-agent-\w+)$")
"""What a folder is called that this file, or another version of it, has unpacked."""


def main():
    """Unpack what is not unpacked yet, and be the command."""
    if sys.version_info < OLDEST:
        sys.exit(
            "tara-agent needs Python {}.{} or newer, and this is {}.{}: call the file with another "
            "one, such as: python3.12 {}".format(*(OLDEST + sys.version_info[:2] + (sys.argv[0],)))
        )
    archive = os.path.dirname(os.path.abspath(__file__))
    digest = __loader__.get_data("digest").decode()
    sys.path.insert(0, unpacked(archive, digest, folders(os.environ)))
    if sys.platform != "linux":
        require_psutil()
    from tara_agent.cli import main as command

    sys.exit(command())


def require_psutil():
    """End with a sentence where it is missing; on Linux the agent reads the kernel's files."""
    try:
        import psutil  # noqa: F401
    except ImportError:
        sys.exit(
            "tara-agent: this file has no psutil for {}. Install it, such as with: "
            "{} -m pip install psutil".format(*(machine(), sys.executable))
        )


def machine():
    """Return what a compiled module is for: system and processor."""
    import platform

    return "-".join([sys.platform, platform.machine().lower()])


def folders(environ):
    """Return where files may be unpacked, the best first; a new folder in /tmp is the last."""
    given = [environ.get("CACHE_DIRECTORY"), environ.get("STATE_DIRECTORY")]  # systemd's
    given += [environ.get("XDG_CACHE_HOME"), environ.get("LOCALAPPDATA")]
    home = os.path.expanduser("~")
    if os.path.isabs(home):
        given.append(os.path.join(home, ".cache"))
    return [os.path.join(folder, NAME) for folder in given if folder]


def unpacked(archive, digest, candidates):
    """Return the folder that has the archive's files, unpacked now or before, and held."""
    for parent in candidates:
        folder = os.path.join(parent, digest)
        try:
            if not (is_ours(folder) and hold(folder)):
                os.makedirs(parent, mode=0o700, exist_ok=True)
                if not is_ours(parent):
                    continue
                unpack(archive, parent, folder)
        except OSError:
            continue
        prune(parent, digest)
        return folder
    import atexit
    import shutil

    folder = unpack(archive, None, None)
    # Found by no later start, and so of no use to one.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def is_ours(folder):
    """True for a folder that nobody but this user can have put files into."""
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    if os.name == "nt":
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def hold(folder):
    """Keep `folder` from being deleted while this process lives; False if it is being deleted."""
    if fcntl is None:
        return True  # and there nothing is deleted
    try:
        return lock(folder, fcntl.LOCK_SH) is not None
    except OSError:
        return is_ours(folder)  # its file system knows no locks, so nobody can delete it either


def lock(folder, kind):
    """Return the descriptor that locks a folder, or None where another process is in the way.

    None as well if it is another folder by now. Raises OSError.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.stat(folder)):
            return descriptor
    except BlockingIOError:
        pass
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def unpack(archive, parent, folder):
    """Unpack beside `folder` and rename to it, so that it is never half there; return where.

    It is held from then on. Raises OSError.
    """
    import shutil
    import tempfile

    new = tempfile.mkdtemp(prefix="." + NAME + "-", dir=parent)
    try:
        hold(new)
        extract(archive, new)
        if folder is None:
            return new
        os.rename(new, folder)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        # Another process may have unpacked the same meanwhile.
        if folder is None or not (is_ours(folder) and hold(folder)):
            raise
    return folder


def extract(archive, folder):
    """Write what this machine needs of the archive into `folder`. Raises OSError."""
    from zipfile import ZipFile

    parts = ("pure/", "native/" + machine() + "/")
    with ZipFile(archive) as files:
        for name in files.namelist():
            for part in parts:
                if name.startswith(part):
                    path = os.path.join(folder, *name[len(part) :].split("/"))
                    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                    with open(path, "wb") as file:
                        file.write(files.read(name))


def prune(parent, digest):
    """Delete what other versions have unpacked, and starts that were killed, unless it is held.

    A running agent imports some of its modules late, so its folder has to stay until it ends.
    """
    if fcntl is None:
        return
    try:
        for name in os.listdir(parent):
            folder = os.path.join(parent, name)
            if name != digest and UNPACKED.match(name) and is_ours(folder):
                remove(folder)
    except OSError:
        return  # what is left costs disk only


def remove(folder):
    """Delete a folder unless somebody holds it. Raises OSError."""
    import shutil

    descriptor = lock(folder, fcntl.LOCK_EX)
    if descriptor is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


if __name__ == "__main__":
    main()
