"""One pod of a service: it answers requests, calls others, measures, and writes its lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from simulate import chance
from simulate.fleet import calls, tracing
from simulate.fleet.arrivals import DueCount, DueRequest
from simulate.fleet.calls import Calls
from simulate.fleet.clock import Clock
from simulate.fleet.ids import doing
from simulate.fleet.incidents import Incidents
from simulate.fleet.meters import Meters
from simulate.fleet.plans import SIGMA, Plan, Planner, seconds_of
from simulate.fleet.pod_lines import PodLines
from simulate.fleet.tracing import Tracing
from simulate.world import LineKind, Pod

#: The part of its own work that a request does before it calls others.
_BEFORE_CALLS: Final = 0.3


class DiedError(Exception):
    """The pod is gone while it was about to answer."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Where a pod's requests and lines come from: the world, or one in which it is bad."""

    planner: Planner
    pod: Pod
    kinds: list[LineKind]


class PodProgram:
    """What runs in a pod. When it dies, everything in it is lost; another one takes its place."""

    def __init__(
        self,
        usual: Behaviour,
        bad: Behaviour | None,
        *,
        meters: Meters,
        spans: Tracing,
        lines: PodLines,
        network: Calls,
        incidents: Incidents,
        clock: Clock,
    ) -> None:
        self._usual, self._bad = usual, bad
        self.meters, self.spans, self.lines = meters, spans, lines
        self._network, self._incidents, self._clock = network, incidents, clock
        self.alive = True

    @property
    def behaviour(self) -> Behaviour:
        """How it is now: a canary may be bad for a while."""
        return self._bad if self._bad and self._incidents.active("bad-canary") else self._usual

    def arrived(self, due: DueRequest) -> None:
        """Answer a request from outside."""
        plan = self.behaviour.planner.arrival(due.pod, due.requests, due.late, due.key, due.moment)
        # Whatever span is active here is none of this request's.
        self._answer(plan, Context())

    def called(self, headers: dict[str, str]) -> bool:
        """Answer another service; whether well.

        :raises DiedError: the pod died before it could.
        """
        now = self.behaviour
        plan = now.planner.call(now.pod, calls.read(headers, now.planner.world.seed))
        return self._answer(plan, tracing.parent(headers))

    def counted(self, due: DueCount) -> None:
        """Count, or measure, what is no request."""
        requests = due.requests
        burst = self._incidents.active("error-burst")
        if burst and chance.uniform(*due.key, burst.kind) < (burst.share or 0):
            sets = self._usual.planner.world.requests(due.pod, due.metric)
            requests = next((each for each in sets if each.bad), requests)
        quick, slow = self._usual.planner.world.medians(due.pod.service, due.metric)
        value = chance.log_normal(slow if due.late else quick, SIGMA, *due.key, "took")
        self.meters.happened(due.metric, requests.labels, value, "")

    def _answer(self, plan: Plan, parent: Context) -> bool:
        plan, failed_by_incident = self._as_it_goes(plan)
        with (
            doing(plan.key),
            self.spans.span(plan.name, SpanKind.SERVER, plan.attributes, parent) as span,
        ):
            seconds = self._work(plan)
            if not self.alive:
                raise DiedError
            if plan.bad:
                tracing.fails(span)
            self._measure(plan, seconds, tracing.ids(span)[0])
            written = self.lines.of_request(plan.bad, seconds)
            if plan.bad and (failed_by_incident or not written):
                kinds = self.behaviour.kinds
                self.lines.of_failure(kinds, plan.key, seconds, extra=failed_by_incident)
        return not plan.bad

    def _work(self, plan: Plan) -> float:
        """Do what takes the time, the calls among it; how long it took, in seconds."""
        began = self._clock.now()
        if plan.calls:
            self._clock.sleep(plan.seconds * _BEFORE_CALLS)
            for callee in plan.calls:
                self._call(plan, callee)
        rest = plan.seconds - (self._clock.now() - began)
        if rest > 0:
            self._clock.sleep(rest)
        return self._clock.now() - began

    def _call(self, plan: Plan, callee: Pod) -> None:
        """Ask another service. Its failure is none of ours: we answer without it.

        So who is to blame is paged, and who only asked is not; the call's own span says that it
        failed, which is what the alerts on dependencies read.
        """
        identifier = callee.service.id
        tags = {"peer.service": identifier}
        with self.spans.span(f"call {identifier}", SpanKind.CLIENT, tags) as span:
            if not self._network.send(callee, {**tracing.headers(), **calls.told(plan)}):
                tracing.fails(span)

    def _as_it_goes(self, plan: Plan) -> tuple[Plan, bool]:
        """The plan with what goes wrong now, and whether it fails only for that."""
        now = self.behaviour
        slow = self._incidents.active("slow-dependency")
        if slow and chance.uniform(*plan.key, slow.kind) < (slow.share or 0):
            seconds = now.planner.draw(now.pod.service, True, plan.key) * (slow.factor or 1)
            plan = replace(plan, seconds=max(plan.seconds, seconds))
        burst = self._incidents.active("error-burst")
        if burst is None or plan.bad or chance.uniform(*plan.key, burst.kind) >= (burst.share or 0):
            return plan, False
        failing = now.planner.failing(now.pod, plan.requests, plan.key)
        requests = plan.requests if failing is None else failing
        return replace(plan, requests=requests, bad=True), True

    def _measure(self, plan: Plan, seconds: float, trace_id: str) -> None:
        metric = self._usual.pod.service.by_role("requests")
        if metric is not None:
            value = seconds / seconds_of(metric)
            self.meters.happened(metric, plan.requests.labels, value, trace_id)
