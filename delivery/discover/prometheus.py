"""What Prometheus knows of services: whom it scrapes where, and what they expose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from catalog import names
from delivery.discover.loki import Span
from delivery.discover.servers import Link
from delivery.newservice.metrics_page import Page
from delivery.record.declare import RUNTIME
from delivery.record.page import VALUES_KEPT, Family

_API = "/api/v1"
OTHERS = ("app", "job")
#: Every target has these; they tell of the scrape and not of the service.
_OF_A_SCRAPE = frozenset({"up", "ALERTS", "ALERTS_FOR_STATE"})
_PARTS = ("_bucket", "_count", "_sum")


@dataclass(slots=True)
class Scraped:
    """One service as Prometheus has it."""

    targets: int = 0
    ports: set[int] = field(default_factory=set)
    labels: dict[str, set[str]] = field(default_factory=dict)
    page: Page | None = None
    series: int = 0


def targets(link: Link, wished: Iterable[str]) -> tuple[str | None, dict[str, Scraped]]:
    """The label that tells services apart, and each service that is scraped."""
    active = link.data(f"{_API}/targets", state="active").get("activeTargets", ())
    known = {name for each in active for name in each.get("labels", {})}
    label = next((each for each in wished if each in known), None)
    found: dict[str, Scraped] = {}
    for each in active if label is not None else ():
        service = each["labels"].get(label)
        if service is None:
            continue
        scraped = found.setdefault(service, Scraped())
        scraped.targets += 1
        port = urlsplit(each.get("scrapeUrl", "")).port
        if port is not None:
            scraped.ports.add(port)
        for name, value in each["labels"].items():
            scraped.labels.setdefault(name, set()).add(value)
    return label, found


def metadata(link: Link) -> Mapping[str, Mapping[str, str]]:
    """Type and help of every family; of several that differ, the first."""
    return {name: told[0] for name, told in link.data(f"{_API}/metadata").items() if told}


def page(
    link: Link, label: str, service: str, span: Span, told: Mapping[str, Mapping[str, str]]
) -> tuple[int, Page]:
    """How many series a service has, and its metrics as a page would show them.

    What the target has for labels is on every series, and no metric's own: see :func:`own`.
    """
    selector = f"{{{label}={json.dumps(service, ensure_ascii=False)}}}"
    series = link.data(f"{_API}/series", **{"match[]": selector}, **span.unix())
    families: dict[str, Family] = {}
    bounds: dict[str, set[float]] = {}
    for labels in series:
        _add(dict(labels), told, families, bounds)
    buckets = {name: tuple(sorted(found)) for name, found in bounds.items()}
    helped = {name: each.get("help", "") for name, each in told.items()}
    return len(series), Page(link.transport.place, families, helped, buckets)


def own(page: Page, of_target: Iterable[str]) -> Page:
    """The page without the labels that Prometheus has put on every series of its target."""
    families = {
        name: Family(name, family.type, _without(family.labels, set(of_target)), always_one=False)
        for name, family in page.families.items()
    }
    return replace(page, families=families)


def _without(labels: Mapping[str, set[str]], taken: set[str]) -> dict[str, set[str]]:
    return {label: values for label, values in labels.items() if label not in taken}


def _add(
    labels: dict[str, Any],
    told: Mapping[str, Mapping[str, str]],
    families: dict[str, Family],
    bounds: dict[str, set[float]],
) -> None:
    name = str(labels.pop("__name__", ""))
    if not name or ":" in name or name in _OF_A_SCRAPE or name.startswith("scrape_"):
        return
    base = next((name.removesuffix(each) for each in _PARTS if name.endswith(each)), name)
    kind = told.get(base, {}).get("type", "")
    if kind in {"histogram", "summary"}:
        if kind == "histogram" and name.endswith(_PARTS[0]) and labels.get(names.LE) != "+Inf":
            bounds.setdefault(base, set()).add(float(labels.get(names.LE, "nan")))
        name = base
    else:
        kind = told.get(name, told.get(name.removesuffix("_total"), {})).get("type", "untyped")
    if RUNTIME.fullmatch(name):
        return
    family = families.setdefault(name, Family(name, kind, always_one=False))
    for label, value in labels.items():
        if label in {names.LE, "quantile"}:
            continue
        seen = family.labels.setdefault(label, set())
        if len(seen) < VALUES_KEPT:
            seen.add(str(value))
