"""Numbers as the templates of Prometheus show them.

``humanize``, ``humanize1024``, ``humanizeDuration`` and ``humanizePercentage`` of
https://prometheus.io/docs/prometheus/latest/configuration/template_reference: four significant
digits, and a prefix of the SI or of IEC 80000-13.
"""

from __future__ import annotations

from catalog.signals import Unit

_LARGE = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")
_SMALL = ("", "m", "u", "n", "p", "f", "a", "z", "y")
_BINARY = ("", "ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")


def number(value: float) -> str:
    """``{{ $value | humanize }}``."""
    return _large(value, _LARGE, 1000) if abs(value) >= 1 else _small(value)


def binary(value: float) -> str:
    """``{{ $value | humanize1024 }}``."""
    return _large(value, _BINARY, 1024)


def percentage(ratio: float) -> str:
    """``{{ $value | humanizePercentage }}``."""
    return f"{ratio * 100:.4g}%"


def duration(seconds: float) -> str:
    """``{{ $value | humanizeDuration }}``."""
    if abs(seconds) < 1:
        return f"{_small(seconds)}s"
    sign, whole = ("-" if seconds < 0 else ""), int(abs(seconds))
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {whole % 60}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {whole % 60}s"
    if minutes:
        return f"{sign}{minutes}m {whole % 60}s"
    return f"{seconds:.4g}s"


def in_unit(value: float, unit: Unit) -> str:
    """What the piece of :func:`alerts.text.in_unit` that is filled in shows for a value."""
    if unit == "seconds":
        return duration(value)
    if unit == "bytes":
        return binary(value)
    return percentage(value) if unit == "ratio" else number(value)


def _large(value: float, prefixes: tuple[str, ...], step: int) -> str:
    for prefix in prefixes[:-1]:
        if abs(value) < step:
            return f"{value:.4g}{prefix}"
        value /= step
    return f"{value:.4g}{prefixes[-1]}"


def _small(value: float) -> str:
    if value == 0:
        return "0"
    for prefix in _SMALL[:-1]:
        if abs(value) >= 1:
            return f"{value:.4g}{prefix}"
        value *= 1000
    return f"{value:.4g}{_SMALL[-1]}"
