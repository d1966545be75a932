"""What Grafana makes of a line, a span or a correlation when its link is clicked.

All of it without a server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from catalog.service import Service
from delivery.audit.links.rows import parsed
from delivery.audit.times import duration

Json = dict[str, Any]
_TAG = re.compile(r"\$\{__span\.tags(?:\.([\w.]+)|\[\"([^\"]+)\"\])\}")


def found_by(field: Json, labels: Mapping[str, str], line: str) -> str:
    """What a derived field of Loki's datasource finds in a line."""
    pattern = str(field.get("matcherRegex") or "")
    if field.get("matcherType") == "label":
        return str(labels.get(pattern, ""))
    try:
        match = re.search(pattern, line)
    except re.error:
        return ""
    return (match[1] if match and match.re.groups else match[0] if match else "") or ""


def logs_query(to_logs: Json, trace: Json, span: Json) -> str:
    """The query that a span's link asks, as Grafana builds it."""
    trace_id, span_id = str(trace.get("traceID", "")), str(span.get("spanID", ""))
    tags = tags_of(trace, span)
    listed = to_logs.get("tags") or to_logs.get("mappedTags") or ()
    pairs = [each if isinstance(each, dict) else {"key": each} for each in listed]
    matchers = ",".join(
        f'{each.get("value") or each["key"]}="{tags[each["key"]]}"'
        for each in pairs
        if each["key"] in tags
    )
    if to_logs.get("customQuery"):
        text = str(to_logs.get("query") or "")
        text = _TAG.sub(lambda found: tags.get(found[1] or found[2], ""), text)
        text = text.replace("${__trace.traceId}", trace_id).replace("${__span.spanId}", span_id)
        return text.replace("${__tags}", matchers).replace("$__tags", matchers)
    text = f"{{{matchers}}}"
    if to_logs.get("filterByTraceID"):
        text += f' |="{trace_id}"'
    if to_logs.get("filterBySpanID"):
        text += f' |="{span_id}"'
    return text


def correlated(config: Json, labels: Mapping[str, str], line: str) -> dict[str, str] | None:
    """The variables that a correlation reads from a line; None if it has not got them."""
    values: dict[str, str] = {}
    fields = {"Line": line, "labels": json.dumps(dict(labels), separators=(",", ":"))}
    name = str(config.get("field"))
    for step in config.get("transformations") or ():
        text = fields.get(str(step.get("field") or name), "")
        if step.get("type") == "regex":
            match = re.search(str(step.get("expression") or ""), text)
            if match is None:
                return None
            values[str(step.get("mapValue") or name)] = match[1] if match.re.groups else match[0]
        elif step.get("type") == "logfmt":
            values |= parsed(text)
    if not values:
        value = fields.get(name) or labels.get(name) or parsed(line).get(name)
        if value is None:
            return None
        values[name] = value
    return values


def put(target: Json, values: Mapping[str, str]) -> Json:
    """A correlation's target with its variables filled in."""
    found = dict(target)
    for key, text in target.items():
        if isinstance(text, str):
            found[key] = _filled(text, values)
    return found


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("${" + name + "}", value).replace(f"${name}", value)
    return text


def span_of(trace: Json, service: Service) -> Json:
    """A span of that service, or the first."""
    processes = trace.get("processes") or {}
    spans: list[Json] = trace.get("spans") or [{}]
    for each in spans:
        if (processes.get(each.get("processID")) or {}).get("serviceName") == service.id:
            return each
    return spans[0]


def tags_of(trace: Json, span: Json) -> dict[str, str]:
    """Those of a span, and of the process that it is from."""
    process = (trace.get("processes") or {}).get(span.get("processID")) or {}
    tags = [*(span.get("tags") or ()), *(process.get("tags") or ())]
    return {str(each.get("key")): str(each.get("value")) for each in tags}


def shift(text: Any) -> float:
    """By how many seconds a link moves the end of a span; ``-1m`` is earlier."""
    words = str(text or "0s")
    seconds = duration(words.lstrip("-+")) or 0.0
    return -seconds if words.startswith("-") else seconds
