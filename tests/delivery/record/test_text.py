"""What is written is what people read, and what the catalog's reader reads back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import Problem
from catalog.exporters import Exporter, ExporterMetric, load_exporters
from catalog.files import load_model
from delivery.record.text import to_yaml

TEXT = """\
# Recorded on a Tuesday.
component: loki
release: "3.7.6"
source: recorded
reason: "A ruler: and its \\"rules\\"."
prefixes: [loki_]
metrics:
  loki_a_total: {type: counter, unit: lines, emission: lazy}
  loki_b: {type: gauge, unit: none, emission: always, labels: {outcome: [hit, "2xx"], pod: null}}
  loki_c_seconds:
    {type: histogram, unit: seconds, emission: lazy, labels: {outcome: [hit, miss], "y": null}}
  loki_d_seconds:
    {type: histogram, unit: seconds, emission: lazy,
     labels: {outcome: [hit, miss], path: null, route: null, status_code: null}}
"""

EXPORTER = Exporter(
    component="loki",
    release="3.7.6",
    source="recorded",
    reason='A ruler: and its "rules".',
    prefixes=("loki_",),
    metrics={
        "loki_d_seconds": ExporterMetric(
            type="histogram",
            unit="seconds",
            emission="lazy",
            labels={"status_code": None, "route": None, "path": None, "outcome": ("hit", "miss")},
        ),
        "loki_c_seconds": ExporterMetric(
            type="histogram",
            unit="seconds",
            emission="lazy",
            labels={"y": None, "outcome": ("hit", "miss")},
        ),
        "loki_b": ExporterMetric(
            type="gauge",
            unit="none",
            emission="always",
            labels={"pod": None, "outcome": ("hit", "2xx")},
        ),
        "loki_a_total": ExporterMetric(type="counter", unit="lines", emission="lazy"),
    },
)


def test_a_metric_a_line_in_the_order_of_names() -> None:
    assert to_yaml(EXPORTER, "# Recorded on a Tuesday.\n") == TEXT


def test_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "exporters").mkdir()
    (tmp_path / "exporters" / "x.yaml").write_text(to_yaml(EXPORTER), encoding="utf-8")
    assert EXPORTER in load_exporters(tmp_path)


VALUES = st.text(min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and text.isprintable() and "\ufeff" not in text
)


@given(st.lists(VALUES, min_size=1, max_size=4, unique=True), VALUES)
def test_any_value_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], reason: str
) -> None:
    labels = {"null": None, "x": tuple(values)}
    metric = ExporterMetric(type="gauge", unit="none", emission="lazy", labels=labels)
    changes = {"reason": reason, "metrics": {"loki_on": metric, "loki_y": metric}}
    exporter = EXPORTER.model_copy(update=changes)
    path = tmp_path_factory.mktemp("text") / "x.yaml"
    path.write_text(to_yaml(exporter), encoding="utf-8")
    problems: list[Problem] = []
    assert load_model(path, Exporter, problems) == exporter, problems


def test_what_does_not_fit_a_line_is_wrapped_between_labels_and_values(tmp_path: Path) -> None:
    labels = {"outcome": tuple(f"ended_this_way_{letter}" for letter in "abcdefg"), "pod": None}
    metric = ExporterMetric(type="counter", unit="lines", emission="lazy", labels=labels)
    exporter = EXPORTER.model_copy(update={"metrics": {"loki_lines_total": metric}})
    assert to_yaml(exporter).partition("metrics:\n")[2] == (
        "  loki_lines_total:\n"
        "    {type: counter, unit: lines, emission: lazy,\n"
        "     labels: {outcome: [ended_this_way_a, ended_this_way_b, ended_this_way_c,"
        " ended_this_way_d,\n"
        "       ended_this_way_e, ended_this_way_f, ended_this_way_g], pod: null}}\n"
    )
    path = tmp_path / "x.yaml"
    path.write_text(to_yaml(exporter), encoding="utf-8")
    assert load_model(path, Exporter, []) == exporter


SHIPPED = sorted((Path(__file__).parents[3] / "catalog" / "exporters").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_written_so_that_a_new_recording_is_a_small_change(path: Path) -> None:
    exporter = load_model(path, Exporter, [])
    assert exporter is not None
    assert to_yaml(exporter) == path.read_text(encoding="utf-8")
