"""Without an agent: lines at Loki as it would have sent them, and its counters."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from simulate import exposition
from simulate.fleet.agent_meters import merged
from simulate.log_lines import LogLines
from simulate.traces import Traces
from tests.simulate.fleet.conftest import HARBOUR, SHIPPED, Running, ended, start, until


@pytest.fixture(scope="module", params=[(SHIPPED, 1.0), (HARBOUR, 40.0)])
def pushed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    folder, scale = request.param
    running = start(tmp_path_factory.mktemp("fleet"), folder, scale, push=True)
    try:
        loki = running.loki
        assert loki
        until(lambda: {labels["service"] for labels, _ in loki.lines} == set(running.counts()))
        yield running
    finally:
        ended(running)


def page(running: Running) -> dict[str, exposition.Family]:
    target = next(each for each in running.fleet.targets if each.pod is None)
    assert target.component == "agent"
    families = text_string_to_metric_families(running.page(target))
    return {each.name: each for each in families}  # type: ignore[misc]


def test_it_says_so(pushed: Running) -> None:
    (note,) = pushed.fleet.notes
    assert note == (
        "no agent reads the log files: the services push their lines to Loki with the labels that "
        "alloy would set, and what it would count is counted as they write"
    )


def test_lines_have_the_labels_and_metadata_that_the_agent_sets(pushed: Running) -> None:
    assert pushed.loki
    world = pushed.world
    assert pushed.loki.tenants == {"a-tenant"}
    as_sent = LogLines(world, Traces(world), "loki_3").sent
    streams = [dict(as_sent(kind, {}, 0.0).labels) for kind in world.line_kinds]
    for labels, value in list(pushed.loki.lines):
        assert labels in streams
        service = world.catalog.service(labels["service"])
        assert set(labels) == set(service.stream_labels)
        metadata = value[2] if len(value) > 2 else {}
        homes = {each.name: each.lives.loki_3 for each in service.logs.fields}
        assert all(homes[name] == "structured_metadata" for name in metadata)
        if service.logs.format == "json":
            assert all(homes[name] == "line" for name in json.loads(value[1]))


def test_what_is_pushed_is_what_stands_in_the_files(pushed: Running) -> None:
    assert pushed.loki
    identifiers = [each.id for each in pushed.catalog.services]
    quiet = [pushed.incident("silence", each) for each in identifiers]
    loki = pushed.loki

    def same() -> bool:
        counts = {pod: n for of in pushed.counts().values() for pod, n in of.items()}
        return Counter(labels["pod"] for labels, _ in loki.lines) == Counter(counts)

    until(same)
    assert all(pushed.over(each) == 200 for each in quiet)


def test_the_agents_counters_are_those_of_the_lines(pushed: Running) -> None:
    assert pushed.loki
    quiet = [pushed.incident("silence", each.id) for each in pushed.catalog.services]
    loki = pushed.loki

    def counted() -> tuple[float, float]:
        found = page(pushed)
        lines = {
            sample.name: sample.value
            for family in found.values()
            for sample in family.samples
            if sample.name == "loki_write_sent_entries_total"
        }
        by_role = {
            metric.name
            for service in pushed.catalog.services
            for metric in service.metrics
            if metric.role == "log_lines"
        }
        read = sum(
            sample.value
            for name in by_role
            for sample in found[f"loki_process_custom_{name.removesuffix('_total')}"].samples
        )
        return sum(lines.values()), read

    told = {each.id for each in pushed.catalog.services if each.by_role("log_lines")}
    until(
        lambda: (
            counted()[1]
            == sum(labels["service"] in told for labels, _ in loki.lines)
            == sum(sum(pushed.counts()[each].values()) for each in told)
        )
    )
    assert all(pushed.over(each) == 200 for each in quiet)


def test_the_page_has_the_families_of_the_history(pushed: Running) -> None:
    found = page(pushed)
    history = exposition.of_agent(pushed.world, "alloy")
    assert set(found) == {each.name for each in history}
    for family in history:
        known = {frozenset(sample.labels) for sample in family.samples}
        for sample in found[family.name].samples:
            if family.name.startswith("loki_process_custom_"):
                assert frozenset(sample.labels) in known


def test_what_loki_refuses_is_given_up_and_what_it_cannot_take_is_kept(tmp_path: Path) -> None:
    running = start(tmp_path, SHIPPED, 1.0, push=True)
    try:
        loki = running.loki
        assert loki

        def total(name: str, labels: str = "") -> float:
            target = next(each for each in running.fleet.targets if each.pod is None)
            text = running.page(target)
            return sum(float(each) for each in re.findall(rf"{name}{{.*?{labels}.*?}} (\S+)", text))

        loki.status = 500
        sent = until(lambda: total("loki_write_sent_entries_total") + 1) - 1
        written = sum(sum(each.values()) for each in running.counts().values())
        until(lambda: sum(sum(e.values()) for e in running.counts().values()) > written + 50)
        assert total("loki_write_dropped_entries_total") == 0
        loki.status = 204
        until(lambda: total("loki_write_sent_entries_total") > sent + 50)
        loki.status = 400
        until(lambda: total("loki_write_dropped_entries_total", "ingester_error") > 0)
    finally:
        ended(running)


def test_the_pages_of_several_processes_are_one() -> None:
    counter, gauge = "# HELP a of a\n# TYPE a counter\n", "# HELP b of b\n# TYPE b gauge\n"
    first = f'{counter}a_total{{x="1"}} 1.0\n{gauge}b 1.0\n# EOF\n'
    second = f'{counter}a_total{{x="1"}} 4.0\na_total{{x="2 # 2"}} 2.0\n# EOF\n'
    assert merged([first, second]) == (
        f'{counter}a_total{{x="1"}} 5.0\na_total{{x="2 # 2"}} 2.0\n{gauge}b 1.0\n# EOF\n'
    )
