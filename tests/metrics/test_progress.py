"""Commands that take long say how far they are, to a terminal and to nobody else."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from metrics.progress import counted
from tests import factories

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    """A stdout on which a person looks."""

    def isatty(self) -> bool:
        return True


def screen(written: str) -> str:
    """Return what stands on a terminal at the end."""
    lines = [line.rpartition("\r\x1b[K")[2] for line in written.split("\n")]
    return "\n".join(lines)


@pytest.fixture
def two() -> None:
    """Two agents with a day that is over, and a sample that is outlived."""
    now = timezone.now()
    for name in ("a", "b"):
        agent = factories.make_agent(name)
        for days in (8, 2):
            at = now - timedelta(days=days)
            factories.store(agent, factories.sample(round(at.timestamp(), 3)), received_at=at)


@pytest.mark.parametrize(
    ("command", "told", "last"),
    [
        (
            "seal",
            ["Sealing agent 1 of 2 (0 %)", "Sealing agent 2 of 2 (50 %)", "Rolling up month 1 of "],
            r"Sealed 4 batches\.\n",
        ),
        (
            "prune",
            ["Pruning agent 1 of 2 (0 %)", "Pruning agent 2 of 2 (50 %)", "Pruning tier 3 of 3"],
            r"Deleted 2 batches and chunks\.\n",
        ),
    ],
)
class TestCommand:
    def test_says_on_a_terminal_how_far_it_is(self, two, command, told, last):
        out = Terminal()

        call_command(command, stdout=out)

        assert [text for text in told if text not in out.getvalue()] == []
        assert re.fullmatch(last, screen(out.getvalue()))

    def test_says_elsewhere_what_was_done(self, two, command, told, last):
        out = io.StringIO()

        call_command(command, stdout=out)

        assert re.fullmatch(last, out.getvalue())


def test_nothing_is_shown_where_there_is_nothing_to_do():
    out = Terminal()

    call_command("seal", stdout=out)

    assert out.getvalue() == "Sealed 0 batches.\n"


def test_counting_gives_every_item_and_tells_before_each():
    told: list[tuple[str, int, int]] = []

    items = list(counted("xyz", "letter", lambda *each: told.append(each)))

    assert items == ["x", "y", "z"]
    assert told == [("letter", 0, 3), ("letter", 1, 3), ("letter", 2, 3)]
