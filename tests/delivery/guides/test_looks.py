"""What a runbook says to look at first is a link that opens with everything filled in."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, urlsplit

import pytest

from catalog.load import load_catalog
from delivery.guides.addresses import since
from delivery.guides.alerting import alerting
from delivery.guides.blocks import Page, WordsError
from delivery.guides.looks import look
from delivery.guides.pages_of_servers import PAGES, address

ROOT = Path(__file__).parents[3]
CATALOG = load_catalog(ROOT / "catalog")
GRAFANA = CATALOG.platform.links.grafana_url
PANEL = alerting(CATALOG).dashboards["neurectomy-logs-agents"].panels["Error messages"][0]


def made(alert: str, words: str = "") -> str:
    return look(Page(CATALOG, PurePosixPath(f"docs/runbooks/{alert}.md"), words))


def test_without_words_it_is_where_the_alert_itself_leads() -> None:
    address = f"{GRAFANA}/d/neurectomy-platform?from=now-1h&to=now"
    assert made("StreamsNearLimit") == f"- [NEURECTOMY: platform health]({address})"
    lines = made("HighErrorRatio")
    for each in CATALOG.services:
        wanted = f"{GRAFANA}/d/neurectomy-unified?var-service={each.id}&from=now-1h&to=now"
        assert f"[{each.name}]({wanted})" in lines


def test_a_panel_of_each_service_s_dashboard() -> None:
    found = made("LogErrorSpike", "logs Error messages")
    assert found.startswith("- Error messages: [Agents](")
    assert found.count(" · ") == len(CATALOG.services) - 1
    url = f"{GRAFANA}/d/neurectomy-logs-agents?from={since('LogErrorSpike')}&to=now"
    assert f"({url}&viewPanel={PANEL})" in found


def test_an_alert_of_one_service_has_one_link() -> None:
    assert re.findall(r"\[(.+?)\]", made("WatchedOutcome", "unified")) == ["ΣVAULT"]


def test_each_wish_is_a_line_of_its_own() -> None:
    found = made("RingUnhealthy", "server ring ; platform Query latency").splitlines()
    assert found[0] == f"- [Loki's ring of ingesters]({address(CATALOG, PAGES['ring'])})"
    assert found[1].startswith("- [Query latency](")


def test_a_query_of_the_library_has_the_values_that_the_page_gives_it() -> None:
    found = made("NewErrorPattern", "query pattern-matching level=error matches='a b'")
    first = re.findall(r"\((http[^)]*)\)", found)[0]
    asked = parse_qs(urlsplit(first).query)
    assert asked["var-service"] == ["agents"]
    assert (asked["var-level"], asked["var-matches"]) == (["error"], ["a b"])


def test_all_levels_are_no_value_at_all() -> None:
    assert "var-level" not in made("FailedEvents", "query log-patterns level=debug,info,warn,error")
    assert "var-level=error" in made("FailedEvents", "query log-patterns")


def test_explore_is_asked_for_each_service_and_each_component() -> None:
    for word, count in (("SERVICE", len(CATALOG.services)), ("COMPONENT", 6)):
        found = made("AllTargetsDown", f'metrics up{{service="{word}"}}')
        urls = re.findall(r"\((http[^)]*)\)", found)
        assert len(urls) == count
        state = json.loads(parse_qs(urlsplit(urls[0]).query)["left"][0])
        assert state["range"] == {"from": "now-1h", "to": "now"}
        assert word not in state["queries"][0]["expr"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("log", "there is no place 'log'. Did you mean 'logs'?."),
        ("unified Requests by rout", "no panel is called 'Requests by rout'. Did you mean"),
        ("query error-rates", "query error-rates: the library has no such query. Did you mean"),
        ("server rings", "there is no page 'rings' of a server. Did you mean 'ring'?."),
        ("metrics sum(", "'sum(' is no PromQL: "),
        ('metrics up{job="COMPONENT"}', "concerns HighErrorRatio. Name another place."),
    ],
)
def test_what_is_not_there_is_named(words: str, message: str) -> None:
    with pytest.raises(WordsError) as caught:
        made("HighErrorRatio", words)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", PAGES)
def test_a_server_is_asked_through_grafana(name: str) -> None:
    page = PAGES[name]
    found = address(CATALOG, page)
    assert found.startswith(f"{GRAFANA}/api/datasources/proxy/uid/neurectomy-{page.datasource}/")
    assert found.endswith(page.path)
    assert page.path[:1] != "/"
