"""Servers' metrics: what a catalog adds of its own, what fits a release, what is refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catalog import exporters as module
from catalog.errors import CatalogError
from catalog.exporters import describing, load_exporters

ROOT = Path(__file__).resolve().parents[2]
SECOND = ROOT / "tests/fixtures/second"
SHIPPED = load_exporters(ROOT / "catalog")

MINIMAL = """\
component: loki
release: "9.9.1"
source: recorded
prefixes: [loki_]
metrics:
  loki_lines_total: {type: counter, unit: lines, emission: lazy, labels: {reason: [late, long]}}
  loki_took_seconds: {type: histogram, unit: seconds, emission: always, labels: {route: null}}
  loki_gc_seconds: {type: summary, unit: seconds, emission: always}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder of a catalog's own declarations, with one in it."""
    folder = tmp_path / "exporters"
    folder.mkdir()
    (folder / "loki.yaml").write_text(MINIMAL, encoding="utf-8")
    return folder


def complaints(own: Path) -> list[str]:
    with pytest.raises(CatalogError) as caught:
        load_exporters(own.parent)
    return [
        line.replace(f"{own}/", "").replace(str(own), ".") for line in str(caught.value).split("\n")
    ]


# What a catalog adds.


def test_a_catalog_without_declarations_has_those_that_ship(tmp_path: Path) -> None:
    assert load_exporters(tmp_path) == SHIPPED
    assert load_exporters(SECOND) == SHIPPED
    shutil.copytree(ROOT / "catalog/exporters", tmp_path / "exporters")
    assert load_exporters(tmp_path) == SHIPPED


def test_a_catalog_s_own_come_on_top(own: Path) -> None:
    (own / "theirs.yaml").write_text(MINIMAL.replace("9.9.1", "3.7.6"), encoding="utf-8")
    loaded = load_exporters(own.parent)
    assert len(loaded) == len(SHIPPED) + 1
    of_loki = {each.release: set(each.metrics) for each in loaded if each.component == "loki"}
    ours = {"loki_lines_total", "loki_took_seconds", "loki_gc_seconds"}
    assert list(of_loki) == ["2.9.4", "3.7.6", "9.9.1"]
    assert of_loki["3.7.6"] == of_loki["9.9.1"] == ours
    assert "loki_ingester_memory_streams" in of_loki["2.9.4"]


def test_the_shipped_catalog_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr(module, "yaml_files", lambda folder, *_: read.append(folder) or [])
    load_exporters(ROOT / "catalog")
    assert read == [ROOT / "catalog/exporters"]


