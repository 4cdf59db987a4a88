"""Rates from counters."""

from tara_agent.counters import Rates


class TestRates:
    def test_has_none_before_the_second_reading(self):
        assert Rates().per_second({"eth0": (5,)}, now=1.0) == {}

    def test_divides_what_was_counted_by_the_time_between(self):
        rates = Rates()
        rates.per_second({"eth0": (100, 0)}, now=10.0)

        assert rates.per_second({"eth0": (600, 1)}, now=14.0) == {"eth0": (125.0, 0.25)}

    def test_leaves_out_an_interval_with_a_reset(self):
        rates = Rates()
        rates.per_second({"eth0": (100, 100), "eth1": (0,)}, now=10.0)

        after_reset = rates.per_second({"eth0": (3, 200), "eth1": (10,)}, now=20.0)
        later = rates.per_second({"eth0": (13, 210)}, now=30.0)

        assert after_reset == {"eth1": (1.0,)}
        assert later == {"eth0": (1.0, 1.0)}

    def test_begins_anew_with_an_instance_that_came(self):
        rates = Rates()
        rates.per_second({}, now=10.0)

        assert rates.per_second({"usb0": (1_000_000,)}, now=20.0) == {}

    def test_has_none_where_no_time_passed(self):
        rates = Rates()
        rates.per_second({"eth0": (1,)}, now=10.0)

        assert rates.per_second({"eth0": (2,)}, now=10.0) == {}

    def test_has_none_where_the_counters_changed_their_number(self):
        rates = Rates()
        rates.per_second({"sda": (1, 2)}, now=10.0)

        assert rates.per_second({"sda": (1, 2, 3)}, now=20.0) == {}
