"""Faults of a rule: its labels, texts and links, its range, its order and its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.delivery.checks.mutations.mutant import GONE, Edit, Json, Kind, Mutant, Way
from tests.delivery.checks.mutations.promql_text import masked
from tests.delivery.checks.mutations.shipped import Shipped
from tests.delivery.checks.mutations.sites import Site, rules

_QUERY = re.compile(r'printf "([a-zA-Z_:]+)\{')


def _rules(shipped: Shipped, kind: str) -> Iterator[tuple[str, Way, Json, str]]:
    for path, content in shipped.contents.items():
        if "/rules/" in path:
            for way, rule, where in rules(content):
                if kind in rule:
                    yield path, way, rule, where


def _label(name: str, value: object) -> Callable[[Shipped], Iterator[Mutant]]:
    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        for path, way, rule, where in _rules(shipped, "alert"):
            if name in rule["labels"]:
                yield Mutant(path, where, (Edit((*way, "labels", name), value),))

    return mutants


def _annotation_removed(name: str) -> Callable[[Shipped], Iterator[Mutant]]:
    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        for path, way, _, where in _rules(shipped, "alert"):
            yield Mutant(path, where, (Edit((*way, "annotations", name), GONE),))

    return mutants


def _runbook_of_nothing(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, rule, where in _rules(shipped, "alert"):
        address = f"{rule['annotations']['runbook_url']}X"
        edit = Edit((*way, "annotations", "runbook_url"), address)
        yield Mutant(path, f"{where}, annotation runbook_url", (edit,))


def _renamed(shipped: Shipped) -> Iterator[Mutant]:
    """An alert under another name has no runbook."""
    for path, way, rule, where in _rules(shipped, "alert"):
        name = f"{rule['alert']}Again"
        edit = Edit((*way, "alert"), name)
        yield Mutant(path, where.replace(rule["alert"], name, 1), (edit,))


def _in_snake_case(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, rule, where in _rules(shipped, "alert"):
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", rule["alert"]).lower()
        edit = Edit((*way, "alert"), name)
        yield Mutant(path, where.replace(rule["alert"], name, 1), (edit,))


def _dashboard_range(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, rule, where in _rules(shipped, "alert"):
        url = rule["annotations"]["dashboard_url"]
        edit = Edit((*way, "annotations", "dashboard_url"), re.sub(r"[?&]from=[^&]+", "", url))
        yield Mutant(path, f"{where}, annotation dashboard_url", (edit,))


def _text_of_no_label(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, rule, where in _rules(shipped, "alert"):
        for key, text in rule["annotations"].items():
            for found in re.finditer(r"\$labels\.(\w+)", text):
                changed = f"{text[: found.end()]}_x{text[found.end() :]}"
                yield Mutant(path, where, (Edit((*way, "annotations", key), changed),))


def _template_broken(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, rule, where in _rules(shipped, "alert"):
        for key, text in rule["annotations"].items():
            if "{{" in text:
                changed = text.replace("}}", "}", 1)
                yield Mutant(path, where, (Edit((*way, "annotations", key), changed),))


def _function_of_no_template(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, rule, where in _rules(shipped, "alert"):
        for key, text in rule["annotations"].items():
            for found in re.finditer(r"\| (humanize\w*)", text):
                changed = f"{text[: found.end()]}X{text[found.end() :]}"
                yield Mutant(path, where, (Edit((*way, "annotations", key), changed),))


def _query_in_text(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, rule, where in _rules(shipped, "alert"):
        for key, text in rule["annotations"].items():
            for found in _QUERY.finditer(text):
                name = f"{found[1]}_x"
                changed = text[: found.start(1)] + name + text[found.end(1) :]
                edit = Edit((*way, "annotations", key), changed)
                yield Mutant(path, f"{where}, annotation {key}", (edit,), name)


def _short_range(shipped: Shipped) -> Iterator[Mutant]:
    short = 4 * shipped.catalog.platform.scrape.interval - 1
    for site in shipped.sites:
        if site.kind in {"alert", "recording"} and site.language == "promql":
            places = list(re.finditer(r"\[(\w+)\]", masked(site.text)))
            if places:
                last = places[len(site.text) % len(places)]
                text = site.text[: last.start(1)] + f"{short}s" + site.text[last.end(1) :]
                yield site.mutant(text)


def _hold(value: str) -> Callable[[Shipped], Iterator[Mutant]]:
    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        for path, way, rule, where in _rules(shipped, "alert"):
            if "for" in rule:
                yield Mutant(path, where, (Edit((*way, "for"), value),))

    return mutants


def _waits_too_long(shipped: Shipped) -> Iterator[Mutant]:
    """What compares with the past is true for as long as it looks back, and waits for longer."""
    for path, way, rule, where in _rules(shipped, "alert"):
        if re.search(r"last_over_time\(up(\{[^}]*\})?\[\w+\]\)\) unless", rule["expr"]):
            yield Mutant(path, where, (Edit((*way, "for"), "60d"),))


def _recorded_otherwise(shipped: Shipped) -> Iterator[Mutant]:
    """Every rule that records a series gives it another name: who reads it finds nothing."""
    names = dict.fromkeys(rule["record"] for _, _, rule, _ in _rules(shipped, "record"))
    for name in names:
        for path, content in shipped.contents.items():
            if "/rules/" not in path:
                continue
            found = [
                (way, where) for way, rule, where in rules(content) if rule.get("record") == name
            ]
            for _, where in found[:1]:
                renamed = where.replace(name, f"{name}x", 1)
                edits = tuple(Edit((*each, "record"), f"{name}x") for each, _ in found)
                yield Mutant(path, renamed, edits)


def _recorded_elsewhere(shipped: Shipped) -> Iterator[Mutant]:
    """A rule gives its series another label: who asks for just that one finds nothing."""
    for path, way, rule, _ in _rules(shipped, "record"):
        labels = rule.get("labels", {})
        asking = (each for each in shipped.sites if labels and _asks_for(each, rule))
        reader = next(asking, None)
        for label, value in labels.items():
            if reader and label != "service":
                edit = Edit((*way, "labels", label), f"{value}x")
                yield Mutant(path, reader.where, (edit,), found_in=reader.path)


def _asks_for(site: Site, rule: Json) -> bool:
    """Whether a query wants the series with all the labels that a rule gives it, and no other."""
    return site.kind != "recording" and any(
        dict(re.findall(r'(\w+)="([^"$]*)"', found[1])).items() >= rule["labels"].items()
        for found in re.finditer(rf"(?<![\w:]){re.escape(rule['record'])}\{{([^}}]*)\}}", site.text)
    )


def _unread(shipped: Shipped) -> Iterator[Mutant]:
    """A rule that records what nobody reads."""
    for path, way, rule, where in _rules(shipped, "record"):
        name = "level:nobody_reads:this"
        yield Mutant(path, where.replace(rule["record"], name, 1), (Edit((*way, "record"), name),))


def _badly_named(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, rule, where in _rules(shipped, "record"):
        name = rule["record"].replace(":", "_")
        yield Mutant(path, where.replace(rule["record"], name, 1), (Edit((*way, "record"), name),))


def _made_of_itself(shipped: Shipped) -> Iterator[Mutant]:
    for site in shipped.sites:
        if site.kind == "recording" and site.language == "promql":
            name = site.where.split()[1]
            if name in site.text:
                continue  # a running total is meant to be
            yield site.mutant(f"({site.text}) or {name}")


def _part_moved(shipped: Shipped) -> Iterator[Mutant]:
    """A part of a sum that is laid end to end is looked for at another time."""
    for site in shipped.sites:
        name = site.where.split()[1]
        places = list(re.finditer(r"\] offset (\w+)", site.text))
        if site.kind == "recording" and places and site.text.startswith(f"{name}{{"):
            last = places[-1]
            yield site.mutant(site.text[: last.start(1)] + "7m" + site.text[last.end(1) :])


def _order_swapped(shipped: Shipped) -> Iterator[Mutant]:
    """A rule that reads another of its group stands before it."""
    for path, content in shipped.contents.items():
        if not path.startswith("prometheus/rules/"):
            continue
        for index, group in enumerate(content["groups"]):
            entries = group["rules"]
            for late, rule in enumerate(entries):
                if "record" in rule and rule["record"] in rule["expr"]:
                    continue  # a running total, which reads what the evaluation before has left
                readable = [
                    early
                    for early in range(late)
                    if "record" in entries[early] and _reads(rule, entries[early])
                ]
                if readable:
                    first = readable[0]
                    moved = [*entries[:first], rule, *entries[first:late], *entries[late + 1 :]]
                    kind = "alert" if "alert" in rule else "recording"
                    name = rule.get("alert") or rule["record"]
                    where = f"{kind} {name} in group {group['name']}"
                    yield Mutant(path, where, (Edit(("groups", index, "rules"), moved),))


def _reads(rule: Json, other: Json) -> bool:
    """Whether a rule reads what another records, by its name and every label it asks for."""
    name = re.escape(other["record"])
    for found in re.finditer(rf"(?<![\w:]){name}(?:\{{([^}}]*)\}})?", rule["expr"]):
        wanted = dict(re.findall(r'(\w+)="([^"]*)"', found[1] or ""))
        labels = other.get("labels", {})
        if all(labels.get(key, value) == value for key, value in wanted.items()):
            return True
    return False


def _group_twice(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in shipped.contents.items():
        if "/rules/" in path:
            for index, group in enumerate(content["groups"][1:], start=1):
                name = content["groups"][0]["name"]
                assert group["name"] != name
                yield Mutant(path, f"group {name}", (Edit(("groups", index, "name"), name),))


KINDS: tuple[Kind, ...] = (
    Kind("alert: no severity", frozenset({"alert/labels"}), _label("severity", GONE)),
    Kind("alert: a severity of nobody", frozenset({"alert/labels"}), _label("severity", "urgent")),
    Kind("alert: no service", frozenset({"alert/labels"}), _label("service", GONE)),
    Kind("alert: an unknown service", frozenset({"alert/labels"}), _label("service", "nosuch")),
    Kind("alert: no team", frozenset({"alert/labels"}), _label("team", GONE)),
    Kind("alert: no runbook", frozenset({"alert/links"}), _annotation_removed("runbook_url")),
    Kind("alert: no dashboard", frozenset({"alert/links"}), _annotation_removed("dashboard_url")),
    Kind("alert: no summary", frozenset({"alert/links"}), _annotation_removed("summary")),
    Kind("alert: no description", frozenset({"alert/links"}), _annotation_removed("description")),
    Kind("alert: another's runbook", frozenset({"runbook/missing"}), _runbook_of_nothing),
    Kind("alert: renamed, without its runbook", frozenset({"runbook/missing"}), _renamed),
    Kind("alert: a name in snake case", frozenset({"alert/name"}), _in_snake_case),
    Kind("alert: a dashboard at another time", frozenset({"alert/range"}), _dashboard_range),
    Kind("alert: a text of no label", frozenset({"label/shown"}), _text_of_no_label),
    Kind("alert: a broken template", frozenset({"alert/template"}), _template_broken),
    Kind(
        "alert: an unknown template function",
        frozenset({"alert/template"}),
        _function_of_no_template,
    ),
    Kind("alert: a query in its text", frozenset({"metric/unknown"}), _query_in_text),
    Kind("rule: a part at another time", frozenset({"rule/parts"}), _part_moved),
    Kind("rule: a range under four scrapes", frozenset({"rule/range"}), _short_range),
    Kind("alert: a wait that is no time", frozenset({"rule/hold"}), _hold("five minutes")),
    Kind("alert: a wait that outlasts it", frozenset({"rule/hold"}), _waits_too_long),
    Kind(
        "rule: a series recorded under another name",
        frozenset({"rule/unused"}),
        _recorded_otherwise,
    ),
    Kind(
        "rule: a series recorded with another label",
        frozenset({"label/value"}),
        _recorded_elsewhere,
        "whoever asks for any of several series still finds the others",
    ),
    Kind("rule: a series that nobody reads", frozenset({"rule/unused"}), _unread),
    Kind("rule: a name that says nothing", frozenset({"rule/name"}), _badly_named),
    Kind("rule: made of itself", frozenset({"rule/cycle"}), _made_of_itself),
    Kind("rule: before what it reads", frozenset({"rule/order"}), _order_swapped),
    Kind("rule: two groups of one name", frozenset({"rule/name"}), _group_twice),
)
