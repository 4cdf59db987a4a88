"""Make the Debian package with dpkg-deb alone. Called by `make agent-deb`.

The package has the agent's own files only, and needs Python: on Linux the agent has no library
that somebody would have to keep free of holes. Its unit is the one that `tara-agent install`
writes, with a user of the package's own.
"""

import gzip
import shutil
import subprocess
import tempfile
from pathlib import Path

from tara_agent.service import systemd
from tara_agent.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "agent_client"
DEBIAN = Path(__file__).with_name("debian")
USER = "tara-agent"
REVISION = 1


def main():
    """Build it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        lay_out(root)
        path = build(root, ROOT / "dist")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} KiB")


def lay_out(root):
    """Put every file of the package where it goes below `root`."""
    library = root / "usr/lib/tara-agent/tara_agent"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CLIENT / "src/tara_agent", library, ignore=ignored)
    put(root / "usr/bin/tara-agent", (DEBIAN / "tara-agent").read_text(), mode=0o755)
    unit = systemd.unit(["/usr/bin/tara-agent"], user=USER)
    put(root / "usr/lib/systemd/system/tara-agent.service", unit)
    docs = root / "usr/share/doc/tara-agent"
    put(docs / "README.md", (CLIENT / "README.md").read_text())
    put(docs / "copyright", (CLIENT / "LICENSE").read_text())
    changelog = (CLIENT / "CHANGELOG.md").read_bytes()
    (docs / "changelog.gz").write_bytes(gzip.compress(changelog, 9, mtime=0))
    for name in ("postinst", "prerm", "postrm"):
        put(root / "DEBIAN" / name, (DEBIAN / name).read_text(), mode=0o755)
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) // 1024
    control = (DEBIAN / "control").read_text()
    put(root / "DEBIAN/control", control.format(version=f"{VERSION}-{REVISION}", size=size))
    for path in [root, *root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def put(path, text, *, mode=0o644):
    """Write a text file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def build(root, folder):
    """Return the package of what is below `root`. Raises CalledProcessError."""
    folder.mkdir(exist_ok=True)
    path = folder / f"tara-agent_{VERSION}-{REVISION}_all.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


if __name__ == "__main__":
    main()
