"""Each kind of incident: what it does, that it does no more, and that it ends."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from opentelemetry.trace import SpanKind, StatusCode

from catalog.load import load_catalog
from simulate import canary
from simulate.fleet.incidents import KINDS, RefusedError, read
from tests.simulate.fleet.conftest import HARBOUR, MINIMAL, SHIPPED, Running, until
from tests.simulate.fleet.rehearsal import Rehearsal


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with Rehearsal(SHIPPED, tmp_path) as found:
        yield found


def entry(rehearsal: Rehearsal) -> str:
    """A service that calls others."""
    return next(each.id for each in rehearsal.world.catalog.services if each.depends_on)


def depended_on(rehearsal: Rehearsal) -> tuple[str, list[str]]:
    """The service that most others call, and those."""
    services = rehearsal.world.catalog.services
    asked = Counter(to for each in services for to in each.depends_on)
    most = asked.most_common(1)[0][0]
    return most, [each.id for each in services if most in each.depends_on]


def answers(rehearsal: Rehearsal, service: str) -> list[Any]:
    return [
        span
        for span in rehearsal.spans
        if span.kind == SpanKind.SERVER and span.resource.attributes["service.name"] == service
    ]


def failed(spans: list[Any]) -> list[Any]:
    return [span for span in spans if span.status.status_code == StatusCode.ERROR]


def seconds(spans: list[Any]) -> list[float]:
    return sorted((span.end_time - span.start_time) / 1e9 for span in spans)


def test_nothing_goes_wrong_by_itself_in_a_quiet_minute(rehearsal: Rehearsal) -> None:
    rehearsal.run(20)
    for service in rehearsal.engines:
        assert len(answers(rehearsal, service)) > 50
        assert len(failed(answers(rehearsal, service))) <= 1


def test_calls_do_not_inflate_what_a_service_gets(rehearsal: Rehearsal) -> None:
    begin = rehearsal.clock.now()
    rehearsal.run(60)
    for service in rehearsal.world.catalog.services:
        metric = service.by_role("requests")
        assert metric is not None
        wanted = sum(
            flow.count(begin + 61) - flow.count(begin + 1)
            for pod in rehearsal.world.pods_of(service)
            for each in rehearsal.world.requests(pod, metric)
            for flow in (each.quick, each.slow)
        )
        got = rehearsal.total(service.id, "_count")
        assert got == pytest.approx(wanted, rel=0.1)
        assert got == len(answers(rehearsal, service.id))


def test_error_burst(rehearsal: Rehearsal) -> None:
    service, callers = depended_on(rehearsal)
    rehearsal.incident("error-burst", service, share=0.5)
    rehearsal.run(20)
    whole = answers(rehearsal, service)
    wrong = failed(whole)
    assert len(wrong) / len(whole) == pytest.approx(0.5, abs=0.1)
    metric = rehearsal.world.catalog.service(service).by_role("requests")
    assert metric is not None
    assert metric.bad
    (label, values), *_ = metric.bad.items()
    assert sum(rehearsal.total(service, "_count", **{label: each}) for each in values) == len(wrong)
    # Each failed request has a line that says so, written in its span.
    told = {values["span_id"] for kind, values in rehearsal.lines(service) if kind.bad}
    assert {f"{span.context.span_id:016x}" for span in wrong} <= told
    # Those who call it see that, and answer all the same.
    for caller in callers:
        assert len(failed(answers(rehearsal, caller))) <= 1
    calls = [
        span
        for span in rehearsal.spans
        if span.kind == SpanKind.CLIENT and span.attributes["peer.service"] == service
    ]
    assert len(failed(calls)) / len(calls) == pytest.approx(0.5, abs=0.15)


def test_slow_dependency(rehearsal: Rehearsal) -> None:
    service, callers = depended_on(rehearsal)
    rehearsal.run(20)
    before = {each: seconds(answers(rehearsal, each)) for each in (service, *callers)}
    rehearsal.forget()
    rehearsal.incident("slow-dependency", service, share=1.0, factor=4.0)
    rehearsal.run(20)
    after = {each: seconds(answers(rehearsal, each)) for each in (service, *callers)}
    median = {name: found[len(found) // 2] for name, found in after.items()}
    assert median[service] > 10 * before[service][len(before[service]) // 2]
    for caller in callers:
        waited = {
            span.parent.span_id
            for span in rehearsal.spans
            if span.kind == SpanKind.CLIENT and span.attributes["peer.service"] == service
        }
        felt = [each for each in answers(rehearsal, caller) if each.context.span_id in waited]
        assert felt
        # What it waited for is part of what it took.
        assert seconds(felt)[0] > after[service][0]


def test_silence(rehearsal: Rehearsal) -> None:
    service = entry(rehearsal)
    rehearsal.incident("silence", service)
    rehearsal.run(10)
    assert rehearsal.lines(service) == []
    assert sum(rehearsal.engines[service].counts().values()) == 0
    assert answers(rehearsal, service)
    assert rehearsal.total(service, "_count") > 0
    assert all(rehearsal.lines(other) for other in rehearsal.engines if other != service)


def test_flood(rehearsal: Rehearsal) -> None:
    service = entry(rehearsal)
    rehearsal.run(20)
    before, requests_before = len(rehearsal.lines(service)), len(answers(rehearsal, service))
    rehearsal.forget()
    rehearsal.incident("flood", service, factor=7.5)
    rehearsal.run(20)
    assert len(rehearsal.lines(service)) / before == pytest.approx(7.5, rel=0.15)
    assert len(answers(rehearsal, service)) == pytest.approx(requests_before, rel=0.25)


def test_lost_trace_ids(rehearsal: Rehearsal) -> None:
    service = entry(rehearsal)
    rehearsal.incident("lost-trace-ids", service)
    rehearsal.run(10)
    assert rehearsal.lines(service)
    assert not any("trace_id" in values for _, values in rehearsal.lines(service))
    other = next(each for each in rehearsal.engines if each != service)
    of_events = [values for kind, values in rehearsal.lines(other) if kind.event]
    assert sum("trace_id" in values for values in of_events) / len(of_events) > 0.8


def test_bad_canary(rehearsal: Rehearsal) -> None:
    service = entry(rehearsal)
    rehearsal.incident("bad-canary", service)
    rehearsal.run(120)
    tracks: dict[bool, list[Any]] = {True: [], False: []}
    for span in answers(rehearsal, service):
        tracks["-canary-" in str(span.resource.attributes["k8s.pod.name"])].append(span)
    assert len(failed(tracks[True])) / len(tracks[True]) == pytest.approx(canary.FAILING, abs=0.08)
    assert len(failed(tracks[False])) / len(tracks[False]) < 0.01
    slow = seconds(tracks[True])[-max(1, len(tracks[True]) // 20) :]
    assert slow[0] > 5 * seconds(tracks[False])[len(tracks[False]) // 2]
    pattern = re.escape(canary.NEW_MESSAGE).replace(re.escape("{number}"), r"t-\d+")
    new = {
        kind.pod.name
        for kind, values in rehearsal.lines(service)
        if re.fullmatch(pattern, str(values["message"]))
    }
    assert len(new) == 1
    assert "-canary-" in new.pop()


def test_an_incident_ends_by_itself(rehearsal: Rehearsal) -> None:
    service = entry(rehearsal)
    rehearsal.incident("silence", service, seconds=1.0)
    rehearsal.clock.sleep(2)
    rehearsal.run(5)
    assert rehearsal.lines(service)
    assert rehearsal.engines[service].incidents.all() == []


def test_a_crash_loses_what_the_process_held(rehearsal: Rehearsal, free_port: int) -> None:
    service = entry(rehearsal)
    rehearsal.run(10)
    replica = rehearsal.engines[service].replicas[0]
    before = replica.log.written
    spans = len(rehearsal.spans)
    due = next(
        each
        for since in range(100)
        for on, each in rehearsal.engines[service].due(float(int(rehearsal.clock.now()) + since))
        if on is replica and type(each).__name__ == "DueRequest"
    )
    old = replica.program
    old.arrived(due)  # type: ignore[arg-type]
    replica.die()
    assert len(rehearsal.spans) == spans  # the span of its last request was never sent
    replica.restart(free_port)
    try:
        assert replica.program is not old
        counts = [
            sample.value
            for family in replica.program.meters.registry.collect()
            for sample in family.samples
            if sample.name.endswith("_count")
        ]
        assert counts
        assert set(counts) == {0.0}
        assert replica.log.written >= before
    finally:
        replica.die()


def test_crash_loop_on_a_real_fleet(shipped: Running) -> None:
    service = shipped.catalog.services[0]
    target = next(each for each in shipped.fleet.targets if each.component == service.id)

    def total() -> float | None:
        """Requests that the pod has counted; None while its port is closed."""
        try:
            text = shipped.page(target)
        except requests.ConnectionError:
            return None
        return sum(float(each) for each in re.findall(r"_count\S* (\S+)", text))

    before = until(total)
    others = [each for each in shipped.fleet.targets if each is not target]
    crash = shipped.incident("crash-loop", service.id, factor=3)
    seen: list[float | None] = []
    until(lambda: seen.append(total()) or (seen[-1] is None))
    assert all(shipped.page(each) for each in others)
    until(lambda: (found := total()) is not None and found < before)
    until(lambda: total() is None)
    assert shipped.over(crash) == 200
    until(total)


def test_lines_stay_exactly_counted_through_a_crash(shipped: Running) -> None:
    service = shipped.catalog.services[0]
    crash = shipped.incident("crash-loop", service.id, factor=1)
    pod = shipped.world.pods_of(service)[0].name
    before = shipped.counts()[service.id][pod]
    until(lambda: shipped.counts()[service.id][pod] > before + 5)
    assert shipped.over(crash) == 200
    silent = shipped.incident("silence", service.id)
    until(lambda: shipped.counts() == shipped.counts())

    def same() -> bool:
        counts = shipped.counts()[service.id]
        lines = {name: text.count("\n") for name, text in shipped.texts(service.id).items()}
        return service.logs.multiline is None and counts == lines

    until(same)
    assert shipped.over(silent) == 200


def test_the_endpoint_tells_of_incidents(shipped: Running) -> None:
    url = f"{shipped.fleet.control}/incidents"
    service = shipped.catalog.services[-1].id
    identifier = shipped.incident("flood", service, seconds=30, factor=2)
    known = requests.get(url, timeout=10).json()
    mine = next(each for each in known if each["id"] == identifier)
    assert {name: mine[name] for name in ("kind", "service", "seconds", "share", "factor")} == {
        "kind": "flood",
        "service": service,
        "seconds": 30.0,
        "share": None,
        "factor": 2.0,
    }
    assert shipped.over(identifier) == 200
    assert identifier not in {each["id"] for each in requests.get(url, timeout=10).json()}
    answer = requests.delete(f"{url}/{identifier}", timeout=10)
    assert answer.status_code == 404
    assert answer.json() == {"error": f"no incident '{identifier}' goes on"}
    assert requests.get(f"{shipped.fleet.control}/ready", timeout=10).json() == {"ready": True}
    lost = requests.get(f"{shipped.fleet.control}/nowhere", timeout=10)
    assert lost.status_code == 404
    assert lost.json() == {
        "error": "there is no GET /nowhere: known are GET /ready, GET /counts, GET /incidents, "
        "POST /incidents and DELETE /incidents/ID"
    }
    refused = requests.post(url, data=b"{", timeout=10)
    assert refused.status_code == 400


WHOLE = {"kind": "flood", "service": "shop", "seconds": 5}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], 'the body is no JSON object: send {"kind": …, "service": …, …}'),
        (
            {**WHOLE, "length": 5},
            "'length' is not known: an incident has kind, service, seconds, and share or factor",
        ),
        ({**WHOLE, "kind": "fire"}, f"'kind' is 'fire': write one of {', '.join(KINDS)}"),
        ({**WHOLE, "kind": None}, f"'kind' is None: write one of {', '.join(KINDS)}"),
        ({**WHOLE, "service": "x"}, "'service' is 'x': write one of shop, till"),
        ({**WHOLE, "seconds": 0}, "'seconds' is 0: write a number above 0 and up to 604800"),
        ({**WHOLE, "seconds": True}, "'seconds' is True: write a number above 0 and up to 604800"),
        ({**WHOLE, "factor": "2"}, "'factor' is '2': write a number above 0 and up to 1000"),
        ({**WHOLE, "share": 0.5}, "'share' says nothing of the kind 'flood': leave it out"),
        (
            {**WHOLE, "kind": "error-burst", "share": 1.5},
            "'share' is 1.5: write a number above 0 and up to 1",
        ),
        (
            {**WHOLE, "kind": "bad-canary"},
            "'kind' is 'bad-canary', and this catalog has no canaries: name another",
        ),
    ],
)
def test_what_cannot_be_is_refused(asked: object, told: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read(json.loads(json.dumps(asked)), load_catalog(MINIMAL), "x", 0.0)
    assert str(refused.value) == told


@pytest.mark.parametrize(("folder", "scale"), [(HARBOUR, 60.0), (MINIMAL, 30.0)])
def test_incidents_of_any_catalog(folder: Path, scale: float, tmp_path: Path) -> None:
    with Rehearsal(folder, tmp_path, scale=scale) as rehearsal:
        for service in rehearsal.engines:
            rehearsal.incident("error-burst", service, share=1.0)
            rehearsal.incident("slow-dependency", service, share=1.0)
            if rehearsal.world.catalog.platform.canary:
                rehearsal.incident("bad-canary", service)
        rehearsal.run(10)
        for service in rehearsal.world.catalog.services:
            spans = answers(rehearsal, service.id)
            assert spans
            assert failed(spans) == spans
            assert rehearsal.lines(service.id)
            # What is no request goes wrong as well, where it can.
            for metric in service.metrics:
                if metric.type == "counter" and metric.emitted_by == "application" and metric.good:
                    (label, good), *_ = metric.good.items()
                    assert (
                        sum(rehearsal.total(service.id, "_total", **{label: each}) for each in good)
                        == 0
                    )
                    assert rehearsal.total(service.id, "_total") > 0
