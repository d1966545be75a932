"""The links of dashboards: of the page, of panels, and of the values in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from delivery.audit import questions
from delivery.audit.links.follow import Follow
from delivery.audit.links.rows import reads_row, resolved, rows
from delivery.audit.model import Link, LinkVerdict
from delivery.audit.opening import Opened, Run
from delivery.audit.variables import Value, filled

Json = dict[str, Any]
#: So many different addresses of one link are opened.
_OPENED = 2


def panel_links(run: Run, follow: Follow) -> Iterator[Link]:
    """Each link of each dashboard that was asked."""
    for opened in run.opened:
        yield from _of_page(opened, follow)
        for panel in opened.page.panels():
            for name, link in data_links(panel):
                yield from _of_value(run, follow, opened, panel, name, link)
            for link in panel.get("links") or ():
                url = _address(str(link.get("url") or ""), opened)
                yield _link("panel-link", opened, str(panel.get("title")), url, *follow(url))


def data_links(panel: Json) -> Iterator[tuple[str, Json]]:
    """The links of a panel's values, and of which field each is (all of them without a name)."""
    config = panel.get("fieldConfig") or {}
    for link in (config.get("defaults") or {}).get("links") or ():
        yield "", link
    for override in config.get("overrides") or ():
        matcher = override.get("matcher") or {}
        name = str(matcher.get("options") or "") if matcher.get("id") == "byName" else ""
        for each in override.get("properties") or ():
            if each.get("id") == "links":
                yield from ((name, link) for link in each.get("value") or ())


def _of_page(opened: Opened, follow: Follow) -> Iterator[Link]:
    for link in opened.page.content.get("links") or ():
        if link.get("type") != "link":
            continue
        url = _address(str(link.get("url") or ""), opened)
        asked: list[tuple[str, str]] = []
        if link.get("includeVars"):
            known = follow.variables(url)
            asked += [
                (f"var-{name}", each)
                for name, value in opened.values.items()
                if name in known
                for each in value.asked
            ]
        if link.get("keepTime"):
            asked += [("from", _ms(opened.span.start)), ("to", _ms(opened.span.end))]
        if asked:
            url += ("&" if "?" in url else "?") + urlencode(asked)
        yield _link("dashboard-link", opened, str(link.get("title")), url, *follow(url))


def _of_value(  # noqa: PLR0917 - a link or a stage has that many sides
    run: Run, follow: Follow, opened: Opened, panel: Json, name: str, link: Json
) -> Iterator[Link]:
    title = f"{panel.get('title')}: {link.get('title')}"
    raw = str(link.get("url") or "")
    if not reads_row(raw):
        url = _address(raw, opened)
        yield _link("data-link", opened, title, url, *follow(url))
        return
    found: list[str] = []
    reason, verdict = "no row has what it reads", "BROKEN"
    asked = questions.of_panel(opened.page, panel, opened.values, opened.service, opened.span)
    for question in asked:
        if question.unset or question.source not in {"prometheus", "loki"}:
            continue
        result = run.judge.question(question)
        if result.verdict not in {"OK", "SLOW"}:
            told = {"LAZY": "LAZY", "UNREACHABLE": "UNREACHABLE"}.get(result.verdict, "BROKEN")
            reason, verdict = f"the panel shows nothing: {result.reason}", told
            continue
        for row in rows(run.asking.ask(question).answer, _source(panel, name)):
            there = resolved(raw, row)
            if there is not None and (full := _address(there, opened)) not in found:
                found.append(full)
            if len(found) >= _OPENED:
                break
    if not found:
        kind: LinkVerdict = "LAZY" if verdict == "LAZY" else "BROKEN"
        yield _link(
            "data-link",
            opened,
            title,
            raw,
            "UNREACHABLE" if verdict == "UNREACHABLE" else kind,
            reason,
        )
    for url in found[:_OPENED]:
        yield _link("data-link", opened, title, url, *follow(url))


def _source(panel: Json, name: str) -> str:
    """The field that a transformation calls so."""
    for each in panel.get("transformations") or ():
        renamed = (each.get("options") or {}).get("renameByName") or {}
        for source, shown in renamed.items():
            if shown == name:
                return str(source)
    return name


def _address(url: str, opened: Opened) -> str:
    """With the dashboard's range and variables put in, as they stand in an address."""
    since, until = _ms(opened.span.start), _ms(opened.span.end)
    url = url.replace("${__url_time_range}", f"from={since}&to={until}")
    for name, moment in (("__from", since), ("__to", until)):
        url = url.replace("${" + name + "}", moment).replace(f"${name}", moment)
    plain = {
        name: Value((quote(value.asked[0], safe=""),) if value.asked else ("",))
        for name, value in opened.values.items()
    }
    return filled(url, plain)


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))


def _link(  # noqa: PLR0917 - a link or a stage has that many sides
    kind: str, opened: Opened, title: str, url: str, verdict: LinkVerdict, reason: str
) -> Link:
    return Link(kind, title, opened.page.place, opened.service, url, verdict, reason)
