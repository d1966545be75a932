"""Each kind of incident reaches whoever is paged, in time, with links that work, and ends.

It takes about an hour: what is silent must be silent for long before anyone is woken.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from catalog import names
from catalog.load import load_catalog
from simulate.fleet.expected import Due
from simulate.fleet.incidents import KINDS
from tests.live import happenings
from tests.live.happenings import Case, Happened, Record, Told
from tests.live.servers import find, missing
from tests.live.stack import ROOT, Runner, found

#: A minute is a minute: these are the holds and windows of what ships.
CASES = [
    Case("error-burst", "agents", 0, 600),
    Case("slow-dependency", "ryot", 0, 840),
    Case("silence", "sigmalang", 0, 1500),
    Case("crash-loop", "sigmavault", 0, 960),
    Case("lost-trace-ids", "sigmavault", 0, 2100),
    Case("flood", "agents", 900, 1500),
    Case("bad-canary", "ryot", 1200, 1500),
]
#: The start of an alert is Prometheus' moment of evaluation; a scrape may lie between the two.
_EARLY = 1.0
#: Of random lines, a window is full of those of the incident up to so much later than of even ones.
_UNEVEN = 1.4
#: Before the incidents begin: the first evaluations, and what a start brings.
_SETTLED_SECONDS = 60


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    for kind in ("grafana", "loki", "prometheus", "alertmanager"):
        if not find(kind):
            pytest.skip(missing(kind))
    folder = tmp_path_factory.mktemp("incidents")
    said = Path(os.environ.get("LIVE_INCIDENTS", folder / "incidents.txt"))
    # Hours enough that the long window of a page is full: a share of nothing is soon exceeded.
    plan = found(hours=7, line_hours=0.5, scale=1.0, catalog=ROOT / "catalog")
    with Runner(plan, folder) as stack:
        assert stack.control
        time.sleep(_SETTLED_SECONDS)
        yield happenings.run(stack, CASES, said)


def of(record: Record, kind: str) -> Happened:
    [happened] = [each for each in record.happened if each.case.kind == kind]
    return happened


@pytest.mark.parametrize("kind", KINDS)
def test_its_alerts_fire_within_their_theoretical_time(record: Record, kind: str) -> None:
    happened = of(record, kind)
    assert happened.expectation.fires
    for due in happened.expectation.fires:
        alerted = record.first(due.alert, due.service, happened.since)
        assert alerted is not None, f"{due.alert} of {due.service} did not fire"
        assert alerted.starts > happened.since - _EARLY
        if due.seconds is not None:
            took = alerted.starts - happened.since
            within = due.seconds * unevenness(record, happened, due)
            if took > within:
                within += late(record, happened, due)
            assert took <= within, (due, took)


def unevenness(record: Record, happened: Happened, due: Due) -> float:
    """How much longer the theory of even traffic takes with the traffic that there was.

    A budget is spent by errors, and its window is full of requests: the fewer errors come while
    the incident goes on, and the more requests were there before it, the later it is exceeded.
    """
    if due.share is None:
        return 1.0
    alerted = record.first(due.alert, due.service, happened.since)
    assert alerted is not None
    took, at = alerted.starts - happened.since, alerted.starts
    service = record.stack.catalog.service(due.service)
    metric = service.by_role("requests")
    assert metric is not None
    own = f'{names.SERVICE}="{due.service}"'
    requests_ = f"{metric.name}_count{{{own}}}"
    if alerted.labels["objective"] == "latency":
        [bound] = [each.sli.threshold for each in service.objectives if each.id == "latency"]
        quick = f'{metric.name}_bucket{{{own},le="{bound}"}}'
        bad = f"sum(increase({requests_}[{took:.0f}s])) - sum(increase({quick}[{took:.0f}s]))"
    else:
        [(label, values)] = (metric.bad or {}).items()
        failed = f'{metric.name}_count{{{own},{label}=~"{"|".join(values)}"}}'
        bad = f"sum(increase({failed}[{took:.0f}s]))"
    rate = value(record, bad, at) / took
    before = value(record, f"sum(increase({requests_}[1h]))", at) / 3600
    return max(1.0, due.share * before / rate)


def late(record: Record, happened: Happened, due: Due) -> float:
    """How much later than with even traffic the expression of an alert was true, in seconds.

    A window of half an hour holds some forty error lines: their number varies by a sixth.
    """
    if due.true_after is None:
        return 0.0
    language, expr = rule(record, due)
    since = happened.since
    base, path = {
        "promql": (record.stack.urls["prometheus"], "/api/v1/query_range"),
        "logql": (record.stack.urls["loki"], "/loki/api/v1/query_range"),
    }[language]
    answer = requests.get(
        f"{base}{path}",
        params={
            "query": expr,
            "start": str(since),
            "end": str(since + due.true_after * _UNEVEN + 60),
            "step": "15",
        },
        timeout=60,
    )
    assert answer.ok, answer.text
    moments = [
        float(sample[0])
        for series in answer.json()["data"]["result"]
        for sample in series["values"]
    ]
    assert moments, f"{due.alert} was not true in {_UNEVEN} times the time of even traffic"
    return max(0.0, min(moments) - since - due.true_after)


def rule(record: Record, due: Due) -> tuple[str, str]:
    """The language and the expression of the alert of that service that ships."""
    for language, folder in (("promql", "prometheus/rules"), ("logql", "loki/rules")):
        for path in sorted((record.stack.generated / folder).rglob("*.yaml")):
            for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
                for each in group["rules"]:
                    labels = each.get("labels", {})
                    if each.get("alert") == due.alert and labels.get("service") == due.service:
                        return language, each["expr"]
    raise AssertionError(f"no rule {due.alert} of {due.service} ships")


def value(record: Record, query: str, at: float) -> float:
    answer = requests.get(
        f"{record.stack.urls['prometheus']}/api/v1/query",
        params={"query": query, "time": str(at)},
        timeout=30,
    ).json()
    return float(answer["data"]["result"][0]["value"][1])


def quiet(record: Record, happened: Happened, due: Due) -> bool:
    """Whether no message of its own is due: a page told of it, or tickets wait for the morning."""
    waits_for_morning = due.severity != names.PAGE and happenings.tickets_wait(record)
    return waits_for_morning or happenings.inhibited(happened, due)


def told_of(record: Record, happened: Happened, due: Due) -> Told:
    """The first message that tells of it."""
    found = [
        each
        for each in record.told()
        if each.alert == due.alert
        and f": {due.service} in " in each.title
        and each.at >= happened.since
    ]
    assert found, f"nobody was told of {due.alert} of {due.service}"
    return found[0]


def waits(record: Record, due: Due) -> float:
    """The longest that Alertmanager's route of it may wait before it tells."""
    content = yaml.safe_load(
        (record.stack.generated / "alertmanager/alertmanager.yml").read_text("utf-8")
    )
    team = record.stack.catalog.service(due.service).owner.team
    root = content["route"]
    [of_team] = [each for each in root["routes"] if f'team="{team}"' in each["matchers"]]
    routes = [root, of_team, *(of_team["routes"] if due.severity == names.PAGE else ())]
    longest = 0.0
    for key in ("group_wait", "group_interval"):
        told = [each[key] for each in routes if key in each][-1]
        longest += float(told.removesuffix("s").removesuffix("m")) * (60 if "m" in told else 1)
    return longest


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_is_to_know_is_told(record: Record, kind: str) -> None:
    happened = of(record, kind)
    for due in happened.expectation.fires:
        if quiet(record, happened, due):
            continue
        alerted = record.first(due.alert, due.service, happened.since)
        assert alerted is not None
        told = told_of(record, happened, due)
        assert told.at - alerted.starts <= waits(record, due) + 90, (due, told)
        assert f"] {due.severity}: " in told.title


