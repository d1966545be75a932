"""From the answers to the document that becomes the service's file.

What a draft holds stays. What it lacks is filled from the answers, from the service's own metrics
page, and from what the catalog's other services have in common; each such fact says so.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog import names
from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.unfinished import is_open
from catalog.yaml_file import Location
from delivery.newservice import conventions
from delivery.newservice.interview import put
from delivery.newservice.metrics_page import mark_bad
from delivery.newservice.questions import QUESTIONS, Answers

_MEASURED = "Told when the service was added"
_LIKE_OTHERS = "as the catalog's other services have it for as many lines"


@dataclass(frozen=True, slots=True)
class Choices:
    """What is wished beyond the plain questions.

    Shares of objectives are percentages, ``within`` is in the unit of the requests' metric.
    """

    log_format: str | None = None
    folder: str | None = None
    labels: Mapping[str, tuple[str, ...]] | None = None
    requests: bool = False
    availability: float | None = None
    latency: float | None = None
    within: float | None = None
    freshness: float | None = None
    period: str = "30d"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the service: the answers, which of them are guesses, and what it shows."""

    answers: Answers
    assumed: set[str]
    draft: Mapping[str, Any]
    metrics: list[dict[str, Any]]
    bad: tuple[str, ...] = ()


def compose(catalog: Catalog, known: Known, choices: Choices) -> dict[str, Any]:
    """The whole document, in the order in which the catalog's files tell things."""
    answers, assumed, draft, metrics = known.answers, known.assumed, known.draft, known.metrics
    document: dict[str, Any] = copy.deepcopy(plain(draft))
    for question in QUESTIONS:
        put(document, question.at, answers[question.name])
    if not document["depends_on"]:
        del document["depends_on"]
    if choices.folder is not None:
        document["folder"] = choices.folder
    _volume(document["volume"], assumed)
    if "stream_labels" not in document:
        own = dict(choices.labels or {})
        document["stream_labels"] = conventions.stream_labels(
            catalog, answers["id"], answers["namespace"], own
        )
    _own_labels(document["stream_labels"], answers)
    if "logs" not in document:
        document["logs"] = _logs(catalog, choices.log_format)
    elif choices.log_format is not None:
        document["logs"]["format"] = choices.log_format
    _metrics(catalog, document, choices, metrics)
    mark_bad(document["metrics"], known.bad)
    _objectives(document, choices)
    return document


def _own_labels(labels: dict[str, Any], answers: Answers) -> None:
    """What a draft could not know before the service had its id."""
    labels[names.SERVICE] = [answers["id"]]
    if not labels.get(names.NAMESPACE) or any(map(is_open, labels[names.NAMESPACE])):
        labels[names.NAMESPACE] = [answers["namespace"]]


