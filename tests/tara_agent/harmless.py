"""What the agent's source may not do, and where the few exceptions are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import tara_agent

PACKAGE = Path(tara_agent.__file__).parent

FORBIDDEN_MODULES = {
    *("subprocess", "multiprocessing", "pty", "concurrent"),  # other processes
    *("pickle", "marshal", "shelve", "ctypes", "cffi", "code", "codeop", "runpy", "importlib"),
    *("socketserver", "wsgiref", "xmlrpc", "asyncio", "selectors"),  # doors
    *("shutil", "tempfile", "webbrowser", "ftplib", "smtplib", "telnetlib"),
}
RUNNING = {
    *("exec", "eval", "compile", "__import__", "import_module", "input", "breakpoint"),
    *("system", "popen", "Popen", "fork", "forkpty", "startfile", "check_output", "check_call"),
}
SPAWNING = ("exec", "spawn", "posix_spawn")
LISTENING = {"listen", "bind", "accept", "create_server", "start_server"}
CONNECTING = {"connect", "create_connection", "sendto"}
WRITING = {
    *("open", "write", "write_text", "write_bytes", "touch", "unlink", "remove", "rename", "rmdir"),
    *("mkdir", "makedirs", "ftruncate", "truncate", "chmod", "fchmod", "chown", "fchown"),
    *("symlink", "link", "symlink_to", "hardlink_to", "mkfifo", "mknod"),
}

WRITERS = {
    *("spool/appender.py", "spool/folder.py", "spool/lock.py"),
    *("config_file.py", "service/carry_out.py"),
}
"""All that may touch files: below the folder, or the one file, that they are given."""
CONNECTORS = {"connections.py", "doctor/network.py"}
READER = "files.py"
"""All that opens files by descriptor; it names no flag that would let it write."""
WRITING_FLAGS = {"O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TRUNC"}
RUNNER = "collectors/failed_units.py"
"""All that `run` runs another program with: systemctl, of constants, in an empty environment."""
MAY_IMPORT = {
    "service/carry_out.py": {"subprocess"},  # for `install` and `uninstall`, never for `run`
    RUNNER: {"subprocess"},
}


def faults(name: str, source: str) -> list[str]:
    """Return what the file `name` may not do and does, as `line: word`."""
    tree = ast.parse(source)
    allowed_modules = MAY_IMPORT.get(name, set())
    running = RUNNING - {"Popen"} if name == RUNNER else RUNNING
    found = [*_imports(tree, FORBIDDEN_MODULES - allowed_modules), *_calls(tree, running)]
    found += _calls(tree, LISTENING)
    found += _spawning(tree)
    if name not in WRITERS:
        found += _calls(tree, WRITING - {"open"} if name == READER else WRITING)
        found += _calls(tree, WRITING_FLAGS)
    if name not in CONNECTORS:
        found += _calls(tree, CONNECTING)
    return found


def _imports(tree: ast.AST, forbidden: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.partition(".")[0] in forbidden or name == "http.server":
                yield f"{node.lineno}: import {name}"


def _calls(tree: ast.AST, forbidden: set[str]) -> Iterator[str]:
    """Yield calls of these, and mentions: what is passed on is as good as called."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in forbidden and isinstance(node.ctx, ast.Load):
            yield f"{node.lineno}: {node.id}"
        elif isinstance(node, ast.Attribute) and node.attr in forbidden:
            is_of_os = isinstance(node.value, ast.Name) and node.value.id == "os"
            # re.compile makes patterns, and `remove` is a word of lists and of our own folder.
            is_harmless = node.attr in {"compile", "remove"} or id(node) not in called
            if is_of_os or not is_harmless:
                yield f"{node.lineno}: {node.attr}"


def _spawning(tree: ast.AST) -> Iterator[str]:
    """Yield what starts with os.exec, os.spawn or os.posix_spawn, and any word on a shell."""
    for node in ast.walk(tree):
        starts = isinstance(node, ast.Attribute) and node.attr.startswith(SPAWNING)
        if starts and node.attr not in {"execute", "executable"}:
            yield f"{node.lineno}: {node.attr}"
        if isinstance(node, ast.keyword) and node.arg == "shell":
            yield f"{node.lineno}: shell="
