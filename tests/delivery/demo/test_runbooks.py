"""A runbook in the demo leads to the demo: its pages, its Grafana, its catalog."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from catalog.load import load_catalog
from delivery.demo.machine import PORTS, Machine, on_this_machine
from delivery.demo.ports import free_port
from delivery.demo.receiver import Receiver
from delivery.demo.runbooks import Runbooks

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = {name: 15_000 + number for number, name in enumerate(PORTS)}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Runbooks:
    folder = tmp_path_factory.mktemp("here")
    copy = on_this_machine(ROOT / "catalog", folder / "catalog", Machine(folder, NUMBERS))
    return Runbooks(ROOT / "docs", load_catalog(copy), copy)


def test_every_runbook_is_a_page_that_leads_to_this_machine(here: Runbooks) -> None:
    for path in sorted((ROOT / "docs/runbooks").glob("*.md")):
        page = here.page(f"/runbooks/{path.stem}")
        assert page is not None
        assert f'<h1 id="{path.stem.lower()}">{path.stem}</h1>' in page
        assert "http://localhost:3000" not in page, path
        assert "--environment" not in page, path


def test_what_it_says_is_of_the_catalog_of_here(here: Runbooks) -> None:
    page = here.page("/runbooks/ErrorBudgetBurnFast") or ""
    link = f"http://127.0.0.1:{NUMBERS['grafana']}/d/neurectomy-slo-agents?from=now-6h&amp;to=now"
    assert f'<a href="{link}">Agents</a>' in page
    assert f"--since 1h --catalog {here.catalog_folder}" in page
    assert "<table>" in page


def test_pages_that_a_runbook_links_to_are_found_with_their_headings(here: Runbooks) -> None:
    page = here.page("/runbooks/ErrorBudgetBurnFast") or ""
    assert 'href="../query-reference.md#log-patterns"' in page
    assert 'id="log-patterns"' in (here.page("/query-reference.md") or "")


@pytest.mark.parametrize(
    "path", ["/", "/runbooks", "/runbooks/None", "/../README.md", "/runbooks/../../README", "//"]
)
def test_nothing_else_is(here: Runbooks, path: str) -> None:
    assert here.page(path) is None


def test_the_receiver_shows_them(here: Runbooks) -> None:
    port = free_port()
    listening = Receiver(port, here.page)
    try:
        url = f"http://127.0.0.1:{port}"
        answer = requests.get(f"{url}/runbooks/Watchdog?from=chat", timeout=5)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<h1" in answer.text
        refused = requests.get(f"{url}/runbooks/None", timeout=5)
        assert refused.status_code == 404
        assert "/runbooks/NAME" in refused.text
    finally:
        listening.stop()
