"""The form of a token."""

import pytest

from tara_agent.tokens import Token, checksum, is_enrolment_key, is_token


class TestIsToken:
    def test_takes_a_whole_token(self, secret):
        assert len(secret) == 54
        assert is_token(secret)

    @pytest.mark.parametrize("position", [5, 20, 47, 53], ids=str)
    def test_catches_one_wrong_letter(self, secret, position):
        wrong = "b" if secret[position] != "b" else "c"

        assert not is_token(secret[:position] + wrong + secret[position + 1 :])

    @pytest.mark.parametrize(
        "change",
        [
            lambda t: t[:-1],
            lambda t: t + "0",
            lambda t: t.upper(),
            lambda t: "",
            lambda t: t + "\n",
        ],
        ids=["cut", "longer", "upper case", "empty", "line break"],
    )
    def test_catches_what_is_not_whole(self, secret, change):
        assert not is_token(change(secret))


class TestIsEnrolmentKey:
    def test_takes_a_whole_key_and_no_token(self, enrolment_key, secret):
        assert is_enrolment_key(enrolment_key)
        assert not is_enrolment_key(enrolment_key[:-1])
        assert not is_enrolment_key(enrolment_key[:-1] + "_")
        assert not is_enrolment_key(secret)
        assert not is_token(enrolment_key)


class TestChecksum:
    def test_is_crc32_in_six_base62_digits(self):
        # CRC-32 of "123456789" is the published check value 0xCBF43926 = 3421780262.
        alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        number = 0
        for digit in checksum("123456789"):
            number = number * 62 + alphabet.index(digit)

        assert number == 0xCBF43926
        assert checksum("") == "000000"


class TestToken:
    def test_does_not_show_itself(self, secret):
        shown = f"{Token(secret)} {Token(secret)!r}"

        assert secret not in shown
        assert secret[:12] in shown
