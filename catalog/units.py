"""The unit that a metric's name tells, by Prometheus' naming conventions.

https://prometheus.io/docs/practices/naming: a name ends with its unit in the plural, a counter's
with ``_total`` behind it. Names of old metrics do not always keep to that, so this is a guess
for a person to look at, not a fact.
"""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from catalog.signals import Unit

#: What names end with and the unit that it is, the longest first.
_ENDINGS: tuple[tuple[str, Unit], ...] = (
    ("timestamp_seconds", "timestamp"),
    ("time_seconds", "timestamp"),
    ("milliseconds", "milliseconds"),
    ("timestamp", "timestamp"),
    ("seconds", "seconds"),
    ("bytes", "bytes"),
    ("ratio", "ratio"),
    ("ms", "milliseconds"),
)
#: Words that end in s and count nothing.
_NO_PLURALS = frozenset({"alias", "status"})
_UNIT = TypeAdapter[str](Unit)


def unit_of(name: str, metric_type: str) -> Unit:
    """The unit of ``x_bytes_total``, ``x_lines_received_total``, ``x_last_sync_timestamp``.

    Without one in the name, a counter counts and anything else is a plain number.
    """
    if metric_type == "info":
        return "info"
    bare = name.removesuffix("_total")
    for ending, unit in _ENDINGS:
        if bare.endswith(f"_{ending}"):
            return _fitting(unit, metric_type)
    # The thing that is counted stands nearest the end: rule_evaluation_failures, lines_received.
    for word in reversed(bare.split("_")[1:]):
        if _is_plural(word):
            return word
    return "count" if metric_type == "counter" else "none"


def _fitting(unit: Unit, metric_type: str) -> Unit:
    """What grows and grows is no moment and no share, and how long something took is neither."""
    if metric_type == "counter" and unit in {"info", "none", "ratio", "timestamp"}:
        return "count"
    if metric_type in {"histogram", "summary"} and unit == "timestamp":
        return "seconds"
    return unit


def _is_plural(word: str) -> bool:
    if len(word) <= 3 or not word.endswith("s") or word.endswith("ss") or word in _NO_PLURALS:
        return False
    try:
        _UNIT.validate_python(word)
    except ValidationError:
        return False
    return True
