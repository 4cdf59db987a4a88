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
WRITERS = {"spool/appender.py", "spool/folder.py", "spool/lock.py", "config_file.py"}
"""All that may touch files, and only below the folder, or the one file, that they are given."""
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
        assert not calls(tree, ast.Attribute, "attr") & FORBIDDEN_METHODS
        if path.relative_to(PACKAGE).as_posix() not in WRITERS:
            assert not calls(tree, ast.Attribute, "attr") & WRITING_METHODS

    def test_imports_nothing_that_could(self, path):
        imported = set().union(*(names(node) for node in ast.walk(ast.parse(path.read_text()))))

        assert not imported & FORBIDDEN_MODULES

    def test_passes_no_shell(self, path):
        keywords = {
            keyword.arg
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
            for keyword in node.keywords
        }

        assert "shell" not in keywords
