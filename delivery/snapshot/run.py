"""The whole run: which dashboards, one after the other, each one's failure its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from catalog.errors import Problem, ServerError, UsageError
from delivery.publish.servers import Reach, access
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Access, Transport, UnreachableError, path
from delivery.snapshot import album
from delivery.snapshot.browser import context, first_line, launched
from delivery.snapshot.excuses import Ask
from delivery.snapshot.findings import findings
from delivery.snapshot.model import (
    Box,
    Finding,
    Json,
    Panel,
    Shot,
    Subject,
    default_of,
    digest,
    panels_of,
    values_of,
    variable,
)
from delivery.snapshot.page import Taken, take
from delivery.snapshot.wish import ENDINGS, Wish

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

_DASHBOARDS = "grafana/dashboards/"
_SERVICE = "service"


def grafana(reach: Reach, environ: Mapping[str, str]) -> Access:
    """How Grafana is reached, as the option and the environment say.

    :raises UsageError: nothing says where it is, or the token cannot be used.
    """
    found = access("grafana", reach, environ)
    if found is None:
        fault = "nothing says where it is"
        raise UsageError(Problem("grafana", fault, "Set GRAFANA_URL, or add --grafana-url"))
    return found


def chosen(shipped: Shipped, uids: Sequence[str]) -> list[tuple[str, Subject]]:
    """The dashboards under generated/ that were asked for, or all: file and subject.

    :raises UsageError: one of them is not there.
    """
    known = {
        each.uid: (each.path, Subject(each.uid, Path(each.path).parent.name, each.sha256))
        for each in shipped.entries
        if each.uid and each.path.startswith(_DASHBOARDS)
    }
    if unknown := [uid for uid in uids if uid not in known]:
        raise UsageError(
            *(
                Problem("--dashboard", f"there is no dashboard '{uid}'", _one_of(known))
                for uid in unknown
            )
        )
    return [known[uid] for uid in sorted(known) if not uids or uid in uids]


def _one_of(known: dict[str, tuple[str, Subject]]) -> str:
    return f"One of: {', '.join(sorted(known))}"


def subjects(generated: Path, uids: Sequence[str], services: Sequence[str]) -> list[Subject]:
    """What pictures are taken of: one for each service that a dashboard is to show.

    A dashboard that shows every service, or always the same one, is taken once.

    :raises UsageError: a dashboard is not there, or none lets one choose such a service.
    """
    files = Shipped.read(generated)
    found: list[Subject] = []
    known: set[str] = set()
    for file, subject in chosen(files, uids):
        choice = variable(files.load(file), _SERVICE)
        values = values_of(choice) if choice else frozenset()
        known |= values
        if choice and services:
            found += [replace(subject, service=each) for each in services if each in values]
        else:
            found.append(subject)
    if unknown := [each for each in services if each not in known]:
        fault = f"no dashboard that is looked at lets one choose '{unknown[0]}'"
        raise UsageError(Problem("--service", fault, f"One of: {', '.join(sorted(known))}"))
    return found


def run(server: Access, program: str, wanted: Sequence[Subject], studio: Studio) -> Iterator[Shot]:
    """Take the pictures one after the other; each is in the folder before it is told of.

    :raises ServerError: Grafana cannot be reached.
    :raises UserError: there is no browser.
    """
    transport = Transport(server)
    look, headers = studio.wish.look, dict(server.headers)
    try:
        transport.read(path("api", "health"))
        with launched(program) as opened, context(opened, look, server.url, headers) as profile:
            for subject in wanted:
                yield _one(transport, profile, server.url, subject, studio)
    finally:
        transport.close()


def _one(
    transport: Transport, profile: BrowserContext, url: str, subject: Subject, studio: Studio
) -> Shot:
    from playwright.sync_api import Error

    try:
        answer = transport.read(path("api", "dashboards", "uid", subject.uid))
        if answer.missing():
            return _failed(subject, "Grafana does not have it: publish or mount it first")
        dashboard = answer.mapping("dashboard")["dashboard"]
    except UnreachableError:
        raise
    except ServerError as error:
        return _failed(subject, str(error))
    try:
        taken = take(profile, address(url, subject, studio.wish), dashboard, studio.wish)
    except Error as error:
        return _failed(subject, f"cannot be opened: {first_line(error)}", dashboard)
    return studio.developed(subject, dashboard, taken)


def address(server: str, subject: Subject, wish: Wish) -> str:
    """Where the dashboard is, with nothing of Grafana's around it. No token is part of it."""
    query = {"theme": wish.look.theme, "timezone": "utc"}
    if subject.service:
        query[f"var-{_SERVICE}"] = subject.service
    query |= {k: v for k, v in (("from", wish.since), ("to", wish.until)) if v}
    return f"{server.rstrip('/')}{path('d', subject.uid)}?{urlencode(query)}&kiosk"


@dataclass(frozen=True, slots=True)
class Studio:
    """How pictures are taken, what excuses an empty panel, and where they go.

    The excuses are asked for once a panel needs one, and not before.
    """

    wish: Wish
    excuses: Ask
    out: Path

    def developed(self, subject: Subject, dashboard: Json, taken: Taken) -> Shot:
        """The picture in its file, and what is wrong with it."""
        file = f"{subject.name}.{ENDINGS[self.wish.film.image]}"
        album.write(self.out, file, taken.image)
        boxes = {each.id: each.box for each in taken.drawn}
        return Shot(
            subject=subject,
            title=str(dashboard.get("title", "")),
            file=file,
            sha256=album.sha256(taken.image),
            size=len(taken.image),
            width=taken.width,
            height=taken.height,
            panels=tuple(
                _panel(each, boxes.get(each["id"]), taken.scale) for each in panels_of(dashboard)
            ),
            findings=(*self._wrong(subject, dashboard, taken), *self._too_large(taken)),
        )

    def _wrong(self, subject: Subject, dashboard: Json, taken: Taken) -> tuple[Finding, ...]:
        choice = variable(dashboard, _SERVICE)
        service = subject.service or (default_of(choice) if choice else "")

        def excuse(panel: int) -> str:
            return self.excuses(subject.uid).of(subject.uid, panel, service)

        return findings(dashboard, taken.drawn, taken.complaints, excuse)

    def _too_large(self, taken: Taken) -> Iterator[Finding]:
        size, largest = len(taken.image), self.wish.film.largest
        if largest and size > largest:
            text = f"the picture has {size} bytes, more than {largest}: take a smaller --scale"
            yield Finding("page", None, "", text)


def _panel(panel: Json, box: Box | None, scale: float) -> Panel:
    if box is not None and scale != 1:
        sides = (box.x, box.y, box.width, box.height)
        box = Box(*(round(each * scale) for each in sides))
    return Panel(panel["id"], panel.get("title", ""), panel.get("type", ""), digest(panel), box)


def _failed(subject: Subject, text: str, dashboard: Json | None = None) -> Shot:
    title = str((dashboard or {}).get("title", ""))
    return Shot(subject, title, "", "", 0, 0, 0, (), (Finding("failed", None, "", text),))
