"""The exit codes of `tara-agent`; docs/AGENT.md tells the same, a test holds it."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    CONFIG = 3
    NOT_DONE = 4
    UNHEALTHY = 5


MEANINGS = {
    Exit.DONE: "ended as asked: SIGTERM, Ctrl-C, or the command was done",
    Exit.UNEXPECTED: "an unexpected error; the traceback says which",
    Exit.USAGE: "a wrong command line",
    Exit.CONFIG: "a setting is missing or wrong; the sentence on stderr says which and what to do",
    Exit.NOT_DONE: "the command could not be done; the sentence on stderr says why",
    Exit.UNHEALTHY: "`doctor` found something to mend",
}
