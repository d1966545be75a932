"""Faults of a dashboard as a whole, of its variables and its annotations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.delivery.checks.mutations.mutant import GONE, Edit, Kind, Mutant
from tests.delivery.checks.mutations.panel_faults import dashboards
from tests.delivery.checks.mutations.promql_text import masked
from tests.delivery.checks.mutations.rotation import one_of_each, turns
from tests.delivery.checks.mutations.shipped import Shipped

_SCOPE = ("cluster", "environment")
_VARIABLE = re.compile(r"\$\{?([a-z]\w*)")


def _whole(key: str, value: object) -> Callable[[Shipped], Iterator[Mutant]]:
    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        for path, _ in dashboards(shipped):
            yield Mutant(path, "dashboard", (Edit((key,), value),))

    return mutants


def _whole_time(since: str) -> Callable[[Shipped], Iterator[Mutant]]:
    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        for path, _ in dashboards(shipped):
            if any(
                (site.path, site.kind, site.language) == (path, "panel", "promql")
                and "[" in site.text
                for site in shipped.sites
            ):
                yield Mutant(path, "dashboard", (Edit(("time", "from"), since),))

    return mutants


def _uid_of_another(shipped: Shipped) -> Iterator[Mutant]:
    found = list(dashboards(shipped))
    for index, (path, _) in enumerate(found):
        other = found[index - 1][1]["uid"]
        yield Mutant(path, "dashboard", (Edit(("uid",), other),))


def _title_of_another(shipped: Shipped) -> Iterator[Mutant]:
    found = list(dashboards(shipped))
    for (path, content), (other, named) in zip(found[1:], found, strict=False):
        if path.rsplit("/", 1)[0] == other.rsplit("/", 1)[0]:
            assert content["title"] != named["title"]
            yield Mutant(path, "dashboard", (Edit(("title",), named["title"]),))


def _scope_removed(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in dashboards(shipped):
        for index, entry in enumerate(content["templating"]["list"]):
            if entry["name"] in _SCOPE:
                edit = Edit(("templating", "list", index), GONE)
                yield Mutant(path, "dashboard", (edit,))


def _alerts_unmarked(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in dashboards(shipped):
        for index, entry in enumerate(content["annotations"]["list"]):
            if "ALERTS" in str(entry.get("expr")):
                edit = Edit(("annotations", "list", index), GONE)
                yield Mutant(path, "dashboard", (edit,))


def _scope_not_followed(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site in shipped.sites:
        if site.kind in {"panel", "annotation"}:
            found = list(re.finditer(r'(cluster|environment)="\$\1",?', site.text))
            for each in one_of_each(found, lambda each: each[1], turn):
                text = site.text[: each.start()] + site.text[each.end() :]
                yield site.mutant(re.sub(r",(?=\})", "", text))


def _variable_misspelt(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site in shipped.sites:
        found = list(_VARIABLE.finditer(site.text))
        for each in one_of_each(found, lambda each: each[1], turn):
            text = f"{site.text[: each.end(1)]}_x{site.text[each.end(1) :]}"
            yield site.mutant(text, f"{each[1]}_x")


def _variable_renamed(shipped: Shipped) -> Iterator[Mutant]:
    """The dashboard's variable has another name than the queries use: one use after another."""
    for path, content in dashboards(shipped):
        for index, entry in enumerate(content["templating"]["list"]):
            name = entry["name"]
            edit = Edit(("templating", "list", index, "name"), f"{name}_x")
            used = re.compile(rf"\$\{{?{name}\b")
            for site in shipped.sites:
                if site.path == path and site.kind == "panel" and used.search(site.text):
                    yield Mutant(path, site.where, (edit,), name)


def _many_as_one(shipped: Shipped) -> Iterator[Mutant]:
    """A variable of several values is compared with ``=``."""
    turn = turns()
    for site in shipped.sites:
        found = list(re.finditer(r'(\w+)=~"\$(\w+)"', site.text))
        for each in one_of_each(found, lambda each: each[2], turn):
            text = f'{site.text[: each.start()]}{each[1]}="${each[2]}"{site.text[each.end() :]}'
            yield site.mutant(text, f"${each[2]}")


