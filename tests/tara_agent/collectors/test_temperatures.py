"""Temperatures."""

from tara_agent.collectors import by_psutil
from tara_agent.collectors.temperatures import TemperatureCollector


def temperatures(sys_path, now=0.0):
    return TemperatureCollector.for_linux(sys_path).collect(now).get("temperature_celsius")


class TestTemperatureCollector:
    def test_names_a_sensor_by_chip_and_label(self, put, tmp_path):
        put("class/hwmon/hwmon0/name", "coretemp\n")
        put("class/hwmon/hwmon0/temp1_input", "45500\n")
        put("class/hwmon/hwmon0/temp1_label", "Package id 0\n")
        put("class/hwmon/hwmon0/temp2_input", "-3000\n")

        assert temperatures(tmp_path) == {"coretemp Package id 0": 45.5, "coretemp temp2": -3.0}

    def test_tells_two_of_a_name_apart(self, put, tmp_path):
        for number in (0, 1):
            put(f"class/hwmon/hwmon{number}/name", "nvme")
            put(f"class/hwmon/hwmon{number}/temp1_input", f"{40 + number}000")

        assert temperatures(tmp_path) == {"nvme temp1": 40, "nvme temp1 #2": 41}

    def test_falls_back_to_thermal_zones(self, put, tmp_path):
        put("class/thermal/thermal_zone0/type", "cpu-thermal")
        put("class/thermal/thermal_zone0/temp", "51000")

        assert temperatures(tmp_path) == {"cpu-thermal thermal_zone0": 51}

    def test_leaves_out_a_sensor_that_does_not_answer(self, put, tmp_path):
        put("class/hwmon/hwmon0/temp1_input", "")
        put("class/hwmon/hwmon0/temp2_input", "20000")

        assert temperatures(tmp_path) == {"hwmon0 temp2": 20}

    def test_says_nothing_without_sensors(self, tmp_path):
        assert TemperatureCollector.for_linux(tmp_path).collect(0.0) == {}

    def test_looks_for_sensors_once_in_ten_minutes(self, put, tmp_path):
        collector = TemperatureCollector.for_linux(tmp_path)
        collector.collect(0.0)
        put("class/hwmon/hwmon0/temp1_input", "20000")

        assert collector.collect(599.0) == {}
        assert collector.collect(600.0) == {"temperature_celsius": {"hwmon0 temp1": 20}}

    def test_reads_with_psutil_where_there_is_no_sys(self):
        TemperatureCollector(by_psutil.temperatures).collect(0.0)
