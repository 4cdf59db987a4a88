"""Numbers as people read them: one rule for each kind, the same as in units.js.

tests/dashboard/units.json is the table both are held to. Memory counts in powers of 1,024 (GiB),
disks in powers of 1,000 (GB) as their makers do, networks in bits. A number and its unit are parted
by a space that does not break.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

NO_VALUE: Final = "\u2013"
_SPACE: Final = "\u00a0"
_DECIMAL_BYTES: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_BINARY_BYTES: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_BITS: Final = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")
_PREFIXES: Final = ("", "k", "M", "G", "T", "P", "E")
_ROLL_OVER: Final = 999.5
# Below these a number is rounded to the decimals; each is where rounding reaches the next digit.
_ONE_DECIMAL: Final = 99.95
_TWO_DECIMALS: Final = 9.995
_PERCENT_DECIMAL: Final = 9.95
_DURATIONS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def percent(value: float) -> str:
    """Return "7.1 %", "46 %"."""
    return f"{_plain(value, decimals=1 if abs(value) < _PERCENT_DECIMAL else 0)}{_SPACE}%"


def memory(value: float) -> str:
    """Return bytes as "486 MiB", "9.4 GiB"."""
    return _scaled(value, _BINARY_BYTES, base=1024)


def capacity(value: float) -> str:
    """Return bytes as "500 GB", "2.1 TB"."""
    return _scaled(value, _DECIMAL_BYTES)


def byte_rate(value: float) -> str:
    """Return bytes per second as "1.7 MB/s"."""
    return f"{capacity(value)}/s"


def bit_rate(value: float) -> str:
    """Return bits per second as "26.3 Mbit/s"."""
    return _scaled(value, _BITS)


def rate(value: float) -> str:
    """Return events per second as "0.05 /s", "12.5 /s", "1.2 k/s"."""
    return f"{_with_prefix(value)}/s"


def celsius(value: float) -> str:
    """Return "41.5 °C"."""
    return f"{_plain(value, decimals=1)}{_SPACE}°C"


def count(value: float) -> str:
    """Return a whole number in groups of three."""
    return f"{_rounded(value, 0):,}"


def number(value: float) -> str:
    """Return a number without a unit: "1.40", "12.5", "128", "1.2 M"."""
    return _with_prefix(value).rstrip(_SPACE)


def duration(value: float) -> str:
    """Return seconds in the largest unit that is full: "45 s", "12 min", "5 h", "232 d"."""
    for seconds, word in _DURATIONS:
        if value >= seconds:
            return f"{int(value // seconds)}{_SPACE}{word}"
    return f"0{_SPACE}s"


FORMATS: Final[dict[str, Callable[[float], str]]] = {
    format_.__name__: format_
    for format_ in (
        *(percent, memory, capacity, byte_rate, bit_rate),
        *(rate, celsius, count, number, duration),
    )
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
    return str(_rounded(value, 0 if value == int(value) else decimals))


def _rounded(value: float, decimals: int) -> Decimal:
    """Round halves away from zero, as JavaScript's toFixed does; Python's own rule differs."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return rounded or abs(rounded)  # never "-0"
