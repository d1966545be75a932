"""What Grafana's units measure, as far as the catalog measures the same.

Grafana formats a number by its unit and asks nothing: milliseconds shown as seconds are off by
a thousand, and look just as right. What is not in this table can be anything.
https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts
"""

from __future__ import annotations

from typing import Final, Literal

#: ``things`` are counted, and ``things/s`` are a rate of them.
Measure = Literal[
    "bytes", "bytes/s", "milliseconds", "ratio", "seconds", "things", "things/s", "timestamp", ""
]

_TIMES: Final = ("s", "dtdurations", "clocks")
_MILLISECONDS: Final = ("ms", "dtdurationms", "clockms")
_BYTES: Final = ("bytes", "decbytes")
_BYTE_RATES: Final = ("Bps", "binBps")
_RATES: Final = ("cps", "eps", "iops", "mps", "ops", "recps", "reqps", "rowsps", "rps", "wps")
_COUNTS: Final = ("short", "sishort", "locale")
_MOMENTS: Final = ("dateTimeAsIso", "dateTimeAsIsoNoDateIfToday", "dateTimeFromNow", "dateTimeAsUS")

#: What a unit may show. A unit of the catalog that says little (``none``, ``info``) fits all.
FITTING: Final[dict[str, frozenset[Measure]]] = {
    **dict.fromkeys(_TIMES, frozenset[Measure]({"seconds", "timestamp"})),
    **dict.fromkeys(_MILLISECONDS, frozenset[Measure]({"milliseconds"})),
    **dict.fromkeys(_BYTES, frozenset[Measure]({"bytes"})),
    **dict.fromkeys(_BYTE_RATES, frozenset[Measure]({"bytes/s"})),
    **dict.fromkeys(_RATES, frozenset[Measure]({"things/s"})),
    **dict.fromkeys(_COUNTS, frozenset[Measure]({"things"})),
    **dict.fromkeys(_MOMENTS, frozenset[Measure]({"timestamp"})),
    "percentunit": frozenset({"ratio"}),
    "percent": frozenset(),
    "none": frozenset({"things", "ratio"}),
}
_PLAIN: Final[dict[str, Measure]] = {
    "bytes": "bytes",
    "milliseconds": "milliseconds",
    "ratio": "ratio",
    "seconds": "seconds",
    "timestamp": "timestamp",
}
#: Units of the catalog of which a panel's unit cannot be told.
_VAGUE: Final = frozenset({"", "none", "info"})
_PER_SECOND: Final = "/s"


def measure(unit: str) -> Measure:
    """What a query's unit measures; "" where that says nothing."""
    whole = unit.removesuffix(_PER_SECOND)
    if whole in _VAGUE or "/" in whole:
        return ""
    plain = _PLAIN.get(whole)
    if not unit.endswith(_PER_SECOND):
        return plain or "things"
    if plain == "bytes":
        return "bytes/s"
    return "" if plain else "things/s"


def fits(shown: str, unit: str) -> bool:
    """Whether a panel of the unit ``shown`` can show a query's ``unit``."""
    measured = measure(unit)
    if not measured:
        return True
    if shown.startswith("suffix:"):
        return _suffix_fits(shown.removeprefix("suffix:"), measured)
    fitting = FITTING.get(shown)
    return fitting is None or measured in fitting


def _suffix_fits(suffix: str, measured: Measure) -> bool:
    """A word behind the number: of a rate it says so; a multiple (``x``) has no unit."""
    if suffix.endswith(_PER_SECOND):
        return measured == "things/s"
    return measured in {"things", "ratio"}


def fitting_unit(unit: str) -> str:
    """The remedy: a unit of Grafana's that shows a query's numbers as they are."""
    return _REMEDIES[measure(unit)].format(unit=unit)


_REMEDIES: Final[dict[Measure, str]] = {
    "bytes": "Use the unit bytes",
    "bytes/s": "Use the unit Bps",
    "milliseconds": "Use the unit ms",
    "ratio": "Use the unit percentunit",
    "seconds": "Use the unit s",
    "things": "Use the unit short",
    "things/s": "Use the unit suffix:{unit}",
    "timestamp": "Multiply by 1000 and use the unit dateTimeAsIso",
    "": "",
}
