"""Containers: finding their groups, reading them, and what they are called."""

import json
from pathlib import Path

import pytest

from tara_agent.collectors.cgroups import Split, Unified, find_groups, hierarchy_at
from tara_agent.collectors.container_names import ContainerNames
from tara_agent.collectors.containers import CONTAINERS_MAXIMUM, ContainerCollector

ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture
def put_v2(put):
    def put_group(folder, *, cpu_seconds=0, memory=0, idle=0):
        put(f"{folder}/cpu.stat", f"usage_usec {int(cpu_seconds * 1e6)}\nuser_usec 0\n")
        put(f"{folder}/memory.current", f"{memory}\n")
        put(f"{folder}/memory.stat", f"anon 0\ninactive_file {idle}\n")

    return put_group


@pytest.fixture
def put_v1(put):
    def put_group(folder, *, cpu_seconds=0, memory=0, idle=0):
        put(f"cpuacct/{folder}/cpuacct.usage", f"{int(cpu_seconds * 1e9)}\n")
        put(f"memory/{folder}/memory.usage_in_bytes", f"{memory}\n")
        put(f"memory/{folder}/memory.stat", f"cache 0\ntotal_inactive_file {idle}\n")

    return put_group


class TestFindGroups:
    @pytest.mark.parametrize(
        ("path", "key"),
        [
            (f"system.slice/docker-{ONE}.scope", ONE),
            (f"docker/{ONE}", ONE),
            (f"machine.slice/libpod-{ONE}.scope", ONE),
            (f"user.slice/u-1.slice/user@1.service/user.slice/libpod-{ONE}.scope", ONE),
            (f"kubepods.slice/kubepods-pod1.slice/cri-containerd-{ONE}.scope", ONE),
            (f"kubepods/burstable/pod1/{ONE}", ONE),
            ("lxc.payload.web", "web"),
            ("lxc/web", "web"),
            ("machine.slice/machine-debian.scope", "debian"),
        ],
    )
    def test_knows_the_engines(self, tmp_path, path, key):
        (tmp_path / path / "inner").mkdir(parents=True)

        assert [group.key for group in find_groups(str(tmp_path))] == [key]

    @pytest.mark.parametrize(
        "path",
        [
            "system.slice/ssh.service",
            f"machine.slice/libpod-conmon-{ONE}.scope",
            "user.slice/user-1000.slice/session-1.scope",
            f"system.slice/a.service/docker-{ONE}.scope",
        ],
    )
    def test_takes_nothing_else_for_one(self, tmp_path, path):
        (tmp_path / path).mkdir(parents=True)

        assert list(find_groups(str(tmp_path))) == []

    def test_does_not_look_for_containers_within_one(self, tmp_path):
        (tmp_path / f"docker/{ONE}/docker/{TWO}").mkdir(parents=True)

        assert [group.key for group in find_groups(str(tmp_path))] == [ONE]


class TestHierarchyAt:
    def test_tells_the_versions_apart(self, put, tmp_path):
        assert hierarchy_at(tmp_path) is None
        (tmp_path / "cpuacct").mkdir()
        assert isinstance(hierarchy_at(tmp_path), Split)
        put("cgroup.controllers", "cpu memory")
        assert isinstance(hierarchy_at(tmp_path), Unified)

    def test_reads_this_machine(self):
        collector = ContainerCollector.where_there_are_groups()

        if collector:
            collector.collect(0.0)


class TestNames:
    def test_are_dockers(self, put, tmp_path):
        config = {"ID": ONE, "Name": "/web", "Config": {"Env": ["SECRET=1"]}}
        put(f"var/lib/docker/containers/{ONE}/config.v2.json", json.dumps(config))

        assert ContainerNames(tmp_path).of([ONE]) == {ONE: "web"}

    def test_are_podmans(self, put, tmp_path):
        listed = [{"id": ONE, "names": ["db"]}]
        put("var/lib/containers/storage/overlay-containers/containers.json", json.dumps(listed))

        assert ContainerNames(tmp_path).of([ONE]) == {ONE: "db"}

    def test_are_those_of_kubernetes(self, put, tmp_path):
        put(f"var/log/containers/web-0_shop_nginx-{ONE}.log", "")

        assert ContainerNames(tmp_path).of([ONE]) == {ONE: "shop/web-0/nginx"}

    def test_are_a_part_of_the_id_where_nobody_tells(self, tmp_path):
        assert ContainerNames(tmp_path).of([ONE, "lxc"]) == {ONE: "111111111111", "lxc": "lxc"}

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"Name": 5}', "\x00"])
    def test_survive_a_file_that_is_damaged(self, put, tmp_path, text):
        put(f"var/lib/docker/containers/{ONE}/config.v2.json", text)
        put("var/lib/containers/storage/overlay-containers/containers.json", text)

        assert ContainerNames(tmp_path).of([ONE]) == {ONE: "111111111111"}

    def test_tell_two_of_a_name_apart(self, put, tmp_path):
        for key in (ONE, TWO):
            put(f"var/lib/docker/containers/{key}/config.v2.json", '{"Name": "/web"}')

        names = ContainerNames(tmp_path).of([ONE, TWO])

        assert names == {ONE: "web 111111111111", TWO: "web 222222222222"}


class TestContainerCollector:
    def collect(self, hierarchy, tmp_path, between):
        collector = ContainerCollector(hierarchy, ContainerNames(tmp_path), cores=4)
        first = collector.collect(0.0)
        between()
        return first, collector.collect(10.0)

    def test_measures_version_2(self, put_v2, tmp_path):
        put_v2(f"docker/{ONE}", cpu_seconds=100, memory=1000, idle=300)

        first, second = self.collect(
            Unified(tmp_path),
            tmp_path,
            lambda: put_v2(f"docker/{ONE}", cpu_seconds=110, memory=2000, idle=300),
        )

        assert first == {"container_memory_bytes": {"111111111111": 700}}
        assert second == {
            "container_memory_bytes": {"111111111111": 1700},
            "container_cpu_percent": {"111111111111": 25},
        }

    def test_measures_version_1(self, put_v1, tmp_path):
        put_v1(f"docker/{ONE}", cpu_seconds=100, memory=1000, idle=300)

        _, second = self.collect(
            Split.below(tmp_path),
            tmp_path,
            lambda: put_v1(f"docker/{ONE}", cpu_seconds=110, memory=2000, idle=300),
        )

        assert second == {
            "container_memory_bytes": {"111111111111": 1700},
            "container_cpu_percent": {"111111111111": 25},
        }

    def test_leaves_out_one_that_has_ended(self, put_v2, tmp_path):
        put_v2(f"docker/{ONE}")
        put_v2(f"docker/{TWO}")

        _, second = self.collect(
            Unified(tmp_path),
            tmp_path,
            lambda: Path(tmp_path / f"docker/{ONE}/memory.current").unlink(),
        )

        assert second["container_memory_bytes"].keys() == {"222222222222"}

    def test_finds_new_ones_within_a_minute(self, put_v2, tmp_path):
        collector = ContainerCollector(Unified(tmp_path), ContainerNames(tmp_path))
        collector.collect(0.0)
        put_v2(f"docker/{ONE}")

        assert collector.collect(59.0) == {}
        assert collector.collect(60.0)["container_memory_bytes"]

    def test_has_bounds(self, put_v2, tmp_path):
        for number in range(CONTAINERS_MAXIMUM + 5):
            put_v2(f"lxc/c{number}")

        values = ContainerCollector(Unified(tmp_path), ContainerNames(tmp_path)).collect(0.0)

        assert len(values["container_memory_bytes"]) == CONTAINERS_MAXIMUM
