"""When samples are due."""

import pytest

from tara_agent.schedule import Schedule, phase_seconds


class TestSchedule:
    def test_does_not_drift(self):
        schedule = Schedule(start=100.25, interval_seconds=10)
        due = 100.25
        for _ in range(1000):
            due = schedule.next_after(due + 0.3)  # each sample takes its time

        assert due == 100.25 + 1000 * 10

    @pytest.mark.parametrize(
        ("now", "due"),
        [(100.0, 103.0), (102.9, 103.0), (103.0, 113.0), (112.9, 113.0), (150.0, 153.0)],
    )
    def test_skips_the_ticks_that_were_missed(self, now, due):
        assert Schedule(start=103.0, interval_seconds=10).next_after(now) == due


class TestPhaseSeconds:
    def test_lies_within_the_interval(self):
        phases = [phase_seconds(f"agent-{n}", 10) for n in range(1000)]

        assert all(0 <= phase < 10 for phase in phases)

    def test_spreads_a_fleet_evenly(self):
        phases = [phase_seconds(f"tara_{n:07}web-{n}", 10) for n in range(1000)]

        per_second = [sum(int(phase) == second for phase in phases) for second in range(10)]
        assert min(per_second) > 60
        assert max(per_second) < 140

    def test_stays_the_same_for_an_agent(self):
        assert phase_seconds("a", 10) == phase_seconds("a", 10)
