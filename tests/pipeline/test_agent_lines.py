"""What is done with a line, and in which order: secrets first, no label that is not declared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from catalog.agent_metrics import counted_events
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.service import Service
from pipeline.agent import alloy, artifacts, promtail, stages
from pipeline.agent.lines import Place, Reading, of_service
from pipeline.agent.sources import Pods, in_kubernetes, on_host
from pipeline.agent.stages import Stage

ROOT = Path(__file__).resolve().parents[2]
CATALOGS = {
    name: load_catalog(ROOT / path)
    for name, path in {
        "shipped": "catalog",
        "second": "tests/fixtures/second",
        "minimal": "tests/fixtures/minimal",
    }.items()
}
SHIPPED = CATALOGS["shipped"]


def readings(catalog: Catalog) -> Iterator[Reading]:
    assert catalog.agent
    places: tuple[Place, ...] = ("files", "kubernetes")
    for place in places:
        for structured in (False, True):
            if place == "files" or catalog.agent.kubernetes:
                yield Reading(catalog, catalog.agent, place, structured)


PIPELINES = [
    pytest.param(
        catalog, service, reading, id=f"{name}-{service.id}-{reading.place}-{reading.structured}"
    )
    for name, catalog in CATALOGS.items()
    for service in catalog.services
    for reading in readings(catalog)
]


def after(done: tuple[Stage, ...], kind: type) -> int:
    return max(at for at, stage in enumerate(done) if isinstance(stage, kind))


def before(done: tuple[Stage, ...], kind: type) -> int:
    return min((at for at, stage in enumerate(done) if isinstance(stage, kind)), default=len(done))


@pytest.mark.parametrize(("catalog", "service", "reading"), PIPELINES)
def test_secrets_go_before_anything_is_read_and_after_lines_are_joined(
    catalog: Catalog, service: Service, reading: Reading
) -> None:
    done = of_service(service, reading)
    assert reading.agent.redactions == tuple(
        redaction
        for redaction in reading.agent.redactions
        if stages.Replace(redaction.pattern, redaction.replacement, "suspect_line") in done
    )
    if reading.agent.redactions:
        assert after(done, stages.Replace) < after(done, stages.Output) < before(done, stages.Parse)
        assert (
            before(done, stages.Replace) > before(done, stages.Multiline)
            or not service.logs.multiline
        )
    assert (service.logs.multiline is not None) == any(
        isinstance(each, stages.Multiline) for each in done
    )
    assert (
        stages.Timestamp(service.logs.timestamp, "fudge" if reading.place == "files" else "skip")
        in done
    )


def labels_at_each_metric(
    service: Service, done: tuple[Stage, ...], found: set[str]
) -> dict[str, set[str]]:
    """The labels of a line that has every field, at the stage that counts a metric."""
    labels, at = {*found, "filename", "stream"}, {}
    for stage in done:
        if isinstance(stage, stages.Labels):
            labels |= set(stage.names)
        elif isinstance(stage, stages.LabelDrop):
            labels -= set(stage.names)
        elif isinstance(stage, stages.LabelKeep):
            labels &= set(stage.names)
        elif isinstance(stage, stages.Metrics):
            for count in stage.counts:
                assert count.name not in at
                at[count.name] = set(labels)
    at["the stream"] = labels
    return at


@pytest.mark.parametrize(("catalog", "service", "reading"), PIPELINES)
def test_each_metric_of_the_agent_is_made_once_with_the_labels_that_are_declared(
    catalog: Catalog, service: Service, reading: Reading
) -> None:
    done = of_service(service, reading)
    at = labels_at_each_metric(service, done, set(service.stream_labels))
    assert at.pop("the stream") == set(service.stream_labels)
    made = {each.name: each for each in service.metrics if each.emitted_by == "agent"}
    assert at.keys() == made.keys()
    of_each = {"cluster", "environment", "namespace", "service", "pod", "track"}
    for name, labels in at.items():
        assert labels == (of_each & set(service.stream_labels)) | set(made[name].labels), name


@pytest.mark.parametrize(("catalog", "service", "reading"), PIPELINES)
def test_a_field_lives_where_the_catalog_says(
    catalog: Catalog, service: Service, reading: Reading
) -> None:
    done = of_service(service, reading)
    beside = {
        name for each in done if isinstance(each, stages.StructuredMetadata) for name in each.names
    }
    assert beside == {
        field.name
        for field in service.logs.fields
        if reading.structured and field.lives.loki_3 == "structured_metadata"
    }
    assert not beside & set(service.stream_labels)


def test_what_has_too_many_values_is_no_label_anywhere() -> None:
    for service in SHIPPED.services:
        for reading in readings(SHIPPED):
            for stage in of_service(service, reading):
                if isinstance(stage, stages.Labels):
                    assert not {"agent_id", "name", "trace_id", "span_id"} & set(stage.names)


def test_a_histogram_and_a_gauge_take_the_measure_that_has_their_unit() -> None:
    agents = SHIPPED.service("agents")
    gauge = agents.metric("agent_memory_operations")
    assert gauge
    assert [event.id for event in counted_events(agents, gauge)] == ["memory"]
    assert SHIPPED.agent
    done = of_service(agents, Reading(SHIPPED, SHIPPED.agent, "files", False))
    condition = (
        '{{ if and (eq .event "memory") .memory_operations }}{{ .memory_operations }}{{ end }}'
    )
    assert stages.Template("counted_agent_memory_operations", condition) in done


def test_a_value_that_is_not_declared_becomes_no_label() -> None:
    assert SHIPPED.agent
    done = of_service(SHIPPED.service("ryot"), Reading(SHIPPED, SHIPPED.agent, "files", True))
    guard = stages.Template(
        "level", '{{ if eq .level "debug" "info" "warn" "error" }}{{ .level }}{{ end }}'
    )
    assert done.index(guard) < done.index(stages.Labels(("level",)))


# Writers


def some_of_each() -> dict[type, Stage]:
    """A stage of every kind, out of what the catalogs need and the few that they do not."""
    found: dict[type, Stage] = {}
    for catalog in CATALOGS.values():
        for reading in readings(catalog):
            for service in catalog.services:
                for stage in of_service(service, reading):
                    found.setdefault(type(stage), stage)
    return found


def test_each_kind_of_stage_is_used_and_both_agents_have_it() -> None:
    found = some_of_each()
    assert found.keys() == set(get_args(Stage))
    for stage in found.values():
        [name] = promtail._stage(stage)
        told = alloy._stage(stage).name.removeprefix("stage.")
        renamed = {"labeldrop": "label_drop", "labelallow": "label_keep"}
        assert renamed.get(name, name) == told


@pytest.mark.parametrize("write", [promtail._stage, alloy._stage, promtail._source, alloy._source])
def test_what_an_agent_lacks_is_not_written(write: Any) -> None:
    with pytest.raises(TypeError, match=r"has no (stage|source) for 7"):
        write(7)


@pytest.mark.parametrize("catalog", CATALOGS.values(), ids=CATALOGS)
def test_every_metric_of_the_agents_is_in_every_file_of_theirs(catalog: Catalog) -> None:
    declared = {
        metric.name
        for service in catalog.services
        for metric in service.metrics
        if metric.emitted_by == "agent"
    }
    files = [each for each in artifacts.generate(catalog) if "daemonset" not in each.path]
    assert files
    for artifact in files:
        assert {name for name in declared if f"{name}" in str(artifact.content)} == declared


def test_without_agent_yaml_no_agent_is_configured() -> None:
    assert list(artifacts.generate(SHIPPED.model_copy(update={"agent": None}))) == []


def test_a_place_that_is_not_declared_has_no_plan() -> None:
    minimal = CATALOGS["minimal"]
    assert minimal.agent
    assert in_kubernetes(minimal, minimal.agent, structured=True) is None
    without = minimal.agent.model_copy(update={"files": None})
    assert on_host(minimal, without, "here", structured=True) is None


def test_each_service_the_fallback_and_syslog_have_a_source() -> None:
    assert SHIPPED.agent
    plan = in_kubernetes(SHIPPED, SHIPPED.agent, structured=False)
    assert plan
    ids = [source.id for source in plan.sources]
    services = [f"service-{service.id}" for service in SHIPPED.services]
    assert ids == [*services, "kubernetes", "syslog"]
    assert [each.id for each in plan.sources if isinstance(each, Pods)] == [*services, "kubernetes"]
