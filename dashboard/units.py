"""Numbers as people read them: one rule for each kind, the same as in units.js.

Any number has a text, for agents may send any: what is not finite is a dash, and one of more digits
than anybody reads has an exponent.

tests/dashboard/units.json is the table both are held to. Memory counts in powers of 1,024 (GiB),
disks in powers of 1,000 (GB) as their makers do, networks in bits. A number and its unit are parted
by a space that does not break.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import wraps
from math import floor, isfinite
from typing import Final

NO_VALUE: Final = "\u2013"
_SPACE: Final = "\u00a0"
_DECIMAL_BYTES: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_BINARY_BYTES: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_BITS: Final = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")
_HERTZ: Final = ("Hz", "kHz", "MHz", "GHz", "THz")
_WATTS: Final = ("W", "kW", "MW")
_PREFIXES: Final = ("", "k", "M", "G", "T", "P", "E")
_ROLL_OVER: Final = 999.5
# Below these a number is rounded to the decimals; each is where rounding reaches the next digit.
_ONE_DECIMAL: Final = 99.95
_TWO_DECIMALS: Final = 9.995
_PERCENT_DECIMAL: Final = 9.95
_EXPONENT_FROM: Final = 1e15
_DURATIONS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


Format = Callable[[float], str]


def _finite(format_: Format) -> Format:
    """Return the format with a dash for what is no number, or too large to be one."""

    @wraps(format_)
    def formatted(value: float) -> str:
        return format_(value) if isfinite(value) else NO_VALUE

    return formatted


def _in(units: Sequence[str], *, base: int = 1000) -> Format:
    """Return the format that writes a number in the unit that keeps it below 1,000."""
    return _finite(lambda value: _scaled(value, units, base=base))


memory: Final = _in(_BINARY_BYTES, base=1024)
"""Return bytes as "486 MiB", "9.4 GiB"."""

capacity: Final = _in(_DECIMAL_BYTES)
"""Return bytes as "500 GB", "2.1 TB"."""

bit_rate: Final = _in(_BITS)
"""Return bits per second as "26.3 Mbit/s"."""

hertz: Final = _in(_HERTZ)
"""Return "3.4 GHz"."""

watts: Final = _in(_WATTS)
"""Return "45.2 W"."""


@_finite
def percent(value: float) -> str:
    """Return "7.1 %", "46 %"."""
    return f"{_plain(value, decimals=1 if abs(value) < _PERCENT_DECIMAL else 0)}{_SPACE}%"


@_finite
def byte_rate(value: float) -> str:
    """Return bytes per second as "1.7 MB/s"."""
    return f"{capacity(value)}/s"


@_finite
def rate(value: float) -> str:
    """Return events per second as "0.05 /s", "12.5 /s", "1.2 k/s"."""
    return f"{_with_prefix(value)}/s"


@_finite
def celsius(value: float) -> str:
    """Return "41.5 °C"."""
    return f"{_plain(value, decimals=1)}{_SPACE}°C"


@_finite
def rpm(value: float) -> str:
    """Return revolutions per minute as "1,200 rpm"."""
    return f"{count(value)}{_SPACE}rpm"


@_finite
def count(value: float) -> str:
    """Return a whole number in groups of three."""
    return _rounded(value, 0, grouped=",")


@_finite
def number(value: float) -> str:
    """Return a number without a unit: "1.40", "12.5", "128", "1.2 M"."""
    return _with_prefix(value).rstrip(_SPACE)


@_finite
def duration(value: float) -> str:
    """Return seconds in the largest unit that is full: "45 s", "12 min", "5 h", "232 d"."""
    for seconds, word in _DURATIONS:
        if value >= seconds:
            return f"{_rounded(floor(value / seconds), 0)}{_SPACE}{word}"
    return f"0{_SPACE}s"


FORMATS: Final[dict[str, Format]] = {
    "percent": percent,
    "memory": memory,
    "capacity": capacity,
    "byte_rate": byte_rate,
    "bit_rate": bit_rate,
    "rate": rate,
    "celsius": celsius,
    "hertz": hertz,
    "watts": watts,
    "rpm": rpm,
    "count": count,
    "number": number,
    "duration": duration,
}


def _scaled(value: float, units: Sequence[str], *, base: int = 1000) -> str:
    """Return the number in the unit that keeps it below 1,000."""
    step = 0
    while abs(value) >= _ROLL_OVER and step < len(units) - 1:
        value, step = value / base, step + 1
    return f"{_plain(value, decimals=1 if abs(value) < _ONE_DECIMAL else 0)}{_SPACE}{units[step]}"


def _with_prefix(value: float) -> str:
    """Return the number, a space, and the prefix of its thousands where it needs one."""
    if abs(value) >= _ROLL_OVER:
        return _scaled(value, _PREFIXES)
    decimals = 0 if abs(value) >= _ONE_DECIMAL else 1 if abs(value) >= _TWO_DECIMALS else 2
    return f"{_plain(value, decimals=decimals)}{_SPACE}"


def _plain(value: float, *, decimals: int) -> str:
    """Return the number without decimals where it is whole."""
    return _rounded(value, 0 if value == int(value) else decimals)


def _rounded(value: float, decimals: int, *, grouped: str = "") -> str:
    """Round halves away from zero, as JavaScript's toFixed does; Python's own rule differs."""
    exact = Decimal(value)
    if abs(value) >= _EXPONENT_FROM:
        return _with_exponent(exact)
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded or abs(rounded):{grouped}}"  # never "-0"


def _with_exponent(exact: Decimal) -> str:
    """Return "1.3e+24", as JavaScript's toExponential does."""
    power = exact.adjusted()
    digits = exact.scaleb(-power).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if abs(digits) == 10:  # noqa: PLR2004  (rounded up to the next power)
        digits, power = digits / 10, power + 1
    return f"{digits:.1f}e+{power}"
