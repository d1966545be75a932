"""What an imported panel holds beyond our model of one: settings by their place in its JSON.

Our model says what our own panels need. Somebody else's uses Grafana's other settings too, and
those are told beside the model as JSON pointers (RFC 6901) with their values. What may be told so
is listed: the settings of Grafana's schema, and never a query, which stands in ``queries`` and is
read by ``build.py check`` like any other (docs/decisions/0038).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

_TARGET = (
    "datasource|editorMode|exemplar|format|hide|instant|interval|intervalFactor|legendFormat|limit"
    "|maxDuration|maxLines|minDuration|operation|queryType|range|refId|resolution|service|step|tags"
)
_VARIABLE = (
    "allValue|allowCustomValue|auto|auto_count|auto_min|baseFilters|current|datasource|definition"
    "|defaultKeys|description|error|filters|hide|includeAll|label|multi|options|query|refresh|regex"
    "|regexApplyTo|skipUrlSync|sort|staticOptions|staticOptionsOrder|tagValuesQuery|tagsQuery"
    "|useTags"
)
_MARK = (
    "builtIn|datasource|enable|filter|hide|iconColor|mappings|name|placement|rawQuery|step|tagKeys"
    "|tags|target|textFormat|titleFormat|type|useValueForTime"
)
#: The settings of a panel in Grafana's schema.
PANEL: Final = re.compile(
    r"/(?:cacheTimeout|datasource|description|fieldConfig|gridPos|hideTimeOverride|interval|links"
    r"|maxDataPoints|maxPerRow|options|pluginVersion|queryCachingTTL|repeat|repeatDirection|timeFrom"
    rf"|timeShift|title|transformations|transparent)(?:/.*)?|/targets/\d+/(?:{_TARGET})(?:/.*)?",
    re.DOTALL,
)
#: Those of a row.
ROW: Final = re.compile(r"/(?:collapsed|datasource|gridPos|repeat|repeatDirection|title)(?:/.*)?")
#: Those of a variable; the query of one is told by the variable itself.
VARIABLE: Final = re.compile(rf"/(?:{_VARIABLE})(?:/.*)?", re.DOTALL)
#: Those of a dashboard, but for its panels and variables.
DASHBOARD: Final = re.compile(
    r"/(?:description|editable|fiscalYearStartMonth|graphTooltip|links|liveNow|preload|refresh"
    r"|schemaVersion|style|tags|templating|time|timepicker|timezone|title|weekStart)(?:/.*)?"
    rf"|/annotations(?:/list)?|/annotations/list/\d+(?:/(?:{_MARK})(?:/.*)?)?",
    re.DOTALL,
)
#: A query under whichever key it is kept: of these none is told as a setting.
QUERIES: Final = frozenset({"expr", "rawSql"})


@dataclass(frozen=True, slots=True)
class Beyond:
    """Settings that are ``put``, by JSON pointer, and such as our model makes and are left out."""

    put: Mapping[str, object] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def and_beyond(
        self, put: Mapping[str, object] | None = None, without: tuple[str, ...] = ()
    ) -> Beyond:
        """These and further ones."""
        return Beyond({**self.put, **(put or {})}, (*self.without, *without))

    def applied(self, data: Json, allowed: re.Pattern[str]) -> Json:
        """The JSON with these settings.

        :raises ValueError: a setting that ``allowed`` does not list, or that holds a query.
        """
        changed: Json = deepcopy(data)
        for pointer in self.without:
            _remove(changed, steps_of(pointer))
        for pointer, value in self.put.items():
            if not may_be_put(pointer, value, allowed):
                raise ValueError(f"'{pointer}' is no setting that stands beside our model")
            _set(changed, steps_of(pointer), deepcopy(value))
        return changed


def may_be_put(pointer: str, value: object, allowed: re.Pattern[str]) -> bool:
    """Whether the setting is one of Grafana's schema, and no query."""
    return (
        allowed.fullmatch(pointer) is not None
        and steps_of(pointer)[-1] not in QUERIES
        and not holds_query(value)
    )


def holds_query(value: object) -> bool:
    """Whether there is a query anywhere in it."""
    if isinstance(value, Mapping):
        return any(
            (key in QUERIES and isinstance(item, str) and item.strip()) or holds_query(item)
            for key, item in value.items()
        )
    return isinstance(value, list) and any(map(holds_query, value))


def steps_of(pointer: str) -> list[str]:
    """``/a~1b/0`` is ``a/b``, then the first."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def pointer_of(steps: tuple[str | int, ...]) -> str:
    """The other way round."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def _set(data: Any, steps: list[str], value: object) -> None:
    *way, last = steps
    for step in way:
        data = data[int(step)] if isinstance(data, list) else data.setdefault(step, {})
    if not isinstance(data, list):
        data[last] = value
    elif int(last) == len(data):
        data.append(value)
    else:
        data[int(last)] = value


def _remove(data: Any, steps: list[str]) -> None:
    *way, last = steps
    for step in way:
        data = data[int(step)] if isinstance(data, list) else data[step]
    if isinstance(data, list):
        del data[int(last)]
    else:
        del data[last]
