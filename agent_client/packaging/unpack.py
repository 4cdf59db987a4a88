"""Start the agent from one file: unpack it where Python can import it from, once, and go on.

This is the zipapp's __main__. Python imports no compiled module from within a zip, and psutil is
one; so what is in the file goes into a folder that only this user can write, named for its digest.
Nothing here that a Python older than the agent's could not read, so that it is told so.
"""

import os
import platform
import shutil
import stat
import sys
import tempfile
import zipfile

OLDEST = (3, 11)
NAME = "tara-agent"


def main():
    """Unpack what is not unpacked yet, and be the command."""
    if sys.version_info < OLDEST:
        sys.exit(
            "tara-agent needs Python {}.{} or newer, and this is {}.{}: call the file with another "
            "one, such as: python3.12 {}".format(*OLDEST, *sys.version_info[:2], sys.argv[0])
        )
    with zipfile.ZipFile(os.path.dirname(os.path.abspath(__file__))) as archive:
        digest = archive.read("digest").decode()
        sys.path.insert(0, unpacked(archive, digest, folders(os.environ)))
    try:
        import psutil  # noqa: F401
    except ImportError:
        sys.exit(
            f"tara-agent: this file has no psutil for {machine()}. Install it for "
            f"{sys.executable}, such as with: apt install python3-psutil"
        )
    from tara_agent.cli import main as command

    sys.exit(command())


def machine():
    """Return what a compiled module is for: system and processor, and musl where that is libc."""
    processor = platform.machine().lower()
    is_musl = sys.platform == "linux" and platform.libc_ver()[0] != "glibc"
    return "-".join([sys.platform, *(["musl"] if is_musl else []), processor])


def folders(environ):
    """Return where files may be unpacked, the best first; a new folder in /tmp is the last."""
    given = [environ.get("CACHE_DIRECTORY"), environ.get("STATE_DIRECTORY")]  # systemd's
    given += [environ.get("XDG_CACHE_HOME"), environ.get("LOCALAPPDATA")]
    home = os.path.expanduser("~")
    if os.path.isabs(home):
        given.append(os.path.join(home, ".cache"))
    return [os.path.join(folder, NAME) for folder in given if folder]


def unpacked(archive, digest, candidates):
    """Return the folder that has the archive's files, unpacked now or before."""
    for parent in candidates:
        folder = os.path.join(parent, digest)
        if is_ours(folder):
            return folder
        try:
            os.makedirs(parent, mode=0o700, exist_ok=True)
            if is_ours(parent):
                return unpack(archive, parent, folder)
        except OSError:
            continue
    return unpack(archive, None, None)


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


def unpack(archive, parent, folder):
    """Unpack beside `folder` and rename to it, so that it is never half there; return where."""
    new = tempfile.mkdtemp(prefix=f".{NAME}-", dir=parent)
    parts = ("pure/", f"native/{machine()}/")
    for name in archive.namelist():
        for part in parts:
            if name.startswith(part):
                path = os.path.join(new, *name[len(part) :].split("/"))
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                with open(path, "wb") as file:
                    file.write(archive.read(name))
    if folder is None:
        return new
    try:
        os.rename(new, folder)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        if not is_ours(folder):
            raise
    return folder


if __name__ == "__main__":
    main()
