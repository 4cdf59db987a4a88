"""Proof, by reading the code, that the agent runs nothing it is sent and opens no door."""

import pytest

from tests.tara_agent import harmless

FILES = sorted(path.relative_to(harmless.PACKAGE) for path in harmless.PACKAGE.rglob("*.py"))


class TestSource:
    @pytest.mark.parametrize("path", FILES, ids=str)
    def test_does_nothing_it_may_not(self, path):
        source = (harmless.PACKAGE / path).read_text(encoding="utf-8")

        assert harmless.faults(path.as_posix(), source) == []

    def test_has_no_exception_that_nobody_needs(self):
        exceptions = {
            *(*harmless.WRITERS, *harmless.CONNECTORS, *harmless.MAY_IMPORT.keys()),
            harmless.READER,
        }

        for name in exceptions:
            source = (harmless.PACKAGE / name).read_text(encoding="utf-8")
            assert harmless.faults("elsewhere.py", source) != [], name


class TestFaults:
    @pytest.mark.parametrize(
        "line",
        [
            "exec(answer)",
            "run = eval",
            "compile(answer, '', 'exec')",
            "__import__(name)",
            "import subprocess",
            "from subprocess import run",
            "import http.server",
            "import importlib",
            "import pickle as json",
            "from multiprocessing.connection import Listener",
            "os.system(command)",
            "os.execv(path, arguments)",
            "os.posix_spawn(path, arguments, {})",
            "call = os.popen",
            "run(command, shell=True)",
            "sock.listen()",
            "sock.bind(address)",
            "socket.create_server(address)",
            "socket.create_connection(address)",
            "open(path, 'w')",
            "Path(path).write_text(text)",
            "os.open(path, flags)",
            "flags = os.O_RDWR",
            "os.remove(path)",
            "list(map(os.unlink, paths))",
        ],
    )
    def test_are_found(self, line):
        assert len(harmless.faults("elsewhere.py", line)) >= 1

    @pytest.mark.parametrize(
        "line",
        [
            "re.compile('a')",
            "command.execute(options)",
            "sys.executable",
            "names.remove(name)",
            "import json",
        ],
    )
    def test_are_not_seen_in_what_is_harmless(self, line):
        assert harmless.faults("elsewhere.py", line) == []
