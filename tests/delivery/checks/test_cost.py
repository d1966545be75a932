from __future__ import annotations

import pytest

from delivery.checks.answers import answers
from delivery.checks.context import make_context
from delivery.checks.cost import Estimate
from delivery.checks.read import read_tree
from tests.delivery.checks.trees import (
    DASHBOARD,
    SCOPE,
    dashboard,
    minimal,
    panel,
    target,
    variable,
    with_variables,
    write,
)

SERVICE = {"name": "service", "type": "custom", "query": "shop,till"}
POD = variable("pod", "label_values(up, pod)")
BUCKETS = "http_server_request_duration_seconds_bucket"


@pytest.mark.parametrize(
    ("query", "changes", "samples", "points"),
    [
        # An hour in steps of 15 s are 240 points; each service has three pods.
        (f'sum(up{{{SCOPE},service="shop"}})', {}, 3 * 240, 240),
        (f'sum(up{{{SCOPE},service="$service"}})', {}, 3 * 240, 240),
        (f'sum(up{{{SCOPE},service=~"shop|till"}})', {}, 6 * 240, 240),
        (f'sum by (service) (up{{{SCOPE},service!=""}})', {}, 6 * 240, 2 * 240),
        (f'topk(2, sum by (pod) (up{{{SCOPE},service="shop"}}))', {}, 3 * 240, 2 * 240),
        (f'sum by (pod) (up{{{SCOPE},service="shop"}})', {}, 3 * 240, 3 * 240),
        (f'sum(up{{{SCOPE},service="shop",pod="$pod"}})', {}, 240, 240),
        # Two codes of fifty routes; one minute more than the hour.
        (
            f"sum(rate(http_server_request_duration_seconds_count{{{SCOPE}}}[$__rate_interval]))",
            {},
            3 * 100 * 244,
            240,
        ),
        (
            f'sum(rate({BUCKETS}{{{SCOPE},code="500"}}[$__rate_interval]))',
            {},
            3 * 50 * 4 * 244,
            240,
        ),
        (f"sum by (code) (rate({BUCKETS}{{{SCOPE}}}[$__range]))", {"instant": True}, 288_000, 2),
        (f'sum(count_over_time({{{SCOPE},service="shop"}} [$__interval]))', {}, 3615, 240),
        (f"{{{SCOPE}}}", {}, 0, 0),
        (f"sum(nothing{{{SCOPE}}})", {}, 0, 240),
    ],
)
def test_what_a_query_costs(tmp_path, query, changes, samples, points):
    made = with_variables(SERVICE, POD, panels=(panel(target(query, **changes)),))
    documents = read_tree(tmp_path, write(tmp_path, {DASHBOARD: made}))
    context = make_context(minimal(), (), documents)
    estimate = Estimate(context)
    (found,) = answers(context)[DASHBOARD, "panel 1 'Requests'"]
    assert estimate.query(found, estimate.span(documents.dashboards[0])) == (samples, points)


@pytest.mark.parametrize(
    ("since", "length", "step"),
    [
        ("now-1h", 3600, 15),
        ("now-7d", 604_800, 1209.6),
        ("", 21_600, 43.2),
        ("now/d", 21_600, 43.2),
    ],
)
def test_the_range_that_is_shown_first(tmp_path, since, length, step):
    files = {DASHBOARD: dashboard(time={"from": since})}
    documents = read_tree(tmp_path, write(tmp_path, files))
    span = Estimate(make_context(minimal(), (), documents)).span(documents.dashboards[0])
    assert (span.length, span.step) == (length, step)
