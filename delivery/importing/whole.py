"""The whole dashboard's description, and the identity it gets here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, get_args

from dashboards.beyond import DASHBOARD
from dashboards.imported import Imported, Manner, Sources, head_json
from dashboards.spec import Annotation, Colour, Dashboard
from delivery.importing.differ import Delta, delta
from delivery.importing.fit import allowed, choices, items, usual_sources
from delivery.importing.naming import slug
from delivery.importing.notes import Notes
from delivery.importing.read import listing, mapping, objects, text

Json = dict[str, Any]

_UID = re.compile(r"[a-zA-Z0-9_-]{1,40}")
_COLOURS = frozenset(get_args(Colour))
_LANGUAGES = frozenset({"prometheus", "loki"})


@dataclass(frozen=True, slots=True)
class Identity:
    """What names the dashboard here: prefix and owner of the system, folder, and its uid."""

    prefix: str
    owner: str
    folder: str
    uid: str


def uid_of(dashboard: Json, prefix: str, notes: Notes) -> str:
    """Its own uid, or one after its title."""
    given = dashboard.get("uid")
    if isinstance(given, str) and _UID.fullmatch(given):
        return given
    made = f"{prefix}-{slug(text(dashboard, 'title'), 'imported').replace('_', '-')}"[:40]
    notes.migrated("$.uid", f"{given or 'none'} is {made}: what is published has a uid of its own")
    return made


def described(modern: Json, who: Identity, notes: Notes) -> Imported:
    """The description that builds the dashboard again, but for what the notes say is lost."""
    sources = usual_sources(modern, who.prefix)
    marks, wanted = _marks(modern, notes)
    tags = tuple(tag for tag in listing(modern, "tags") if isinstance(tag, str))
    if who.prefix not in tags:
        tags = (*tags, who.prefix)
        notes.mapped("$.tags", f"the tag '{who.prefix}' is added: the mark of what we publish")
    wanted["tags"] = list(tags)
    wanted["uid"] = who.uid
    refresh = modern.get("refresh")
    head = Dashboard(
        uid=who.uid,
        title=text(modern, "title"),
        description=text(modern, "description"),
        folder=who.folder,
        owner=who.owner,
        rows=(),
        variables=(),
        annotations=marks,
        tags=tags,
        since=text(modern, "time", "from"),
        refresh=refresh if isinstance(refresh, str) else "",
    )
    bare = Imported(head, (), datasources=dict(sources.uids))
    manner, difference = _closest(bare, wanted, sources)
    return replace(
        bare,
        items=items(modern, sources, notes),
        choices=choices(modern, sources, notes),
        manner=manner,
        beyond=allowed(difference, DASHBOARD, "$", notes),
    )


def _closest(bare: Imported, wanted: Json, sources: Sources) -> tuple[Manner, Delta]:
    found: list[tuple[Manner, Delta]] = []
    own = mapping(wanted, "annotations").get("list")
    variables = objects(wanted, "templating", "list")
    kept = {key: value for key, value in wanted.items() if key != "templating" or not variables}
    without_own = "annotations" in wanted and not (
        isinstance(own, list) and own and own[0].get("builtIn")
    )
    for manner in get_args(Manner)[:2]:
        made = head_json(replace(bare, manner=manner), sources)
        dropped = without_own and bool(listing(made, "annotations", "list"))
        if dropped:
            del made["annotations"]["list"][0]
        if variables:
            made.pop("templating", None)
        difference = delta(made, {**kept, "panels": []})
        if dropped:
            # Applied first: whatever else is said of the marks counts without it.
            difference.without.insert(0, "/annotations/list/0")
        found.append((manner, difference))
    return min(found, key=lambda pair: pair[1].cost)


def _marks(modern: Json, notes: Notes) -> tuple[tuple[Annotation, ...], Json]:
    """The marks with a query, and the dashboard as it is wanted.

    Grafana's own mark comes first where there is one; others without a query are not asked here.
    """
    kept: list[Json] = []
    marks: list[Annotation] = []
    for index, each in enumerate(objects(modern, "annotations", "list")):
        path = f"$.annotations.list[{index}]"
        expr = text(each, "expr") or text(each, "target", "expr")
        if each.get("builtIn") and not kept:
            kept.append(each)
        elif text(each, "datasource", "type") in _LANGUAGES and expr:
            marks.append(_mark(each, expr))
            kept.append(each)
        else:
            notes.lost(path, f"the mark '{text(each, 'name')}' is of no query that is asked here")
    wanted = {**modern, "annotations": {"list": kept}} if "annotations" in modern else {**modern}
    return tuple(marks), wanted


def _mark(each: Json, expr: str) -> Annotation:
    colour: Any = each.get("iconColor")
    return Annotation(
        name=text(each, "name"),
        expr=expr,
        title=text(each, "titleFormat"),
        text=text(each, "textFormat"),
        colour=colour if colour in _COLOURS else "blue",
        tags=tuple(tag for tag in text(each, "tagKeys").split(",") if tag),
        step=text(each, "step") or "60s",
    )