@pytest.mark.parametrize("kind", KINDS)
def test_the_links_of_the_message_lead_to_what_is_there(record: Record, kind: str) -> None:
    happened = of(record, kind)
    links: dict[str, str] = {}
    for due in happened.expectation.fires:
        if quiet(record, happened, due):
            continue
        told = told_of(record, happened, due).links
        assert {"Runbook", "Dashboard"} <= set(told)
        assert (ROOT / f"docs/runbooks/{told['Runbook'].rpartition('/')[2]}.md").is_file(), told
        links |= {url: text for text, url in told.items() if text != "Runbook"}
    if not links:
        pytest.skip("tickets wait for the working hours")
    found = happenings.followed(record.stack, links)
    assert all(verdict in {"OK", "LAZY"} for verdict, _ in found.values()), found
    assert any(verdict == "OK" for verdict, _ in found.values()), found


def test_nobody_is_paged_for_anything_else(record: Record) -> None:
    may = {
        (each.alert, each.service)
        for happened in record.happened
        for each in happened.expectation.fires
    } | {each for happened in record.happened for each in happened.expectation.may_fire}
    pages = {
        each.name for each in record.alerts.values() if each.labels.get("severity") == names.PAGE
    }
    assert pages
    assert pages <= may
    paged = {title for _, title in record.messages() if "] page: " in title}
    services = {service for _, service in pages & may}
    assert all(any(f": {each} in " in title for each in services) for title in paged), paged


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_over_when_the_incident_is(record: Record, kind: str) -> None:
    happened = of(record, kind)
    for due in happened.expectation.fires:
        alerted = record.first(due.alert, due.service, happened.since)
        assert alerted is not None
        if alerted.over is None and due.seconds is None:
            pytest.skip("a canary's evidence counts for hours (canary.horizon)")
        assert alerted.over is not None, f"{due.alert} of {due.service} goes on"
        if not quiet(record, happened, due):
            assert happenings.resolved(record, due, alerted.over), due


def test_every_kind_of_incident_happens_here() -> None:
    assert {case.kind for case in CASES} == set(KINDS)
    assert {case.service for case in CASES} == {
        each.id for each in load_catalog(ROOT / "catalog").services
    }
