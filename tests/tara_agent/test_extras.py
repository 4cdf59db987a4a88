"""What a sample can do without."""

import json

from tara_agent.extras import without_extras
from tara_agent.samples import Sample


def sample_of(**content):
    encoded = json.dumps({"time": 1.5} | content, separators=(",", ":")).encode()
    return Sample(1, 1.5, encoded)


class TestWithoutExtras:
    def test_keeps_the_figures_to_the_last_digit(self):
        values = {"load_1m": 0.1, "disk_percent": {"/": 12.3456789012345}}

        bare = without_extras(sample_of(values=values, processes=[{"pid": 1}]))

        assert bare == sample_of(values=values)

    def test_leaves_a_sample_alone_that_has_none(self):
        sample = sample_of(values={"disk_percent": {"processes": 1.0}})

        assert without_extras(sample) is sample
