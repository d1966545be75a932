"""The links between signals, as Grafana's datasources say they are: the live ones are followed.

What a line carries is known from the catalog, so that a derived field that finds nothing can be
told from lines in which there is nothing to be found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog.model import Catalog
from catalog.service import Service
from delivery.audit.links.clicked import (
    correlated,
    found_by,
    logs_query,
    put,
    shift,
    span_of,
    tags_of,
)
from delivery.audit.links.follow import ask_of
from delivery.audit.links.rows import parsed
from delivery.audit.model import Link, LinkVerdict
from delivery.audit.opening import Run
from delivery.audit.reasons.loki import Loki
from delivery.audit.servers import LostError, RefusedError
from delivery.audit.times import Window
from pipeline import tail_sampling

Json = dict[str, Any]
_HOUR = 3600.0
#: Of several traces of which one must be there: those that are never all on their way.
_TRIED = 5
#: How seldom all that are tried may have been sampled away by chance.
_BY_CHANCE = 0.001


def tries(catalog: Catalog) -> int:
    """How many traces are looked for: enough that one of them is kept, where not all are.

    ``log 0.001 / log (1 - share kept)``; failed and slow ones are kept besides.
    """
    traces = catalog.platform.traces
    share = tail_sampling.kept_percent(catalog, traces.sampling) / 100 if traces else 1.0
    if not 0 < share < 1:
        return _TRIED
    return max(_TRIED, math.ceil(math.log(_BY_CHANCE) / math.log(1 - share)))


@dataclass(frozen=True, slots=True)
class Traced:
    """A line with its trace id, and where the id stands: among its labels or in its text."""

    labels: Mapping[str, str]
    line: str
    trace_id: str
    in_line: bool
    in_labels: bool


@dataclass
class Signals:
    """Follows the links of the datasources."""

    run: Run
    settings: Mapping[str, Json]

    def links(self) -> Iterator[Link]:
        """All of them, service by service; a catalog without Jaeger has no links to traces."""
        traced = "jaeger" in self.run.servers.system.catalog.platform.components
        for service in self._services():
            if traced:
                yield from self._of_traces(service)
            yield from self._guard("correlation", service, self._correlations)

    def _of_traces(self, service: Service) -> Iterator[Link]:
        yield from self._guard("exemplar", service, self._exemplars)
        if _trace_field(service):
            yield from self._guard("derived-field", service, self._derived)
            yield from self._guard("span-logs", service, self._spans)
        yield from self._guard("trace-metrics", service, self._metrics)

    def _tries(self) -> int:
        return tries(self.run.servers.system.catalog)

    def _services(self) -> Iterator[Service]:
        for service in self.run.servers.system.catalog.services:
            if not self.run.wishes.services or service.id in self.run.wishes.services:
                yield service

    def _guard(self, kind: str, service: Service, follow: Any) -> Iterator[Link]:
        try:
            yield from follow(service)
        except LostError as error:
            yield _link(kind, kind, service, "", "UNREACHABLE", str(error))
        except (RefusedError, AttributeError, TypeError, KeyError) as error:
            yield _link(kind, kind, service, "", "BROKEN", f"it cannot be followed: {error}")

    def _settings(self, kind: str) -> Json:
        uid = self.run.servers.uid_of(kind)
        if uid is None:
            raise RefusedError(f"Grafana has no {kind} datasource")
        return self.settings.get(uid) or {}

    def trace(self, uid: str, trace_id: str) -> list[Json]:
        """The spans of a trace; none if that datasource does not know it."""
        if uid not in self.run.servers.datasources:
            raise RefusedError(f"Grafana has no datasource '{uid}'")
        self.run.servers.check(uid)
        answer = self.run.servers.proxied(uid, f"/api/traces/{trace_id}", {})
        if not answer.ok or not isinstance(answer.body, dict):
            return []
        found: list[Json] = answer.body.get("data") or []
        return found

    def _exemplars(self, service: Service) -> Iterator[Link]:
        destinations = self._settings("prometheus").get("exemplarTraceIdDestinations") or []
        marked = [each for each in service.metrics if each.exemplars]
        if marked and not destinations:
            yield _link("exemplar", "exemplars", service, "", "BROKEN", "they lead nowhere")
            return
        for metric in marked:
            for each in destinations:
                suffix = "_bucket" if metric.type == "histogram" else ""
                query = f'{metric.name}{suffix}{{service="{service.id}"}}'
                ids = self._exemplar_ids(query, str(each.get("name")))
                yield self._opened("exemplar", metric.name, service, each, ids, query)

    def _exemplar_ids(self, query: str, label: str) -> list[str]:
        now = self.run.now
        answer = self.run.servers.get(
            "prometheus",
            "/api/v1/query_exemplars",
            query=query,
            start=f"{now - _HOUR:.3f}",
            end=f"{now:.3f}",
        )
        found = [
            (float(each["timestamp"]), str(each["labels"].get(label, "")))
            for series in answer.get("data") or ()
            for each in series.get("exemplars") or ()
        ]
        # The youngest may not be in Jaeger yet.
        return [name for _, name in sorted(found, reverse=True) if name][: self._tries() * 4]

    def _opened(  # noqa: PLR0917 - a link or a stage has that many sides
        self, kind: str, title: str, service: Service, to: Json, ids: list[str], source: str
    ) -> Link:
        """Some of the traces must be there: the youngest may still be on their way."""
        if not ids:
            return _link(kind, title, service, source, "BROKEN", "nothing there carries a trace id")
        uid = str(to.get("datasourceUid") or "")
        if not uid:
            return _link(kind, title, service, source, "BROKEN", "it leads to no datasource")
        tried = list(dict.fromkeys(ids))[-self._tries() :]
        for trace_id in tried:
            if spans := self.trace(uid, trace_id):
                count = len(spans[0].get("spans") or ())
                return _link(kind, title, service, trace_id, "OK", f"a trace of {count} spans")
        text = f"none of {len(tried)} traces is in {uid}"
        return _link(kind, title, service, tried[0], "BROKEN", text)

    def traced(self, service: Service) -> list[Traced]:
        """The lines of the last hour that carry a trace id, by the catalog's name of it."""
        name = _trace_field(service)
        loki = Loki(self.run.servers, self.run.now)
        span = Window(self.run.now - _HOUR, self.run.now - 30)
        found = []
        lines = loki.lines(f'{{service="{service.id}"}}', span)
        lines += loki.lines(f'{{service="{service.id}"}} |= "{name}"', span)
        for labels, line in lines:
            inner = parsed(line).get(name, "")
            trace_id = inner or str(labels.get(name, ""))
            if trace_id:
                found.append(Traced(labels, line, trace_id, bool(inner), name in labels))
        return found

    def _derived(self, service: Service) -> Iterator[Link]:
        lines = self.traced(service)
        fields = self._settings("loki").get("derivedFields") or []
        query = f'{{service="{service.id}"}}'
        if not lines:
            text = "no line of the last hour carries a trace id"
            yield _link("derived-field", "log lines", service, query, "BROKEN", text)
            return
        led: set[str] = set()
        for each in fields:
            link, ids = self._field(service, each, lines, query)
            led |= ids
            yield link
        lost = {each.trace_id for each in lines} - led
        if lost:
            text = f"no derived field finds {len(lost)} trace ids, as {sorted(lost)[0]}"
            yield _link("derived-field", "log lines", service, query, "BROKEN", text)

    def _field(
        self, service: Service, field: Json, lines: list[Traced], query: str
    ) -> tuple[Link, set[str]]:
        title = str(field.get("name"))
        by_label = field.get("matcherType") == "label"
        due = [each for each in lines if (each.in_labels if by_label else each.in_line)]
        where = "among its labels" if by_label else "in its text"
        if not due:
            text = f"no line of {service.id} carries its trace id {where}"
            return _link("derived-field", title, service, query, "LAZY", text), set()
        found = {found_by(field, each.labels, each.line) for each in due} & {
            each.trace_id for each in due
        }
        if not found:
            text = f"{len(due)} lines carry their trace id {where}, and it finds none of them"
            return _link("derived-field", title, service, query, "BROKEN", text), set()
        ids = [each.trace_id for each in due if each.trace_id in found]
        return self._opened("derived-field", title, service, field, ids, query), found

    def _spans(self, service: Service) -> Iterator[Link]:
        settings = self._settings("jaeger")
        to_logs = settings.get("tracesToLogsV2") or settings.get("tracesToLogs")
        if not to_logs:
            yield _link("span-logs", "logs", service, "", "BROKEN", "spans lead to no lines")
            return
        uid = str(self.run.servers.uid_of("jaeger"))
        for each in self.traced(service)[-self._tries() :]:
            for trace in self.trace(uid, each.trace_id):
                span = span_of(trace, service)
                yield self._lines_of(service, to_logs, trace, span)
                return
        yield _link("span-logs", "logs", service, "", "BROKEN", "no trace of a line is in Jaeger")

    def _lines_of(self, service: Service, to_logs: Json, trace: Json, span: Json) -> Link:
        query = logs_query(to_logs, trace, span)
        began = float(span.get("startTime", 0)) / 1e6
        ended = began + float(span.get("duration", 0)) / 1e6
        window = Window(
            began + shift(to_logs.get("spanStartTimeShift")),
            max(ended + shift(to_logs.get("spanEndTimeShift")), began + 1),
        )
        target = {"expr": query, "queryType": "range", "maxLines": 100}
        return self._asked("span-logs", "logs", service, to_logs, "loki", target, window)

    def _metrics(self, service: Service) -> Iterator[Link]:
        to_metrics = self._settings("jaeger").get("tracesToMetrics") or {}
        uid = str(self.run.servers.uid_of("jaeger"))
        now = self.run.now
        query = {
            "service": service.id,
            "limit": "5",
            "lookback": "custom",
            "start": str(int((now - _HOUR / 2) * 1e6)),
            "end": str(int((now - 60) * 1e6)),
        }
        self.run.servers.check(uid)
        answer = self.run.servers.proxied(uid, "/api/traces", query)
        found = (answer.body.get("data") if isinstance(answer.body, dict) else None) or []
        if not found:
            text = "Jaeger has no trace of it"
            yield _link("trace-metrics", "metrics", service, "", "BROKEN", text)
            return
        tags = tags_of(found[0], span_of(found[0], service))
        matchers = []
        for each in to_metrics.get("tags") or ():
            if each["key"] not in tags:
                text = f"its spans have no tag '{each['key']}', which the link reads"
                yield _link("trace-metrics", "metrics", service, "", "BROKEN", text)
                return
            matchers.append(f'{each.get("value") or each["key"]}="{tags[each["key"]]}"')
        window = Window(now - _HOUR, now)
        for each in to_metrics.get("queries") or ():
            text = str(each.get("query")).replace("$__tags", ",".join(matchers))
            target = {"expr": text, "range": True, "instant": False}
            name = str(each.get("name"))
            yield self._asked(
                "trace-metrics", name, service, to_metrics, "prometheus", target, window
            )

    def _asked(  # noqa: PLR0917 - a link has two ends and a way between
        self,
        kind: str,
        title: str,
        service: Service,
        to: Json,
        source: str,
        target: Json,
        window: Window,
    ) -> Link:
        """What a link into another datasource shows."""
        uid = str(to.get("datasourceUid") or "")
        if uid not in self.run.servers.datasources:
            text = f"it leads to the datasource '{uid}', which Grafana has not"
            return _link(kind, title, service, target["expr"], "BROKEN", text)
        sent = {"refId": "A", **target, "datasource": {"type": source, "uid": uid}}
        result = self.run.judge.question(replace(ask_of(sent, window, title), service=service.id))
        told: dict[str, LinkVerdict] = {"OK": "OK", "SLOW": "OK", "LAZY": "LAZY"}
        told["UNREACHABLE"] = "UNREACHABLE"
        verdict = told.get(result.verdict, "BROKEN")
        return _link(kind, title, service, target["expr"], verdict, result.reason)

    def _correlations(self, service: Service) -> Iterator[Link]:
        uid = self.run.servers.uid_of("loki")
        if uid is None:
            return
        for each in self._correlated(uid):
            yield from self._correlation(service, each)

    def _correlated(self, uid: str) -> list[Json]:
        try:
            live = self.run.servers.grafana(f"/api/datasources/uid/{uid}/correlations")
        except RefusedError as error:
            if str(error).startswith("404"):
                return []
            raise
        found = live.get("correlations") if isinstance(live, dict) else live
        return [each for each in found or () if isinstance(each, dict)]

    def _correlation(self, service: Service, correlation: Json) -> Iterator[Link]:
        title, config = str(correlation.get("label")), correlation.get("config") or {}
        loki = Loki(self.run.servers, self.run.now)
        span = Window(self.run.now - _HOUR, self.run.now)
        steps = config.get("transformations") or ()
        if not steps and self.run.servers.version < (10, 1):
            text = "this Grafana knows no transformations of a correlation"
            yield _link("correlation", title, service, "", "LAZY", text)
            return
        for labels, line in loki.lines(f'{{service="{service.id}"}}', span):
            values = correlated(config, labels, line)
            if values is None:
                continue
            target = put(config.get("target") or {}, values)
            to = {"datasourceUid": correlation.get("targetUID")}
            yield self._asked("correlation", title, service, to, "prometheus", target, span)
            return
        text = f"no line of {service.id} has what it reads from '{config.get('field')}'"
        yield _link("correlation", title, service, "", "BROKEN", text)


def settings(run: Run) -> dict[str, Json]:
    """What Grafana says of each datasource now, which is what people click on."""
    found: dict[str, Json] = {}
    for uid in run.servers.datasources:
        live = run.servers.grafana(f"/api/datasources/uid/{uid}")
        found[uid] = live.get("jsonData") or {} if isinstance(live, dict) else {}
    return found


def _trace_field(service: Service) -> str:
    """What the lines of a service call the id of their trace; nothing if they have none."""
    return next((each.name for each in service.logs.fields if each.type == "trace_id"), "")


def _link(  # noqa: PLR0917 - a link or a stage has that many sides
    kind: str, title: str, service: Service, target: str, verdict: LinkVerdict, reason: str
) -> Link:
    return Link(
        kind, title, "grafana/provisioning/datasources", service.id, target, verdict, reason
    )
