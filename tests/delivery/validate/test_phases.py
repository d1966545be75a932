"""Each check passes while all is well, and fails by its own when its own part breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.errors import Problem, ServerError
from catalog.load import load_catalog
from delivery.publish.model import Change, Plan
from delivery.publish.transport import UnreachableError
from delivery.validate import performance as timing
from delivery.validate.api import api
from delivery.validate.figures import Evidence, figures
from delivery.validate.flow import flow
from delivery.validate.integration import integration
from delivery.validate.model import Check
from delivery.validate.performance import performance
from delivery.validate.prerequisites import configuration, deployment, prerequisites
from delivery.validate.system import System, Target
from queries import promql_parser
from queries.logql_parser import parse as logql
from tests.delivery.validate.fake_system import (
    CATALOG,
    CONFIG,
    LOKI,
    NOW,
    PROMETHEUS,
    RULES_IN_ERROR,
    STREAM,
    TRACE,
    Reply,
    fake,
    good,
    one,
    slowly,
    vector,
    when,
)

FOLDER = "grafana/provisioning/datasources/"
SERVICES = len(CATALOG.services)


def as_shipped(target: Target) -> Plan:
    return Plan(target, (Change("keep", "dashboard", "a", "A"),))


def all_checks(system: System) -> Iterator[Check]:
    yield from prerequisites(system)
    yield from configuration(system, as_shipped)
    yield from deployment(system)
    yield from api(system)
    yield from flow(system, write=False)
    yield from integration(system, FOLDER)
    yield from performance(system, {})


def titles(checks: Iterator[Check], verdict: str) -> list[str]:
    return [check.title for check in checks if check.verdict == verdict]


def test_all_is_well_while_it_is() -> None:
    checks = list(all_checks(fake(good())))
    assert titles(iter(checks), "failed") == []
    assert titles(iter(checks), "skipped") == ["A line that is written can be read"]
    assert {check.phase for check in checks} == set(range(1, 8))
    assert all(check.command and check.expected and check.actual for check in checks)


QUERY, RANGE = ("prometheus", "/api/v1/query"), ("loki", "/loki/api/v1/query_range")
LOGS = ("loki", "/loki/api/v1/query")


@pytest.mark.parametrize(
    ("broken", "reply", "title"),
    [
        (("loki", "/loki/api/v1/status/buildinfo"), {"version": "2.8.0"}, "supported release"),
        (("prometheus", "/api/v1/status/buildinfo"), {"data": {"version": "2.41"}}, "supported"),
        (QUERY, when(r"^time", {"data": {"result": [0, str(NOW - 90)]}}, PROMETHEUS), "Clocks"),
        (("loki", "/config"), CONFIG + "auth_enabled: true\n", "asks for a tenant"),
        (("loki", "/config"), CONFIG.replace(" 15", " 30"), "limit on labels"),
        (("loki", "/config"), CONFIG.replace("10000", "5000"), "limit on streams"),
        (("loki", "/config"), CONFIG.replace("30d", "72h"), "keeps lines as long as"),
        (("loki", "/config"), CONFIG.replace("true", "false"), "removes what is older"),
        (
            ("alertmanager", "/api/v2/status"),
            {"versionInfo": {"version": "0.28.1"}, "config": {"original": "receivers: []"}},
            "every receiver that ships",
        ),
        (QUERY, when(r'up\{.*component="loki"', vector(), PROMETHEUS), "Loki runs"),
        (QUERY, when(r'up\{.*component="loki"', one(0), PROMETHEUS), "Loki runs"),
        (
            QUERY,
            when(rf'up\{{.*service="{CATALOG.services[0].id}"', one(0), PROMETHEUS),
            f"{CATALOG.services[0].name} runs",
        ),
        (("loki", "/services"), "ingester => Failed\n", "Every part of Loki"),
        (("loki", "/services"), "", "Every part of Loki"),
        (("loki", "/ready"), (503, "not ready"), "Loki is ready"),
        (("loki", "/loki/api/v1/labels"), {"status": "success", "data": []}, "lists labels"),
        (LOGS, when(r"^vector", one(3), LOKI), "Loki answers a query"),
        (QUERY, when(r"^vector", one(3), PROMETHEUS), "Prometheus answers a query"),
        (("prometheus", "/-/ready"), (500, "no"), "Prometheus is ready"),
        (("alertmanager", "/-/ready"), (500, "no"), "Alertmanager is ready"),
        (("grafana", "/api/health"), {"database": "failing"}, "reaches its database"),
        (("jaeger", "/api/services"), {"data": []}, "Jaeger lists services"),
        (
            QUERY,
            when("discarded", vector(({"reason": "rate_limited"}, 7)), PROMETHEUS),
            "refuses no line",
        ),
        (
            ("grafana", "/api/datasources/uid/neurectomy-loki/health"),
            (400, {"message": "connection refused"}),
            "Grafana reaches NEURECTOMY Loki",
        ),
        (
            ("grafana", "/api/datasources/uid/neurectomy-jaeger/health"),
            (500, {"messageId": "plugin.unavailable", "message": "Plugin unavailable"}),
            "Grafana reaches NEURECTOMY Jaeger",
        ),
        (
            ("prometheus", "/api/v1/alertmanagers"),
            {"data": {"activeAlertmanagers": []}},
            "sends alerts",
        ),
        (("prometheus", "/api/v1/rules"), RULES_IN_ERROR, "Prometheus evaluates"),
        (("loki", "/prometheus/api/v1/rules"), RULES_IN_ERROR, "Loki evaluates"),
        (
            QUERY,
            when(r"group by \(service\)", vector(({"service": "x"}, 1)), PROMETHEUS),
            "ruler records",
        ),
        (QUERY, when("histogram_quantile", one(1.5), PROMETHEUS), "answers within its bound"),
        (QUERY, when(r'"5\.\."', one(0.06), PROMETHEUS), "Queries do not fail"),
        (QUERY, when("memory_streams", one(8_001), PROMETHEUS), "Streams are far"),
        (QUERY, when("lines_received", one(80_001), PROMETHEUS), "Lines are far"),
        (QUERY, when("memcached_commands", one(0.4), PROMETHEUS), "cache is hit"),
    ],
)
def test_one_fault_fails_one_check(broken: tuple[str, str], reply: Reply, title: str) -> None:
    failed = titles(all_checks(fake({**good(), broken: reply})), "failed")
    assert len(failed) == 1, failed
    assert title in failed[0]


@pytest.mark.parametrize(
    ("broken", "reply", "title"),
    [
        (LOGS, when(r"by \(level\)", vector(({"level": "oops"}, 1)), LOKI), "have a level"),
        (LOGS, when(r'__error__!=""', one(200), LOKI), "can be parsed"),
        (LOGS, when(r'trace_id=""', one(600), LOKI), "name their trace"),
        (
            ("loki", "/loki/api/v1/series"),
            {"data": [{f"label{number}": "x" for number in range(16)}]},
            "have few labels",
        ),
        (("jaeger", f"/api/traces/{TRACE}"), (404, {}), "leads to its trace"),
        (
            RANGE,
            {"data": {"result": [{"stream": {}, "values": []}]}},
            "leads to its trace",
        ),
        (QUERY, when(r"^sum\(increase\((?!loki)", vector(), PROMETHEUS), "agent counts"),
    ],
)
def test_a_fault_of_every_service_fails_one_check_of_each(
    broken: tuple[str, str], reply: Reply, title: str
) -> None:
    failed = titles(all_checks(fake({**good(), broken: reply})), "failed")
    assert len(failed) == SERVICES, failed
    assert all(title in each for each in failed)


def test_a_silent_service_fails_and_what_depends_on_its_lines_is_no_pass() -> None:
    first = CATALOG.services[0]
    silent = when(f'service="{first.id}"', vector(), LOKI)
    checks = list(flow(fake({**good(), LOGS: silent}), write=False))
    assert titles(iter(checks), "failed") == [f"Lines of {first.name} arrive"]
    assert titles(iter(checks), "skipped") == [
        f"Lines of {first.name} have a level",
        f"Lines of {first.name} can be parsed",
        f"Error lines of {first.name} name their trace",
        "A line that is written can be read",
    ]


def test_few_lines_say_nothing() -> None:
    few = when(r'level="error"', one(19), LOKI)
    checks = list(flow(fake({**good(), LOGS: few}), write=False))
    skipped = [check for check in checks if check.title.startswith("Error lines")]
    assert [check.verdict for check in skipped] == ["skipped"] * SERVICES
    assert skipped[0].actual == "19 error lines are too few to judge by: 20 would do"


def test_no_traffic_is_no_pass() -> None:
    system = fake({**good(), QUERY: lambda _: vector()})
    skipped = titles(performance(system, {}), "skipped")
    assert len(skipped) == 5
    nan = fake({**good(), QUERY: lambda _: one(float("nan"))})
    assert titles(performance(nan, {}), "skipped") == skipped


def test_slow_queries_fail_by_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "SAMPLES", 4)
    system = fake({**good(), RANGE: slowly(0.06)})
    failed = titles(performance(system, {}), "failed")
    assert failed == ["Queries are fast: simple"], "0.06 s is over its median of 50 ms alone"


def test_the_slowest_of_twenty_is_their_99th_percentile() -> None:
    taken = timing.Timing("simple", [0.01] * 19 + [9.0])
    assert (taken.percentile(0.5), taken.percentile(0.99)) == (0.01, 9.0)


def test_a_refused_query_is_no_fast_one() -> None:
    system = fake({**good(), RANGE: (400, "parse error")})
    failed = titles(performance(system, {}), "failed")
    assert len(failed) == 4


def test_what_differs_from_what_ships_is_named() -> None:
    def differing(target: Target) -> Plan:
        return Plan(target, (Change("update", "dashboard", "a", "A"),))

    checks = [each for each in configuration(fake(good()), differing) if "What ships" in each.title]
    assert [check.verdict for check in checks] == ["failed"] * 3
    assert checks[0].actual == "dashboard a 'A'"


def test_a_plugin_without_a_test_is_asked_through_grafana() -> None:
    unavailable = (500, {"messageId": "plugin.unavailable", "message": "Plugin unavailable"})
    system = fake(
        {
            **good(),
            ("grafana", "/api/datasources/uid/neurectomy-jaeger/health"): unavailable,
            ("grafana", "/api/datasources/proxy/uid/neurectomy-jaeger/api/services"): {"data": []},
        }
    )
    checks = list(integration(system, FOLDER))
    assert titles(iter(checks), "failed") == []
    jaeger = next(check for check in checks if "Grafana reaches NEURECTOMY Jaeger" in check.title)
    assert jaeger.actual == "200 through Grafana's proxy"


def test_a_server_without_an_address_is_skipped_and_said() -> None:
    checks = list(all_checks(fake(good(), targets=("loki",))))
    skipped = [check for check in checks if check.verdict == "skipped"]
    assert {
        "GRAFANA_URL is not set, and neither is --grafana-url",
        "PROMETHEUS_URL is not set, and neither is --prometheus-url",
        "ALERTMANAGER_URL is not set, and neither is --alertmanager-url",
        "JAEGER_URL is not set, and neither is --jaeger-url",
    } <= {check.actual for check in skipped}
    assert titles(api(fake(good(), targets=("loki",))), "ok") == [
        "Loki is ready",
        "Loki lists labels",
        "Loki answers a query",
        "Loki's ruler tells its rules",
    ]


def test_a_server_that_does_not_answer_is_asked_once() -> None:
    asked = []

    def lost(query: str) -> object:
        asked.append(query)
        return UnreachableError(Problem("http://fake", "cannot be reached: refused", "Start it"))

    system = fake({**good(), **{key: lost for key in good() if key[0] == "loki"}})
    failed = [check for check in api(system) if check.verdict == "failed"]
    assert len(failed) == 4
    assert len(asked) == 1
    assert system.unreachable == ["http://fake: cannot be reached: refused. Start it."]


def test_a_refusal_of_one_thing_is_no_lost_server() -> None:
    problem = ServerError(Problem("http://fake", "still answers 503", "Wait"))
    system = fake({**good(), ("loki", "/ready"): problem})
    assert titles(api(system), "failed") == ["Loki is ready"]
    assert system.unreachable == []


def test_an_answer_of_another_form_fails() -> None:
    system = fake({**good(), ("loki", "/config"): "<html>"})
    failed = [check for check in configuration(system, as_shipped) if check.verdict == "failed"]
    assert {check.actual for check in failed} == {"an answer of another form than this server's"}


def test_no_secret_of_a_configuration_is_shown() -> None:
    assert all("not to be shown" not in str(check) for check in all_checks(fake(good())))


def test_the_line_that_is_written_is_read_back() -> None:
    system = fake(good())
    probe = next(each for each in flow(system, write=True) if "written" in each.title)
    assert (probe.verdict, probe.actual) == ("ok", "it is there 1 time(s) after 0 s")
    pushed = system.links["loki"].transport.written  # type: ignore[attr-defined]
    assert len(pushed) == 1
    assert pushed[0]["streams"][0]["stream"]["service"] == "validate-probe"


@pytest.mark.parametrize(
    ("key", "reply", "actual"),
    [
        (("loki", "POST /loki/api/v1/push"), (429, "too fast"), "it was not taken: 429: too fast"),
        (
            RANGE,
            {"data": {"result": [{"stream": STREAM, "values": [["1", "a"], ["2", "a"]]}]}},
            "it is there 2 time(s) after 0 s",
        ),
        (RANGE, {"data": {"result": []}}, "it was taken, and is not there after 15 s"),
    ],
)
def test_a_line_that_is_lost_or_doubled_fails(
    key: tuple[str, str], reply: Reply, actual: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.validate.flow.time.sleep", lambda _: None)
    system = fake({**good(), key: reply})
    probe = next(each for each in flow(system, write=True) if "written" in each.title)
    assert (probe.verdict, probe.actual) == ("failed", actual)


FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


@pytest.mark.parametrize("folder", [None, FIXTURES / "minimal", FIXTURES / "second"])
def test_whatever_the_catalog_declares_the_servers_can_read_what_is_asked(
    folder: Path | None,
) -> None:
    catalog = load_catalog(folder) if folder else CATALOG
    # What no catalog of its own says of targets is asked of it all the same.
    validation = {"validation": CATALOG.platform.validation}
    platform = catalog.platform.model_copy(update=validation)
    system = fake(good(), catalog=catalog.model_copy(update={"platform": platform}))
    checks = list(all_checks(system))
    assert len(list(figures(Evidence(system, checks, {}, None)))) >= 13
    assert {check.phase for check in checks} == set(range(1, 8))
    promql = system.links["prometheus"].transport.asked  # type: ignore[attr-defined]
    lines = system.links["loki"].transport.asked  # type: ignore[attr-defined]
    assert min(len(promql), len(lines)) > 10
    for query in promql:
        promql_parser.parse(query)
    for query in lines:
        logql.parse(query)


def test_a_server_that_the_platform_does_not_have_is_not_missed() -> None:
    second = load_catalog(FIXTURES / "second")
    assert "jaeger" not in second.platform.components
    system = fake(good(), catalog=second)
    checks = [*prerequisites(system), *deployment(system), *api(system)]
    assert len(checks) > 10
    assert not any("jaeger" in f"{check.title} {check.actual}".lower() for check in checks)
