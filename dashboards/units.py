"""Grafana's units for the units of the catalog.

A unit of our own is ``suffix:…``; Grafana puts the blank before it.
"""

from __future__ import annotations

from typing import Final

from catalog.signals import Unit

RATIO: Final = "percentunit"
SECONDS: Final = "s"
BYTES: Final = "bytes"
#: As volumes are planned and billed: 180 GB are 1.8e11 bytes.
DECIMAL_BYTES: Final = "decbytes"
BYTES_PER_SECOND: Final = "Bps"
COUNT: Final = "short"
LINES: Final = "suffix:lines"
LINES_PER_SECOND: Final = "suffix:lines/s"
BURN_RATE: Final = "suffix:x"
#: Of whatever is counted: a panel of lines and of requests.
PER_SECOND: Final = "cps"
SPREADS: Final = "suffix: spreads"

_VALUES: dict[str, str] = {
    "bytes": BYTES,
    "milliseconds": "ms",
    "ratio": RATIO,
    "seconds": SECONDS,
    "timestamp": "dateTimeAsIso",
}
_RATES: dict[str, str] = {
    "bytes": BYTES_PER_SECOND,
    "operations": "ops",
    "requests": "reqps",
}


def of_value(unit: Unit) -> str:
    """The unit of a value as it is; plain numbers are shortened (1.2 K)."""
    return _VALUES.get(unit, COUNT)


def of_rate(unit: Unit | None) -> str:
    """The unit of events a second."""
    if unit in {None, "count", "none"}:
        return "cps"
    return _RATES.get(unit or "", f"suffix:{unit}/s")


_SUFFIXES = {"milliseconds": "_ms", "seconds": "_seconds", "bytes": "_bytes"}


#: What Grafana 9.4 has a sign for, of the currencies in use.
_SIGNED = frozenset(
    {"BRL", "CHF", "CZK", "DKK", "EUR", "GBP", "INR", "JPY", "NOK", "PLN", "SEK", "USD"}
)


def money(currency: str) -> str:
    """An amount of a currency, by its ISO code."""
    return f"currency{currency}" if currency in _SIGNED else f"suffix:{currency}"


def words(name: str, unit: Unit) -> str:
    """A field's name as one says it: ``duration_ms`` is a duration, the axis has the unit."""
    return name.removesuffix(_SUFFIXES.get(unit, "")).replace("_", " ")
