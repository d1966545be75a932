from __future__ import annotations

import pytest

from queries.logql_parser.arguments import is_address_pattern, is_json_path, is_logfmt_path


@pytest.mark.parametrize(
    ("pattern", "good"),
    [
        ("10.0.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("10.0.0.0/8", True),
        ("10.0.0.1/0", True),
        ("2001:db8::/129", False),
        ("2001:db8::/64", True),
        ("10.0.0.0/08", False),
        ("10.0.0.0/33", False),
        ("10.0.0.1-10.0.0.9", True),
        ("10.0.0.9-10.0.0.1", False),
        ("10.0.0.1-::1", False),
        ("10.0.0.1 - 10.0.0.9", False),
        ("10.0.0.1-", False),
        ("010.0.0.1", False),
        ("10.0.0", False),
        ("10.0.0.1%eth0", False),
        ("", False),
        ("host", False),
    ],
)
def test_addresses(pattern, good):
    assert is_address_pattern(pattern) is good


@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("a", True),
        ("a.b_1.C", True),
        ('a["b c"][0].d', True),
        ("[0]", True),
        ('["a"]', True),
        (" a . b [ 0 ] ", True),
        ("", False),
        ("a.", False),
        (".a", False),
        ("a b", False),
        ("a-b", False),
        ("a[b]", False),
        ("a[-1]", False),
        ("a[1.5]", False),
        ("a[99999999999999999999]", False),
        ("a99999999999999999999", True),
        ('a["b', False),
        ("é", False),
        ("1a", False),
    ],
)
def test_json_paths(path, good):
    assert is_json_path(path) is good


@pytest.mark.parametrize(
    ("path", "good"),
    [("a", True), ('"a b"', True), ('a "b"', True), ("a b", False), ("a.b", False), ("", False)],
)
def test_logfmt_paths(path, good):
    assert is_logfmt_path(path) is good
