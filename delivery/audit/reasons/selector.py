"""Why a selector finds no series: which metric, label or value is missing, and since when."""

from __future__ import annotations

from dataclasses import dataclass

from catalog import names
from delivery.audit.facts import Declared, Facts
from delivery.audit.reasons.prometheus import LOOK_BACK, Moment, Prometheus
from delivery.audit.reasons.why import Why, at
from delivery.audit.servers import LostError, RefusedError
from delivery.audit.times import Window, compact

Wanted = tuple[str, str, str]
_SHOWN = 5


@dataclass
class SelectorReason:
    """One selector: the name of its metric and its matchers."""

    facts: Facts
    prometheus: Prometheus
    name: str
    wanted: tuple[Wanted, ...]

    def explain(self, text: str, moment: Moment) -> Why:
        """What is missing; ``text`` is the selector without an offset."""
        now = self.prometheus.now
        ever = Window(now - LOOK_BACK, now)
        if self.prometheus.exists(text, ever):
            return self._disappeared(text, moment)
        if not self.name:
            return Why(f"no series is {text}", lazy=False)
        if not self.prometheus.exists(self.name, ever):
            return self._may_be_lazy(f"{self.name} has never existed", ever)
        reasons = [self._missing(each, ever) for each in self._culprits(ever)]
        return next((each for each in reasons if each.lazy), reasons[0])

    def _disappeared(self, text: str, moment: Moment) -> Why:
        last = self.prometheus.last_seen(text)
        if last is None and self.prometheus.is_there(text):
            return Why(f"{text} has begun since the audit began", lazy=True)
        if last is None:
            days = LOOK_BACK // 86400
            return self._may_be_lazy(f"{text} has no sample within {days} days", moment.span)
        if last >= moment.span.end - 2 * moment.step - 60:
            first = self.prometheus.first_seen(text) or last
            return Why(f"{text} has only just begun, at {at(first)}", lazy=True)
        found = f"{text} disappeared at {at(last)}"
        if lost := self._lost():
            return Why(f"{found}: {lost}", lazy=False)
        return self._may_be_lazy(found, Window(last + 60, self.prometheus.now))

    def _lost(self) -> str:
        """The label without which the series are still there, if only a label was lost."""
        for index, (label, operator, value) in enumerate(self.wanted):
            others = self._text((*self.wanted[:index], *self.wanted[index + 1 :]))
            if operator != "=" and not value.strip(".*+"):
                continue
            if self.prometheus.is_there(others) and not self.prometheus.is_there(
                f'{others[:-1]},{label}!=""}}'
                if len(self.wanted) > 1
                else f'{others[:-1]}{label}!=""}}'
            ):
                return f"the label '{label}' is missing, and {others} is there without it"
        return ""

    def _culprits(self, ever: Window) -> list[int]:
        """The matchers without which there are series, or else the first that leaves none.

        Of several that cannot hold together, each alone would have to be mended.
        """
        found = [
            index
            for index in range(len(self.wanted))
            if self.prometheus.exists(
                self._text((*self.wanted[:index], *self.wanted[index + 1 :])), ever
            )
        ]
        if found:
            return found
        for index in range(len(self.wanted)):
            if not self.prometheus.exists(self._text(self.wanted[: index + 1]), ever):
                return [index]
        return [0]

    def _missing(self, index: int, ever: Window) -> Why:
        label, operator, value = self.wanted[index]
        rest = (*self.wanted[:index], *self.wanted[index + 1 :])
        others = self._text(rest)
        if not self.prometheus.exists(others, ever):
            others = self._text(self.wanted[:index])
        there = self.prometheus.values(label, others, ever)
        if not there:
            return Why(f"the label '{label}' is missing: no series of {others} has it", lazy=False)
        shown = ", ".join(f"'{each}'" for each in there[:_SHOWN])
        more = " and more" if len(there) > _SHOWN else ""
        text = f'{self.name} has no series with {label}{operator}"{value}": there are {shown}{more}'
        if self.facts.is_trouble(label, operator, value, there):
            return Why(f"{text}; only trouble (or a canary) brings that value", lazy=True)
        if operator == "=" and self.facts.is_elsewhere(label, value, there):
            return Why(f"{text}; that environment does not report here", lazy=True)
        return self._may_be_lazy(text, ever)

    def _may_be_lazy(self, text: str, since: Window) -> Why:
        """Says what the catalog says of the metric, unless what it counts has happened."""
        service = next(
            (value for label, op, value in self.wanted if (label, op) == (names.SERVICE, "=")), ""
        )
        declared = self.facts.declared(self.name, service)
        if owners := self.facts.owners(self.name, service):
            shown = ", ".join(owners)
            return Why(f"{text}; by the catalog it is a metric of {shown} only", lazy=True)
        if not declared:
            return Why(f"{text}, and the catalog knows no such metric", lazy=False)
        always = next((each for each in declared if not each.lazy), None)
        if always is not None and always.component and self._is_unscraped(always.component):
            words = f"{text}: no target of the component '{always.component}' is scraped"
            return Why(words, lazy=False)
        if always is not None:
            # Of a server without its release: which one runs here is not said by the catalog.
            maker = always.component or always.origin
            words = f"{text}, and {maker} always emits it by the catalog"
            return Why(words, lazy=False, other_release=self._is_of_one_release(always.component))
        for each in declared:
            if counted := self._counted(each, since):
                words = f"{text}, and {counted} lines that it counts were written since"
                return Why(f"{words} {at(since.start)}", lazy=False)
        origin = declared[0].component or declared[0].origin
        return Why(f"{text}; {origin} emits it only once there is something to count", lazy=True)

    def _is_of_one_release(self, component: str) -> bool:
        """Whether another release of the server has no such metric."""
        declared = {each.origin for each in self.facts.metrics.get(self.name, [])}
        return bool(component) and bool(self.facts.releases.get(component, set()) - declared)

    def _is_unscraped(self, component: str) -> bool:
        day = Window(self.prometheus.now - 3600, self.prometheus.now)
        return not self.prometheus.exists(f'up{{{names.COMPONENT}="{component}"}}', day)

    def _counted(self, declared: Declared, since: Window) -> int:
        """How many lines there were that the agent ought to have counted."""
        if any(op == "=" and label not in _PLACE for label, op, _ in self.wanted):
            # One value of several: other lines say nothing about it.
            return 0
        evidence = self.facts.evidence(declared)
        span = compact(min(since.seconds, 86400))
        if evidence is None or since.seconds < 120:
            return 0
        try:
            answer = self.prometheus.servers.get(
                "loki",
                "/loki/api/v1/query",
                query=f"sum(count_over_time({evidence} [{span}]))",
                time=str(int(since.end * 1e9)),
            )
        except (LostError, RefusedError):
            return 0
        result = (answer.get("data") or {}).get("result") or []
        return int(float(result[0]["value"][1])) if result else 0

    def _text(self, wanted: tuple[Wanted, ...]) -> str:
        inner = ",".join(f"{label}{op}{_quoted(value)}" for label, op, value in wanted)
        return f"{self.name}{{{inner}}}"


#: Labels that say where a series comes from, and not what it counts.
_PLACE = frozenset({names.SERVICE, names.CLUSTER, names.ENVIRONMENT, names.NAMESPACE})


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
