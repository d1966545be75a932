"""Reads the tests of a rule file: promtool's, and those of the same form for Loki's ruler."""

from __future__ import annotations

import re
from typing import Any

from delivery.checks.documents import Documents, Moment, Test

Json = dict[str, Any]

_PART = re.compile(r"(\d+)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def read(path: str, content: Json, documents: Documents) -> None:
    """Adds each test with what it expects, and the rhythm that it is run in."""
    for entry in content.get("tests") or []:
        asked = entry.get("alert_rule_test") or []
        moments = [(str(each.get("alertname") or ""), _moment(each)) for each in asked]
        documents.tests.append(
            Test(
                file=path,
                name=str(entry.get("name") or ""),
                alerts=tuple(dict.fromkeys(alert for alert, _ in moments)),
                moments=tuple(sorted((moment for _, moment in moments), key=lambda one: one.at)),
            )
        )


def _moment(entry: Json) -> Moment:
    expected = entry.get("exp_alerts") or []
    return Moment(
        seconds(str(entry.get("eval_time") or "")),
        tuple(
            {str(key): str(value) for key, value in (each.get("exp_labels") or {}).items()}
            for each in expected
        ),
    )


def seconds(text: str) -> int:
    """The seconds of ``1h30m``, as promtool reads it.

    :raises ValueError: it is no such time.
    """
    parts = _PART.findall(text)
    if not parts or "".join(map("".join, parts)) != text:
        raise ValueError(f"'{text}' is no time")
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)
