"""One dashboard in the browser: opened as tall as it is, waited for, and looked at.

Grafana draws a panel only once it is on the screen, so the screen is as tall as the dashboard:
nothing is scrolled, and nothing is cut off.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from delivery.snapshot import scripts
from delivery.snapshot.model import Box, Drawn, Json, panels_of
from delivery.snapshot.wish import Film, Wish

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

#: Of a dashboard's grid: a row of it with its gap, and what is above the first.
_ROW_PIXELS, _TOP_PIXELS = 38, 160
#: Chromium draws no larger a surface.
_TALLEST = 16_000
_MARGIN = 8
#: Seconds: for the page itself, and for one question to it.
_OPEN, _ASK = 60.0, 20.0
_PAUSE_MILLISECONDS = 500
#: How often in a row nothing may load: between two steps of a panel a moment is quiet.
_QUIET = 4
#: A panel's questions to its datasource. Live updates stay open, and are none.
_DATA = ("/api/ds/query", "/api/datasources/", "/query.grafana.app/")
#: What Grafana's console holds for every dashboard there is.
_GRAFANA_S_OWN = (
    "net::ERR_",  # avatars and news, which may be out of reach
    "Failed to load resource",  # told by address, below
    "runRequest.catchError",  # so are these
    "/api/live/ws",  # live updates: no page needs them, and no token reaches them
    "[@formatjs",
    "React Router",
    "componentWillReceiveProps",
    # The node graph draws its edges once before it has placed its nodes.
    "<line> attribute",
)
#: Addresses that may fail: the user's picture, what a build from source leaves out, and how
#: Grafana asks whether a Loki's rules can be written (not in a read-only store).
_MAY_FAIL = ("/avatar/", "/api/gnet/", "/api/plugins/grafana-", "gravatar", "/rules/test/test")


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture and what is in it."""

    image: bytes
    width: int
    height: int
    #: Pixels of the picture for each of the page, in which the boxes of ``drawn`` are.
    scale: float
    drawn: Sequence[Drawn]
    #: What the page itself complains of, a line each.
    complaints: Sequence[str]


class Screen:
    """A page's window, which grows until it shows everything."""

    def __init__(self, page: Page, width: int, height: int) -> None:
        self.page, self.width, self.height = page, width, 0
        self.reach(height)

    def reach(self, bottom: int) -> None:
        """Show the page down to there; Chromium has a limit."""
        height = min(bottom, _TALLEST)
        if height > self.height:
            self.height = height
            self.page.set_viewport_size({"width": self.width, "height": height})


@dataclass
class _Ear:
    """What the page says and asks while it is open."""

    complaints: list[str] = field(default_factory=list)
    asked: set[Request] = field(default_factory=set)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {_line(error)}"))
        page.on("response", self._response)
        page.on("request", self._request)
        page.on("requestfinished", self._over)
        page.on("requestfailed", self._over)

    def _request(self, request: Request) -> None:
        if any(part in request.url for part in _DATA):
            self.asked.add(request)

    def _over(self, request: Request) -> None:
        self.asked.discard(request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(own in message.text for own in _GRAFANA_S_OWN):
            self.complaints.append(f"console: {_line(message.text)}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and not any(may in response.url for may in _MAY_FAIL):
            # Not its query: it is long, and an address may hold what nobody is to read.
            self.complaints.append(f"{response.status} {urlsplit(response.url).path}")


def take(context: BrowserContext, address: str, dashboard: Json, wish: Wish) -> Taken:
    """Open the address, wait until every panel has drawn, and take the picture.

    :raises playwright.sync_api.Error: the page cannot be opened, or hangs.
    """
    page = context.new_page()
    try:
        page.set_default_timeout(_ASK * 1000)
        ear = _Ear()
        ear.listen(page)
        screen = Screen(page, wish.look.width, _height(dashboard))
        page.goto(address, wait_until="domcontentloaded", timeout=_OPEN * 1000)
        _settle(screen, ear, sum(1 for _ in panels_of(dashboard)), wish.seconds)
        drawn = tuple(map(_drawn, _ask(page, scripts.PANELS)))
        bottom = max((each.box.y + each.box.height for each in drawn), default=screen.height)
        tall = min(bottom + _MARGIN, screen.height)
        data = _exposed(screen, tall, wish.film)
        complaints = tuple(dict.fromkeys(ear.complaints))
        scale = wish.film.scale
        size = round(screen.width * scale), round(tall * scale)
        return Taken(data, *size, scale, drawn, complaints)
    finally:
        page.close()


def _height(dashboard: Json) -> int:
    """Pixels that show every panel at once, as the dashboard's file says."""
    rows = [0]
    for panel in panels_of(dashboard):
        place = panel.get("gridPos") or {}
        rows.append(int(place.get("y", 0)) + int(place.get("h", 8)))
    return max(rows) * _ROW_PIXELS + _TOP_PIXELS


def _settle(screen: Screen, ear: _Ear, panels: int, seconds: float) -> None:
    """Wait until the panels are there and none of them loads any more.

    What still loads when the time is over is found when it is looked at.
    """
    deadline = time.monotonic() + seconds
    quiet = 0
    while time.monotonic() < deadline and quiet < _QUIET:
        screen.page.wait_for_timeout(_PAUSE_MILLISECONDS)
        opened = _ask(screen.page, scripts.OPEN_ROWS)
        state = _ask(screen.page, scripts.STATE)
        # A repeated panel, or a row that was opened, made it taller than its file says.
        screen.reach(state["bottom"] + _MARGIN)
        busy = opened or state["loading"] or ear.asked or state["panels"] < panels
        quiet = 0 if busy else quiet + 1


def _ask(page: Page, script: str) -> Any:
    answer = page.wait_for_function(script, polling=100, timeout=_ASK * 1000).json_value()
    return json.loads(answer)


def _drawn(said: Json) -> Drawn:
    return Drawn(
        id=said["id"],
        box=Box(**said["box"]),
        text=said["text"],
        rows=said["rows"],
        error=said["error"],
        loading=said["loading"],
        cut=said["cut"],
        legends=tuple(said["legends"]),
        clipped=tuple(said["clipped"]),
    )


def _exposed(screen: Screen, height: int, film: Film) -> bytes:
    """The picture at the best quality whose file is small enough, or at the last.

    By Chromium's own command: Playwright's knows no WebP, and no smaller scale.
    """
    session = screen.page.context.new_cdp_session(screen.page)
    clip = {"x": 0, "y": 0, "width": screen.width, "height": height, "scale": film.scale}
    data = b""
    for quality in film.qualities:
        wanted: dict[str, Any] = {"format": film.image, "clip": clip}
        if film.image != "png":
            wanted["quality"] = quality
        data = base64.b64decode(session.send("Page.captureScreenshot", wanted)["data"])
        if len(data) <= film.largest:
            break
    return data


def _line(said: object) -> str:
    return " ".join(str(said).split())[:400]
