"""Puts the changed settings of one dashboard beside the expressions that make them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from delivery.publish.model import Json
from delivery.publish.pull.added import Added, added
from delivery.publish.pull.code import Replacement, Site, Sources, replacement
from delivery.publish.pull.compare import Comparison, Part
from delivery.publish.pull.sites import Call, Calls, Made
from delivery.publish.pull.terms import Setting, of_dashboard, of_panel, of_row


@dataclass(frozen=True, slots=True)
class Proposed:
    """A setting, where it is made, and how that would read.

    ``exact`` says that the expression can simply be replaced; ``shared`` how many other panels
    it makes, here and in other dashboards.
    """

    setting: Setting
    site: Site | None = None
    queries: tuple[str, ...] = ()
    exact: bool = False
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """A part of the dashboard with its proposals; ``place`` is where a removed one is made."""

    part: Part | None
    key: str
    proposals: tuple[Proposed, ...]
    place: str = ""
    new: Added | None = None


class Proposer:
    """Finds the places of one dashboard's settings; ``own`` is None for one that nothing makes."""

    def __init__(self, own: Made | None, everything: Mapping[str, Made]) -> None:
        self._own, self._everything, self._sources = own, everything, Sources()

    def changes(self, comparison: Comparison, new: Json) -> Iterator[Changed]:
        """The dashboard itself first, then its parts in their new order."""
        calls = self._own.itself if self._own else ()
        settings = of_dashboard(comparison.dashboard)
        if settings:
            yield Changed(None, "", self._proposals(settings, calls))
        for part in comparison.parts:
            yield self._changed(part, new)

    def _changed(self, part: Part, new: Json) -> Changed:
        own = self._own
        calls = own.parts.get(part.number, ()) if own else ()
        key = self._key(part.number)
        if part.new is None:
            site = self._sources.site(calls, "key")
            return Changed(part, key, (), site.place if site else "")
        if part.old is None:
            prefix = next((str(tag) for tag in new.get("tags") or ()), "")
            row = self._row_above(part.number, new)
            return Changed(part, key, (), new=None if part.is_row else added(part.new, row, prefix))
        settings = (
            of_row(part.differences)
            if part.is_row
            else of_panel(part.differences, part.old, part.new)
        )
        return Changed(part, key, self._proposals(settings, calls))

    def _key(self, number: int) -> str:
        if self._own is None:
            return ""
        made = self._own.rows.get(number) or self._own.panels.get(number)
        return made.key if made else ""

    def _row_above(self, number: int, new: Json) -> str:
        """The key of the row that a new panel stands in."""
        above = ""
        for panel in new.get("panels") or ():
            if panel.get("type") == "row":
                above = self._key(panel.get("id") or 0)
            if number in {panel.get("id"), *(each.get("id") for each in panel.get("panels") or ())}:
                return above
        return above

    def _proposals(self, settings: Sequence[Setting], calls: Calls) -> tuple[Proposed, ...]:
        return tuple(self._proposed(each, calls) for each in settings)

    def _proposed(self, setting: Setting, calls: Calls) -> Proposed:
        if setting.query:
            site = self._sources.site(calls, "queries")
            asked = tuple(dict.fromkeys(self._sources.queries(site))) if site else ()
            return Proposed(setting, site, asked)
        site = self._sources.site(calls, *setting.term.path) if setting.term else None
        if site is None:
            return Proposed(setting)
        call = calls[site.depth]
        beside = _made_by(call, self._own) - 1
        elsewhere = sum(
            _made_by(call, made) for made in self._everything.values() if made is not self._own
        )
        # What would change panels of this dashboard that nobody touched is for a person to do.
        return Proposed(
            setting, site, exact=site.is_plain and not beside, shared=beside + elsewhere
        )


def _made_by(call: Call, made: Made | None) -> int:
    """How many parts of a dashboard a call makes."""
    return sum(call in calls for calls in (made.itself, *made.parts.values())) if made else 0


def patch(changed: Iterable[Changed]) -> str:
    """The exact proposals as one patch for ``git apply``; empty if there is none."""
    wanted: dict[tuple[str, int, int], Replacement] = {}
    for each in changed:
        for proposed in each.proposals:
            if proposed.exact and proposed.site and proposed.setting.term:
                made = replacement(proposed.site, proposed.setting.term.code)
                place = (made.module.name, made.start, made.end)
                if made.start == made.end and place in wanted:
                    made = Replacement(
                        made.module, made.start, made.end, wanted[place].text + made.text
                    )
                elif place in wanted:
                    continue
                wanted[place] = made
    modules = {name: made.module for (name, _, _), made in wanted.items()}
    return "".join(
        _patched(name, module.data, [each for key, each in wanted.items() if key[0] == name])
        for name, module in sorted(modules.items())
    )


def _patched(name: str, data: bytes, replacements: Sequence[Replacement]) -> str:
    edited = data
    for each in sorted(replacements, key=lambda each: each.start, reverse=True):
        edited = edited[: each.start] + each.text.encode() + edited[each.end :]
    old, new = (text.decode().splitlines(keepends=True) for text in (data, edited))
    return "".join(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"))
