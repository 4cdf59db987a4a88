"""A sample as a table."""

from tara_agent.tables import table_of


class TestTableOf:
    def test_has_a_line_a_value(self):
        values = {"load_1m": 0.5, "disk_used_bytes": {"/": 12345678, "/var": 1}}

        assert table_of({"values": values}).splitlines() == [
            "metric           instance       value",
            "load_1m                           0.5",
            "disk_used_bytes  /         12,345,678",
            "disk_used_bytes  /var               1",
        ]

    def test_has_the_processes_below(self):
        processes = [{"pid": 1, "name": "init", "cpu_percent": 0.5}, {"pid": 12, "name": "sh"}]

        table = table_of({"values": {}, "processes": processes})

        assert table.split("\n\n")[1].splitlines() == [
            "pid  name  cpu_percent",
            "1    init          0.5",
            "12   sh               ",
        ]
