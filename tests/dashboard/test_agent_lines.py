"""Which instances have lines of their own, and what the line of the others is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dashboard.samples import store_run
from tests.dashboard.test_agent_data import panel

CORES = {str(core): 10.0 * core for core in range(8)}
ETHERS = {f"eth{number}": 1000.0 * number for number in range(5)}


@pytest.fixture
def ask(web, agent):
    """A function that asks for the data of web-1."""

    def get(**parameters: Any) -> dict[str, Any]:
        return web.get("/agents/web-1/data.json", {"range": "15m", **parameters}).json()

    return get


def newest(reply: dict[str, Any], key: str) -> float:
    return [value for value in reply["columns"][key]["mean"] if value is not None][-1]


def labels(reply: dict[str, Any], name: str) -> list[str]:
    return [line["label"] for line in panel(reply, name)["lines"]]


class TestLines:
    def test_are_one_each_where_all_fit(self, agent, ask):
        store_run(agent, count=1, cpu_core_percent={str(core): 1.0 for core in range(6)})

        reply = ask()

        assert labels(reply, "cpu-cores") == [f"Core {core}" for core in range(6)]
        assert panel(reply, "cpu-cores")["instances"] == []

    def test_are_the_highest_and_one_for_the_others(self, agent, ask):
        store_run(agent, count=1, cpu_core_percent=CORES)

        reply = ask()

        assert labels(reply, "cpu-cores") == [
            *(f"Core {core}" for core in range(3, 8)),
            "3 others, mean",
        ]
        assert panel(reply, "cpu-cores")["instances"] == list(CORES)
        assert panel(reply, "cpu-cores")["room"] == 5

    def test_of_others_are_the_mean_of_what_cannot_be_added_up(self, agent, ask):
        store_run(agent, count=1, cpu_core_percent=CORES)

        assert newest(ask(), "+cpu_core_percent") == 10.0

    def test_of_others_are_the_sum_of_what_can(self, agent, ask):
        store_run(agent, count=1, network_received_bytes_per_second=ETHERS)

        reply = ask()

        # Half of the six lines are kept for what is sent.
        assert labels(reply, "network") == ["eth3 received", "eth4 received", "3 others received"]
        assert newest(reply, "+network_received_bytes_per_second") == 8 * 3000

    def test_are_those_that_a_person_chose(self, agent, ask):
        store_run(agent, count=1, cpu_core_percent=CORES)

        reply = ask(pick=["cpu-cores|0", "cpu-cores|2", "cpu-cores|gone", "inodes|/"])

        assert labels(reply, "cpu-cores") == ["Core 0", "Core 2", "6 others, mean"]
        assert panel(reply, "cpu-cores")["own"] == ["0", "2"]

    def test_are_never_more_than_there_are_colours(self, agent, ask):
        store_run(agent, count=1, cpu_core_percent=CORES)

        reply = ask(pick=[f"cpu-cores|{core}" for core in CORES])

        assert len(labels(reply, "cpu-cores")) == 6

    def test_stay_the_same_when_a_page_goes_on(self, agent, ask):
        store_run(agent, count=30, cpu_core_percent=CORES)
        whole = ask()
        own = [f"cpu-cores|{name}" for name in panel(whole, "cpu-cores")["own"]]
        after = int(whole["first"] + (whole["count"] - 3) * whole["step"])
        store_run(agent, count=1, cpu_core_percent={**CORES, "0": 100.0})

        rest = ask(after=after, step=10, pick=own)

        assert set(rest["columns"]) == set(whole["columns"])

    def test_bear_a_band_where_they_are_alone(self, agent, ask):
        store_run(agent, count=12, process_count=300.0, disk_percent={"/": 1.0, "/var": 2.0})

        reply = ask(range="24h")

        assert panel(reply, "processes")["kind"] == "band"
        assert "minimum" in reply["columns"]["process_count|"]
        assert "minimum" not in reply["columns"]["disk_percent|/"]
