"""A draft of a service's file: what was seen as facts, what nobody can see as questions.

A question is a value that begins with TODO (:mod:`catalog.unfinished`): the catalog refuses it, and
``new-service --from`` asks for it. What was counted stands in comments and in reasons.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog import names
from catalog.model import Catalog
from catalog.unfinished import open_question
from catalog.yaml_file import Location
from delivery.discover.draft_logs import logs, stream_labels
from delivery.discover.loki import Span
from delivery.discover.servers import TELLS, Target
from delivery.discover.sight import Found, Sight, identifier
from delivery.newservice.metrics_page import declarations
from delivery.newservice.questions import size
from delivery.newservice.text import to_yaml

Comments = dict[Location, list[str]]


@dataclass(slots=True)
class Draft:
    """The file's text, and how many questions it leaves open."""

    id: str | None
    document: dict[str, Any] = field(default_factory=dict)
    comments: Comments = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The file."""
        return to_yaml(self.document, self.comments)

    def say(self, at: Location, *lines: str) -> None:
        """A comment above what stands there."""
        self.comments.setdefault(at, []).extend(lines)


def draft(catalog: Catalog, sight: Sight, found: Found, span: Span, taken: set[str]) -> Draft:
    """What is known of the service; ``taken`` are the ids that others have."""
    wanted = identifier(sight.name)
    free = wanted is not None and wanted not in taken
    made = Draft(wanted if free else None)
    _head(made, sight, found, span)
    made.document["id"] = wanted if free else open_question("its id, as in the label 'service'")
    if not free:
        made.say(("id",), f"The servers call it '{sight.name}'; that id is taken, or is none.")
    elif wanted != sight.name:
        made.say(("id",), f"The servers call it '{sight.name}': let them call it '{wanted}'.")
    name = sight.name if 0 < len(sight.name) <= 60 else open_question("its name")
    made.document["name"] = name
    made.document["description"] = open_question("what it does, in a sentence")
    made.document["owner"] = {
        "team": open_question("which team is paged"),
        "escalation": open_question("whom the team calls next"),
        "channel": open_question("where its pages go"),
    }
    _workload(made, sight)
    _dependencies(made, catalog, sight)
    _volume(made, sight, span)
    if sight.streams is not None:
        stream_labels(catalog, made.document, made.say, sight.streams, wanted or sight.name)
        logs(catalog, made.document, made.say, sight.streams)
    _metrics(made, catalog, sight)
    return made


def _head(made: Draft, sight: Sight, found: Found, span: Span) -> None:
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(span.until))
    made.say(
        (),
        f"A draft of what was seen of '{sight.name}' in the {span.seconds / 3600:g} h until {when} "
        "UTC.",
        "Fill in what begins with TODO, or let python build.py new-service --from this file ask.",
    )
    for target in found.missing:
        made.say((), f"No {target} was asked: nothing is known of {TELLS[target]}.")
    absent: Mapping[Target, object | None] = {
        "loki": sight.streams,
        "prometheus": sight.scraped,
        "jaeger": sight.traced,
    }
    for target, told in absent.items():
        if told is None and target not in found.missing:
            made.say((), f"{target.capitalize()} does not know it.")
    for told, label in ((sight.streams, found.stream_label), (sight.scraped, found.target_label)):
        if told is not None and label != names.SERVICE:
            made.say((), f"It has no label '{names.SERVICE}' there yet, and was told by '{label}'.")
    if sight.traced is not None and sight.traced.operations:
        shown = ", ".join(sight.traced.operations[:8])
        made.say((), f"Operations that have spans ({len(sight.traced.operations)}): {shown}.")
    made.say((), "No server knows what is promised: see --availability and --latency.")


def _workload(made: Draft, sight: Sight) -> None:
    labels: dict[str, set[str]] = {}
    for told in (sight.streams, sight.scraped):
        for name, values in (told.labels if told is not None else {}).items():
            labels.setdefault(name, set()).update(values)
    ports = sight.scraped.ports if sight.scraped is not None else set()
    namespace, app = (_only(labels.get(each, set())) for each in (names.NAMESPACE, "app"))
    made.document["workload"] = {
        "namespace": _id_or(namespace, "the namespace it runs in"),
        "app": _id_or(app, "its label 'app' in the cluster"),
        "metrics_port": next(iter(ports))
        if len(ports) == 1
        else open_question("the port of its metrics"),
    }
    if len(ports) > 1:
        made.say(("workload",), f"It is scraped on the ports {', '.join(map(str, sorted(ports)))}.")


def _only(values: set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _id_or(value: str | None, asked: str) -> str:
    return value if value is not None and identifier(value) == value else open_question(asked)


def _dependencies(made: Draft, catalog: Catalog, sight: Sight) -> None:
    if sight.traced is None:
        return
    known = {each.id for each in catalog.services}
    calls = sorted(sight.traced.calls & known)
    if calls:
        made.document["depends_on"] = calls
    at = ("depends_on",) if calls else ("workload",)
    if strangers := sorted(sight.traced.calls - known):
        made.say(at, f"It also calls {', '.join(strangers)}, which the catalog does not know.")
    if sight.traced.called_by:
        made.say(at, f"It is called by {', '.join(sorted(sight.traced.called_by))}.")


def _volume(made: Draft, sight: Sight, span: Span) -> None:
    if sight.streams is None:
        made.document["volume"] = {
            "lines_per_minute": open_question("log lines that it writes in a minute"),
            "peak_lines_per_second": open_question("log lines in a second, at its peak"),
            "bytes_per_day": open_question("bytes of log lines in a day, as in 20MB"),
        }
        return
    seen = sight.streams
    made.document["volume"] = {
        "lines_per_minute": max(1, round(seen.lines_per_minute)),
        "peak_lines_per_second": max(1, round(seen.peak_per_second + 0.5)),
        "bytes_per_day": size(max(1.0, seen.bytes_per_day)),
        "source": "assumed",
        "reason": f"Seen in Loki over {span.seconds / 3600:g} h; a busy day may have more.",
    }
    made.say(
        ("volume",),
        f"{seen.lines_per_minute:.1f} lines a minute at most {seen.peak_per_second:.2f} "
        f"a second; streams: {seen.count}.",
    )


def _metrics(made: Draft, catalog: Catalog, sight: Sight) -> None:
    if sight.scraped is None or sight.scraped.page is None:
        return
    # What the log agent counts is asked for by its own convention, and not the service's.
    agents = {
        metric.name
        for each in catalog.services
        for metric in each.metrics
        if metric.emitted_by == "agent"
    }
    found, notes = declarations(sight.scraped.page, catalog, None)
    metrics = [each for each in found if each["name"] not in agents]
    if metrics:
        made.document["metrics"] = metrics
    at: Location = ("metrics",) if metrics else ()
    made.say(at, f"Series seen: {sight.scraped.series}; targets: {sight.scraped.targets}.", *notes)
    families = sight.scraped.page.families
    for index, metric in enumerate(metrics):
        counts = [
            f"{label} {len(values)}"
            for label, values in sorted(families[metric["name"]].labels.items())
            if label in metric.get("labels", {})
        ]
        if counts:
            made.say(("metrics", index), f"Values of its labels: {', '.join(counts)}.")
