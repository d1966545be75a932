from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.link_form import CHECK
from tests.delivery.checks.trees import DASHBOARD, RULES, alert, dashboard, found, group, rules


def linked(url):
    return {DASHBOARD: dashboard(links=[{"type": "link", "title": "On", "url": url}])}


@pytest.mark.parametrize(
    ("url", "reason", "remedy", "start", "end"),
    [
        ("", "the link has no address", "Write where it leads, or remove it", 0, 0),
        (
            "d/shop",
            "the address begins with neither http:// or https:// nor /",
            "Write it in full, or as a path on Grafana",
            0,
            6,
        ),
        (
            "javascript:x",
            "the address begins with neither http:// or https:// nor /",
            "Write it in full, or as a path on Grafana",
            0,
            12,
        ),
        ("/d/a?b=${c&d=e", "'${' opens or closes no template", "Complete the template", 7, 9),
        ("/d/a?b=${c}}", "'}' opens or closes no template", "Complete the template", 11, 12),
        ("/d/{{ $labels.a }", "'{{' opens or closes no template", "Complete the template", 3, 5),
    ],
)
def test_what_no_browser_follows(tmp_path, url, reason, remedy, start, end):
    assert found(tmp_path, CHECK, linked(url)) == [
        Finding("link/form", DASHBOARD, "link 'On'", reason, remedy, url, start, end)
    ]


@pytest.mark.parametrize(
    "url", ["/d/a?b=${c}&d=$e", "https://example.org/{{ .x }}", "${__value.raw}", "/"]
)
def test_what_one_does(tmp_path, url):
    assert found(tmp_path, CHECK, {**linked(url), RULES: rules(group(alert()))}) == []
