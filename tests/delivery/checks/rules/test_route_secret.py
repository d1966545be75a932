from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.route_secret import CHECK
from tests.delivery.checks.trees import found

FILE = "alertmanager/alertmanager.yml"
REMEDY = "Read it from a file that is mounted beside the configuration"


@pytest.mark.parametrize(
    ("content", "way", "reason"),
    [
        (
            {"global": {"slack_api_url": "https://chat.example/x"}},
            "global.slack_api_url",
            "'slack_api_url' is a secret, and this file is committed",
        ),
        (
            {"receivers": [{"name": "a", "pagerduty_configs": [{"routing_key": "0123"}]}]},
            "receivers[a].pagerduty_configs[0].routing_key",
            "'routing_key' is a secret, and this file is committed",
        ),
        *(
            (
                {"receivers": [{"name": "a", "webhook_configs": [{"url": url}]}]},
                "receivers[a].webhook_configs[0].url",
                "the address holds a secret, and this file is committed",
            )
            for url in (
                "https://hooks.slack.com/services/T/B/x",
                "https://me:word@outside.example/",
                "https://outside.example/?token=x",
            )
        ),
    ],
)
def test_a_secret_that_stands_there(tmp_path, content, way, reason):
    assert found(tmp_path, CHECK, {FILE: content}) == [
        Finding("route/secret", FILE, way, reason, REMEDY)
    ]


def test_what_is_read_from_a_file(tmp_path):
    hook = {
        "url": "https://outside.example/beat",
        "http_config": {"authorization": {"credentials_file": "/secrets/token"}},
    }
    content = {
        "global": {"slack_api_url_file": "/secrets/slack"},
        "receivers": [
            {"name": "a", "webhook_configs": [hook], "slack_configs": [{"text": "{{ x }}://a?b"}]}
        ],
    }
    assert found(tmp_path, CHECK, {FILE: content}) == []
