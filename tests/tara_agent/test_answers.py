"""What answers mean."""

import json

import pytest

from tara_agent.answers import Answer, Verdict, receipt_of, verdict_of


class TestVerdictOf:
    @pytest.mark.parametrize(
        ("statuses", "verdict"),
        [
            ((400, 422), Verdict.WRONG_PLACE),
            ((401, 403), Verdict.TOKEN_REFUSED),
            ((301, 302, 307, 308, 404, 405, 418, 421), Verdict.WRONG_PLACE),
            ((411, 413), Verdict.TOO_LARGE),
            ((415,), Verdict.ENCODING_REFUSED),
            ((426,), Verdict.AGENT_TOO_OLD),
            ((202, 204, 408, 429, 500, 502, 503, 507), Verdict.UNAVAILABLE),
        ],
        ids=lambda case: case.value if isinstance(case, Verdict) else "",
    )
    def test_is_what_the_contract_says(self, statuses, verdict):
        assert {verdict_of(Answer(status, b"<html>")) for status in statuses} == {verdict}

    @pytest.mark.parametrize("status", [400, 422])
    def test_believes_that_a_body_is_unreadable_of_our_server_only(self, status):
        ours = json.dumps({"code": "json", "detail": "The body is not JSON."}).encode()
        others = [b"", b"[]", b"{}", b'{"code": 5}', b'{"code": "<html>"}', b"\xff", b"[" * 10_000]

        assert verdict_of(Answer(status, ours)) is Verdict.UNREADABLE
        assert {verdict_of(Answer(status, body)) for body in others} == {Verdict.WRONG_PLACE}


class TestReceiptOf:
    def test_reads_the_two_numbers_that_are_obeyed(self):
        body = {"accepted": 1, "duplicate": 0, "next": {"interval_seconds": 30, "batch": 6}}

        receipt = receipt_of(json.dumps(body).encode())

        assert receipt.interval_seconds == 30
        assert receipt.batch == 6

    @pytest.mark.parametrize("interval", [0, 901, 1.5, "10", True, None, [10], 10**30], ids=repr)
    def test_does_not_obey_a_number_out_of_bounds(self, interval):
        body = {"accepted": 1, "duplicate": 0, "next": {"interval_seconds": interval}}

        assert receipt_of(json.dumps(body).encode()).interval_seconds is None

    @pytest.mark.parametrize("batch", [0, 501, -1, "2"], ids=repr)
    def test_does_not_obey_a_batch_out_of_bounds(self, batch):
        body = {"accepted": 1, "duplicate": 0, "next": {"batch": batch}}

        assert receipt_of(json.dumps(body).encode()).batch is None

    def test_reads_the_servers_time(self):
        body = {"accepted": 1, "duplicate": 0, "server_time": 1_800_000_000.25}

        assert receipt_of(json.dumps(body).encode()).server_time == 1_800_000_000.25

    @pytest.mark.parametrize(
        "told", ["0", "-1", "1e300", "NaN", "Infinity", "true", '"1800000000"', "null", "[]"]
    )
    def test_believes_no_time_that_cannot_be(self, told):
        body = b'{"accepted": 1, "duplicate": 0, "server_time": %b}' % told.encode()

        assert receipt_of(body).server_time is None

    @pytest.mark.parametrize("following", [None, [], "soon", 3], ids=repr)
    def test_does_without_a_next(self, following):
        body = {"accepted": 1, "duplicate": 0, "next": following}

        assert receipt_of(json.dumps(body).encode()).interval_seconds is None

    def test_names_each_code_of_rejected_samples_once(self):
        rejected = [[0, "future"], [1, "too_old"], [2, "future"], 3, [4], [5, "a\nb"], [6, None]]
        body = {"accepted": 0, "duplicate": 0, "rejected": rejected}

        assert receipt_of(json.dumps(body).encode()).rejected_codes == ("future", "too_old")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>Please log in</html>",
            b"[]",
            b'"accepted"',
            b"{}",
            b'{"accepted": 1}',
            b'{"accepted": true, "duplicate": 0}',
            b'{"accepted": -1, "duplicate": 0}',
            b"\xff\xfe",
            b"[" * 60000,
        ],
        ids=lambda body: repr(body[:20]),
    )
    def test_is_none_for_what_is_not_the_servers(self, body):
        assert receipt_of(body) is None
