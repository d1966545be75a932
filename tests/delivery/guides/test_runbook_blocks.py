"""What runbooks say of settings, queries, pods and people is what the catalog says."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from catalog.load import load_catalog
from delivery.guides.blocks import BlockError, Page, WordsError, filled
from delivery.guides.pods import pods
from delivery.guides.registry import makers
from delivery.guides.runbooks import escalation, facts, query

ROOT = Path(__file__).parents[3]
CATALOG = load_catalog(ROOT / "catalog")
MINIMAL = load_catalog(ROOT / "tests/fixtures/minimal")


def page(alert: str, words: str = "", catalog=CATALOG) -> Page:
    return Page(catalog, PurePosixPath(f"docs/runbooks/{alert}.md"), words)


def test_how_an_alert_is_told_and_its_settings() -> None:
    found = facts(page("StreamsNearLimit", "thresholds.limit_share_maximum thresholds.silence"))
    assert found == (
        "It is a ticket, about Loki. Evaluated by Prometheus, it fires after 10m of being true "
        "without a break.\n\n"
        "| Setting in the catalog | Value |\n| --- | --- |\n"
        "| `thresholds.limit_share_maximum` | 0.8 |\n| `thresholds.silence` | 15m |"
    )
    assert facts(page("ErrorBudgetBurnFast")).endswith("it fires at once.")
    both = "Evaluated by Loki's ruler and Prometheus,"
    assert both in facts(page("FailedEvents"))


def test_settings_of_the_windows_have_a_file_of_their_own() -> None:
    assert "| `windows.low_budget` | 10 |" in facts(page("ErrorBudgetLow", "windows.low_budget"))


@pytest.mark.parametrize("words", ["thresholds.silense", "silence", "limits.streams.most"])
def test_a_setting_that_is_not_there_is_named(words: str) -> None:
    with pytest.raises(WordsError, match=f"the catalog has no setting '{words}'"):
        facts(page("StreamsNearLimit", words))


def test_the_team_is_the_rule_s_and_not_the_service_s() -> None:
    assert escalation(page("HighLabelCardinality")).splitlines()[2:] == [
        "| Agents, Ryot, ΣLANG, ΣVAULT | platform | `#platform-pages` | platform-oncall |"
    ]
    assert len(escalation(page("FailedEvents")).splitlines()) == 2 + len(CATALOG.services)


def test_a_query_is_a_command_and_a_link() -> None:
    found = query(page("FailedEvents", "failure-share since=30m"))
    command = "query run failure-share --service SERVICE --since 30m --environment cluster"
    assert f"```sh\npython build.py {command}\n```" in found
    assert "(../query-reference.md#failure-share)" in found
    assert found.count("/d/neurectomy-log-explorer?var-service=") == len(CATALOG.services)


def test_of_one_service_the_command_names_it() -> None:
    found = query(page("WatchedOutcome", "field-counts field=actor since=30m"))
    assert "--service sigmavault --param field=actor --since 30m" in found


def test_a_trace_is_asked_by_its_id() -> None:
    assert "--param trace_id=TRACE_ID" in query(page("SlowOperations", "trace-path"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "query : the library has no such query."),
        ("failure-shares", "Did you mean 'failure-share'?"),
        ("failure-share top=3", "there is no parameter 'top'"),
        ("volume-trend since=soon", "--since: is 'soon', not a duration"),
    ],
)
def test_what_the_command_would_refuse_is_refused(words: str, message: str) -> None:
    text = f"<!-- made: query{' ' if words else ''}{words} -->\n<!-- made end -->\n"
    with pytest.raises(BlockError) as caught:
        filled(text, page("FailedEvents"), makers())
    told = str(caught.value)
    assert told.startswith("docs/runbooks/FailedEvents.md:1: block 'query': ")
    assert message in told


def test_pods_are_found_by_the_labels_that_are_deployed() -> None:
    assert "`kubectl -n neurectomy get pods -l app=ryot -o wide`" in pods(page("LogErrorSpike"))
    agents = pods(page("AgentLagging"))
    assert agents.startswith("<!-- run: cluster -->\n```sh\nkubectl -n monitoring get pods")
    assert "-l app=promtail" in agents
    assert "Where `deploy/k8s-current` runs: `-n monitoring -l app=alloy`." in agents
    assert "app.kubernetes.io/name=prometheus" in pods(page("NoAlertReceiver"))
    assert "run: cluster" not in pods(page("NoAlertReceiver"))


def test_the_labels_are_those_of_the_manifests() -> None:
    folder = ROOT / "generated/deploy"
    manifests = "\n".join(each.read_text("utf-8") for each in folder.glob("k8s*/18-*.yaml"))
    for name in ("loki", "memcached", "promtail", "alloy"):
        assert f"app.kubernetes.io/name: {name}" in manifests
        assert f"app: {name}" in manifests
    assert "app.kubernetes.io/name=loki" in pods(page("RingUnhealthy"))
    assert "app.kubernetes.io/name=memcached" in pods(page("CacheUnreachable"))


def test_a_catalog_that_deploys_nothing_has_no_pods_of_components() -> None:
    assert pods(page("AllTargetsDown", catalog=MINIMAL)).startswith("| Service |")
    with pytest.raises(WordsError, match="no component 'lokki'"):
        pods(page("AllTargetsDown", "lokki"))


def test_an_indented_block_stays_indented() -> None:
    text = "1. One.\n\n    <!-- made: two words -->\n    <!-- made end -->\n"
    once = filled(text, page("X"), {"two": lambda each: f"- {each.words}\n- b"})
    assert once == (
        "1. One.\n\n    <!-- made: two words -->\n\n    - words\n    - b\n\n    <!-- made end -->\n"
    )
    assert filled(once, page("X"), {"two": lambda each: f"- {each.words}\n- b"}) == once
