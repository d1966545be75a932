"""The metrics of a service's own page, as its file declares them.

``build.py record`` reads the pages of servers; a service's declaration says more: what people read
a metric by, its buckets, what it means. Help and buckets are the page's. Which values a label can
have, and which of them are bad, no page tells: sets stay open, and ``--bad`` says the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import names
from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.signals import Metric
from catalog.units import unit_of
from delivery.newservice.conventions import selection, shared_facts
from delivery.places import display
from delivery.record.declare import RUNTIME, unfit
from delivery.record.fetch import fetch
from delivery.record.page import Family, PageError, read_page

#: How many values of a label are few enough for a legend.
_READABLE = 12
_HELP = re.compile(r"#\s+HELP\s+(\S+)\s+(.*)")
_BUCKET = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)_bucket\{.*?\ble="([^"]+)"')
_PAGE = "Name a page, as in http://127.0.0.1:8080/metrics, or a file that holds one"


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown of a service: families, their help texts, the bounds of its histograms."""

    place: str
    families: Mapping[str, Family]
    help: Mapping[str, str]
    buckets: Mapping[str, tuple[float, ...]]


def parsed(text: str, place: str) -> Page:
    """The page whose text that is.

    :raises UsageError: it is none.
    """
    try:
        families = read_page(text.split("\n"))
    except PageError as error:
        fault = f"line {error.line} is of no metrics page: {error.fault}"
        raise UsageError(Problem(place, fault, _PAGE)) from None
    told: dict[str, str] = {}
    bounds: dict[str, set[float]] = {}
    for line in text.split("\n"):
        if helped := _HELP.match(line):
            told[helped[1]] = helped[2]
        elif (found := _BUCKET.match(line)) and found[2] != "+Inf":
            bounds.setdefault(found[1], set()).add(float(found[2]))
    buckets = {name: tuple(sorted(found)) for name, found in bounds.items()}
    return Page(place, families, told, buckets)


def read(source: str, timeout: float) -> Page:
    """The page at an address, or in a file.

    :raises UserError: there is none, or it cannot be read.
    """
    if re.match(r"https?://", source):
        return parsed(*fetch(source, timeout))
    path = Path(source)
    try:
        return parsed(path.read_text(encoding="utf-8"), display(path))
    except (OSError, UnicodeDecodeError):
        raise UsageError(Problem("--metrics", f"'{source}' cannot be read", _PAGE)) from None


def declarations(
    page: Page, catalog: Catalog, keep: re.Pattern[str] | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """The metrics of the page, and what a person should know of those that are left out."""
    found: list[dict[str, Any]] = []
    notes: list[str] = []
    conventions = _conventions(catalog)
    for name, family in sorted(page.families.items()):
        if RUNTIME.fullmatch(name) if keep is None else not keep.fullmatch(name):
            continue
        reason = unfit(family) or _unfit_here(page, family)
        if reason:
            notes.append(f"{name}: left out, {reason}")
            continue
        known = conventions.get(name)
        found.append(_declared(page, family) if known is None else _as_known(page, family, known))
    return found, notes


def _conventions(catalog: Catalog) -> dict[str, Metric]:
    """Metrics that other services declare themselves: of one name, one metric."""
    return {
        metric.name: metric
        for each in catalog.services
        for metric in each.metrics
        if metric.emitted_by == "application"
    }


def _unfit_here(page: Page, family: Family) -> str | None:
    if family.type == "summary":
        return "a summary's quantiles cannot be added up over pods; expose a histogram"
    if family.type == "histogram" and not page.buckets.get(family.name):
        return "a histogram without buckets"
    return None


def _labels(family: Family) -> dict[str, Any]:
    """The metric's own labels, their sets open; Prometheus sets those of the target itself."""
    taken = {*names.TARGET_LABELS, names.TRACK, names.LE}
    return {label: None for label in sorted(family.labels) if label not in taken}


def _by(family: Family, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that people read it by: two of those with few values and more than one."""
    counted = sorted((len(family.labels[label]), label) for label in labels)
    return tuple(label for count, label in counted if 1 < count <= _READABLE)[:2]


def _declared(page: Page, family: Family) -> dict[str, Any]:
    kind = family.type if family.type in {"counter", "gauge", "histogram"} else "gauge"
    if family.type not in {"counter", "gauge", "histogram", "info"}:
        kind = "counter" if family.name.endswith("_total") else "gauge"
    labels = _labels(family)
    document: dict[str, Any] = {
        "name": family.name,
        "type": kind,
        "unit": "info" if family.type == "info" else unit_of(family.name, kind),
        "title": title_of(family.name),
        "help": _sentence(page, family.name),
        "emitted_by": "application",
        "emission": "always" if not labels else "lazy",
        "labels": labels,
        "by": _by(family, labels),
        "buckets": page.buckets.get(family.name, ()) if kind == "histogram" else (),
        "source": "assumed",
        "reason": f"Read from {page.place}; confirm the unit, the labels and what is bad.",
    }
    return {key: value for key, value in document.items() if value not in ((), {})}


def _as_known(page: Page, family: Family, known: Metric) -> dict[str, Any]:
    """A metric that other services have: what it means is the same, its labels are its own."""
    labels = _labels(family)
    told = selection(known)
    for label in {label for each in told.values() for label in each}:
        labels.setdefault(label, None)
    document = {
        **shared_facts(known),
        "labels": labels,
        "by": tuple(label for label in known.by if label in labels),
        **told,
        "role": known.role,
        "buckets": known.buckets,
        "exemplars": known.exemplars or None,
        "source": "assumed",
        "reason": f"Read from {page.place}, and declared as the catalog's other services do.",
    }
    return {key: value for key, value in document.items() if value not in ((), {}, None)}


def _sentence(page: Page, name: str) -> str:
    """The page's help in one line; a counter's family may be told without ``_total``."""
    text = page.help.get(name) or page.help.get(name.removesuffix("_total")) or ""
    line = " ".join(text.replace("\\n", " ").replace("\\\\", "\\").split())
    printable = "".join(each for each in line if each.isprintable()).strip()
    return printable[:400].strip() or f"What {name} says."


def title_of(name: str) -> str:
    """``http_requests_in_flight`` is *Http requests in flight*."""
    words = name.removesuffix("_total").replace("_", " ").strip() or name
    return (words[0].upper() + words[1:])[:60].strip()


def mark_bad(metrics: list[dict[str, Any]], wishes: Iterable[str]) -> None:
    """``invoices_total:outcome=failed,refused``: which events of a metric went wrong.

    :raises UsageError: one names what the page does not show.
    """
    for wish in wishes:
        match = re.fullmatch(r"([^:]+):([^=]+)=(.+)", wish)
        form = "Write METRIC:LABEL=VALUE, several values with commas between"
        if match is None:
            raise UsageError(Problem("--bad", f"'{wish}' cannot be read", form))
        metric = next((each for each in metrics if each["name"] == match[1]), None)
        if metric is None:
            fault = f"no metric '{match[1]}' is declared"
            known = ", ".join(each["name"] for each in metrics) or "none; add --metrics"
            raise UsageError(Problem("--bad", fault, f"Known are {known}"))
        values = tuple(each.strip() for each in match[3].split(","))
        metric.pop("good", None)
        metric.setdefault("labels", {}).setdefault(match[2], None)
        metric["bad"] = {match[2]: values}
