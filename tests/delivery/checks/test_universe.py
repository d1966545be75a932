from __future__ import annotations

import pytest

from catalog import names
from catalog.exporters import Exporter
from delivery.checks.labels import Known
from delivery.checks.universe import Signal, Universe, emitted
from tests.delivery.checks.asking import FIRST, SECOND, catalog, signals


@pytest.fixture(scope="module")
def first() -> Universe:
    return Universe(signals(FIRST))


@pytest.mark.parametrize(
    ("name", "role", "unit", "bounds"),
    [
        ("http_server_request_duration_seconds_bucket", "bucket", "requests", "seconds"),
        ("http_server_request_duration_seconds_count", "counter", "requests", ""),
        ("http_server_request_duration_seconds_sum", "counter", "seconds", ""),
        ("log_lines_total", "counter", "lines", ""),
        ("target_info", "gauge", "info", ""),
        ("up", "gauge", "none", ""),
        ("scrape_duration_seconds", "gauge", "seconds", ""),
        ("memcached_commands_total", "counter", "commands", ""),
        ("loki_request_duration_seconds_bucket", "bucket", "events", "seconds"),
    ],
)
def test_what_is_emitted(first, name, role, unit, bounds):
    found = first.signal(name)
    assert (found.role, found.unit, found.bounds) == (role, unit, bounds)


@pytest.mark.parametrize(
    "name",
    [
        "http_server_request_duration_seconds",
        "log_durations",
        "loki_request_duration_seconds",
        "nosuch",
        "",
    ],
)
def test_what_is_not(first, name):
    assert name not in first
    assert first.signal(name) is None


def test_a_name_is_known_by_service(first):
    routes = first.signal("http_server_request_duration_seconds_count", "ryot").known.labels
    assert routes["http_route"] == {"/v1/completions", "/v1/embeddings", "/v1/models"}
    assert routes[names.SERVICE] == {"ryot"}
    every = first.signal("http_server_request_duration_seconds_count")
    assert every.known.labels["http_route"] > routes["http_route"]
    assert every.origin.startswith("service agents, service ryot")
    assert len(every.variants) == 4
    # A service that does not emit it is asked for in vain, which the label's values tell.
    assert first.signal("http_server_request_duration_seconds_count", "nosuch") is every


def test_bounds_in_the_spelling_of_every_library(first):
    values = first.signal("log_durations_bucket", "ryot").known.labels[names.LE]
    assert {"5", "5.0", "10000", "10000.0", "+Inf"} <= values
    assert first.signal("loki_request_duration_seconds_bucket").known.labels[names.LE] is None


def test_a_label_is_sure_if_every_emitter_has_it(first):
    up = first.signal("up").known
    assert names.JOB in up.sure
    assert names.SERVICE in up.labels
    assert names.SERVICE not in up.sure
    assert first.signal("up", "ryot").known.sure >= {names.SERVICE, names.POD}


def test_what_the_agent_counts_has_the_labels_of_its_stream(first):
    lines = first.signal("log_lines_total", "ryot").known.labels
    assert lines["tier"] == {"backend"}
    assert lines["level"] == {"debug", "info", "warn", "error"}


def test_places_are_those_of_the_environments(first):
    known = first.signal("up").known.labels
    assert known[names.CLUSTER] == {"compose", "neurectomy", "host"}
    assert Universe(signals(SECOND)).signal("up").known.labels[names.CLUSTER] == {"skagen"}


def test_a_system_has_the_servers_that_it_runs():
    second = Universe(signals(SECOND))
    assert "memcached_commands_total" not in second
    assert "otelcol_receiver_accepted_spans_total" not in second
    assert "loki_ingester_memory_streams" in second


def exporter(release: str, **labels: tuple[str, ...] | None) -> Exporter:
    metric = {"type": "summary", "unit": "seconds", "emission": "always", "labels": labels}
    return Exporter.model_validate(
        {
            "component": "loki",
            "release": release,
            "source": "recorded",
            "metrics": {"took_seconds": metric},
        }
    )


def test_releases_of_one_server_are_merged():
    both = Universe(
        emitted(
            catalog(FIRST),
            (exporter("2", route=None), exporter("3", route=None, tenant=("a", "b"))),
        )
    )
    found = both.signal("took_seconds")
    assert {"quantile", "route", "tenant"} <= found.known.labels.keys()
    assert "tenant" not in found.known.sure
    assert found.origin == "loki 2, loki 3"
    assert both.signal("took_seconds_sum").unit == "seconds"
    assert "quantile" not in both.signal("took_seconds_count").known.labels


def recorded(name: str, service: str) -> Signal:
    known = Known({names.SERVICE: frozenset({service})}, frozenset({names.SERVICE}))
    return Signal(name, "recorded", "", known, "a rule")


def test_one_universe_adds_to_another_and_leaves_it():
    below = Universe([recorded("a:b:c", "shop")])
    above = Universe([recorded("a:b:c", "till"), recorded("d:e:f", "till")], below)
    assert above.signal("a:b:c").known.labels[names.SERVICE] == {"shop", "till"}
    assert below.signal("a:b:c").known.labels[names.SERVICE] == {"shop"}
    assert above.signal("a:b:c", "till").known.labels[names.SERVICE] == {"till"}
    assert set(above.names) == {"a:b:c", "d:e:f"}
    assert ("d:e:f" in above, "d:e:f" in below) == (True, False)


def test_what_is_added_later_is_known():
    universe = Universe([recorded("a:b:c", "shop")])
    universe.signal("a:b:c")
    universe.add(recorded("a:b:c", "till"))
    assert universe.signal("a:b:c").known.labels[names.SERVICE] == {"shop", "till"}


def test_it_tells_what_it_is_asked():
    universe = Universe([recorded("a:b:c", "shop")])
    with universe.listening() as asked:
        universe.signal("a:b:c", "shop")
        universe.signal("nosuch")
    universe.signal("a:b:c")
    assert [(name, service) for name, service, _ in asked] == [("a:b:c", "shop"), ("nosuch", None)]
