"""The links of the runbooks: each is opened, so that nobody finds out at night that one is dead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from delivery.audit.links.follow import Found
from delivery.audit.model import Link
from delivery.audit.opening import Run
from delivery.audit.servers import LostError
from delivery.checks.documents import Documents
from delivery.checks.read_runbooks import Runbook, read

_PROXIED = "/api/datasources/proxy/uid/"
_GOOD = 200
_GRAFANA_WITH_UIDS = (10,)


def runbook_links(run: Run, follow: Callable[[str], Found]) -> Iterator[Link]:
    """Each address once, at the first page and line that has it."""
    seen: set[str] = set()
    grafana = str(run.servers.system.catalog.platform.links.grafana_url).rstrip("/")
    for page in _pages(run.wishes.runbooks):
        for link in page.links():
            if link.text in seen or not link.text.startswith(f"{grafana}/"):
                continue
            if run.wishes.services and not _is_of(link.text, run.wishes.services):
                continue
            seen.add(link.text)
            verdict, reason = _opened(run, follow, link.text.removeprefix(grafana))
            place = f"{page.file}:{link.line}"
            yield Link("runbook", page.alert, place, "", link.text, verdict, reason)


def _pages(folder: Path | None) -> list[Runbook]:
    documents = Documents()
    if folder is not None:
        read(folder, documents)
    return documents.pages


def _is_of(url: str, services: Sequence[str]) -> bool:
    """Whether it is about one of the services, or about none."""
    chosen = dict(parse_qsl(urlsplit(url).query)).get("var-service")
    return chosen is None or chosen in services


def _opened(run: Run, follow: Callable[[str], Found], path: str) -> Found:
    if not path.startswith(_PROXIED):
        return follow(path)
    if run.servers.version < _GRAFANA_WITH_UIDS:
        return "LAZY", "this release of Grafana asks a server by its datasource's number alone"
    uid, _, where = path.removeprefix(_PROXIED).partition("/")
    parts = urlsplit(where)
    try:
        answer = run.servers.proxied(uid, f"/{parts.path}", dict(parse_qsl(parts.query)))
    except LostError as error:
        return "UNREACHABLE", str(error)
    if answer.status != _GOOD:
        return "BROKEN", f"{uid} answers {answer.status}: {answer.message}"
    return "OK", f"{uid} answers"
