"""A verdict for a question, from what came of it and, where that is nothing, from its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from catalog.validation import Latency, QueryClass
from delivery.audit import latency, plausible
from delivery.audit.asking import Asked, Asking
from delivery.audit.facts import Facts, Rule
from delivery.audit.model import Result, Verdict
from delivery.audit.questions import Question
from delivery.audit.reasons.logql import LogReasons
from delivery.audit.reasons.loki import Loki
from delivery.audit.reasons.prometheus import Moment, Prometheus
from delivery.audit.reasons.promql import PromReasons
from delivery.audit.reasons.why import Why
from delivery.audit.servers import LostError, RefusedError, Servers
from delivery.audit.times import Window

#: An alert's inputs are looked for so far back (seconds), and its recordings asked in such steps.
_INPUTS, _STEP = 3600.0, 60.0
#: How long Prometheus holds a sample for the present one (its lookback, seconds).
_LOOKBACK = 300.0
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass
class Judge:
    """Judges with the facts, the servers and the targets of each class of queries."""

    facts: Facts
    servers: Servers
    asking: Asking
    targets: dict[QueryClass, Latency]
    #: When the audit began: reasons look back from here, so that what was asked is known.
    now: float
    #: Seconds without a line after which a service counts as silent.
    silence: float

    def question(self, question: Question) -> Result:
        """The verdict of a panel's target or of an annotation."""
        base = _result(question)
        if question.unset:
            names = ", ".join(f"'{each}'" for each in question.unset)
            text = f"nobody has chosen a value of {names} yet"
            return replace(base, verdict="LAZY", reason=text)
        asked = self.asking.ask(question)
        if asked.lost:
            return replace(base, verdict="UNREACHABLE", reason=asked.lost)
        if asked.error:
            return replace(base, verdict="ERROR", reason=asked.error)
        answer = asked.answer
        base = replace(
            base,
            series=answer.series,
            points=answer.points,
            milliseconds=round(latency.median(asked.seconds), 1),
        )
        if not answer.points or plausible.is_nan_only(answer.numbers):
            return self._empty(base, question)
        if text := plausible.fault(question.unit, answer.numbers):
            return replace(base, verdict="ERROR", reason=f"implausible: {text}")
        if label := self._unlabelled(question, asked):
            text = f"the label '{label}', which the legend names, is missing from every series"
            return replace(base, verdict="EMPTY", reason=text)
        if (why := self._ended(question, asked)) is not None and not why.lazy:
            return replace(base, verdict="EMPTY", reason=why.text)
        return self._timed(base, question, asked)

    def _unlabelled(self, question: Question, asked: Asked) -> str:
        """A label that the legend reads and no series has any more."""
        since = question.span.end - _LOOKBACK - 2 * question.step
        if question.instant:
            return ""
        legend = str(question.target.get("legendFormat") or "")
        lacking = (each for each in _LEGEND.findall(legend) if asked.answer.lacks(each, since))
        return next(lacking, "")

    def _ended(self, question: Question, asked: Asked) -> Why | None:
        """Why what is shown is only the past, if it is: a fault of now is not to wait an hour."""
        asks = question.asked()
        age = _LOOKBACK + 2 * question.step
        if question.span.end < self.now - age:
            return None
        try:
            if question.source == "loki":
                return self._log().ended(asks.expr, self.silence)
            newest = asked.answer.newest
            if question.source != "prometheus" or question.instant or newest is None:
                return None
            if newest >= question.span.end - age:
                return None
            last = Moment(Window(question.span.end - age, question.span.end), question.step, True)
            return self._prom().explain(asks.expr, last)
        except LostError:
            return None

    def slow(self, question: Question, asked: Asked) -> bool:
        """Whether the median of a question is over the p99 of its class."""
        target = self.targets.get(latency.class_of(question))
        limit = target.p99_seconds * 1000 if target else float("inf")
        return latency.median(asked.seconds) > limit

    def _timed(self, base: Result, question: Question, asked: Asked) -> Result:
        told = f"{base.series} series, {base.points} points"
        if not self.slow(question, asked):
            return replace(base, verdict="OK", reason=told)
        kind = latency.class_of(question)
        limit = self.targets[kind].p99_seconds * 1000
        text = f"took {base.milliseconds:.0f} ms, and a {kind} query may take {limit:.0f} ms"
        return replace(base, verdict="SLOW", reason=text)

    def _empty(self, base: Result, question: Question) -> Result:
        if question.source == "loki" and (own := question.of_own_values()):
            return self._of_another(base, question, own)
        try:
            why = self._why(question.asked(), nan=bool(base.points))
        except LostError as error:
            return replace(base, verdict="UNREACHABLE", reason=str(error))
        verdict: Verdict = "LAZY" if why.lazy or base.kind == "annotation" else "EMPTY"
        if base.kind == "annotation" and not why.lazy:
            return self._annotation(base, question, why)
        return replace(base, verdict=verdict, reason=why.text)

    def _of_another(
        self, base: Result, question: Question, own: list[tuple[str, Question]]
    ) -> Result:
        """A question of some values of a variable, while another is chosen: as good as theirs."""
        first = own[0][1]
        chosen = next(
            each.text() for name, each in question.values.items() if first.values[name] != each
        )
        text = f"asks of {', '.join(value for value, _ in own)} alone, and {chosen} is chosen"
        there = [self.question(each) for _, each in own]
        if any(each.verdict in {"OK", "SLOW", "LAZY"} for each in there):
            return replace(base, verdict="LAZY", reason=text)
        found = there[0]
        return replace(
            base, verdict=found.verdict, reason=f"{text}; of {own[0][0]}: {found.reason}"
        )

    def _annotation(self, base: Result, question: Question, why: Why) -> Result:
        """A mark is for what seldom happens; but what it reads must be there."""
        asked = question.asked()
        if asked.source == "prometheus":
            moment = Moment(asked.span, asked.step, asked.instant)
            lack = self._prom().lacks_inputs(asked.expr, moment)
            if lack is None or lack.lazy:
                return replace(base, verdict="LAZY", reason=f"nothing to mark: {why.text}")
            why = lack
        return replace(base, verdict="EMPTY", reason=why.text)

    def _why(self, question: Question, *, nan: bool) -> Why:
        moment = Moment(question.span, question.step, question.instant)
        if question.source == "prometheus":
            reasons = self._prom()
            return (
                reasons.nan(question.expr, moment)
                if nan
                else reasons.explain(question.expr, moment)
            )
        if question.source == "loki":
            return self._log().explain(question.expr, moment)
        if question.source == "jaeger":
            return self._traces(question)
        return Why("it gives nothing", lazy=False)

    def _prom(self) -> PromReasons:
        prometheus = Prometheus(self.servers, self.now)
        return PromReasons(self.facts, prometheus, lambda expr, at: self._log().explain(expr, at))

    def _log(self) -> LogReasons:
        return LogReasons(self.facts, Loki(self.servers, self.now))

    def _traces(self, question: Question) -> Why:
        """A search without its filters, and then without its service."""
        target = dict(question.target)
        if target.get("queryType") == "dependencyGraph":
            return Why("Jaeger knows of no call between services", lazy=False)
        if target.get("queryType") != "search":
            return Why(f"Jaeger has no trace {target.get('query')}", lazy=False)
        filters = {
            key: target.pop(key) for key in ("tags", "minDuration", "maxDuration") if key in target
        }
        if filters and self.asking.ask(replace(question, target=target)).answer.points:
            told = ", ".join(f"{key} {value}" for key, value in filters.items())
            return Why(f"there are traces of {target['service']}, and none with {told}", lazy=True)
        known = self.servers.get("jaeger", "/api/services").get("data") or []
        if target["service"] not in known:
            shown = ", ".join(sorted(map(str, known))[:5]) or "none"
            return Why(f"Jaeger knows no service {target['service']}: it knows {shown}", lazy=False)
        return Why(f"{target['service']} has no trace in this range", lazy=False)

    def rule(self, rule: Rule) -> Result:
        """The verdict of a rule: what its server says to its expression now."""
        now = self.now
        service = str(rule.labels.get("service", ""))
        base = Result(
            "rule", None, None, f"{rule.kind} {rule.name}", None, service, rule.place, "OK", ""
        )
        kind = "prometheus" if rule.language == "promql" else "loki"
        where = "/api/v1/query" if kind == "prometheus" else "/loki/api/v1/query"
        at = f"{now:.3f}" if kind == "prometheus" else str(int(now * 1e9))
        moment = Moment(Window(now - _INPUTS, now), _STEP, instant=True)
        try:
            answer = self.servers.fresh(kind, where, query=rule.expr, time=at)
            result = (answer.get("data") or {}).get("result") or []
            if result:
                return replace(
                    base, reason=f"{len(result)} series", series=len(result), points=len(result)
                )
            return self._quiet(base, rule, moment)
        except LostError as error:
            return replace(base, verdict="UNREACHABLE", reason=str(error))
        except (RefusedError, AttributeError) as error:
            return replace(base, verdict="ERROR", reason=str(error))

    def _quiet(self, base: Result, rule: Rule, moment: Moment) -> Result:
        """An alert that does not fire is well, as long as what it reads is there."""
        reasons = self._prom() if rule.language == "promql" else self._log()
        if rule.kind == "alert":
            lack = reasons.lacks_inputs(rule.expr, moment)
            if lack is None:
                return replace(base, reason="quiet: what it reads is there")
        else:
            lack = reasons.explain(rule.expr, moment)
        verdict: Verdict = "LAZY" if lack.lazy else "EMPTY"
        return replace(base, verdict=verdict, reason=lack.text)


def _result(question: Question) -> Result:
    return Result(
        question.kind,
        question.dashboard,
        question.panel,
        question.title,
        question.ref or None,
        question.service,
        question.place,
        "OK",
        "",
    )
