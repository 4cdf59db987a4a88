"""The body of a request."""

import json
import random
import zlib

import pytest

from tara_agent.wire import Envelope, compress, encode


class TestEncode:
    def test_is_the_contracts_body(self, sample):
        envelope = Envelope(
            sent_at=1700000009.12345,
            dropped={"queue_full": 2},
            backlog=7,
            facts={"hostname": "web-1"},
        )

        body = json.loads(encode([sample(1), sample(2)], envelope))

        assert body == {
            "version": 1,
            "sent_at": 1700000009.123,
            "agent": {"hostname": "web-1"},
            "dropped": {"queue_full": 2},
            "backlog": 7,
            "samples": [json.loads(sample(1).encoded), json.loads(sample(2).encoded)],
        }

    def test_leaves_the_facts_out_where_they_are_known(self, sample):
        body = encode([sample(1)], Envelope(sent_at=1.0, dropped={}, backlog=0))

        assert "agent" not in json.loads(body)


class TestCompress:
    def test_is_gzip_and_the_same_each_time(self):
        assert zlib.decompress(compress(b"x" * 5000), 31) == b"x" * 5000
        assert compress(b"x" * 5000) == compress(b"x" * 5000)

    @pytest.mark.parametrize("size", [0, 1, 511, 512, 4095, 4096, 32768, 100_000])
    def test_is_as_small_as_with_the_largest_window(self, size):
        chance = random.Random(1)
        body = b"".join(b'{"cpu":%d}' % chance.randrange(999) for _ in range(size // 8 + 1))[:size]
        largest = zlib.compressobj(wbits=31)

        assert zlib.decompress(compress(body), 31) == body
        assert len(compress(body)) <= 1.02 * len(largest.compress(body) + largest.flush())
