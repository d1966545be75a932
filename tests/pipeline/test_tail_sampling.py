"""Which traces are kept follows from what is promised and what it may cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.tracing import Sampling
from pipeline import prometheus, tail_sampling

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
#: What the collector knows; a policy of another type keeps it from starting.
TYPES = {"status_code", "ottl_condition", "and", "probabilistic", "rate_limiting"}


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog(ROOT / "catalog")


def files(catalog: Catalog) -> dict[str, Json]:
    return dict(tail_sampling.configurations(catalog))


def sampling_of(catalog: Catalog) -> Sampling:
    assert catalog.platform.traces
    return catalog.platform.traces.sampling


def changed(catalog: Catalog, **facts: object) -> Catalog:
    """With other facts of sampling."""
    assert catalog.platform.traces
    sampling = sampling_of(catalog).model_copy(update=facts)
    traces = catalog.platform.traces.model_copy(update={"sampling": sampling})
    platform = catalog.platform.model_copy(update={"traces": traces})
    return catalog.model_copy(update={"platform": platform})


def policies(config: Json) -> dict[str, Json]:
    found: list[Json] = config["processors"]["tail_sampling"]["policies"]
    assert {each["type"] for each in found} <= TYPES
    return {each["name"]: each for each in found}


def test_a_failed_trace_is_always_kept(shipped: Catalog) -> None:
    for config in files(shipped).values():
        assert policies(config)["errors"]["status_code"] == {"status_codes": ["ERROR"]}


def test_slow_is_what_breaks_the_strictest_promise_on_requests(shipped: Catalog) -> None:
    assert tail_sampling.promises(shipped) == {
        "agents": 2.5,
        "ryot": 0.5,
        "sigmalang": 2.5,
        "sigmavault": 0.25,
    }
    slow = policies(files(shipped)["otel-collector/gateway.yaml"])["slow-sigmavault"]
    assert slow["ottl_condition"]["span"] == [
        (
            'kind == SPAN_KIND_SERVER and resource.attributes["service.name"] == "sigmavault"'
            " and end_time_unix_nano - start_time_unix_nano > 250000000"
        )
    ]


def test_without_a_promise_slow_is_what_the_platform_calls_so() -> None:
    market = load_catalog(ROOT / "tests/fixtures/minimal")
    seconds = market.platform.thresholds.latency_p99_seconds
    without = [each for each in market.services if not each.objectives]
    assert without
    assert all(tail_sampling.promises(market)[each.id] == seconds for each in without)


def test_of_the_rest_there_are_as_many_as_the_budget_allows(shipped: Catalog) -> None:
    """4,300 lines a minute are 35.8 traces and 107.5 spans a second, and 30 may be kept."""
    rest = policies(files(shipped)["otel-collector/jaeger.yaml"])["rest"]["and"]
    share, budget = rest["and_sub_policy"]
    assert share["probabilistic"] == {"sampling_percentage": 27.9}
    assert budget["rate_limiting"] == {"spans_per_second": 30}
    catalog = changed(shipped, spans_per_second=1_000)
    assert tail_sampling.kept_percent(catalog, sampling_of(catalog)) == 100


def test_a_trace_is_judged_once_it_is_whole(shipped: Catalog) -> None:
    """Twice 2.5 s, and 5 s in the service; ten times the peak of 70 traces a second."""
    processor = files(shipped)["otel-collector/gateway.yaml"]["processors"]["tail_sampling"]
    assert processor["decision_wait"] == "10s"
    assert (processor["num_traces"], processor["expected_new_traces_per_sec"]) == (7000, 70)
    remembered = processor["decision_cache"]
    assert set(remembered.values()) == {70_000}


def test_spans_are_counted_before_any_is_thrown_away(shipped: Catalog) -> None:
    for config in files(shipped).values():
        pipelines = config["service"]["pipelines"]
        counting = [each for each in pipelines.values() if "span_metrics" in each["exporters"]]
        assert [each["receivers"] for each in counting] == [["otlp"]]
        assert counting[0]["processors"] == ["memory_limiter"]
        kept = pipelines["traces/kept"]
        assert (kept["receivers"], kept["processors"][0]) == (["forward"], "tail_sampling")


@pytest.mark.parametrize("name", ["gateway", "jaeger"])
def test_what_a_pipeline_names_is_there(shipped: Catalog, name: str) -> None:
    config = files(shipped)[f"otel-collector/{name}.yaml"]
    # What it is laid over: the demo's Jaeger, and that of examples/compose.
    there = {"otlp", "span_metrics", "jaeger_storage_exporter"} if name == "jaeger" else set()
    for kind in ("receivers", "processors", "connectors", "exporters"):
        there |= set(config.get(kind, {}))
    named = {
        each
        for pipeline in config["service"]["pipelines"].values()
        for part in ("receivers", "processors", "exporters")
        for each in pipeline.get(part, ())
    }
    assert named <= there
    assert set(config["processors"]) <= named


def test_a_jaeger_that_counts_no_spans_samples_all_the_same(shipped: Catalog) -> None:
    components = shipped.platform.components
    ports = {"otlp_grpc": 4317, "otlp_http": 4318}
    jaeger = components["jaeger"].model_copy(update={"ports": ports})
    platform = shipped.platform.model_copy(update={"components": {**components, "jaeger": jaeger}})
    uncounted = shipped.model_copy(update={"platform": platform})
    assert uncounted.span_metrics_port is None
    assert len(files(uncounted)) == 2
    for config in files(uncounted).values():
        assert config["service"]["pipelines"]["traces"]["exporters"] == ["forward"]
        assert "metrics/spans" not in config["service"]["pipelines"]


def test_nothing_samples_where_no_traces_are_kept() -> None:
    assert files(load_catalog(ROOT / "tests/fixtures/second")) == {}


def test_a_gateway_is_scraped_and_spans_where_all_of_them_are(shipped: Catalog) -> None:
    def targets(catalog: Catalog, name: str) -> list[str]:
        jobs = prometheus.configuration(catalog)["scrape_configs"]
        [job] = [each for each in jobs if each["job_name"] == name]
        found: list[str] = job["static_configs"][0]["targets"]
        return found

    spans = prometheus.SPANS_JOB
    assert targets(shipped, spans) == ["jaeger:8889"]
    assert targets(shipped, "jaeger") == ["jaeger:8888"]
    catalog = changed(shipped, gateway="otel-gateway")
    assert targets(catalog, spans) == ["otel-gateway:8889"]
    assert targets(catalog, "jaeger") == ["jaeger:8888", "otel-gateway:8888"]
