"""docs/OPERATIONS.md starts what the Procfile starts, and tells the settings' own bounds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

from metrics import wire
from tests.docs import pages

PAGE: Final = pages.text_of("docs/OPERATIONS.md")


def process(name: str) -> str:
    """Return the Procfile's command of a process, with variables as systemd writes them."""
    (command,) = re.findall(rf"^{name}: (.*)$", pages.text_of("Procfile"), flags=re.MULTILINE)
    return re.sub(r'"\$\{?(\w+)(?::-[^}]*)?\}?"', r"${\1}", command)


class TestServices:
    @pytest.mark.parametrize("name", ["web", "worker"])
    def test_start_what_the_procfile_starts(self, name):
        command = process(name)

        assert f"ExecStart=/opt/tarasysdash/.venv/bin/{command}\n" in PAGE

    def test_have_every_variable_that_their_commands_read(self):
        (environment,) = [
            block for block in pages.blocks(PAGE, "sh") if block.startswith("TARA_DATA_DIR")
        ]

        needed = set(re.findall(r"\$\{(\w+)\}", process("web") + process("worker")))

        assert needed <= set(re.findall(r"^(\w+)=", environment, flags=re.MULTILINE))


class TestProxy:
    def test_lets_through_what_the_server_takes(self):
        (size,) = re.findall(r"client_max_body_size (\d+)k;", PAGE)

        assert int(size) * 1024 == wire.WIRE_BYTES_MAXIMUM


class TestState:
    def test_names_the_files_of_the_settings(self):
        paths = [
            settings.BROKER_DIR,
            settings.CELERY_BEAT_SCHEDULE_FILENAME,
            settings.DATA_DIR / "secret_key",
        ]

        table = pages.section(PAGE, "Where state lives")

        assert all(f"`{Path(path).name}" in table for path in paths)
