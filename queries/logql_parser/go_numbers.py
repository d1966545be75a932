"""Numbers, durations and sizes as the Go libraries behind Loki read them.

They are odd in ways that decide whether a query is valid: ``08`` is a broken octal number
and ``08.5`` is not, ``-0`` is a duration, ``1.5h`` is a duration but no range, ``5K`` is a size.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final

_MAX_INT64: Final = 2**63 - 1
_MAX_UINT64: Final = 2**64 - 1

_BASES: Final = {"": 10, "0": 8, "x": 16, "o": 8, "b": 2}
_DECIMAL: Final = re.compile(r"[0-9_]*")
_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f_]*")
_LONELY_SEPARATOR: Final = re.compile(r"(?<![0-9])_|_(?![0-9])")
_LONELY_HEX_SEPARATOR: Final = re.compile(r"(?<![0-9A-Fa-f])_|_(?![0-9A-Fa-f])")
_DURATION_RUN: Final = re.compile(r"[0-9numshdwyµ.]*")
_BYTES_RUN: Final = re.compile(r"[0-9BikKMGTP.]*")

_RANGE: Final = re.compile(
    r"(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?"
    r"(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?"
)
_MILLISECOND: Final = 1_000_000
_RANGE_UNITS: Final = tuple(
    milliseconds * _MILLISECOND
    for milliseconds in (
        *(seconds * 1000 for seconds in (365 * 86400, 7 * 86400, 86400, 3600, 60, 1)),
        1,
    )
)

_PART: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_GO_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60 * 1_000_000_000,
    "h": 3600 * 1_000_000_000,
}

_SIZE: Final = re.compile(r"([0-9.]+)([A-Za-z]*)")
_SIZE_UNITS: Final = {
    prefix.lower() + ending: base**power
    for power, prefix in enumerate(("", "K", "M", "G", "T", "P", "E"))
    for ending, base in (("", 1000), ("b", 1000), ("i", 1024), ("ib", 1024))
    if prefix or ending in {"", "b"}
}


def scan_number(text: str, start: int, *, adjacent: bool) -> tuple[int, str | None]:
    """Where the number at ``start`` ends, and what is wrong with it.

    ``adjacent`` says that nothing stands between it and the token before: Go's scanner
    looks for the digits of ``0b1`` at the wrong place, and finds the 0 itself only then.
    """
    prefix = _prefix(text, start)
    if prefix == "b" and not adjacent:
        return start + 1, "the number has no digits"
    base = _BASES[prefix]
    pattern = _HEXADECIMAL if base == 16 else _DECIMAL
    end = start + (2 if prefix in {"x", "o", "b"} else 0)
    digits = _run(pattern, text, end)
    end += len(digits)
    faults = []
    is_float = text[end : end + 1] == "."
    if is_float:
        if prefix in {"o", "b"}:
            faults.append(f"{text[start : start + 2]} begins an integer, which has no point")
        fraction = _run(pattern, text, end + 1)
        digits += fraction
        end += 1 + len(fraction)
    if not digits.strip("_"):
        faults.append("the number has no digits")
    exponent_end, exponent_fault = _exponent(text, end, prefix)
    if exponent_fault:
        faults.append(exponent_fault)
    if exponent_end > end:
        end, is_float = exponent_end, True
    elif prefix == "x" and is_float:
        faults.append("a hexadecimal fraction needs an exponent p")
    if not is_float and base < 10 and (wrong := _first_not_in_base(digits, base)):
        faults.append(f"{wrong} is no digit of a number that begins with 0")
    number = text[start:end]
    if "_" in number and _has_lonely_separator(number, prefix):
        faults.append("an underscore stands only between two digits")
    return end, faults[0] if faults else None


def _prefix(text: str, start: int) -> str:
    """What says the base: ``0x``, ``0o``, ``0b``, or just the 0 of an old octal number."""
    if text[start] != "0":
        return ""
    letter = text[start + 1 : start + 2].lower()
    return letter if letter in {"x", "o", "b"} else "0"


def _exponent(text: str, start: int, prefix: str) -> tuple[int, str | None]:
    letter = text[start : start + 1].lower()
    if letter not in {"e", "p"}:
        return start, None
    fault = None
    if letter != ("p" if prefix == "x" else "e") or prefix in {"o", "b"}:
        fault = f"a number of this kind has no exponent {letter}"
    end = start + (2 if text[start + 1 : start + 2] in {"+", "-"} else 1)
    digits = _run(_DECIMAL, text, end)
    if not digits.strip("_"):
        fault = fault or "the exponent has no digits"
    return end + len(digits), fault


def _run(pattern: re.Pattern[str], text: str, start: int) -> str:
    match = pattern.match(text, start)
    return match[0] if match else ""


def _first_not_in_base(digits: str, base: int) -> str:
    return next((digit for digit in digits if digit != "_" and int(digit) >= base), "")


def _has_lonely_separator(number: str, prefix: str) -> bool:
    if prefix in {"x", "o", "b"}:
        number = "0" + number[2:]
    lonely = _LONELY_HEX_SEPARATOR if prefix == "x" else _LONELY_SEPARATOR
    return lonely.search(number) is not None


def unit_run(text: str, end: int, *, of_bytes: bool) -> int:
    """Where the letters that could make a duration or a size of the number end."""
    match = (_BYTES_RUN if of_bytes else _DURATION_RUN).match(text, end)
    stop = match.end() if match else end
    if stop < len(text) and text[stop] > "\x7f" and unicodedata.category(text[stop])[0] == "N":
        return end  # Go takes ² for a digit here, and then can make nothing of it.
    return stop


def parse_float(text: str) -> tuple[float, bool]:
    """The value, and whether Go calls it one; what is too large is infinite and wrong."""
    plain = text.replace("_", "")
    try:
        if plain[:2] in {"0x", "0X"}:
            # Go wants an exponent, Python does not.
            value = float.fromhex(plain) if "p" in plain.lower() else None
        else:
            value = float(plain)
    except ValueError:
        value = None
    except OverflowError:
        return math.inf, False
    if value is None:
        return 0.0, False
    return value, math.isfinite(value)


def parse_range(text: str) -> int | None:
    """Nanoseconds of what stands in brackets, such as ``1h30m``; no fraction, no sign."""
    if text == "0":
        return 0
    match = _RANGE.fullmatch(text)
    if not text or match is None:
        return None
    total = 0
    for digits, unit in zip(match.groups(), _RANGE_UNITS, strict=True):
        # A number of 20 digits is too large for every unit; Python need not count it out.
        if digits and (len(digits.lstrip("0")) > 19 or int(digits) > 2**63 // unit):
            return None
        total += int(digits or 0) * unit
        if total > _MAX_INT64:
            return None
    return total


def parse_duration(text: str) -> int | None:
    """Nanoseconds of a duration outside brackets: a range, or Go's own, such as ``-1.5h``."""
    as_range = parse_range(text)
    if as_range is not None:
        return as_range
    unsigned = text.removeprefix("-")
    if unsigned == "0":
        return 0
    total = position = 0
    while position < len(unsigned):
        part = _PART.match(unsigned, position)
        nanoseconds = _part(part[1], part[2], part[3]) if part else None
        if part is None or nanoseconds is None:
            return None
        after = unsigned[part.end() : part.end() + 1]
        if after and after not in "0123456789.":
            return None
        total += nanoseconds
        position = part.end()
    negative = text.startswith("-")
    if not unsigned or total > _MAX_INT64 + negative:
        return None
    return -total if negative else total


def _part(whole: str, fraction: str | None, unit: str) -> int | None:
    if not whole and not fraction:
        return None
    if len(whole.lstrip("0")) > 19:
        return None
    size = _GO_UNITS[unit]
    value = int(whole or 0) * size
    # Beyond a nanosecond's share of an hour no digit of a fraction counts.
    digits = (fraction or "")[:18]
    if digits:
        value += int(digits) * size // 10 ** len(digits)
    return value if value <= 2**63 else None


def parse_bytes(text: str) -> int | None:
    """The size in bytes: ``5KB`` is 5000, ``5KiB`` 5120, ``5K`` 5000."""
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    value, ok = parse_float(match[1])
    unit = _SIZE_UNITS.get(match[2].lower())
    if not ok or unit is None or value * unit >= _MAX_UINT64:
        return None
    return int(value * unit)


def parse_int(text: str) -> int | None:
    """A plain decimal integer that fits 64 bits."""
    if not re.fullmatch("[0-9]+", text) or len(text.lstrip("0")) > 19:
        return None
    value = int(text)
    return value if value <= _MAX_INT64 else None
