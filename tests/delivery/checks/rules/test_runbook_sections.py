from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.registry import CHECKS
from delivery.checks.rules import link_dead, metric_unknown
from delivery.checks.rules.runbook_sections import CHECK, SECTIONS
from tests.delivery.checks.pages import FILE, PAGE, found, line_of


def fault(where, reason, remedy):
    return [Finding("runbook/sections", FILE, where, reason, remedy)]


def test_a_whole_page_is_sound(tmp_path):
    mine = [check for check in CHECKS if check.id.startswith(("runbook/", "link/", "query/"))]
    assert found(tmp_path, PAGE, *mine, metric_unknown.CHECK) == []


def test_the_name_is_another_alerts(tmp_path):
    wanted = fault(
        "line 1",
        "the page does not begin with its alert's name",
        "Write # HighErrorRatio on its first line",
    )
    assert found(tmp_path, PAGE.replace("# HighErrorRatio", "# High errors", 1), CHECK) == wanted


@pytest.mark.parametrize("index", range(len(SECTIONS)))
def test_a_section_is_missing(tmp_path, index):
    title = SECTIONS[index]
    page = PAGE.replace(f"## {title}\n", "")
    if index + 1 < len(SECTIONS):
        after = SECTIONS[index + 1]
        reason = f"'{after}' stands where '{title}' is looked for"
        wanted = fault(line_of(page, f"## {after}"), reason, f"Write ## {title} here")
    else:
        where = f"line {len(page.splitlines())}"
        wanted = fault(where, f"the section '{title}' is missing", f"Write ## {title} at the end")
    assert found(tmp_path, page, CHECK) == wanted


def test_a_section_is_not_one_of_them(tmp_path):
    page = f"{PAGE}\n## History\n\nLong.\n"
    where = line_of(page, "## History")
    wanted = fault(where, "'History' is no section of a runbook", "Take it out")
    assert found(tmp_path, page, CHECK) == wanted


def test_a_heading_inside_of_a_command_is_none(tmp_path):
    page = PAGE.replace("```sh\n", "```sh\n## not a section\n")
    assert found(tmp_path, page, CHECK) == []


@pytest.mark.parametrize("nothing", ["", "<!-- made: facts -->\n<!-- made end -->"])
def test_a_section_is_empty(tmp_path, nothing):
    page = PAGE.replace("Users see errors.", nothing)
    where = line_of(page, "## Impact")
    wanted = fault(where, "the section 'Impact' says nothing", "Write what is known of it")
    assert found(tmp_path, page, CHECK) == wanted


def test_the_first_look_is_two_things(tmp_path):
    page = PAGE.replace("3. What it says:", "and what it says:")
    wanted = fault(
        line_of(page, "## First look"),
        "there are 2 things to look at first, and not 3",
        "Write them as 1., 2. and 3., what shows most first",
    )
    assert found(tmp_path, page, CHECK) == wanted


def test_a_thing_opens_nothing(tmp_path):
    page = PAGE.replace("[Shop](http://localhost:3000/d/shop?from=now-1h&to=now)", "Shop")
    wanted = fault(
        line_of(page, "1. Its dashboard."),
        "nothing opens what is to be looked at",
        "Add a link below it, as <!-- made: look PLACE --> makes",
    )
    assert found(tmp_path, page, CHECK) == wanted


def test_the_diagnosis_asks_nothing(tmp_path):
    page = PAGE.replace("```", "")
    wanted = fault(
        line_of(page, "## Diagnosis"),
        "the diagnosis has no query and no command",
        "Show one that can be pasted, as <!-- made: query NAME --> does",
    )
    assert found(tmp_path, page, CHECK) == wanted


def test_a_link_leads_nowhere(tmp_path):
    page = PAGE.replace("/d/shop?viewPanel=1", "/d/shops?viewPanel=1")
    url = "http://localhost:3000/d/shops?viewPanel=1"
    start = url.index("shops")
    assert found(tmp_path, page, link_dead.CHECK) == [
        Finding(
            "link/dead",
            FILE,
            line_of(page, "/d/shops"),
            "no dashboard has the uid 'shops'",
            "Did you mean 'shop'?",
            url,
            start,
            start + len("shops"),
        )
    ]


def test_a_query_asks_for_what_nobody_emits(tmp_path):
    page = PAGE.replace("rate(http_server_request_duration_seconds_count", "rate(http_requests")
    page = page.replace("%22expr%22%3A%22up%22", "%22expr%22%3A%22upp%22")
    told = [(each.where, each.reason) for each in found(tmp_path, page, metric_unknown.CHECK)]
    assert told == [
        (line_of(page, "rate(http_requests"), "nobody emits 'http_requests'"),
        (line_of(page, "/explore"), "nobody emits 'upp'"),
    ]
