"""Make the zipapp: one file that needs Python only, for Linux, and for macOS and Windows as well.

It carries psutil for these two; on Linux the agent does without. Called by `make agent-zipapp` as
`python -m agent_client.packaging.zipapp`. What goes into it is fetched by the lock,
requirements-agent.txt, each file checked by its hash. The same inputs give the same file.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tara_agent.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements-agent.txt"
PACKAGE = ROOT / "agent_client/src/tara_agent"
BOOT = Path(__file__).with_name("unpack.py")

PURE = ("certifi",)
"""For a Python that knows no certificate authorities; see tara_agent.trust."""
PLATFORMS = {
    "darwin-x86_64": "macosx_10_13_x86_64",
    "darwin-arm64": "macosx_11_0_arm64",
    "win32-amd64": "win_amd64",
    "win32-arm64": "win_arm64",
}
"""What unpack.machine() says -> what pip calls it."""

_SHEBANG = b"#!/usr/bin/env python3\n"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def main():
    """Fetch and write."""
    with tempfile.TemporaryDirectory() as folder:
        fetched = fetch(Path(folder))
        content = gather(fetched["pure"], {tag: fetched[tag] for tag in PLATFORMS})
    path = ROOT / "dist" / f"tara-agent-{VERSION}.pyz"
    write(path, content)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 2**20:.1f} MiB, for linux", *PLATFORMS)


def fetch(folder):
    """Return the wheels by where they go, fetched with pip. Raises CalledProcessError."""
    fetched = {"pure": download(folder / "pure", PURE, [])}
    for tag, platform in PLATFORMS.items():
        options = ["--platform", platform, "--implementation", "cp", "--abi", "abi3"]
        fetched[tag] = download(folder / tag, ["psutil"], [*options, "--python-version", "3.11"])
    return fetched


def download(folder, names, options):
    """Return the wheels of these, of the lock's versions and hashes."""
    folder.mkdir()
    (folder / "lock").write_text("".join(locked(LOCK.read_text(), name) for name in names))
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download"]
    command += ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", *options]
    subprocess.run(
        [*command, "--dest", str(folder), "--requirement", str(folder / "lock")], check=True
    )
    return sorted(folder.glob("*.whl"))


def locked(lock, name):
    """Return the lines of a lock that are about one package."""
    lines = lock.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    last = next(
        (number for number, line in enumerate(lines) if number > first and line[0] not in " #"),
        len(lines),
    )
    return "".join(lines[first:last])


def gather(pure, native):
    """Return the content of the zipapp by name: our package, wheels for all, wheels by machine."""
    content = {}
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content[f"pure/tara_agent/{path.relative_to(PACKAGE).as_posix()}"] = path.read_bytes()
    for wheel in pure:
        content |= {f"pure/{name}": data for name, data in files_of(wheel)}
    for tag, wheels in native.items():
        for wheel in wheels:
            content |= {f"native/{tag}/{name}": data for name, data in files_of(wheel)}
    return content


def files_of(wheel):
    """Yield the files of a wheel; without tests, which nobody runs there."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(("/", "RECORD")) and "/tests/" not in name:
                yield name, archive.read(name)


def write(path, content):
    """Write the file, with what starts it and the digest that names its folder."""
    content = {"__main__.py": BOOT.read_bytes()} | content
    digest = hashlib.sha256()
    for name, data in content.items():
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    content["digest"] = digest.hexdigest()[:32].encode()
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(_SHEBANG)
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in content.items():
                entry = zipfile.ZipInfo(name, _LONG_AGO)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    path.chmod(0o755)


if __name__ == "__main__":
    main()
