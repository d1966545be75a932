"""Faults of an address: of a dashboard, a panel's link, an alert's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.delivery.checks.mutations.mutant import Edit, Json, Kind, Mutant, Way
from tests.delivery.checks.mutations.panel_faults import dashboards, every_panel
from tests.delivery.checks.mutations.shipped import Shipped
from tests.delivery.checks.mutations.sites import named, rules


@dataclass(frozen=True, slots=True)
class _Link:
    path: str
    where: str
    way: Way
    url: str


def _of_panel(panel: Json) -> Iterator[tuple[Way, Json]]:
    for index, link in enumerate(panel.get("links") or ()):
        yield ("links", index), link
    settings = panel.get("fieldConfig", {})
    for index, link in enumerate(settings.get("defaults", {}).get("links", ())):
        yield ("fieldConfig", "defaults", "links", index), link
    for at, override in enumerate(settings.get("overrides", ())):
        for inner, each in enumerate(override["properties"]):
            if each["id"] == "links":
                for index, link in enumerate(each["value"]):
                    way = ("fieldConfig", "overrides", at, "properties", inner, "value", index)
                    yield way, link


def _links(shipped: Shipped) -> Iterator[_Link]:
    for path, content in dashboards(shipped):
        for index, link in enumerate(content["links"]):
            if link["type"] == "link":
                where = f"link '{link['title']}'"
                yield _Link(path, where, ("links", index, "url"), link["url"])
    for path, way, panel in every_panel(shipped):
        for inner, link in _of_panel(panel):
            where = f"{named(panel)}, link '{link['title']}'"
            yield _Link(path, where, (*way, *inner, "url"), link["url"])
    for path, content in shipped.contents.items():
        if "/rules/" in path:
            for way, rule, where in rules(content):
                if "alert" in rule:
                    place = f"{where}, annotation dashboard_url"
                    address = (*way, "annotations", "dashboard_url")
                    yield _Link(path, place, address, rule["annotations"]["dashboard_url"])


def _changed(link: _Link, url: str, word: str = "") -> Mutant:
    assert url != link.url
    return Mutant(link.path, link.where, (Edit(link.way, url),), word)


def _dead(shipped: Shipped) -> Iterator[Mutant]:
    for link in _links(shipped):
        yield _changed(link, re.sub(r"/d/([^?]+)", r"/d/\1-x", link.url))


def _no_such_panel(shipped: Shipped) -> Iterator[Mutant]:
    for link in _links(shipped):
        mark = "&" if "?" in link.url else "?"
        yield _changed(link, f"{link.url}{mark}viewPanel=12345", "12345")


def _no_such_variable(shipped: Shipped) -> Iterator[Mutant]:
    for link in _links(shipped):
        for found in re.finditer(r"var-(\w+)=", link.url):
            name = f"var-{found[1]}_x"
            yield _changed(
                link, f"{link.url[: found.start()]}{name}={link.url[found.end() :]}", name
            )


def _filled_by_nothing(shipped: Shipped) -> Iterator[Mutant]:
    for link in _links(shipped):
        for found in re.finditer(r"\$\{(?!__)(\w+)", link.url):
            url = f"{link.url[: found.end()]}_x{link.url[found.end() :]}"
            yield _changed(link, url, f"{found[1]}_x")


def _of_no_label(shipped: Shipped) -> Iterator[Mutant]:
    for link in _links(shipped):
        pattern = r"\$\{__(?:field\.labels|data\.fields)\.(\w+)"
        for found in re.finditer(pattern, link.url):
            yield _changed(link, f"{link.url[: found.end()]}_x{link.url[found.end() :]}")


def _without_address(shipped: Shipped) -> Iterator[Mutant]:
    for link in _links(shipped):
        if "annotation" not in link.where:
            yield _changed(link, "")


def _brace_open(shipped: Shipped) -> Iterator[Mutant]:
    for link in _links(shipped):
        if "}" in link.url:
            yield _changed(link, link.url.replace("}", "", 1))


KINDS: tuple[Kind, ...] = (
    Kind("link: to no dashboard", frozenset({"link/dead"}), _dead),
    Kind("link: to no panel", frozenset({"link/dead"}), _no_such_panel),
    Kind("link: with a variable that is not there", frozenset({"link/dead"}), _no_such_variable),
    Kind("link: filled by no variable", frozenset({"variable/unknown"}), _filled_by_nothing),
    Kind("link: filled by no label", frozenset({"label/shown"}), _of_no_label),
    Kind("link: without an address", frozenset({"link/form"}), _without_address),
    Kind("link: an open template", frozenset({"link/form", "variable/unknown"}), _brace_open),
)