def test_loading_a_catalog_does_not_load_them() -> None:
    script = (
        "import sys; from pathlib import Path; from catalog.load import load_catalog; "
        "load_catalog(Path('catalog')); print('catalog.exporters' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


# Which declaration describes a release.


@pytest.mark.parametrize(
    ("component", "release", "described_by"),
    [
        ("loki", "2.9.4", "2.9.4"),
        ("loki", "2.9", "2.9.4"),
        ("loki", "v3.7.6", "3.7.6"),
        ("loki", "3", "3.7.6"),
        ("loki", "3.8.0", "3.7.6"),
        ("loki", "3.0.0", "2.9.4"),
        ("loki", "2.4", "2.9.4"),
        ("loki", "main", None),
        ("agent", "promtail 2.9.4", "promtail 2.9.4"),
        ("agent", "alloy 1", "alloy 1.18.1"),
        ("agent", "alloy 2.0", "alloy 1.18.1"),
        ("agent", "2.9.4", None),
        ("agent", "fluent-bit 3", None),
        ("kubernetes", "1.24", None),
    ],
)
def test_a_release_is_described_by_its_own_or_the_nearest_older_declaration(
    component: Any, release: str, described_by: str | None
) -> None:
    found = describing(SHIPPED, component, release)
    assert (found.release if found else None) == described_by


def test_of_several_that_fit_the_newest_counts() -> None:
    loki = SHIPPED[6]
    several = [loki.model_copy(update={"release": each}) for each in ("3.10.0", "3.9.1", "2.1")]
    found = describing(several, "loki", "3")
    assert found is not None
    assert found.release == "3.10.0"


def test_a_series_belongs_to_a_metric(own: Path) -> None:
    loki = next(each for each in load_exporters(own.parent) if each.release == "9.9.1")
    whole = {
        name: loki.metric(name)
        for name in (
            *("loki_lines_total", "loki_lines_total_count", "loki_lines"),
            *("loki_took_seconds", "loki_took_seconds_bucket", "loki_took_seconds_sum"),
            *("loki_gc_seconds", "loki_gc_seconds_count", "loki_gc_seconds_bucket"),
        )
    }
    assert {name: metric.type if metric else None for name, metric in whole.items()} == {
        "loki_lines_total": "counter",
        "loki_lines_total_count": None,
        "loki_lines": None,
        "loki_took_seconds": None,
        "loki_took_seconds_bucket": "histogram",
        "loki_took_seconds_sum": "histogram",
        "loki_gc_seconds": "summary",
        "loki_gc_seconds_count": "summary",
        "loki_gc_seconds_bucket": None,
    }


# What is refused.

LINES = "'metrics.loki_lines_total"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("component: loki", "component: lokki", "1: 'component' is 'lokki'. Did you mean 'loki'?"),
        ('"9.9.1"', "9.9", "2: 'release' is 9.9, not text. Put it in quotes."),
        (
            "source: recorded",
            "source: seed",
            "3: 'source' is 'seed'. Write one of recorded, documentation.",
        ),
        (
            "source: recorded",
            "source: documentation",
            (
                "3: 'source' is 'documentation' and no 'reason' says which and why. "
                "Add a 'reason' that says where the names were read and why none was recorded."
            ),
        ),
        (
            "[loki_]",
            "[loki]",
            (
                "4: 'prefixes[0]' is 'loki'. "
                "Use lower-case letters, digits and underscores, a letter first and an underscore "
                "last."
            ),
        ),
        (
            "[loki_]",
            "[cortex_]",
            f"6: {LINES}' begins with none of the 'prefixes'. Add its prefix.",
        ),
        (
            "type: counter",
            "type: count",
            f"6: {LINES}.type' is 'count'. Did you mean 'counter'?",
        ),
        ("unit: lines", "unit: byte", f"6: {LINES}.unit' is 'byte'. Did you mean 'bytes'?"),
        (
            "emission: lazy",
            "emission: sometimes",
            f"6: {LINES}.emission' is 'sometimes'. Write one of always, lazy.",
        ),
        (
            "unit: lines, ",
            "",
            f"6: the key {LINES}.unit' is missing. Add a line 'unit: ...'.",
        ),
        (
            "labels: {reason",
            "label: {reason",
            f"6: unknown key {LINES}.label'. Did you mean 'labels'?",
        ),
        (
            "[late, long]",
            "[late, late]",
            f"6: {LINES}.labels.reason[1]' is 'late' a second time. Remove it.",
        ),
        ("[late, long]", "[]", f"6: {LINES}.labels.reason' is an empty list. Fill it in."),
        (
            "{route: null}",
            "{le: null}",
            (
                "7: 'metrics.loki_took_seconds.labels.le' is a label that every histogram has. "
                "Remove it."
            ),
        ),
        (
            "emission: always}\n",
            "emission: always, labels: {quantile: null}}\n",
            (
                "8: 'metrics.loki_gc_seconds.labels.quantile' is a label that every summary has. "
                "Remove it."
            ),
        ),
        (
            "loki_took_seconds",
            "loki_took_seconds_bucket",
            (
                "7: 'metrics.loki_took_seconds_bucket' is called like the buckets of a histogram. "
                "Call it 'loki_took_seconds'."
            ),
        ),
        (
            "loki_lines_total",
            "loki:lines",
            (
                "6: the key 'metrics.loki:lines' is no valid name. "
                "Use letters, digits and underscores, not a digit first."
            ),
        ),
        (
            "loki_gc_seconds:",
            "loki_lines_total:",
            "8: the key 'loki_lines_total' stands on line 6 too. Keep one of the two.",
        ),
    ],
)
def test_it_is_refused_with_place_fault_and_remedy(
    own: Path, old: str, new: str, complaint: str
) -> None:
    assert MINIMAL.count(old) == 1
    (own / "loki.yaml").write_text(MINIMAL.replace(old, new), encoding="utf-8")
    assert complaints(own) == [f"loki.yaml:{complaint}"]


def test_a_server_without_metrics_is_none(own: Path) -> None:
    head = MINIMAL.partition("metrics:")[0]
    (own / "loki.yaml").write_text(f"{head}metrics: {{}}\n", encoding="utf-8")
    assert complaints(own) == ["loki.yaml:5: 'metrics' is an empty mapping. Fill it in."]


def test_two_files_of_one_release(own: Path) -> None:
    shutil.copy(own / "loki.yaml", own / "other.yaml")
    assert complaints(own) == [
        "other.yaml:2: loki 9.9.1 is declared by loki.yaml:2 too. Keep one of the two files."
    ]


def test_what_stands_among_the_declarations_and_is_none(own: Path) -> None:
    (own / "folder.yaml").mkdir()
    (own / "loki-3.yml").touch()
    (own / "notes.txt").touch()
    (own / ".hidden").touch()
    (own / "broken.yaml").write_text("[")
    assert [line.split(". ")[0] for line in complaints(own)] == [
        "broken.yaml:2: not YAML: did not find expected node content",
        "folder.yaml: a folder among the server files",
        "loki-3.yml: not a server file",
        "notes.txt: not a server file",
    ]


def test_an_empty_folder_declares_nothing(own: Path) -> None:
    (own / "loki.yaml").unlink()
    assert complaints(own) == [
        ".: no server is declared. Add <component>-<release>.yaml for each server."
    ]


def test_a_file_instead_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "exporters").touch()
    assert complaints(tmp_path / "exporters") == [
        ".: cannot be read: Not a directory. Make it a folder that you may read."
    ]