def _listed_label_renamed(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in dashboards(shipped):
        for index, entry in enumerate(content["templating"]["list"]):
            if entry["type"] == "query":
                way = ("templating", "list", index, "query", "query")
                text = re.sub(r"(\w+)\)$", r"\1_x)", entry["query"]["query"])
                yield Mutant(path, f"variable {entry['name']}", (Edit(way, text),))


def _shown_label_renamed(shipped: Shipped) -> Iterator[Mutant]:
    """What an annotation shows is no label of its answer."""
    for path, content in dashboards(shipped):
        for index, entry in enumerate(content["annotations"]["list"]):
            for key in ("titleFormat", "textFormat"):
                text = entry.get(key) or ""
                for found in re.finditer(r"\{\{(\w+)\}\}", text):
                    edit = Edit(
                        ("annotations", "list", index, key),
                        f"{text[: found.end(1)]}_x{text[found.end(1) :]}",
                    )
                    yield Mutant(path, f"annotation '{entry['name']}'", (edit,))
            for tag in filter(None, entry.get("tagKeys", "").split(",")):
                edit = Edit(
                    ("annotations", "list", index, "tagKeys"),
                    entry["tagKeys"].replace(tag, f"{tag}_x"),
                )
                yield Mutant(path, f"annotation '{entry['name']}'", (edit,))


def _range_changed(language: str, ranges: str, to: str) -> Callable[[Shipped], Iterator[Mutant]]:
    """Each query of a dashboard that has one of these ranges gets another."""

    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        turn = turns()
        for site in shipped.sites:
            if site.language == language and site.kind in {"annotation", "panel", "variable"}:
                found = list(re.finditer(rf"\[\$({ranges})\]", masked(site.text)))
                for each in one_of_each(found, lambda each: each[1], turn):
                    text = f"{site.text[: each.start()]}[{to}]{site.text[each.end() :]}"
                    yield site.mutant(text, to)

    return mutants


KINDS: tuple[Kind, ...] = (
    Kind("dashboard: no title", frozenset({"dashboard/title"}), _whole("title", "")),
    Kind("dashboard: another's title", frozenset({"dashboard/title"}), _title_of_another),
    Kind("dashboard: no description", frozenset({"dashboard/title"}), _whole("description", "")),
    Kind("dashboard: no uid", frozenset({"dashboard/uid"}), _whole("uid", "")),
    Kind("dashboard: another's uid", frozenset({"dashboard/uid"}), _uid_of_another),
    Kind(
        "dashboard: no cluster or environment", frozenset({"dashboard/variables"}), _scope_removed
    ),
    Kind("dashboard: alerts not marked", frozenset({"dashboard/variables"}), _alerts_unmarked),
    Kind("query: cluster not followed", frozenset({"dashboard/variables"}), _scope_not_followed),
    Kind("query: a variable misspelt", frozenset({"variable/unknown"}), _variable_misspelt),
    Kind("variable: renamed", frozenset({"variable/unknown"}), _variable_renamed),
    Kind("query: several values as one", frozenset({"variable/multi"}), _many_as_one),
    Kind("variable: a list of no label", frozenset({"label/shown"}), _listed_label_renamed),
    Kind("annotation: a text of no label", frozenset({"label/shown"}), _shown_label_renamed),
    Kind(
        "query: a rate over $__interval",
        frozenset({"window/rate-interval"}),
        _range_changed("promql", "__rate_interval", "$__interval"),
    ),
    Kind(
        "query: a rate over a fixed range",
        frozenset({"window/rate-interval"}),
        _range_changed("promql", "__rate_interval", "5m"),
    ),
    Kind(
        "query: lines counted twice or left out",
        frozenset({"window/tiles"}),
        _range_changed("logql", "__interval|__range", "5m"),
    ),
    Kind(
        "dashboard: opened over ten years",
        frozenset({"cost/budget"}),
        _whole_time("now-3650d"),
        "a few recorded series are cheap over any range",
    ),
)
