"""Write docs/METRICS.md from the catalogue; with --check, only say whether it is up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from metrics import catalog, names  # noqa: E402  (the path is set above)
from metrics.catalog import InstanceKind, Metric  # noqa: E402

PAGE = ROOT / "docs" / "METRICS.md"

HEAD: Final = """\
# Metrics

<!-- Written by `make metrics-docs` from metrics/catalog.py. Change it there. -->

What agents send, and what each number means. An agent sends a metric only where the machine has it:
one without sensors sends no temperatures.

- Units are base units: bytes, seconds, percent of a whole. Rates are means since the sample before.
- **Instance** says what a series is of, where an agent has several: a core, a mount, a block
  device, a network interface, a sensor, a container and so on. An em dash stands for one series
  an agent.
- **Decimals** is the precision that the agent sends.

"""

TAIL: Final = f"""\
## Custom metrics

A name that is not on this page is taken too, and drawn on the agent's page in a chart of its own,
without a unit. A name has 1 to 64 lower case letters, digits and underscores and starts with a
letter. An instance is any text of at most {names.STRING_MAXIMUM} characters. [API.md](API.md) says
how to send one.
"""

TITLES: Final = {
    "cpu": "Processor",
    "load": "Load average",
    "pressure": "Pressure",
    "memory": "Memory",
    "swap": "Swap",
    "disk": "File systems",
    "device": "Block devices",
    "network": "Network interfaces",
    "temperature": "Temperatures",
    "fan": "Fans",
    "battery": "Power",
    "uptime": "Uptime",
    "process": "Processes",
    "system": "System",
    "container": "Containers",
    "gpu": "GPUs",
}
"""The heading of each family; the first word of a metric's name is its family."""


def page() -> str:
    """Return the whole of docs/METRICS.md. Raises KeyError for a family without a heading."""
    families = groupby(catalog.METRICS, key=lambda metric: metric.name.partition("_")[0])
    sections = (_section(TITLES[family], metrics) for family, metrics in families)
    return HEAD + "".join(f"{section}\n" for section in sections) + TAIL


def _section(title: str, metrics: Iterable[Metric]) -> str:
    return "\n".join([f"## {title}", "", *_table(metrics), ""])


def _table(metrics: Iterable[Metric]) -> Iterator[str]:
    yield "| Name | Unit | Range | Decimals | Instance | Meaning |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for metric in metrics:
        cells = (
            *(f"`{metric.name}`", metric.unit.value, _range(metric), str(metric.decimals)),
            *(_instance(metric), metric.meaning),
        )
        yield f"| {' | '.join(cells)} |"


def _range(metric: Metric) -> str:
    return f"0 to {metric.maximum:g}" if metric.maximum is not None else "—"


def _instance(metric: Metric) -> str:
    return "—" if metric.instance is InstanceKind.NONE else metric.instance.value


def main() -> None:
    """Write the page, or end with a sentence and exit code 1 where --check finds it stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it is stale")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        sys.exit("docs/METRICS.md is not what metrics/catalog.py says. Run: make metrics-docs")


if __name__ == "__main__":
    main()
