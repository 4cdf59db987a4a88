"""Wheel and sdist, as flit makes them; `make agent-dist` has twine check them as well."""

import email
import tarfile
import zipfile

import pytest

from agent_client.packaging import dist
from tara_agent.version import VERSION

SOURCE = dist.ROOT / "agent_client/src"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    sdist, wheel = dist.build(folder)
    return folder / sdist, folder / wheel


class TestWheel:
    @pytest.fixture
    def wheel(self, built):
        with zipfile.ZipFile(built[1]) as wheel:
            yield wheel

    def test_is_for_every_machine(self, built):
        assert built[1].name == f"tara_agent-{VERSION}-py3-none-any.whl"

    def test_has_every_module_and_no_other_file(self, wheel):
        sources = {
            path.relative_to(SOURCE).as_posix()
            for path in SOURCE.rglob("*")
            if path.suffix in {".py", ".typed"}
        }

        assert {name for name in wheel.namelist() if ".dist-info/" not in name} == sources

    def test_says_what_it_needs_and_under_which_licence(self, wheel):
        info = f"tara_agent-{VERSION}.dist-info"
        metadata = email.message_from_bytes(wheel.read(f"{info}/METADATA"))

        assert metadata["Version"] == VERSION
        assert metadata["Requires-Python"] == ">=3.11"
        assert 'psutil >=6.0; sys_platform != "linux"' in metadata.get_all("Requires-Dist")
        assert wheel.read(f"{info}/licenses/LICENSE") == (dist.ROOT / "LICENSE").read_bytes()
        assert "tara-agent=tara_agent.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()


class TestSdist:
    def test_has_what_a_packager_needs(self, built):
        with tarfile.open(built[0]) as sdist:
            names = {name.partition("/")[2] for name in sdist.getnames()}

        assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO"} <= names
        assert "src/tara_agent/cli.py" in names


class TestVersion:
    def test_is_the_same_everywhere(self):
        client = dist.ROOT / "agent_client"

        assert f'version = "{VERSION}"' in (client / "pyproject.toml").read_text()
        heads = [
            line for line in (client / "CHANGELOG.md").read_text().splitlines() if "##" in line
        ]
        assert VERSION in heads[0]
        page = (dist.ROOT / "docs/AGENT.md").read_text()
        assert f"This page is about version {VERSION}." in page
