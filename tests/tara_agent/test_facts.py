"""Facts about the machine."""

import psutil

from tara_agent.facts import machine_facts
from tara_agent.version import VERSION


class TestMachineFacts:
    def test_tells_of_this_machine(self):
        facts = machine_facts()

        assert facts["version"] == VERSION
        assert facts["memory_total_bytes"] == psutil.virtual_memory().total
        assert facts.keys() >= {"hostname", "os", "kernel", "cpu_count"}

    def test_reads_what_linux_says(self, tmp_path):
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc/os-release").write_text('NAME="Debian"\nPRETTY_NAME="Debian 12"\n')
        (tmp_path / "proc/sys/kernel/random").mkdir(parents=True)
        (tmp_path / "proc/sys/kernel/random/boot_id").write_text("1-2-3\n")
        (tmp_path / "proc/cpuinfo").write_text("processor : 0\nmodel name\t: A CPU: fast\n")

        facts = machine_facts(tmp_path)

        assert facts["os"] == "Debian 12"
        assert facts["boot_id"] == "1-2-3"
        assert facts["cpu_model"] == "A CPU: fast"

    def test_leaves_out_what_the_system_does_not_tell(self, tmp_path):
        facts = machine_facts(tmp_path)

        assert "boot_id" not in facts
        assert "cpu_model" not in facts

    def test_bounds_what_it_tells(self, tmp_path):
        (tmp_path / "proc").mkdir()
        (tmp_path / "proc/cpuinfo").write_text("model name : " + "x" * 5000)

        assert len(machine_facts(tmp_path)["cpu_model"]) == 255
