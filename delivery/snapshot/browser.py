"""The browser that takes the pictures: a Chromium that is installed, never one that is fetched.

What Playwright would download is another program from another place than the machine's own
packages, and a runner without a way out could not have it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from catalog.errors import Problem, UserError
from delivery.net import port
from delivery.places import display
from delivery.snapshot.wish import Look

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Route

#: As distributions and Google's own packages call it.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "CHROMIUM_BIN"

_ARGUMENTS = (
    # Its sandbox needs rights that a container does not give; only our own Grafana is opened.
    "--no-sandbox",
    "--disable-gpu",
    # The default of a container's /dev/shm is 64 MiB, less than one tall page takes.
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--hide-scrollbars",
)
_LAUNCH_SECONDS = 60.0


def chromium(environ: Mapping[str, str]) -> str:
    """The browser's program: what CHROMIUM_BIN names, or the first on the PATH.

    :raises UserError: there is none.
    """
    named = environ.get(VARIABLE)
    if named:
        if not (Path(named).is_file() and os.access(named, os.X_OK)):
            fault = "is no program that can be run"
            raise UserError(Problem(f"{VARIABLE} ({display(Path(named))})", fault, "Correct it"))
        return named
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        fault = f"no Chromium is on the PATH (looked for {', '.join(PROGRAMS)})"
        remedy = f"Install one, such as Debian's package chromium, or name it in {VARIABLE}"
        raise UserError(Problem("snapshot", fault, remedy))
    return found


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    """That Chromium without a window; ended in the end.

    :raises UserError: Playwright is not installed, or the program does not start.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ModuleNotFoundError:
        remedy = "Run make venv, or pip install '.[demo]'"
        raise UserError(Problem("snapshot", "playwright is not installed", remedy)) from None
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(
                executable_path=program, args=list(_ARGUMENTS), timeout=_LAUNCH_SECONDS * 1000
            )
        except Error as error:
            fault = f"does not start: {first_line(error)}"
            remedy = f"Start it by hand to see why, or name another in {VARIABLE}"
            raise UserError(Problem(display(Path(program)), fault, remedy)) from None
        try:
            yield opened
        finally:
            opened.close()


def first_line(error: Exception) -> str:
    """What is wrong in one line: the rest of Playwright's messages is its own log."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".:")


@contextmanager
def context(
    opened: Browser, look: Look, server: str, headers: Mapping[str, str]
) -> Iterator[BrowserContext]:
    """A profile of its own, whose requests to the server, and no others, carry the headers."""
    made = opened.new_context(
        viewport={"width": look.width, "height": 1000},
        color_scheme="light" if look.theme == "light" else "dark",
        reduced_motion="reduce",
        # One pixel of the picture for each of the page, wherever it is taken.
        device_scale_factor=1,
        locale="en-GB",
        timezone_id="UTC",
    )
    try:
        if headers:
            made.route("**/*", lambda route: _pass(route, server, headers))
        yield made
    finally:
        made.close()


def _pass(route: Route, server: str, headers: Mapping[str, str]) -> None:
    """Let a request through; with the token if it goes to the server itself.

    A page loads pictures and news from elsewhere, and an address it is redirected to is none of
    ours: Playwright keeps an override to the one request.
    """
    if _origin(route.request.url) != _origin(server):
        route.continue_()
        return
    route.continue_(headers={**route.request.headers, **headers})


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, port(parts)
