"""docs/ARCHITECTURE.md has the order of the middleware, and CI the Pythons of the set-up."""

from __future__ import annotations

import re

from django.conf import settings

from scripts import bootstrap
from tests.docs import pages


class TestMiddleware:
    def test_is_told_in_the_order_of_the_settings(self):
        section = pages.section(
            pages.text_of("docs/ARCHITECTURE.md"), "Middleware and the agents' lane"
        )

        told = [name.strip() for row in pages.rows(section) for name in row[0].split(",")]

        assert told == [path.rpartition(".")[2] for path in settings.MIDDLEWARE]


class TestWorkflow:
    def test_runs_every_python_that_the_set_up_takes(self):
        (versions,) = re.findall(r"python: \[(.*)\]", pages.text_of(".github/workflows/ci.yml"))

        told = [tuple(map(int, version.split("."))) for version in re.findall(r"[\d.]+", versions)]

        oldest, newest = bootstrap.OLDEST[1], bootstrap.NEWEST[1]
        assert told == [(3, minor) for minor in range(oldest, newest + 1)]
