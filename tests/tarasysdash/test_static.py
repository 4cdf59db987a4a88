"""Static files: the finder of the browser libraries, and the hashed names they are served under."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find

from tarasysdash.staticfinder import NPM_FILES, NodeModulesFinder

UPLOT = "vendor/uplot/dist/uPlot.iife.min.js"


class TestNodeModulesFinder:
    def test_finds_what_is_named(self):
        assert str(find(UPLOT)).endswith("node_modules/uplot/dist/uPlot.iife.min.js")

    @pytest.mark.parametrize(
        "path",
        ["vendor/uplot/dist/uPlot.esm.js", "uplot/dist/uPlot.iife.min.js", "vendor/../manage.py"],
    )
    def test_finds_nothing_else(self, path):
        assert find(path) is None

    def test_lists_every_file_under_the_prefix(self):
        listed = list(NodeModulesFinder().list(None))

        assert [name for name, _ in listed] == list(NPM_FILES)
        assert {storage.prefix for _, storage in listed} == {"vendor"}

    def test_says_what_to_do_where_they_are_not_installed(self, settings, tmp_path):
        settings.BASE_DIR = settings.STATIC_ROOT = tmp_path

        [error] = NodeModulesFinder().check()

        assert error.id == "tarasysdash.W001"
        assert error.hint == "Run make assets; pages have no style without them."

    def test_is_content_with_files_that_were_collected(self, settings, tmp_path):
        settings.BASE_DIR = settings.STATIC_ROOT = tmp_path
        for name in NPM_FILES:
            (tmp_path / "vendor" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "vendor" / name).touch()

        assert NodeModulesFinder().check() == []


class TestLock:
    def test_pins_exact_versions_with_integrity_and_no_registry(self):
        lock = json.loads((settings.BASE_DIR / "package-lock.json").read_text())
        wanted = json.loads((settings.BASE_DIR / "package.json").read_text())["dependencies"]

        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
        for name, package in lock["packages"].items():
            assert "resolved" not in package
            assert name == "" or package["integrity"].startswith("sha512-")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The environment of a process with the product's own storage, in folders that go away."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "served_settings.py").write_text(
        f"from tarasysdash.settings import *\nSTATIC_ROOT = {str(folder / 'static-root')!r}\n"
    )
    return {
        **os.environ,
        "TARA_DATA_DIR": str(folder),
        "PYTHONPATH": os.pathsep.join([str(folder), str(settings.BASE_DIR)]),
        "DJANGO_SETTINGS_MODULE": "served_settings",
    }


def manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "django", *arguments]
    subprocess.run(command, env=environment, check=True, timeout=120)


@pytest.fixture(scope="module")
def collected(environment):
    """A folder of collected files under hashed names."""
    manage(environment, "collectstatic", "--noinput", "-v0")
    return Path(environment["TARA_DATA_DIR"], "static-root")


@pytest.fixture
def manifest(collected):
    """The hashed name of each file."""
    return json.loads((collected / "staticfiles.json").read_text())["paths"]


class TestHashedStaticFilesStorage:
    def test_rewrites_the_imports_of_our_modules(self, collected, manifest):
        source = (collected / manifest["dashboard/js/agent.js"]).read_text()

        imported = re.findall(r'from "\./([^"]+)"', source)
        assert len(imported) >= 5
        assert all(f"dashboard/js/{name}" in manifest.values() for name in imported)

    def test_leaves_other_scripts_as_they_were(self, collected, manifest):
        packed = (settings.BASE_DIR / "node_modules/uplot/dist/uPlot.iife.min.js").read_bytes()

        assert (collected / manifest[UPLOT]).read_bytes() == packed

    def test_compresses_what_is_worth_it(self, collected, manifest):
        name = manifest["dashboard/css/app.css"]

        assert (collected / f"{name}.br").stat().st_size < (collected / name).stat().st_size / 3

    def test_ends_every_import_of_our_modules_with_a_semicolon(self):
        for module in Path(settings.BASE_DIR, "dashboard/static/dashboard/js").glob("*.js"):
            for line in re.findall(r"^import .*$", module.read_text(), flags=re.MULTILINE):
                assert line.endswith(";"), f"{module.name}: {line}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(environment, collected):
    """The address of a real server with the real storage."""
    port = free_port()
    manage(environment, "migrate", "-v0")
    command = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--lifespan", "off"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "error", "tarasysdash.asgi:application"],
        env=environment,
    )
    try:
        yield wait_for(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(url: str) -> str:
    """Return the address once something answers at it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/login/", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return url
    raise TimeoutError(url)


class TestServedPages:
    def test_load_every_hashed_file_compressed_and_for_ever(self, served):
        html = urllib.request.urlopen(f"{served}/login/").read().decode()

        files = re.findall(r'(?:href|src)="(/static/[^"#]+)"', html)
        assert len(files) >= 4
        for file in files:
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", file)
            request = urllib.request.Request(served + file, headers={"Accept-Encoding": "br"})
            with urllib.request.urlopen(request) as response:
                assert "immutable" in response.headers["Cache-Control"]
                assert response.headers.get("Content-Encoding") == "br"
                assert "default-src 'none'" in response.headers["Content-Security-Policy"]
                assert "Access-Control-Allow-Origin" not in response.headers
