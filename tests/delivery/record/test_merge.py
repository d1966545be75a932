"""What a newer page adds to a declaration, and what it leaves alone."""

from __future__ import annotations

from catalog.exporters import Exporter, ExporterMetric
from delivery.record.declare import declare
from delivery.record.merge import merge
from delivery.record.page import Family, read_page

OLD = Exporter(
    component="loki",
    release="3.7.6",
    source="recorded",
    prefixes=("loki_",),
    metrics={
        "loki_depth": ExporterMetric(type="gauge", unit="chunks", emission="always"),
        "loki_lost_total": ExporterMetric(type="counter", unit="lines", emission="lazy"),
        "loki_seen_total": ExporterMetric(
            type="counter",
            unit="lines",
            emission="always",
            labels={"reason": ("late", "long"), "tenant": None},
        ),
    },
)


def looked(page: str) -> dict[str, tuple[Family, ExporterMetric]]:
    families = read_page(page.split("\n"))
    return {name: (each, declare(each, fresh=False)) for name, each in families.items()}


SEEN = '# TYPE loki_seen_total counter\nloki_seen_total{reason="long",tenant="a"} 1\n'
DEPTH = "# TYPE loki_depth gauge\nloki_depth 1\n"
LOST = "# TYPE loki_lost_total counter\nloki_lost_total 1\n"


def test_nothing_is_new() -> None:
    assert merge(OLD, looked(SEEN + DEPTH + LOST), fresh=False) == (OLD, [])


def test_what_is_not_there_stays_and_is_told() -> None:
    merged, notes = merge(OLD, looked(SEEN), fresh=False)
    assert merged == OLD
    assert notes == [
        "loki_depth: not on the page; remove it if this release has it no more",
        "loki_lost_total: lazy, and not on the page; what it counts may not have happened",
    ]


def test_what_is_new_was_not_there_before() -> None:
    page = looked(SEEN + DEPTH + LOST + "# TYPE loki_new gauge\nloki_new 1\n")
    merged, notes = merge(OLD, page, fresh=False)
    assert merged.metrics["loki_new"].emission == "lazy"
    assert notes == ["loki_new: added as gauge"]
    fresh, _ = merge(OLD, page, fresh=True)
    assert fresh.metrics["loki_new"].emission == "always"


def test_labels_and_values_that_were_not_known() -> None:
    line = '# TYPE loki_seen_total counter\nloki_seen_total{reason="new",shard="1"} 1\n'
    merged, notes = merge(OLD, looked(line + DEPTH + LOST), fresh=False)
    assert merged.metrics["loki_seen_total"] == ExporterMetric(
        type="counter",
        unit="lines",
        emission="always",
        labels={"reason": ("late", "long", "new"), "shard": None, "tenant": None},
    )
    assert notes == [
        "loki_seen_total: the label reason also has 'new'; added",
        "loki_seen_total: the label shard added",
    ]


def test_a_value_that_the_catalog_cannot_hold_opens_the_list() -> None:
    line = '# TYPE loki_seen_total counter\nloki_seen_total{reason=" x\\n"} 1\n'
    merged, notes = merge(OLD, looked(line + DEPTH + LOST), fresh=False)
    assert merged.metrics["loki_seen_total"].labels["reason"] is None
    assert notes == [r"loki_seen_total: the label reason also has ' x\n'; and is declared as open"]


def test_another_type_is_told_and_changes_nothing() -> None:
    page = looked(SEEN + LOST + '# TYPE loki_depth counter\nloki_depth{le="1"} 1\n')
    merged, notes = merge(OLD, page, fresh=False)
    assert merged == OLD
    assert notes == ["loki_depth: declared as gauge, on the page counter; left as declared"]


def test_what_has_another_prefix_is_not_the_server_s_own() -> None:
    page = looked(SEEN + DEPTH + LOST + "kv_requests 1\ncortex_x 1\n")
    merged, notes = merge(OLD, page, fresh=False)
    assert merged == OLD
    assert notes == ["2 metrics begin with none of the prefixes, and are left out"]
    free, _ = merge(OLD.model_copy(update={"prefixes": ()}), page, fresh=False)
    assert {"kv_requests", "cortex_x"} <= free.metrics.keys()
