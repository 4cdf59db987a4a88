"""Links, files, tasks and commands that the documentation names are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from tests.docs import pages

PAGES: Final = sorted(
    str(path.relative_to(pages.ROOT))
    for pattern in ("*.md", "docs/**/*.md", "agent_client/*.md")
    for path in pages.ROOT.glob(pattern)
)
FOLDERS: Final = (
    *("agent_client", "agents", "benchmarks", "dashboard", "docs", "metrics", "scripts"),
    *("tarasysdash", "tests"),
)
SOURCES: Final = sorted(
    str(path.relative_to(pages.ROOT))
    for folder in FOLDERS
    for path in (pages.ROOT / folder).rglob("*.py")
)


def links(page: str) -> list[str]:
    """Return the addresses of a page's links and pictures."""
    prose = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", prose)


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as hosting pages make them."""
    heads = re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {word.strip().replace(" ", "-") for word in words}


def code(page: str) -> list[str]:
    """Return every line of code of a page, in blocks and in sentences."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", page, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^ *```.*?^ *```", "", page, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", prose)
    return [*spans, *(line.strip() for block in blocks for line in block.splitlines())]


def named(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield what the pattern finds in the code of each page, with the page."""
    for name in PAGES:
        for line in code(pages.text_of(name)):
            for found in re.findall(pattern, line):
                yield name, found


@pytest.mark.parametrize("name", PAGES)
class TestLinks:
    def test_lead_somewhere(self, name):
        folder = (pages.ROOT / name).parent
        relative = [link for link in links(pages.text_of(name)) if ":" not in link]

        lost = [
            link
            for link in relative
            if not (folder / link.partition("#")[0]).exists() and not link.startswith("#")
        ]

        assert lost == []

    def test_to_a_heading_find_it(self, name):
        here = pages.ROOT / name
        pairs = [link.partition("#")[::2] for link in links(pages.text_of(name)) if "#" in link]
        targets = [
            (here.parent / path if path else here, anchor)
            for path, anchor in pairs
            if ":" not in path
        ]

        lost = [
            anchor
            for path, anchor in targets
            if path.exists() and anchor not in anchors(path.read_text(encoding="utf-8"))
        ]

        assert lost == []


class TestNames:
    def test_of_tasks_are_in_the_makefile(self):
        tasks = set(re.findall(r"^([a-z-]+):", pages.text_of("Makefile"), flags=re.MULTILINE))

        missing = {(page, task) for page, task in named(r"(?:^|[ ;&])make ([a-z][a-z-]*)")}

        assert {pair for pair in missing if pair[1] not in tasks} == set()

    def test_of_files_are_there(self):
        paths = named(rf"^((?:{'|'.join(FOLDERS)})/[\w./-]*)$")

        missing = {(page, path) for page, path in paths if not (pages.ROOT / path).exists()}

        assert missing == set()

    def test_of_commands_are_known_to_manage_py(self):
        commands = get_commands()

        missing = {(page, word) for page, word in named(r"manage\.py ([a-z_]+)")}

        assert {pair for pair in missing if pair[1] not in commands} == set()

    def test_of_options_are_taken_by_gen_token(self):
        command = load_command_class(get_commands()["gen_token"], "gen_token")
        options = set(command.create_parser("manage.py", "gen_token")._option_string_actions)

        used = {
            option
            for _, arguments in named(r"gen_token (.*)")
            for option in re.findall(r"--[a-z-]+", arguments)
        }

        assert used - options == set()

    def test_of_pages_in_the_code_are_there(self):
        files = [str(path.relative_to(pages.ROOT)) for path in pages.ROOT.glob("docs/**/*.*")]

        missing = {
            (name, mention)
            for name in SOURCES
            for mention in re.findall(r"docs/[\w/]+(?:\.md)?", pages.text_of(name))
            if not any(file.startswith(mention) for file in files)
            and not (pages.ROOT / mention).exists()
        }

        assert missing == set()


class TestDecisions:
    def test_are_numbered_without_gaps(self):
        names = sorted(path.name for path in Path(pages.ROOT / "docs" / "adr").glob("*.md"))

        assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))

    @pytest.mark.parametrize("name", [name for name in PAGES if "/adr/" in name])
    def test_say_what_was_rejected_and_why(self, name):
        page = pages.text_of(name)

        assert {"Context", "Decision", "Consequences", "Rejected"} <= set(
            re.findall(r"^## (.+)$", page, flags=re.MULTILINE)
        )


def test_the_changelog_has_the_version_of_the_settings():
    """The newest release, or a development version where something is unreleased."""
    heads = re.findall(r"^## \[(.+?)\]", pages.text_of("CHANGELOG.md"), flags=re.MULTILINE)

    is_unreleased = heads[0] == "Unreleased"
    assert settings.VERSION.endswith(".dev0") == is_unreleased
    assert is_unreleased or heads[0] == settings.VERSION
