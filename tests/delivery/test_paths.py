from __future__ import annotations

import pytest

from delivery.paths import PathLedger, parents, path_fault, shown

GOOD = [
    "a",
    "a/b.json",
    "Σ/ΣLANG.yaml",
    ".hidden/x",
    "a..b/..c",
    "grafana/manifest.json",
    "x" * 255,
]

BAD = {
    "": "the path is empty",
    "/etc/passwd": "the path is absolute",
    "a\\b": "the path contains a backslash",
    "..": "the path contains an empty, '.' or '..' segment",
    "a/../b": "the path contains an empty, '.' or '..' segment",
    "a//b": "the path contains an empty, '.' or '..' segment",
    "a/": "the path contains an empty, '.' or '..' segment",
    "./a": "the path contains an empty, '.' or '..' segment",
    "a\x00b": "the path contains a control character",
    "a\nb": "the path contains a control character",
    "a\x9bb": "the path contains a control character",
    "a\u2028b": "the path contains a control character",
    "a\ud800b": "the path contains a control character",
    "x" * 256: "the path contains a segment of more than 255 bytes",
    "a/" + "Σ" * 128: "the path contains a segment of more than 255 bytes",
    "manifest.json": "the name manifest.json is kept for the writer's own use",
    "Manifest.JSON/x": "the name Manifest.JSON is kept for the writer's own use",
    ".staging/x": "the name .staging is kept for the writer's own use",
    ".journal": "the name .journal is kept for the writer's own use",
}


@pytest.mark.parametrize("path", GOOD)
def test_a_good_path_has_no_fault(path):
    assert path_fault(path) is None


@pytest.mark.parametrize(("path", "fault"), BAD.items(), ids=ascii)
def test_a_bad_path_is_told(path, fault):
    assert path_fault(path) == fault


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [
        ("a/b", "a/b", "two artifacts share the path"),
        ("a/B", "a/b", "two artifacts share the path, but for case, with a/B"),
        ("ΣLANG", "σlang", "two artifacts share the path, but for case, with ΣLANG"),
        ("e\u0301", "\u00e9", "two artifacts share the path, but for case, with e\u0301"),
        ("a/b", "A", "the path is a file here and a folder of a/b"),
        ("a/b/c", "a", "the path is a file here and a folder of a/b/c"),
        ("a", "A/b/c", "the path lies under a, which is a file"),
        ("a", "../a", "the path contains an empty, '.' or '..' segment"),
    ],
)
def test_the_ledger_refuses_a_clash(first, second, fault):
    ledger = PathLedger()
    assert ledger.admit(first) is None
    assert ledger.admit(second) == fault


def test_the_ledger_admits_neighbours():
    ledger = PathLedger()
    assert [ledger.admit(path) for path in ("a/b", "a/c", "ab", "a/bc/d")] == [None] * 4


def test_parents_are_the_folders_from_the_outside_in():
    assert parents("a/b/c") == ["a", "a/b"]
    assert parents("a") == []


def test_any_file_name_is_shown_on_one_line():
    assert shown("ΣLANG a\nb\x1b[31m\udcff") == "ΣLANG a\\nb\\x1b[31m\\udcff"
