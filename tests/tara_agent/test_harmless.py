"""Proof, by reading the code, that the agent runs nothing it is sent and opens no door."""

import ast
from pathlib import Path

import pytest

import tara_agent

PACKAGE = Path(tara_agent.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN_NAMES = {"exec", "eval", "compile", "__import__", "open"}
FORBIDDEN_METHODS = {"system", "popen", "Popen", "listen", "bind", "create_server"}
WRITING_METHODS = {"open", "write", "write_text", "write_bytes", "unlink", "rename", "mkdir",
                   "ftruncate", "truncate"}  # fmt: skip
WRITERS = {"spool/appender.py", "spool/folder.py", "spool/lock.py"}
"""All that may touch files, and only below the folder that they are given."""
RUNNER = "collectors/failed_units.py"
"""All that runs another program, of constants; tests/tara_agent/collectors/test_machine.py."""
READER = "files.py"
"""All that opens files by descriptor, to read them only."""
WRITING_FLAGS = {"O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TRUNC"}
FORBIDDEN_MODULES = {"subprocess", "pickle", "marshal", "ctypes", "code", "runpy", "socketserver",
                     "multiprocessing", "shutil", "tempfile"}  # fmt: skip


def names(node):
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    return set()


def calls(tree, kind, field):
    """Return what is called by a plain name, or as a method."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {getattr(func, field) for func in called if isinstance(func, kind)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
class TestSource:
    def test_calls_nothing_that_runs_or_listens_or_writes(self, path):
        tree = ast.parse(path.read_text())

        assert not calls(tree, ast.Name, "id") & FORBIDDEN_NAMES
        if path.relative_to(PACKAGE).as_posix() != RUNNER:
            assert not calls(tree, ast.Attribute, "attr") & FORBIDDEN_METHODS
        if path.relative_to(PACKAGE).as_posix() not in {*WRITERS, READER}:
            assert not calls(tree, ast.Attribute, "attr") & WRITING_METHODS

    def test_names_no_flag_that_lets_a_reader_write(self, path):
        named = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute)
        }

        if path.relative_to(PACKAGE).as_posix() not in WRITERS:
            assert not named & WRITING_FLAGS

    def test_imports_nothing_that_could(self, path):
        imported = set().union(*(names(node) for node in ast.walk(ast.parse(path.read_text()))))

        if path.relative_to(PACKAGE).as_posix() != RUNNER:
            assert not imported & FORBIDDEN_MODULES

    def test_passes_no_shell(self, path):
        keywords = {
            keyword.arg
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
            for keyword in node.keywords
        }

        assert "shell" not in keywords
