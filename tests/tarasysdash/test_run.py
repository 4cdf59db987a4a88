"""`make run`, without the set-up: everything in one process group that ends cleanly."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import socket
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests import processes

RUN = [sys.executable, "scripts/run.py"]


class Browser:
    """The least that can log in and read pages."""

    def __init__(self, address: str) -> None:
        self.address = address
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=10) as answer:
            return answer.read().decode()

    def log_in(self, password: str) -> None:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/login/"))[1]
        form = {"csrfmiddlewaretoken": token, "username": "admin", "password": password}
        data = urllib.parse.urlencode(form).encode()
        with self.opener.open(self.address + "/login/", data, timeout=10) as answer:
            assert answer.url == self.address + "/"


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def runs(process: psutil.Process) -> bool:
    """True unless the process ended; one that nobody has buried yet has ended."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def port() -> int:
    return processes.free_port()


@pytest.fixture
def environment(tmp_path: Path, port: int) -> dict[str, str]:
    return processes.product_environment(tmp_path / "var", TARA_PORT=str(port))


class TestRun:
    def test_serves_this_machine_and_ends_cleanly(self, environment, port, tmp_path):
        log = tmp_path / "run.log"
        with processes.started(RUN, environment, log) as run:
            processes.wait_until(
                lambda: is_listening(port), seconds=120, what="the web server listens"
            )
            password = re.search(r"Password +(\S+)", log.read_text())[1]
            browser = Browser(f"http://127.0.0.1:{port}")
            browser.log_in(password)
            agent = re.search(r'href="/agents/([^/"]+)/', browser.get("/"))[1]
            data = f"/agents/{agent}/data.json?range=15m"
            processes.wait_until(
                lambda: json.loads(browser.get(data)).get("columns"), what="a sample arrived"
            )
            family = psutil.Process(run.pid).children(recursive=True)
            assert len(family) >= 4

            os.killpg(run.pid, signal.SIGINT)
            run.wait(timeout=20)

        assert not [process for process in family if runs(process)]
        assert "Traceback" not in log.read_text()

        with processes.started(RUN, environment, tmp_path / "again.log") as run:
            processes.wait_until(lambda: is_listening(port), what="it starts again")
            Browser(f"http://127.0.0.1:{port}").log_in(password)
            os.killpg(run.pid, signal.SIGINT)
            run.wait(timeout=20)
        assert "Password" not in (tmp_path / "again.log").read_text()

    def test_says_what_to_do_about_a_taken_port(self, environment, port, tmp_path):
        log = tmp_path / "log"
        with (
            socket.create_server(("127.0.0.1", port)),
            processes.started(RUN, environment, log) as run,
        ):
            assert run.wait(timeout=20) == 1

        lines = log.read_text().splitlines()
        assert len(lines) == 1
        assert f"make run TARA_PORT={port + 1}" in lines[0]

    def test_ends_when_its_terminal_is_closed_and_runs_once_a_folder(
        self, environment, port, tmp_path
    ):
        with processes.started(RUN, environment, tmp_path / "log") as run:
            processes.wait_until(
                lambda: is_listening(port), seconds=120, what="the web server listens"
            )
            other = {**environment, "TARA_PORT": str(processes.free_port())}
            with processes.started(RUN, other, tmp_path / "second.log") as second:
                assert second.wait(timeout=20) == 1
            family = psutil.Process(run.pid).children(recursive=True)

            os.killpg(run.pid, signal.SIGHUP)
            run.wait(timeout=20)

        assert "it is running already" in (tmp_path / "second.log").read_text()
        assert not [process for process in family if runs(process)]

    def test_says_what_to_do_about_an_address_of_another_machine(self, environment, tmp_path):
        environment["TARA_HOST"] = "192.0.2.1"
        with processes.started(RUN, environment, tmp_path / "log") as run:
            assert run.wait(timeout=20) == 1

        assert "Set TARA_HOST to an address of this machine" in (tmp_path / "log").read_text()

    def test_says_what_is_wrong_with_a_setting(self, environment, tmp_path):
        environment["TARA_HTTPS"] = "perhaps"
        with processes.started(RUN, environment, tmp_path / "log") as run:
            assert run.wait(timeout=20) == 1

        assert (tmp_path / "log").read_text() == (
            "make run: TARA_HTTPS is 'perhaps'; write 1 or 0.\n"
        )
