"""What an alert relies on follows from what its query reads."""

from __future__ import annotations

from alerts.model import Alert, Dashboard, Group, Recording
from alerts.present import alert_labels
from alerts.registry import rule_files
from alerts.reliance import with_reliance
from catalog.model import Catalog


def relied(catalog: Catalog, service: str, name: str, **labels: str) -> set[str]:
    wanted = {"service": service, "alertname": name, **labels}
    return {
        each.get("relies_on", "")
        for each in alert_labels(rule_files(catalog))
        if wanted.items() <= each.items()
    }


def test_lines_come_through_the_agent_and_loki(shipped: Catalog) -> None:
    assert relied(shipped, "ryot", "UnreadableLogLines") == {"agent,loki"}


def test_what_the_agent_counts_comes_through_it(shipped: Catalog) -> None:
    assert relied(shipped, "ryot", "LogErrorSpike") == {"agent"}
    assert relied(shipped, "ryot", "HighErrorRatio") == {""}


def test_an_objective_relies_on_what_its_metric_does(shipped: Catalog) -> None:
    burning = "ErrorBudgetBurnFast"
    assert relied(shipped, "sigmavault", burning, objective="operations") == {"agent"}
    assert relied(shipped, "sigmavault", burning, objective="availability") == {""}


def test_a_component_relies_on_others_and_never_on_itself(shipped: Catalog) -> None:
    assert relied(shipped, "agent", "AgentLagging") == {"loki"}
    assert relied(shipped, "loki", "SlowLogQueries") == {"memcached"}
    for each in alert_labels(rule_files(shipped)):
        assert each["service"] not in each.get("relies_on", "").split(",")


def test_the_rest_of_a_rule_stays_as_it_is(shipped: Catalog) -> None:
    alert = Alert("A", "up == 0", "page", "loki", "t", "s", "d", Dashboard("x"), labels={"a": "b"})
    recording = Recording("a:b:c", "up")
    group = Group("g", 60, (recording, alert))
    assert with_reliance((group,), shipped, "prometheus-rules") == (group,)
    [made] = with_reliance((group,), shipped, "loki-rules")
    assert made.rules[0] is recording
    assert isinstance(made.rules[1], Alert)
    assert made.rules[1].labels == {"a": "b", "relies_on": "agent"}
