"""One fault wakes somebody once: what silences what, worked out and asked of real Alertmanagers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

from alerts.inhibition import Inhibition, Labels, inhibitions
from alerts.present import alert_labels
from alerts.registry import rule_files
from alerts.routes import configuration
from catalog.model import Catalog
from queries.alert_matchers import fits
from tests.alerts import alertmanager
from tests.alerts.alertmanager import alert, wait

#: Where each alert of the tests is: rules and their expressions say so when they fire.
PLACE = {"cluster": "quay", "environment": "production"}


def placed(catalog: Catalog) -> list[dict[str, str]]:
    """Every alert that ships, as it fires in one place."""
    return [{**PLACE, **labels} for labels in alert_labels(rule_files(catalog))]


def rules_of(catalog: Catalog) -> tuple[Inhibition, ...]:
    return inhibitions(catalog, alert_labels(rule_files(catalog)))


def silences(rules: tuple[Inhibition, ...], source: Labels, target: Labels) -> bool:
    """As Alertmanager does it: an alert that is both sides of a rule does not silence itself."""
    return any(
        fits(rule.source, source)
        and fits(rule.target, target)
        and not (fits(rule.source, target) and fits(rule.target, source))
        and all(source.get(label, "") == target.get(label, "") for label in rule.same)
        for rule in rules
    )


def pairs(catalog: Catalog) -> list[tuple[dict[str, str], dict[str, str]]]:
    rules, firing = rules_of(catalog), placed(catalog)
    return [(one, other) for one, other in product(firing, firing) if silences(rules, one, other)]


@pytest.fixture(params=["shipped", "second"])
def catalog(request: pytest.FixtureRequest) -> Catalog:
    found: Catalog = request.getfixturevalue(request.param)
    return found


def test_something_of_each_cause_is_heard(catalog: Catalog) -> None:
    """Sources are pages, and no chain of rules closes: of all that fire, one is not silenced.

    From any silenced alert the way up the chain ends at one that nothing silences.
    """
    found = pairs(catalog)
    assert found
    assert {source["severity"] for source, _ in found} == {"page"}
    above: dict[str, set[str]] = {}
    for source, target in found:
        above.setdefault(str(sorted(target.items())), set()).add(str(sorted(source.items())))

    def climb(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, f"silences itself: {' <- '.join((*way, name))}"
        for each in above.get(name, ()):
            climb(each, (*way, name))

    for name in above:
        climb(name, ())


def test_the_cause_of_a_silenced_alert_is_that_of_its_service_or_of_what_it_relies_on(
    catalog: Catalog,
) -> None:
    for source, target in pairs(catalog):
        relied = target.get("relies_on", "").split(",")
        assert source["service"] in {target["service"], *relied}, (source, target)


def test_what_is_dead_and_the_watchdog_are_never_silenced(catalog: Catalog) -> None:
    silenced = {target["alertname"] for _, target in pairs(catalog)}
    assert not silenced & {"AllTargetsDown", "NotScraped", "Watchdog", "AlertsUndelivered"}


def named(catalog: Catalog) -> set[tuple[str, str, str, str]]:
    return {
        (source["service"], source["alertname"], target["service"], target["alertname"])
        for source, target in pairs(catalog)
    }


def test_what_silences_what(shipped: Catalog) -> None:
    found = named(shipped)
    # A page over the tickets of its service.
    assert ("ryot", "ErrorBudgetBurnFast", "ryot", "LogErrorSpike") in found
    assert ("ryot", "ErrorBudgetBurnFast", "sigmalang", "LogErrorSpike") not in found
    # A dead platform over its symptoms.
    assert ("loki", "AllTargetsDown", "agent", "AgentDroppingLines") in found
    assert ("loki", "NotScraped", "agent", "AgentLagging") in found
    assert ("memcached", "AllTargetsDown", "loki", "SlowLogQueries") in found
    assert ("agent", "AllTargetsDown", "sigmavault", "ServiceSilent") in found
    assert ("agent", "AllTargetsDown", "sigmavault", "UnreadableLogLines") in found
    assert ("agent", "AllTargetsDown", "ryot", "HighErrorRatio") not in found
    assert ("agent", "AllTargetsDown", "loki", "RuleEvaluationFailing") not in found
    # A service's silence over what judges it.
    assert ("ryot", "NotScraped", "ryot", "ErrorBudgetBurnFast") in found
    assert ("ryot", "ErrorBudgetBurnFast", "ryot", "NotScraped") not in found


def test_lost_lines_silence_only_what_is_counted_in_them(shipped: Catalog) -> None:
    """Users may see errors while lines are lost: what the service itself counts is still heard."""
    silenced = [
        target
        for source, target in pairs(shipped)
        if source["alertname"] == "ServiceSilent" and target["severity"] == "page"
    ]
    assert silenced
    assert {target["relies_on"] for target in silenced} == {"agent"}
    assert {target["alertname"] for target in silenced} == {"ErrorBudgetBurnFast"}


def test_no_rule_is_written_of_what_does_not_ship(second: Catalog) -> None:
    """The harbour has neither Memcached nor Jaeger."""
    written = str([rule.written() for rule in rules_of(second)])
    assert "memcached" not in written
    assert "jaeger" not in written


@pytest.fixture(params=alertmanager.releases(), ids=lambda path: Path(path).name)
def server(
    request: pytest.FixtureRequest,
    need_binary: Callable[[str], str],
    shipped: Catalog,
    tmp_path: Path,
) -> Iterator[alertmanager.Alertmanager]:
    content = configuration(shipped, alert_labels(rule_files(shipped)))
    config = alertmanager.write(tmp_path, content, shipped.prefix, "http://127.0.0.1:1/")
    with alertmanager.running(need_binary(request.param), config, tmp_path) as running:
        yield running


def test_a_real_alertmanager_silences_just_those(
    server: alertmanager.Alertmanager, shipped: Catalog
) -> None:
    """Each source in a cluster of its own, with all that is no source itself.

    In every fifth cluster everything fires at once.
    """
    rules, firing = rules_of(shipped), placed(shipped)
    sources = [one for one in firing if any(silences(rules, one, other) for other in firing)]
    never = [one for one in firing if one not in sources]
    assert len(sources) > 20
    expected: dict[tuple[str, str], bool] = {}
    posted = []
    for number, source in enumerate(sources):
        beside = firing if number % 5 == 0 else [source, *never]
        present = [{**each, "cluster": f"c{number}"} for each in beside]
        posted += present
        for each in present:
            expected[key(each)] = any(silences(rules, one, each) for one in present)
    server.post(alert(labels) for labels in posted)

    def state() -> dict[tuple[str, str], bool]:
        return {
            key(each["labels"]): each["status"]["state"] == "suppressed"
            and bool(each["status"]["inhibitedBy"])
            for each in server.alerts()
        }

    def differing() -> list[str]:
        now = state()
        return [str(each) for each in expected if now.get(each) is not expected[each]]

    wait(lambda: not differing(), "what is silenced", lambda: "\n".join(differing()[:5]))
    assert state() == expected
    assert 0 < sum(expected.values()) < len(expected)


def key(labels: Labels) -> tuple[str, str]:
    return labels["cluster"], str(sorted(labels.items()))


def test_elsewhere_it_silences_nothing(server: alertmanager.Alertmanager, shipped: Catalog) -> None:
    source, target = next(
        (source, target)
        for source, target in pairs(shipped)
        if source["alertname"] == "AllTargetsDown" and source["service"] != target["service"]
    )
    server.post([alert(source), alert({**target, "cluster": "elsewhere"}), alert(target)])

    def silenced() -> set[str]:
        return {
            each["labels"]["cluster"] for each in server.alerts() if each["status"]["inhibitedBy"]
        }

    wait(lambda: silenced() == {"quay"}, "the one beside it")
    by = [each for each in server.alerts() if each["labels"]["alertname"] == "AllTargetsDown"]
    [heard] = [each for each in by if each["labels"]["service"] == source["service"]]
    assert heard["status"] == {"inhibitedBy": [], "silencedBy": [], "state": "active"} | (
        {"mutedBy": heard["status"]["mutedBy"]} if "mutedBy" in heard["status"] else {}
    )
    [hushed] = [each for each in server.alerts() if each["status"]["inhibitedBy"]]
    assert hushed["status"]["inhibitedBy"] == [heard["fingerprint"]]