def plain(value: Any) -> Any:
    """Lists for the tuples that the catalog's reader makes, so that a value can be set."""
    if isinstance(value, Mapping):
        return {key: plain(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _volume(volume: dict[str, Any], assumed: set[str]) -> None:
    """Says of the volume what was told and what follows from the other services' volumes."""
    if "source" in volume:
        return
    guessed = {
        "lines_per_minute": "lines-per-minute",
        "peak_lines_per_second": "peak-lines-per-second",
        "bytes_per_day": "bytes-per-day",
    }
    taken = [key.replace("_", " ") for key, name in guessed.items() if name in assumed]
    volume["source"] = "assumed"
    volume["reason"] = f"{_MEASURED}, and measured by nobody yet."
    if taken:
        volume["reason"] = f"{_MEASURED}; {' and '.join(taken)} {_LIKE_OTHERS}. Measure them."


def _logs(catalog: Catalog, log_format: str | None) -> dict[str, Any]:
    counted: list[str] = [each.logs.format for each in catalog.services]
    chosen = log_format or max(sorted(set(counted)), key=counted.count)
    timestamp, message, fields = conventions.line_fields(catalog, chosen)
    return {"format": chosen, "timestamp": timestamp, "message": message, "fields": fields}


def _metrics(
    catalog: Catalog, document: dict[str, Any], choices: Choices, page: list[dict[str, Any]]
) -> None:
    """The page's, the requests', and what the log agent counts of every service's lines.

    :raises UsageError: there is none at all.
    """
    metrics: list[dict[str, Any]] = document.setdefault("metrics", [])
    known = {each.get("name") for each in metrics}
    metrics += [each for each in page if each["name"] not in known]
    if choices.requests and not _of_role(document, "requests"):
        metrics.insert(0, _requests(catalog))
    for counted in conventions.counted_by_agent(catalog, document["stream_labels"]):
        if counted["name"] not in {each.get("name") for each in metrics} and not _of_role(
            document, counted["role"]
        ):
            metrics.append(counted)
    if not metrics:
        fault = "no metric is known of the service, and one is needed to tell that it lives"
        raise UsageError(Problem("--metrics", fault, "Add --metrics URL or FILE, or --requests"))


def _of_role(document: Mapping[str, Any], role: str) -> dict[str, Any] | None:
    return next((each for each in document["metrics"] if each.get("role") == role), None)


def _requests(catalog: Catalog) -> dict[str, Any]:
    """The catalog's convention for requests, its labels' sets open.

    :raises UsageError: the catalog has none.
    """
    metric = conventions.of_role(catalog, "requests")
    if metric is None:
        fault = "no service of the catalog declares how requests are counted"
        raise UsageError(Problem("--requests", fault, "Add --metrics URL or FILE instead"))
    document = {
        **conventions.shared_facts(metric),
        "labels": dict.fromkeys(metric.labels),
        "by": metric.by,
        **conventions.selection(metric),
        "role": "requests",
        "buckets": metric.buckets,
        "exemplars": metric.exemplars or None,
        "source": "assumed",
        "reason": "Taken to count its requests as the catalog's other services do; look at its "
        "metrics page.",
    }
    return {key: value for key, value in document.items() if value not in ((), {}, None)}


def _objectives(document: dict[str, Any], choices: Choices) -> None:
    """What is promised, of what the document now holds."""
    objectives: list[dict[str, Any]] = document.setdefault("objectives", [])
    if choices.availability is not None:
        metric = _splits(document)
        title = f"{metric['title']} that do not fail"[:60]
        sli = {"type": "availability", "metric": metric["name"]}
        objectives.append(_promise("availability", title, sli, choices.availability, choices))
    if choices.latency is not None:
        metric = _bounded(document, choices.within)
        unit = {"seconds": "s", "milliseconds": "ms"}.get(metric["unit"], metric["unit"])
        title = f"{metric['title']} within {choices.within:g} {unit}"[:60]
        sli = {"type": "latency", "metric": metric["name"], "threshold": choices.within}
        objectives.append(_promise("latency", title, sli, choices.latency, choices))
    if choices.freshness is not None:
        lines = _of_role(document, "log_lines")
        if lines is None:
            fault = "nothing counts the service's lines"
            raise UsageError(Problem("--log-freshness", fault, "Leave it out"))
        sli = {"type": "freshness", "metric": lines["name"], "threshold": 300}
        title = "Time in which log lines keep arriving"
        objectives.append(_promise("log-lines", title, sli, choices.freshness, choices))
    if not objectives:
        del document["objectives"]


def _promise(
    identifier: str, title: str, sli: dict[str, Any], target: float, choices: Choices
) -> dict[str, Any]:
    return {
        "id": identifier,
        "title": title,
        "sli": sli,
        "target": target,
        "period": choices.period,
        "source": "assumed",
        "reason": "Wished for when the service was added; agree on it with its users.",
    }


def _splits(document: Mapping[str, Any]) -> dict[str, Any]:
    """The metric whose bad events are known: that of the requests, else the first such."""
    telling = [each for each in document["metrics"] if each.get("bad") or each.get("good")]
    found = _of_role(document, "requests") or next(iter(telling), None)
    if found is None:
        fault = "no metric of the service says which of its events are bad"
        remedy = "Add --requests, or --metrics with --bad METRIC:LABEL=VALUE"
        raise UsageError(Problem("--availability", fault, remedy))
    return found


def _bounded(document: Mapping[str, Any], within: float | None) -> dict[str, Any]:
    """The histogram that a latency is read from."""
    found = _of_role(document, "requests") or next(
        (each for each in document["metrics"] if each["type"] == "histogram"), None
    )
    if found is None:
        fault = "no metric of the service is a histogram"
        raise UsageError(Problem("--latency", fault, "Add --requests, or --metrics"))
    bounds = tuple(found["buckets"])
    if within not in bounds:
        known = ", ".join(f"{each:g}" for each in bounds)
        fault = "is missing" if within is None else f"{within:g} is no bucket of {found['name']}"
        raise UsageError(Problem("--within", fault, f"Write one of {known}"))
    return found


def comments(document: Mapping[str, Any], assumed: set[str]) -> dict[Location, list[str]]:
    """What stands above a fact that somebody ought to look at."""
    found: dict[Location, list[str]] = {
        (): ["Written by build.py new-service. What says 'assumed' is for the team to confirm."]
    }
    for group in ("name", "owner", "workload"):
        guessed = [each.name for each in QUESTIONS if each.at[0] == group and each.name in assumed]
        if guessed:
            found[group,] = [f"Assumed: {', '.join(guessed)}."]
    if any(values is None for values in document["stream_labels"].values()):
        found["stream_labels",] = ["null where the set of values is open."]
    return found
