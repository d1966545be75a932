"""Pictures of whole dashboards from a real browser, and what the browser complained of.

``python -m tests.live.shots --grafana URL --out DIR [--dashboard UID] [--width 1600]``
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

Page = Any

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
]
#: Of a dashboard's grid: a row of it, and the gap between two.
_ROW_PIXELS, _TOP_PIXELS = 38, 160
#: Console messages that Grafana writes for every dashboard there is.
_GRAFANA_S_OWN = (
    "net::ERR_",  # avatars and news, which are not reachable here
    "Failed to load resource",  # told apart below, by address
    "[@formatjs",
    "React Router",
    "componentWillReceiveProps",
    # The node graph draws its edges once before it has placed its nodes.
    "<line> attribute",
)
#: Addresses that may fail: the user's picture, what a build from source leaves out, and how
#: Grafana asks whether a Loki's rules can be written (not in a read-only store).
_MAY_FAIL = ("/avatar/", "/api/gnet/", "/api/plugins/grafana-", "gravatar", "/rules/test/test")


@dataclass
class Shot:
    """What a dashboard looked like."""

    uid: str
    picture: Path
    panels: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@contextmanager
def browser(executable: str | None = None) -> Iterator[Any]:
    """A Chromium without a window."""
    from playwright.sync_api import sync_playwright

    path = executable or shutil.which("chromium")
    if path is None:
        raise RuntimeError("chromium is not on the PATH")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield opened
        finally:
            opened.close()


def height_of(dashboard: dict[str, Any]) -> int:
    """Pixels that show every panel at once."""
    rows = [0]
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        rows.append(place["y"] + place["h"])
    return max(rows) * _ROW_PIXELS + _TOP_PIXELS


def take(
    opened: Any,
    grafana: str,
    uid: str,
    out: Path,
    width: int = 1600,
    query: str = "",
    seconds: float = 90,
    name: str = "",
) -> Shot:
    """Open a dashboard as tall as it is, wait until every panel has drawn, and look."""
    answer = requests.get(f"{grafana}/api/dashboards/uid/{uid}", timeout=30)
    answer.raise_for_status()
    dashboard = answer.json()["dashboard"]
    out.mkdir(parents=True, exist_ok=True)
    shot = Shot(uid, out / f"{name or uid}.png")
    page = opened.new_page(viewport={"width": width, "height": height_of(dashboard)})
    try:
        page.on("console", lambda message: _console(shot, message))
        page.on("pageerror", lambda error: shot.console.append(f"uncaught: {error}"))
        page.on("response", lambda response: _response(shot, response))
        page.goto(f"{grafana}/d/{uid}?kiosk{query}", wait_until="domcontentloaded")
        panels = {panel["id"]: panel for panel in dashboard["panels"] if panel["type"] != "row"}
        settle(page, len(panels), seconds)
        page.screenshot(path=str(shot.picture), full_page=True)
        _look(page, shot, panels)
    finally:
        page.close()
    return shot


def settle(page: Page, panels: int, seconds: float) -> None:
    """Wait until the panels are there and none of them loads any more."""
    deadline = time.monotonic() + seconds
    quiet = 0
    while time.monotonic() < deadline and quiet < 4:
        page.wait_for_timeout(500)
        state = page.evaluate(_STATE)
        quiet = quiet + 1 if state["panels"] >= panels and not state["loading"] else 0


_STATE = """() => ({
  panels: document.querySelectorAll('[data-panelid], [data-viz-panel-key]').length,
  loading: document.querySelectorAll(
    '[aria-label="Panel loading bar"], [data-testid="data-testid panel loading bar"],'
    + ' [aria-label*="oading indicator"], .panel-loading, [data-testid="Spinner"]').length
    + [...document.querySelectorAll('[class*="panel-content"], section')]
      .filter(e => /^Loading/.test(e.textContent)).length,
})"""

_PANELS = """() => [...document.querySelectorAll('[data-panelid], [data-viz-panel-key]')].map(e => {
  const key = e.getAttribute('data-panelid') || e.getAttribute('data-viz-panel-key');
  const status = e.querySelector('[data-testid="data-testid Panel status error"],'
    + ' [aria-label="Panel status"], [data-testid="data-testid panel-error"],'
    + ' .panel-info-corner--error, [aria-label*="Panel header error"]');
  return {
    id: Number(key.replace(/\\D+/g, '')),
    text: e.innerText || '',
    rows: e.querySelectorAll('[role="row"]').length,
    error: status ? (status.getAttribute('aria-label') || status.textContent || 'error') : '',
  };
})"""

#: What Grafana says itself where there is nothing; a panel has words of its own for it.
_NOTHING = ("No data", "No logs found", "No alerts matching filters")

_UNHAPPY = (
    "An unexpected error",
    "Panel plugin not found",
    "Error loading",
    "Query error",
    "bad_data",
    "parse error",
    "TypeError",
    "Failed to load",
)


def _look(page: Page, shot: Shot, panels: dict[int, dict[str, Any]]) -> None:
    for drawn in page.evaluate(_PANELS):
        panel = panels.get(drawn["id"])
        if panel is None:
            continue
        title, text = panel["title"], drawn["text"]
        shot.panels.append(title)
        if drawn["error"]:
            shot.errors.append(f"{title}: {drawn['error']}")
        shot.errors += [f"{title}: {wrong}" for wrong in _UNHAPPY if wrong in text]
        if drawn["rows"] > 1:
            continue  # a table with rows, in which a cell may be empty
        own = panel.get("fieldConfig", {}).get("defaults", {}).get("noValue")
        if any(each in text for each in (*_NOTHING, *([own] if own else []))):
            shot.empty.append(title)


def _console(shot: Shot, message: Any) -> None:
    if message.type == "error" and not any(own in message.text for own in _GRAFANA_S_OWN):
        shot.console.append(message.text[:400])


def _response(shot: Shot, response: Any) -> None:
    if response.status >= 400 and not any(may in response.url for may in _MAY_FAIL):
        body = ""
        try:
            body = response.text()[:300]
        except Exception:  # noqa: BLE001 - a body that is gone is no news
            body = ""
        shot.failed.append(f"{response.status} {response.url[:200]} {body}")


def dashboards(grafana: str) -> list[str]:
    """The uid of every dashboard."""
    answer = requests.get(f"{grafana}/api/search", params={"type": "dash-db"}, timeout=30)
    answer.raise_for_status()
    return sorted(each["uid"] for each in answer.json())


def main() -> int:
    """Take the pictures, print what is wrong with each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grafana", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dashboard", action="append", default=[])
    parser.add_argument("--width", type=int, default=1600)
    parser.add_argument("--query", default="", help="more of the address: &var-service=x&from=...")
    options = parser.parse_args()
    wrong = 0
    with browser() as opened:
        for uid in options.dashboard or dashboards(options.grafana):
            shot = take(opened, options.grafana, uid, options.out, options.width, options.query)
            print(f"{shot.picture}: {len(shot.panels)} panels", flush=True)
            for kind in ("errors", "empty", "console", "failed"):
                for each in getattr(shot, kind):
                    wrong += 1
                    print(f"  {kind}: {each}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
