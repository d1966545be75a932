"""The page that a person reads to put an edit into the sources."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from delivery.places import ROOT
from delivery.publish.model import Json
from delivery.publish.pull.compare import Order
from delivery.publish.pull.edited import Edited
from delivery.publish.pull.proposal import Changed, Proposed
from delivery.publish.pull.sites import Made
from delivery.publish.pull.terms import is_editors_own
from delivery.publish.report import cell

_WIDTH = 120


def page(
    edited: Edited,
    own: Made | None,
    changed: Sequence[Changed],
    orders: Sequence[Order],
    patch: str,
) -> str:
    """Who changed what, where it is made, how it would read there, and both documents."""
    uid, title = edited.wanted.key, edited.wanted.title
    lines = [f"# {_plain(title)} (`{uid}`)", ""]
    lines += [f"{_sentence(edited)} Below it is compared with the dashboard {edited.since}.", ""]
    if own is not None:
        module = own.module.relative_to(ROOT).as_posix()
        lines += [f"`{module}` makes it; the file is `generated/{edited.wanted.file}`.", ""]
    if edited.found.parent != edited.wanted.parent:
        moved = f"from the folder `{edited.wanted.parent}` to `{edited.found.parent or 'General'}`"
        remedy = "Which folder it belongs in is said by `folder=` of its `Dashboard(...)`."
        lines += [f"It was moved {moved}. {remedy}", ""]
    if patch:
        held = f"`{uid}.patch` beside this page holds all changes marked with a tick"
        lines += [f"{held}: `git apply {uid}.patch`, then `make build`.", ""]
    for each in changed:
        lines += _section(each)
    lines += _order_section(orders, own)
    lines += ["## Both documents", "", *_fenced("diff", "\n".join(_diff(edited)))]
    return "\n".join(lines)


def _sentence(edited: Edited) -> str:
    edit = edited.edit
    if edit is None:
        return "Nobody edited it since it was last published."
    return f"{_plain(str(edit)).capitalize() if not edit.who else _plain(str(edit))}.".replace(
        "edited by", "Edited by", 1
    )


def _section(changed: Changed) -> Iterator[str]:
    part = changed.part
    if part is None:
        yield from ["## The dashboard itself", ""]
    else:
        kind = "Row" if part.is_row else "Panel"
        known = f", key `{changed.key}`" if changed.key else ""
        yield from [f"## {kind} '{_plain(part.title)}' ({part.number}{known})", ""]
        if part.new is None:
            yield from _removed(changed)
            return
        if part.old is None:
            yield from _added(changed)
            return
    told = [each for each in changed.proposals if not is_editors_own(each.setting.difference)]
    if told:
        yield from ["| | Setting | Published | Edited | Where |", "|---|---|---|---|---|"]
        yield from map(_row, told)
        yield ""
    elif not changed.proposals:
        yield from ["Only its place changed, which follows from what stands before it.", ""]
    own = [each.setting.difference.where for each in changed.proposals if each not in told]
    if own:
        yield from [f"Grafana's editor wrote by itself: {', '.join(f'`{e}`' for e in own)}.", ""]


def _row(proposed: Proposed) -> str:
    found = proposed.setting.difference
    tick = "✓" if proposed.exact else ""
    old, new = (_code(each) for each in (found.old, found.new))
    return f"| {tick} | `{cell(found.where)}` | {old} | {new} | {_where(proposed)} |"


def _where(proposed: Proposed) -> str:
    site, term = proposed.site, proposed.setting.term
    if proposed.setting.query:
        if site is None:
            return "the panel's `queries`"
        asked = "; ".join(proposed.queries) or f"`{cell(_short(site.written))}`"
        return f"{site.place} asks {asked}"
    if term is None:
        return "the sources have no word for it"
    said = f"`{term.path[-1]}={cell(_short(term.code))}`"
    if site is None:
        return f"{said}, where its value is put together"
    written = f"instead of `{cell(_short(site.written))}`" if site.node is not None else "added"
    shared = f" (which makes {proposed.shared} more panels)" if proposed.shared > 0 else ""
    return f"{site.place}: {said} {written}{shared}"


def _removed(changed: Changed) -> Iterator[str]:
    place = changed.place or "the sources"
    yield from [f"It was removed. To keep it so, take it out of {place}.", ""]


def _added(changed: Changed) -> Iterator[str]:
    yield from ["It is new.", ""]
    if changed.new is None:
        return
    yield from _fenced("python", changed.new.code)
    if changed.new.queries:
        yield from ["With the expressions in queries/:", ""]
        yield from _fenced("python", changed.new.queries)
    if changed.new.left_out:
        yield from ["This leaves out:", ""]
        for each in changed.new.left_out:
            yield f"- `{cell(each.where)}`: {_code(each.new)} instead of {_code(each.old)}"
        yield ""


def _order_section(orders: Sequence[Order], own: Made | None) -> Iterator[str]:
    if not orders:
        return
    yield from ["## Order", ""]
    for order in orders:
        row = own.rows.get(order.row) if own and order.row is not None else None
        name = f"row `{row.key}`" if row else f"row {order.row or 'above the first'}"
        yield f"- {name}: {_named(order.old, own)} became {_named(order.new, own)}"
    yield ""


def _named(numbers: Sequence[int], own: Made | None) -> str:
    panels: Mapping[int, Any] = own.panels if own else {}
    keys = [panels[each].key if each in panels else str(each) for each in numbers]
    return ", ".join(f"`{key}`" for key in keys) or "nothing"


def _diff(edited: Edited) -> Iterator[str]:
    old, new = (_text(each).split("\n") for each in (edited.published, edited.found.content))
    yield from difflib.unified_diff(old, new, "published", "edited", lineterm="")


def _text(document: Json) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)


def _fenced(language: str, text: str) -> Iterator[str]:
    """A block whose fence is longer than any in the text, which others wrote."""
    fence = "`" * max(3, *(len(each) + 1 for each in re.findall("`+", text)), 3)
    yield from [f"{fence}{language}", text, fence, ""]


def _code(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"`{cell(_short(json.dumps(value, ensure_ascii=False)))}`"


def _short(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."


def _plain(text: str) -> str:
    """One line, in which nothing is markup."""
    return cell(" ".join(text.split())).replace("`", "'")
