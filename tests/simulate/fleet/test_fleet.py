"""The services as programs: what they do together, on a real fleet."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from catalog.load import load_catalog
from simulate import exposition
from simulate.fleet.fleet import Fleet, FleetError
from simulate.fleet.replica import log_path
from simulate.traces import Traces
from simulate.world import World
from tests.simulate.fleet.conftest import (
    HARBOUR,
    MINIMAL,
    ROOT,
    Running,
    ended,
    start,
    until,
)
from tests.simulate.fleet.receivers import Seen

SERVER, CLIENT = 2, 3


def parents(spans: list[Seen]) -> Iterator[tuple[Seen, Seen]]:
    """Each span with its parent, as far as both have arrived."""
    known = {each.span_id: each for each in spans}
    yield from ((each, known[each.parent]) for each in spans if each.parent in known)


def test_calls_travel_along_the_catalogs_dependencies(shipped: Running) -> None:
    def crossing() -> list[tuple[Seen, Seen]]:
        pairs = parents(list(shipped.spans.spans))
        return [(one, other) for other, one in pairs if other.service != one.service]

    until(lambda: len(crossing()) > 10)
    for caller, callee in crossing():
        assert (caller.kind, callee.kind) == (CLIENT, SERVER)
        assert caller.trace_id == callee.trace_id
        assert callee.service in shipped.catalog.service(caller.service).depends_on
        assert caller.tags == {"peer.service": callee.service}
        assert caller.name == f"call {callee.service}"
        assert caller.seconds > callee.seconds


def test_every_dependency_is_used(shipped: Running) -> None:
    wanted = {(each.id, to) for each in shipped.catalog.services for to in each.depends_on}
    assert until(
        lambda: (
            wanted
            == {
                (one.service, one.tags["peer.service"])
                for one in shipped.spans.spans
                if one.kind == 3
            }
        )
    )


def test_a_request_calls_no_one_twice_in_a_row(shipped: Running) -> None:
    known = {each.span_id: each for each in list(shipped.spans.spans)}
    for each in known.values():
        chain, at = [each.service], each
        while at.parent in known:
            at = known[at.parent]
            if at.kind == SERVER:
                chain.append(at.service)
        servers = chain if each.kind == SERVER else chain[1:]
        assert len(set(servers)) == len(servers)


def test_spans_say_what_simulated_ones_say(shipped: Running) -> None:
    found = list(Traces(shipped.world).between(shipped.world.start, shipped.world.start + 120))
    made_up = [span for trace in found for span in trace.spans]
    names = {(span.pod.service.id, span.kind, span.name) for span in made_up}
    tags = {(span.pod.service.id, span.kind): set(dict(span.tags)) for span in made_up}
    for seen in list(shipped.spans.spans):
        assert (seen.service, seen.kind, seen.name) in names
        assert set(seen.tags) == tags[seen.service, seen.kind]
        assert set(seen.resource) == {
            "service.name",
            "service.version",
            "k8s.namespace.name",
            "k8s.pod.name",
            "k8s.cluster.name",
            "deployment.environment",
        }


def test_lines_name_the_span_that_wrote_them(shipped: Running) -> None:
    def matched(service: str) -> bool:
        spans = {(each.trace_id, each.span_id): each for each in list(shipped.spans.spans)}
        lines = [line for line in shipped.lines(service) if "trace_id" in line]
        known = [line for line in lines if (line["trace_id"], line["span_id"]) in spans]
        for line in known:
            assert spans[line["trace_id"], line["span_id"]].service == service
        return len(known) > 5

    for service in (each.id for each in shipped.catalog.services):
        until(partial(matched, service))


def test_a_line_a_span_and_a_measure_agree_about_a_request(shipped: Running) -> None:
    service = next(each for each in shipped.catalog.services if each.logs.events[0].measures)
    measured = service.logs.events[0].measures
    assert measured == "duration_ms"

    def longest_of_each_span() -> int:
        spans = {each.span_id: each for each in list(shipped.spans.spans)}
        longest: dict[str, float] = {}
        for line in shipped.lines(service.id):
            span = line.get("span_id", "")
            if span in spans and measured in line:
                longest[span] = max(longest.get(span, 0), line[measured])
        for span, milliseconds in longest.items():
            assert milliseconds == pytest.approx(spans[span].seconds * 1000, rel=0.2, abs=20)
        return len(longest) > 5

    until(longest_of_each_span)


def test_pages_have_the_families_of_the_history(shipped: Running) -> None:
    for target in shipped.fleet.targets:
        assert target.pod is not None
        history = exposition.of_pod(shipped.world, Traces(shipped.world), target.pod)
        text = shipped.page(target)
        assert "_created" not in text
        now = {each.name: each for each in text_string_to_metric_families(text)}
        assert set(now) == {family.name for family in history}
        for family in history:
            wanted = {
                (family.name + sample.ending, *sorted(sample.labels.items()))
                for sample in family.samples
                if sample.value(time.time()) is not None
            }
            found = {
                (sample.name, *sorted(sample.labels.items())) for sample in now[family.name].samples
            }
            assert found == wanted
            assert (now[family.name].type, now[family.name].documentation) == (
                family.type,
                family.help,
            )


def test_buckets_show_traces_that_arrive(shipped: Running) -> None:
    def shown() -> set[str]:
        pages = [text for each in shipped.catalog.services for text in shipped.pages(each.id)]
        traces = {name for text in pages for name in re.findall(r'# \{trace_id="(\w+)"\}', text)}
        return traces & {each.trace_id for each in shipped.spans.spans}

    assert until(lambda: len(shown()) > 5)


def test_counts_are_those_of_the_files(shipped: Running) -> None:
    # The smallest share of the requests is a canary's: its first line may take a while.
    assert until(lambda: all(n for pods in shipped.counts().values() for n in pods.values()))
    before = {service.id: shipped.texts(service.id) for service in shipped.catalog.services}
    counts = shipped.counts()
    after = {service.id: shipped.texts(service.id) for service in shipped.catalog.services}
    for service in shipped.catalog.services:
        for pod in shipped.world.pods_of(service):
            written = counts[service.id][pod.name]
            first = service.logs.multiline.first_line if service.logs.multiline else "^."
            least, most = (
                len(re.findall(first, texts[service.id][pod.name], re.MULTILINE))
                for texts in (before, after)
            )
            assert least <= written <= most


def test_files_are_where_the_agent_looks(shipped: Running) -> None:
    tracks = shipped.catalog.platform.canary
    assert tracks is not None
    for pod in shipped.world.pods:
        path = log_path(shipped.fleet.logs, pod)
        assert path == shipped.fleet.logs / pod.service.id / str(pod.track) / f"{pod.name}.log"
        assert path.exists()


def test_lines_have_the_services_fields_and_values(shipped: Running) -> None:
    for service in shipped.catalog.services:
        lines = shipped.lines(service.id)
        assert lines
        for line in lines:
            for name, value in line.items():
                field = service.logs.field(name)
                assert field is not None
                assert field.values is None or value in field.values


@pytest.mark.parametrize(("folder", "scale"), [(HARBOUR, 40.0), (MINIMAL, 20.0)])
def test_any_catalog_runs(folder: Path, scale: float, tmp_path: Path) -> None:
    running = start(tmp_path, folder, scale)
    try:
        until(lambda: all(min(each.values()) > 0 for each in running.counts().values()))
        until(lambda: len({each.service for each in running.spans.spans}) == len(running.counts()))
        for target in running.fleet.targets:
            families = {each.name for each in text_string_to_metric_families(running.page(target))}
            assert target.pod is not None
            history = exposition.of_pod(running.world, Traces(running.world), target.pod)
            assert families == {family.name for family in history}
            path = log_path(running.fleet.logs, target.pod)
            assert path.read_text().count("\n") > 0
            assert (path.parent.name == target.component) is (
                running.catalog.platform.canary is None
            )
    finally:
        ended(running)


def test_a_fleet_ends_all_its_processes_and_can_be_stopped_twice(tmp_path: Path) -> None:
    running = start(tmp_path, MINIMAL, 20.0)
    until(lambda: all(sum(each.values()) for each in running.counts().values()))
    pids = running.fleet.pids()
    running.fleet.stop()
    running.fleet.stop()
    assert set(pids) == {each.id for each in running.catalog.services}
    assert not any(alive(pid) for pid in pids.values())
    # The last lines are whole.
    for service in running.catalog.services:
        assert all(text.endswith("\n") for text in running.texts(service.id).values())
    running.spans.server.close()


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    program = f"""
import os, sys, time
from pathlib import Path
from catalog.load import load_catalog
from simulate.fleet.fleet import Fleet
from simulate.world import World
catalog = load_catalog(Path({str(MINIMAL)!r}))
world = World(catalog, catalog.default_environment, time.time())
fleet = Fleet(world, Path({str(MINIMAL)!r}), Path({str(tmp_path)!r}), otlp=None)
fleet.start()
print(*fleet.pids().values(), flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(each) for each in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)
        parent.send_signal(signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in pids))


def test_a_service_that_cannot_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    catalog = load_catalog(MINIMAL)
    world = World(catalog, catalog.default_environment, time.time())
    fleet = Fleet(world, tmp_path / "no such", tmp_path, otlp=None)
    with pytest.raises(FleetError, match=r"(?s)the service shop ended; it said:\n.*no such folder"):
        fleet.start()
    assert fleet.pids() == {}


def test_a_page_says_openmetrics(shipped: Running) -> None:
    answer = requests.get(f"http://{shipped.fleet.targets[0].address}/metrics", timeout=10)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_most_errors_lead_to_a_trace(shipped: Running) -> None:
    """As the catalog promises: otherwise a ticket would be due with nothing wrong."""
    most = shipped.catalog.platform.thresholds.traceless_ratio_maximum
    levels = shipped.catalog.platform.error_levels

    def traced() -> list[bool]:
        lines = [line for each in shipped.catalog.services for line in shipped.lines(each.id)]
        return ["trace_id" in line for line in lines if line.get("level") in levels]

    found = until(lambda: errors if len(errors := traced()) >= 8 else None)
    assert found.count(False) <= most * len(found)
