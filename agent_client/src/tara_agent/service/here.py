"""Which of the services fits this machine, and how the agent is called there."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tara_agent import paths
from tara_agent.errors import NotDone
from tara_agent.service import launchd, systemd, windows
from tara_agent.service.plan import Plan, Values


def program(called: str = sys.argv[0], python: str = sys.executable) -> list[str]:
    """Return how the agent that runs now is called, for a service to call it alike."""
    path = Path(called).absolute()
    if path.name.startswith(paths.NAME) and path.is_file():
        # A zipapp is called by its Python: the service's PATH may have another one, or none.
        return [python, str(path)] if path.suffix == ".pyz" else [str(path)]
    return [python, "-m", "tara_agent"]


def install(environ: Mapping[str, str], values: Values, platform: str = sys.platform) -> Plan:
    """Return the plan to install with `values` set in the file. Raises NotDone."""
    called = program()
    if platform == "linux":
        return systemd.install(called, values)
    if platform == "darwin":
        home, config, uid = _mac(environ)
        return launchd.install(called, values, home=home, config=config, uid=uid)
    if platform == "win32":
        folder, root = _windows(environ)
        return windows.install(called, values, folder=folder, system_root=root)
    raise _no_service(platform)


def uninstall(environ: Mapping[str, str], platform: str = sys.platform) -> Plan:
    """Return the plan to undo that. Raises NotDone."""
    if platform == "linux":
        return systemd.uninstall()
    if platform == "darwin":
        home, config, uid = _mac(environ)
        return launchd.uninstall(home=home, config=config, uid=uid)
    if platform == "win32":
        folder, root = _windows(environ)
        return windows.uninstall(folder=folder, system_root=root)
    raise _no_service(platform)


def config_file(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return the file of settings that the service reads."""
    return systemd.CONFIG if platform == "linux" else paths.config_files(environ, platform)[0]


def _mac(environ: Mapping[str, str]) -> tuple[Path, Path, int]:
    if os.geteuid() == 0:
        raise NotDone(
            "On macOS the agent is a service of the user who installs it: leave sudo out."
        )
    return Path.home(), paths.config_files(environ, "darwin")[0], os.geteuid()


def _windows(environ: Mapping[str, str]) -> tuple[Path, str]:
    folder = paths.config_files(environ, "win32")[0].parent
    return folder, environ.get("SYSTEMROOT", r"C:\Windows")


def _no_service(platform: str) -> NotDone:
    return NotDone(
        f"The agent cannot make itself a service on {platform}. Have what starts your services "
        "run `tara-agent run`; it needs no root."
    )
