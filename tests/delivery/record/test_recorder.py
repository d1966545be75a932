"""From an address to a declaration that the catalog's reader takes as it stands."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from catalog.errors import CatalogError, UsageError, UserError
from catalog.exporters import Exporter, load_exporters
from delivery.record.recorder import Recording, Wishes, record
from tests.delivery.page_server import PageServer

PAGE = """\
# TYPE loki_build_info gauge
loki_build_info{version="9.9.1",goos="linux"} 1
# TYPE loki_lines_total counter
loki_lines_total{outcome="kept",tenant="a"} 3
loki_lines_total{outcome="lost",tenant="a"} 3
# TYPE loki_depth gauge
loki_depth 3
# TYPE loki_bucket histogram
loki_bucket_count 3
# TYPE go_goroutines gauge
go_goroutines 12
"""

TEXT = """\
component: loki
release: "9.9.1"
source: recorded
metrics:
  loki_build_info: {type: info, unit: info, emission: always, labels: {goos: null, version: null}}
  loki_depth: {type: gauge, unit: none, emission: always}
  loki_lines_total:
    {type: counter, unit: lines, emission: lazy, labels: {outcome: [kept, lost], tenant: null}}
"""

NOTES = (
    "loki_bucket: left out, its name is that of a histogram's buckets",
    "loki_lines_total: outcome is declared as kept, lost; write null if it has others",
)


def complaint(url: str, wishes: Wishes, kind: type[UserError] = UsageError) -> str:
    with pytest.raises(kind) as caught:
        record(url, wishes)
    assert type(caught.value) is kind
    return str(caught.value)


def loaded(folder: Path, text: str) -> Exporter:
    """What the catalog in the folder has if that is its file for Loki 9.9.1."""
    (folder / "exporters").mkdir()
    (folder / "exporters" / "loki-9.9.1.yaml").write_text(text, encoding="utf-8")
    return next(each for each in load_exporters(folder) if each.release == "9.9.1")


def test_a_page_becomes_a_declaration(server: PageServer, tmp_path: Path) -> None:
    server.show(PAGE)
    assert record(server.url, Wishes()) == Recording(TEXT, 3, NOTES)
    assert loaded(tmp_path, TEXT).metrics.keys() == {
        "loki_build_info",
        "loki_depth",
        "loki_lines_total",
    }


def test_the_order_of_the_page_does_not_matter(server: PageServer) -> None:
    parts = PAGE.split("# TYPE")
    server.show("# TYPE".join(["", *reversed(parts[1:])]))
    assert record(server.url, Wishes()).text == TEXT


def test_what_is_kept_is_what_matches_whole(server: PageServer) -> None:
    server.show(PAGE)
    kept = record(server.url, Wishes(keep="loki_de.*|go_.*|build"))
    assert kept.text.splitlines()[4:] == [
        "  go_goroutines: {type: gauge, unit: goroutines, emission: always}",
        "  loki_depth: {type: gauge, unit: none, emission: always}",
    ]
    assert kept.notes == ()


def test_of_a_fresh_server_all_is_always_there(server: PageServer) -> None:
    server.show(PAGE)
    assert "lazy" not in record(server.url, Wishes(fresh=True)).text


def test_who_it_is_may_be_said(server: PageServer) -> None:
    server.show("up 1")
    wishes = Wishes(component="agent", release="promtail 2.9.4")
    assert record(server.url, wishes).text.startswith(
        'component: agent\nrelease: "promtail 2.9.4"\n'
    )


@pytest.mark.parametrize(
    ("wishes", "add"),
    [
        (Wishes(), "--component and --release"),
        (Wishes(component="loki"), "--release"),
        (Wishes(release="3.0.0"), "--component"),
    ],
)
def test_who_it_is_must_be_said(server: PageServer, wishes: Wishes, add: str) -> None:
    server.show("up 1")
    fault = "the page does not tell which server and release it is of"
    assert complaint(server.url, wishes) == f"{server.url}: {fault}. Add {add}."


def test_there_is_no_such_component(server: PageServer) -> None:
    server.show("up 1")
    assert complaint(server.url, Wishes(component="lokki", release="a\nb")) == (
        "--component: 'component' is 'lokki'. Did you mean 'loki'?\n"
        "--release: 'release' holds a line break or a control character. "
        "Write it as one line of text."
    )


def test_a_pattern_that_is_none(server: PageServer) -> None:
    assert complaint(server.url, Wishes(keep="loki_(")) == (
        "--keep: it is no regular expression: missing ), unterminated subpattern at position 5. "
        "Write one for whole names, as in 'loki_(ruler|ingester)_.*'."
    )
    assert not server.requests


@pytest.mark.parametrize("wishes", [Wishes(keep="nothing"), Wishes()])
def test_nothing_is_to_be_declared(server: PageServer, wishes: Wishes) -> None:
    server.show("go_info 1\ngo_threads 2")
    assert complaint(server.url, wishes, UserError) == (
        f"{server.url}: none of the page's 2 metrics is to be declared. "
        "Say which with --keep, as in --keep 'loki_.*'."
    )


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("", "the page shows no metric"),
        ("# EOF\n", "the page shows no metric"),
        ("up 1\n<html>\n", "line 2 is of no metrics page: it is no series with a value"),
        ('{"a": 1}', "line 1 is of no metrics page: the labels are not closed"),
    ],
)
def test_a_page_of_something_else(server: PageServer, page: str, fault: str) -> None:
    server.show(page)
    assert complaint(server.url, Wishes(), UserError) == (
        f"{server.url}: {fault}. Name the address of a metrics page, mostly /metrics."
    )


def test_a_file_is_written_whole(server: PageServer, tmp_path: Path) -> None:
    server.show(PAGE)
    out = tmp_path / "loki.yaml"
    assert record(server.url, Wishes(out=out)).text == out.read_text(encoding="utf-8") == TEXT
    assert os.listdir(tmp_path) == ["loki.yaml"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o644


def test_a_write_that_fails_leaves_the_file_as_it_was(
    server: PageServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.show(PAGE + "loki_new 1\n")
    out = tmp_path / "loki.yaml"
    out.write_text(TEXT)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("delivery.tree.write_all", full)
    with pytest.raises(OSError, match="No space left"):
        record(server.url, Wishes(out=out, merge=out))
    assert out.read_text() == TEXT
    assert os.listdir(tmp_path) == ["loki.yaml"]


def test_a_file_is_not_overwritten_by_chance(server: PageServer, tmp_path: Path) -> None:
    out, other = tmp_path / "loki.yaml", tmp_path / "other.yaml"
    out.write_text(TEXT)
    other.write_text(TEXT)
    for wishes in (Wishes(out=out), Wishes(out=out, merge=other)):
        assert complaint(server.url, wishes) == (
            f"{out}: the file is there already, and what was decided in it would be lost. "
            f"Add --merge {out}, or delete it first."
        )
    assert not server.requests


def test_where_no_file_can_be(server: PageServer, tmp_path: Path) -> None:
    assert complaint(server.url, Wishes(out=tmp_path / "no" / "x.yaml")) == (
        f"{tmp_path}/no: there is no such folder. Create it."
    )
    assert complaint(server.url, Wishes(out=tmp_path)) == (
        f"{tmp_path}: it is not a file. Name another with --out."
    )
    assert not server.requests


def test_a_file_is_added_to(server: PageServer, tmp_path: Path) -> None:
    out = tmp_path / "loki.yaml"
    out.write_text(
        "# Why it is\n\n  # as it is.\n"
        'component: loki\nrelease: "9.9"\nsource: documentation\nreason: The manual.\n'
        "metrics:  # These.\n"
        "  loki_lines_total: {type: counter, unit: entries, emission: always,"
        " labels: {outcome: [lost], tenant: [a]}}\n"
        "  loki_gone: {type: gauge, unit: none, emission: always}\n"
    )
    server.show(PAGE)
    recording = record(server.url, Wishes(out=out, merge=out))
    assert out.read_text() == (
        "# Why it is\n\n  # as it is.\n"
        'component: loki\nrelease: "9.9"\nsource: documentation\nreason: "The manual."\n'
        "metrics:\n"
        "  loki_build_info: {type: info, unit: info, emission: lazy,"
        " labels: {goos: null, version: null}}\n"
        "  loki_depth: {type: gauge, unit: none, emission: lazy}\n"
        "  loki_gone: {type: gauge, unit: none, emission: always}\n"
        "  loki_lines_total:\n"
        "    {type: counter, unit: entries, emission: always,"
        " labels: {outcome: [lost, kept], tenant: [a]}}\n"
    )
    assert recording.count == 4
    assert recording.notes == (
        NOTES[0],
        "loki_build_info: added as info",
        "loki_depth: added as gauge",
        "loki_lines_total: the label outcome also has 'kept'; added",
        "loki_gone: not on the page; remove it if this release has it no more",
    )
    again = record(server.url, Wishes(merge=out))
    assert (again.text, again.count) == (out.read_text(), 4)


def test_another_release_is_not_added(server: PageServer, tmp_path: Path) -> None:
    old = tmp_path / "loki.yaml"
    old.write_text(TEXT.replace("9.9.1", "9.8"))
    server.show(PAGE)
    assert complaint(server.url, Wishes(merge=old)) == (
        f"{old}: declares loki 9.8, and the page is of loki 9.9.1. Record it to a file of its own."
    )
    assert record(server.url, Wishes(merge=old, release="9.8.0")).text == old.read_text()


def test_the_file_to_add_to_is_wrong(server: PageServer, tmp_path: Path) -> None:
    old = tmp_path / "loki.yaml"
    assert complaint(server.url, Wishes(merge=old), CatalogError) == (
        f"{old}: there is no such file. Create it."
    )
    old.write_text(TEXT.replace("type: gauge", "type: guage"))
    assert complaint(server.url, Wishes(merge=old), CatalogError) == (
        f"{old}:6: 'metrics.loki_depth.type' is 'guage'. Did you mean 'gauge'?"
    )
    assert not server.requests
