"""Dashboard variables as a browser fills them: options asked, defaults chosen, formats applied."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from delivery.audit.servers import RefusedError, Servers
from delivery.audit.times import Window

Json = dict[str, Any]

_VARIABLE = re.compile(
    r"\$\{(?P<name>\w+)(?:\.(?P<path>\w+))?(?::(?P<style>[^}]+))?\}"
    r"|\$(?P<plain>[a-zA-Z_]\w*)|\[\[(?P<old>\w+)(?::(?P<old_style>\w+))?\]\]"
)
_LABEL_VALUES = re.compile(r"label_values\(\s*(?:(.*),\s*)?([a-zA-Z_]\w*)\s*\)", re.DOTALL)
_ALL = "$__all"
#: What Grafana's Prometheus and Loki datasources escape in a value that joins a pattern.
_SPECIAL = re.compile(r"[$^*{}\[\]'+?.()|]")


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable is; ``all_value`` stands for All, and is put in as it is written."""

    values: tuple[str, ...]
    many: bool = False
    all_value: str | None = None
    is_all: bool = False

    def text(self, style: str | None = None) -> str:
        """As it stands in a query, in one of Grafana's formats."""
        if self.is_all and self.all_value is not None:
            return self.all_value
        if style is not None:
            return _styled(style, self.values)
        if not self.many:
            return self.values[0] if self.values else ""
        escaped = [_in_pattern(each) for each in self.values]
        return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"

    @property
    def asked(self) -> tuple[str, ...]:
        """As it stands in an address."""
        return (_ALL,) if self.is_all else self.values


Values = Mapping[str, Value]


def plain(value: str) -> Value:
    """A variable of one value."""
    return Value((value,))


def filled(text: str, values: Values) -> str:
    """The text with its variables put in; those that nobody knows here (Grafana's own) stay."""

    def put(match: re.Match[str]) -> str:
        name = match["name"] or match["plain"] or match["old"]
        if name not in values or match["path"]:
            return match[0]
        return values[name].text(match["style"] or match["old_style"])

    return _VARIABLE.sub(put, text)


def filled_in(data: Any, values: Values) -> Any:
    """As :func:`filled`, of every text in it."""
    if isinstance(data, str):
        return filled(data, values)
    if isinstance(data, dict):
        return {key: filled_in(each, values) for key, each in data.items()}
    if isinstance(data, list):
        return [filled_in(each, values) for each in data]
    return data


def mentioned(text: str) -> set[str]:
    """The names of the variables in it."""
    return {each["name"] or each["plain"] or each["old"] for each in _VARIABLE.finditer(text)}


def _in_pattern(value: str) -> str:
    return _SPECIAL.sub(lambda found: "\\\\" + found[0], value.replace("\\", "\\\\\\\\"))


def _styled(style: str, values: Sequence[str]) -> str:
    name, _, argument = style.partition(":")
    if name in _EACH:
        return ",".join(_EACH[name](each) for each in values)
    if name == "json":
        return json.dumps(values[0] if len(values) == 1 else list(values), ensure_ascii=False)
    if name == "pipe":
        return "|".join(values)
    if name == "glob":
        return values[0] if len(values) == 1 else "{" + ",".join(values) + "}"
    if name == "regex":
        escaped = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", each) for each in values]
        return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"
    if name == "join":
        return (argument or ",").join(values)
    # csv, raw, text, and what this Grafana does not know either.
    return ",".join(values)


_EACH: Mapping[str, Callable[[str], str]] = {
    "doublequote": lambda each: '"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"',
    "singlequote": lambda each: "'" + each.replace("\\", "\\\\").replace("'", "\\'") + "'",
    "sqlstring": lambda each: "'" + each.replace("'", "''") + "'",
    "percentencode": lambda each: quote(each, safe=""),
    "queryparam": quote_plus,
}


def default(variable: Json, options: Sequence[str]) -> Value:
    """What it is when the dashboard is opened, of the options that there are then."""
    many = bool(variable.get("multi") or variable.get("includeAll"))
    all_value = variable.get("allValue") or None
    current = (variable.get("current") or {}).get("value", "")
    wanted = tuple(str(each) for each in (current if isinstance(current, list) else [current]))
    wanted = tuple(each for each in wanted if each)
    if variable.get("type") in {"textbox", "constant"}:
        text = str(wanted[0] if wanted else variable.get("query") or "")
        return Value((text,))
    includes_all = bool(variable.get("includeAll"))
    if includes_all and (_ALL in wanted or not wanted):
        return Value(tuple(options), many, all_value, is_all=True)
    kept = tuple(each for each in wanted if each in options)
    return Value(kept or tuple(options[:1]), many, all_value)


def custom_options(variable: Json) -> list[str]:
    """Those of a custom or interval variable: ``name : value``, or the value alone."""
    parts = [each.strip() for each in str(variable.get("query") or "").split(",")]
    return [each.split(" : ")[-1].strip() for each in parts if each]


def options(variable: Json, values: Values, servers: Servers, span: Window) -> list[str]:
    """What there is to choose from.

    :raises LostError: the server does not answer.
    :raises RefusedError: it refuses, or the query is none that we can ask.
    """
    if variable.get("type") != "query":
        return custom_options(variable)
    query = variable.get("query")
    text = query.get("query", "") if isinstance(query, dict) else str(query or "")
    text = text or str(variable.get("definition") or "")
    parts = _LABEL_VALUES.fullmatch(filled(text, values).strip())
    if parts is None:
        raise RefusedError(f"no label_values query: {text[:120]}")
    uid = filled(str((variable.get("datasource") or {}).get("uid", "")), values)
    kind = str((variable.get("datasource") or {}).get("type", ""))
    asked = _label_values(kind, parts[1] or "", parts[2], span)
    servers.check(uid)
    answer = servers.proxied(uid, asked[0], asked[1])
    body = answer.body if isinstance(answer.body, dict) else {}
    data = body.get("data")
    if not answer.ok or not isinstance(data, list | None):
        raise RefusedError(f"{answer.status}: {answer.message}")
    return _filtered(variable, sorted({str(each) for each in data or ()}))


def _label_values(kind: str, series: str, label: str, span: Window) -> tuple[str, dict[str, str]]:
    if kind == "loki":
        query = {"start": str(int(span.start * 1e9)), "end": str(int(span.end * 1e9))}
        return f"/loki/api/v1/label/{label}/values", query | ({"query": series} if series else {})
    query = {"start": f"{span.start:.3f}", "end": f"{span.end:.3f}"}
    return f"/api/v1/label/{label}/values", query | ({"match[]": series} if series else {})


def _filtered(variable: Json, found: Iterable[str]) -> list[str]:
    """The filter of the variable, ``/pattern/``: its group is what is kept."""
    text = str(variable.get("regex") or "")
    if not text:
        return list(found)
    pattern = re.compile(text[1 : text.rindex("/")] if text.startswith("/") else text)
    kept: list[str] = []
    for each in found:
        match = pattern.search(each)
        if match is None:
            continue
        named = match.groupdict()
        value = named.get("value") or (match[1] if match.re.groups else each)
        if value and value not in kept:
            kept.append(value)
    return kept
