"""`tara-agent enrol` against a live server: the real command, the real key, the file it leaves."""

from __future__ import annotations

import os
import stat
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from agents import enrolment, tokens
from agents.models import Agent, EnrolmentKey
from metrics import queries
from tests import factories, processes

pytestmark = pytest.mark.django_db(transaction=True)

ENROLLED = 0
USAGE = 2
CONFIG = 3
NOT_DONE = 4


class Machine(NamedTuple):
    """A machine without a token, and the file that its agent's settings would be in."""

    url: str
    file: Path

    def environment(self, **variables: str) -> dict[str, str]:
        agents = {name for name in os.environ if name.startswith("AGENT_")}
        clean = {name: value for name, value in os.environ.items() if name not in agents}
        return {**clean, "AGENT_CONFIG": str(self.file), **variables}

    def enrol(
        self, *arguments: str, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        command = [str(processes.BIN / "tara-agent"), "enrol", self.url, *arguments]
        return subprocess.run(
            command,
            check=False,
            env=self.environment(**variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def settings(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text())


@pytest.fixture
def machine(live_server, tmp_path) -> Machine:
    return Machine(live_server.url, tmp_path / "tara-agent" / "config.toml")


@pytest.fixture
def key() -> str:
    return factories.make_enrolment_key(tags=["prod"])


class TestEnrol:
    def test_leaves_a_file_with_which_the_agent_reports(self, machine, key, tmp_path):
        done = machine.enrol(key, "--agent-id", "web-1")

        assert (done.returncode, done.stderr) == (ENROLLED, "")
        assert "Enrolled as web-1" in done.stdout
        assert stat.S_IMODE(machine.file.stat().st_mode) == 0o600
        agent = Agent.objects.get()
        environment = machine.environment(AGENT_SPOOL_DIR=str(tmp_path / "spool"))
        command = [str(processes.BIN / "tara-agent"), "run"]
        with processes.started(command, environment, tmp_path / "agent.log"):
            processes.wait_until(lambda: queries.latest(agent), what="a first sample")

    def test_calls_the_agent_by_the_host_name(self, machine, key):
        machine.enrol(key)

        assert Agent.objects.get().agent_id in os.uname().nodename.lower()

    @pytest.mark.parametrize("way", ["variable", "stdin"])
    def test_takes_the_key_where_nobody_sees_it(self, machine, key, way):
        if way == "stdin":
            done = machine.enrol("-", stdin=f"{key}\nmore\n")
        else:
            done = machine.enrol(AGENT_ENROLMENT_KEY=key)

        assert done.returncode == ENROLLED
        assert EnrolmentKey.objects.get().uses == 1

    def test_tells_no_secret(self, machine, key):
        done = machine.enrol(key)

        told = done.stdout + done.stderr
        assert machine.settings()["token"][12:] not in told
        assert key[18:] not in told

    def test_keeps_the_other_settings(self, machine, key):
        machine.file.parent.mkdir()
        machine.file.write_text("# mine\ninterval_seconds = 30\nserver_url = 'http://old'\n")

        machine.enrol(key)

        assert machine.settings()["interval_seconds"] == 30
        assert machine.settings()["server_url"] == machine.url
        assert "# mine" in machine.file.read_text()

    def test_says_which_variable_would_weigh_more(self, machine, key):
        done = machine.enrol(key, SERVER_URL="http://localhost:1")

        assert done.returncode == ENROLLED
        assert "Unset SERVER_URL" in done.stderr


class TestRefusals:
    def test_of_a_used_up_key_write_nothing(self, machine, key):
        enrolment.enrol(key, "web-9", address="", now=timezone.now())

        done = machine.enrol(key)

        assert done.returncode == NOT_DONE
        assert "used up" in done.stderr
        assert not machine.file.exists()

    def test_of_a_taken_name_say_how_to_go_on(self, machine, key):
        factories.make_agent("web-1")

        done = machine.enrol(key, "--agent-id", "web-1")

        assert done.returncode == NOT_DONE
        assert "gen_token --agent-id web-1 --rotate" in done.stderr
        assert EnrolmentKey.objects.get().uses == 0

    def test_of_a_second_enrolment_spend_nothing_unless_forced(self, machine):
        key = factories.make_enrolment_key(uses_allowed=2)
        machine.enrol(key, "--agent-id", "web-1")
        first = machine.settings()["token"]

        refused = machine.enrol(key, "--agent-id", "web-2")
        assert refused.returncode == NOT_DONE
        assert "has a token already" in refused.stderr
        assert EnrolmentKey.objects.get().uses == 1

        assert machine.enrol(key, "--agent-id", "web-2", "--force").returncode == ENROLLED
        second = machine.settings()["token"]
        assert second != first
        assert tokens.find(second, now=timezone.now()).agent_id == "web-2"

    def test_of_a_file_that_cannot_be_written_spend_nothing(self, machine, key):
        machine.file.parent.write_text("a file where the folder would be")

        done = machine.enrol(key)

        assert done.returncode == NOT_DONE
        assert "cannot be written" in done.stderr
        assert EnrolmentKey.objects.get().uses == 0

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ((), "There is no enrolment key"),
            (("-",), "There is no enrolment key"),
            (("tara_enrol_x",), "not a whole enrolment key"),
            (("tara_enrol_x", "--config", "none"), "Name a file"),
        ],
        ids=["none", "empty stdin", "cut", "no file"],
    )
    def test_of_a_command_line_say_what_is_missing(self, machine, arguments, text):
        done = machine.enrol(*arguments)

        assert done.returncode == CONFIG
        assert text in done.stderr

    def test_of_a_wrong_address_come_at_once(self, machine, key):
        began = time.monotonic()

        done = Machine("ftp://localhost", machine.file).enrol(key)

        assert done.returncode == CONFIG
        assert "is not an address" in done.stderr
        assert time.monotonic() - began < 10
