"""The links of alerts: each rule's annotations, filled with labels as Prometheus fills them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from catalog import names
from delivery.audit.facts import Rule
from delivery.audit.links.follow import Follow
from delivery.audit.model import Link, LinkVerdict
from delivery.audit.opening import Run
from delivery.audit.reasons.prometheus import Prometheus
from delivery.audit.reasons.promql import fits, matchers_of, name_of, plain, selectors
from delivery.audit.servers import LostError, RefusedError
from delivery.audit.times import Window
from queries.promql_parser import parse

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
_LABEL = re.compile(r"(?:\$labels|\.Labels)\.(\w+)")


def alert_links(run: Run, follow: Follow) -> Iterator[Link]:
    """Each address of each alert; rules whose links are the same are told of together."""
    found: dict[tuple[str, str], list[Rule]] = {}
    bad: list[Link] = []
    for rule in run.judge.facts.rules:
        if rule.kind != "alert":
            continue
        if run.wishes.services and str(rule.labels.get(names.SERVICE, "")) not in {
            "",
            *run.wishes.services,
        }:
            continue
        labels = {**_scope(run), **_read(run, rule), **_fired(run, rule), **rule.labels}
        for key, template in sorted(rule.annotations.items()):
            if not key.endswith("_url"):
                continue
            url, fault = rendered(str(template), labels)
            if fault:
                bad.append(Link(key, rule.name, rule.place, "", str(template), "BROKEN", fault))
            else:
                found.setdefault((key, url), []).append(rule)
    yield from bad
    for (key, url), rules in found.items():
        verdict, reason = _open(run, follow, key, url)
        others = len({each.name for each in rules}) - 1
        title = f"{rules[0].name} and {others} more" if others else rules[0].name
        service = str(rules[0].labels.get(names.SERVICE, ""))
        yield Link(key, title, rules[0].place, service, url, verdict, reason)


def rendered(template: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """The text, or what is wrong with it; of the template language the labels are enough."""
    fault = ""

    def put(match: re.Match[str]) -> str:
        nonlocal fault
        label = _LABEL.fullmatch(match[1])
        if label is None:
            fault = f"'{match[0]}' is more than a label: a link must not depend on it"
            return ""
        if label[1] not in labels:
            fault = f"the alert has no label '{label[1]}'"
        return str(labels.get(label[1], ""))

    return _ACTION.sub(put, template), fault


def _open(run: Run, follow: Follow, key: str, url: str) -> tuple[LinkVerdict, str]:
    if key != names.RUNBOOK_URL:
        return follow(url)
    base = str(run.servers.system.catalog.platform.links.runbooks_url).rstrip("/")
    if run.wishes.runbooks is None or not url.startswith(f"{base}/"):
        return "OK", "these runbooks are kept elsewhere, and are not looked into"
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    if (run.wishes.runbooks / f"{name}.md").is_file():
        return "OK", f"{name}.md is there"
    return "BROKEN", f"there is no {name}.md among the runbooks"


def _scope(run: Run) -> dict[str, str]:
    return {names.CLUSTER: run.environment.cluster, names.ENVIRONMENT: run.environment.environment}


def _read(run: Run, rule: Rule) -> dict[str, str]:
    """For each label that its links name: a value in what the rule reads, or what it will be.

    What it reads may be recorded, and not yet: then the recording's own labels tell.
    """
    wanted = {
        label
        for key, text in rule.annotations.items()
        if key.endswith("_url")
        for label in _LABEL.findall(str(text))
    } - {names.CLUSTER, names.ENVIRONMENT, *rule.labels}
    if not wanted or rule.language != "promql":
        return {}
    found: dict[str, str] = {}
    prometheus = Prometheus(run.servers, run.now)
    span = Window(run.now - 86400, run.now)
    for each in selectors(parse(rule.expr)):
        matchers = matchers_of(each)
        recorded = [one for one in run.judge.facts.recording(name_of(each)) if fits(one, matchers)]
        for label in sorted(wanted - set(found)):
            try:
                values = prometheus.values(label, plain(each), span)
            except (LostError, RefusedError):
                values = []
            values += [str(one.labels[label]) for one in recorded if label in one.labels]
            if values:
                found[label] = values[0]
    return found


def _fired(run: Run, rule: Rule) -> dict[str, str]:
    """The labels of such an alert that fires or is pending, if one does."""
    try:
        answer: Any = run.servers.get("prometheus", "/api/v1/alerts")
    except (LostError, RefusedError):
        return {}
    for each in (answer.get("data") or {}).get("alerts") or ():
        labels = each.get("labels") or {}
        if labels.get("alertname") == rule.name and all(
            labels.get(key) == value for key, value in rule.labels.items()
        ):
            return {str(key): str(value) for key, value in labels.items()}
    return {}
