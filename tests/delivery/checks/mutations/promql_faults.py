"""Faults of a PromQL query: names, values, functions, units and joins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from delivery.checks.labels import alternatives, as_literal
from tests.delivery.checks.mutations.mutant import Kind, Mutant
from tests.delivery.checks.mutations.promql_text import (
    Matcher,
    Selector,
    label_lists,
    masked,
    selectors,
)
from tests.delivery.checks.mutations.rotation import one_of_each, turns
from tests.delivery.checks.mutations.shipped import Shipped
from tests.delivery.checks.mutations.sites import Site

_OF_A_COUNTER = frozenset({"rate", "irate", "increase"})
_FOR_A_GAUGE = {"rate": "deriv", "irate": "idelta", "increase": "delta"}
_OPERATORS = ("+", "-", ">")


def sites(shipped: Shipped) -> Iterator[tuple[Site, list[Selector]]]:
    """Every PromQL query with its selectors."""
    for site in shipped.sites:
        if site.language == "promql":
            yield site, selectors(site.text, shipped.context.universe)


def _metric_renamed(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        for each in one_of_each(found, lambda each: each.name.text, turn):
            name = f"{each.name.text}_x"
            yield site.mutant(each.name.replaced(site.text, name), name)


def _matchers(found: list[Selector]) -> list[tuple[Selector, Matcher]]:
    return [(each, matcher) for each in found for matcher in each.matchers]


def _label_renamed(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        pairs = [
            pair for pair in _matchers(found) if (pair[1].operator, pair[1].value.text) != ("=", "")
        ]
        for _, matcher in one_of_each(pairs, _metric_and_label, turn):
            label = f"{matcher.label.text}_x"
            yield site.mutant(matcher.label.replaced(site.text, label), label)


def _metric_and_label(pair: tuple[Selector, Matcher]) -> tuple[str, str]:
    return pair[0].name.text, pair[1].label.text


def _value_wrong(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        pairs = [pair for pair in _matchers(found) if _is_closed(shipped, *pair)]
        for _, matcher in one_of_each(
            pairs, lambda pair: (*_metric_and_label(pair), pair[1].value.text), turn
        ):
            for wrong, value in _wrong_values(matcher):
                yield site.mutant(matcher.value.replaced(site.text, value), wrong)


def _is_closed(shipped: Shipped, selector: Selector, matcher: Matcher) -> bool:
    if matcher.operator not in {"=", "=~"} or "$" in matcher.value.text or not matcher.value.text:
        return False
    signal = shipped.context.universe.signal(selector.name.text)
    return signal is not None and signal.known.labels.get(matcher.label.text) is not None


def _wrong_values(matcher: Matcher) -> Iterator[tuple[str, str]]:
    """The wrong value, and the matcher's text with it, for each of its alternatives."""
    text = matcher.value.text
    if matcher.operator == "=":
        yield f"{text}-x", f"{text}-x"
        return
    parts = alternatives(text)
    for index, part in enumerate(parts):
        wrong = f"{part}-x" if as_literal(part) is not None else f"(?:{part})-x"
        yield wrong, "|".join([*parts[:index], wrong, *parts[index + 1 :]])


def _grouping_renamed(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, _ in sites(shipped):
        pairs = [(each, label) for each in label_lists(site.text) for label in each.labels]
        for _, label in one_of_each(pairs, lambda pair: (pair[0].keyword.text, pair[1].text), turn):
            name = f"{label.text}_x"
            yield site.mutant(label.replaced(site.text, name))


def _bound_label_dropped(shipped: Shipped) -> Iterator[Mutant]:
    for site, _ in sites(shipped):
        if "histogram_quantile" in site.text:
            text = re.sub(r", le\b|\ble, |\ble\b(?=\))", "", site.text, count=1)
            assert text != site.text, site
            yield site.mutant(text, "histogram_quantile")


def _buckets_unread(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        if "histogram_quantile" not in site.text:
            continue
        buckets = [each for each in found if each.name.text.endswith("_bucket")]
        for each in one_of_each(buckets, lambda each: each.name.text, turn):
            name = each.name.text.removesuffix("_bucket") + "_count"
            yield site.mutant(each.name.replaced(site.text, name))


def _side_lacks_label(shipped: Shipped) -> Iterator[Mutant]:
    """The right side of an operation loses a label that the left side is matched by."""
    for site, _ in sites(shipped):
        place = _operation(site.text)
        if place is None:
            continue
        left, right = label_lists(site.text[:place]), label_lists(site.text[place:])
        kept = {label.text for each in left if each.keyword.text == "by" for label in each.labels}
        both = {label.text for each in right if each.keyword.text == "by" for label in each.labels}
        for label in sorted(kept & both):
            rest = site.text[place:]
            for each in reversed(right):
                names = [name.text for name in each.labels if name.text != label]
                if each.keyword.text == "by" and each.labels:
                    first, last = each.labels[0].start, each.labels[-1].end
                    rest = rest[:first] + ", ".join(names) + rest[last:]
            yield site.mutant(site.text[:place] + rest)


def _operation(text: str) -> int | None:
    """Where the operator stands that joins two aggregations; ``or`` takes unlike labels."""
    plain = masked(text)
    depth, found = 0, None
    for place, character in enumerate(plain):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(character, 0)
        operator = re.compile(r" (and|unless|[-+*/]|>|<|>=|<=|==) ").match(plain, place)
        if depth == 0 and operator:
            behind = plain[operator.end() :]
            if " or " not in plain and not re.match(r"(on|ignoring|group_\w+)\b|[\d.]", behind):
                found = place
                break
    return found


def _wrong_function(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        called = [each for each in found if each.function and each.function.text in _FOR_A_GAUGE]
        for each in one_of_each(
            called, lambda each: (each.name.text, each.function and each.function.text), turn
        ):
            assert each.function
            name = _FOR_A_GAUGE[each.function.text]
            yield site.mutant(each.function.replaced(site.text, name), name)


def _raw_counter(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        called = [each for each in found if each.function and each.function.text in _FOR_A_GAUGE]
        for each in one_of_each(called, lambda each: each.name.text, turn):
            assert each.function
            assert each.range
            text = each.range.replaced(site.text, "")
            yield site.mutant(each.function.replaced(text, ""), each.name.text)


def _gauge_rated(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        gauges = [each for each in found if _role(shipped, each) in {"gauge", "recorded"}]
        for each in one_of_each(gauges, lambda each: each.name.text, turn):
            if each.range and each.function:
                yield site.mutant(each.function.replaced(site.text, "rate"), "rate")
            elif not each.range:
                end = each.offset.end if each.offset else each.whole.end
                offset = each.offset.text if each.offset else ""
                rated = f"rate({each.whole.text}[5m]{offset})"
                yield site.mutant(site.text[: each.whole.start] + rated + site.text[end:], "rate")


def _role(shipped: Shipped, selector: Selector) -> str:
    signal = shipped.context.universe.signal(selector.name.text)
    return signal.role if signal else ""


def _unlike_units(shipped: Shipped) -> Iterator[Mutant]:
    """Something that is measured otherwise is added, taken away or compared."""
    turn = turns()
    for site, _ in sites(shipped):
        shape = shipped.read[site.path, site.where].shape
        if shape is None or not shape.vector or not shape.unit:
            continue
        operator = _OPERATORS[next(turn) % len(_OPERATORS)]
        name = next(
            name
            for name in sorted(shipped.context.universe.names)
            for signal in (shipped.context.universe.signal(name),)
            if signal and signal.role == "counter" and f"{signal.unit}/s" != shape.unit
        )
        text = f"({site.text}) {operator} on () group_left () sum(rate({name}[5m]))"
        yield site.mutant(text, operator)


def _nothing_to_join(shipped: Shipped) -> Iterator[Mutant]:
    """Joined on a label that neither side has."""
    for site, found in sites(shipped):
        if found:
            whole = f"({site.text})"
            yield site.mutant(f"{whole} and on (no_such_label) {whole}", "no_such_label")


def _matching_removed(keywords: str) -> Callable[[Shipped], Iterator[Mutant]]:
    """An operation forgets how its sides are matched: one place after the other."""
    pattern = re.compile(rf"(?<! or) (?:{keywords})")

    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        turn = turns()
        for site, _ in sites(shipped):
            found = list(pattern.finditer(site.text))
            for each in one_of_each(found, lambda each: each[0], turn):
                yield site.mutant(site.text[: each.start()] + site.text[each.end() :])

    return mutants


def _group_left_removed(shipped: Shipped) -> Iterator[Mutant]:
    if len(shipped.catalog.platform.environments) > 1:
        yield from _matching_removed(r"group_left \([^()]*\)")(shipped)


def _quantile_in_percent(shipped: Shipped) -> Iterator[Mutant]:
    for site, _ in sites(shipped):
        text = re.sub(
            r"(quantile\w*\()(0\.\d+)",
            lambda found: f"{found[1]}{float(found[2]) * 100:g}",
            site.text,
        )
        if text != site.text:
            yield site.mutant(text, "quantile")


def _unbalanced(shipped: Shipped) -> Iterator[Mutant]:
    return (
        site.mutant(site.text[:-1] if site.text[-1] in ")}" else f"{site.text})")
        for site, _ in sites(shipped)
    )


def _operand_missing(shipped: Shipped) -> Iterator[Mutant]:
    return (site.mutant(f"{site.text} +") for site, _ in sites(shipped))


def _function_misspelt(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        called = [each for each in found if each.function]
        for each in one_of_each(called, lambda each: each.function and each.function.text, turn):
            assert each.function
            name = f"{each.function.text}x"
            yield site.mutant(each.function.replaced(site.text, name))


KINDS: tuple[Kind, ...] = (
    Kind("promql: a metric renamed", frozenset({"metric/unknown"}), _metric_renamed),
    Kind(
        "promql: a label renamed in a matcher",
        frozenset({"label/missing"}),
        _label_renamed,
        'label="" asks for series without the label, so that none has to have it',
    ),
    Kind(
        "promql: a wrong value in a closed matcher",
        frozenset({"label/value"}),
        _value_wrong,
        "an open label can have any value, and a matcher that excludes asks for none",
    ),
    Kind(
        "promql: a label renamed in by, without, on, ignoring or group_left",
        frozenset({"label/missing", "label/join"}),
        _grouping_renamed,
    ),
    Kind("promql: le dropped under a quantile", frozenset({"metric/type"}), _bound_label_dropped),
    Kind("promql: a quantile of no buckets", frozenset({"metric/type"}), _buckets_unread),
    Kind(
        "promql: a label dropped on one side of an operation",
        frozenset({"label/join"}),
        _side_lacks_label,
        "`or` puts series of unlike labels together on purpose",
    ),
    Kind("promql: a counter read as a gauge", frozenset({"metric/type"}), _wrong_function),
    Kind("promql: a counter read raw", frozenset({"metric/raw-counter"}), _raw_counter),
    Kind("promql: a gauge read as a counter", frozenset({"metric/type"}), _gauge_rated),
    Kind(
        "promql: unlike units put together",
        frozenset({"metric/unit"}),
        _unlike_units,
        "a number whose unit cannot be told is unlike none",
    ),
    Kind("promql: joined on a label of neither side", frozenset({"label/join"}), _nothing_to_join),
    Kind(
        "promql: group_left forgotten",
        frozenset({"label/join"}),
        _group_left_removed,
        "in a system of one cluster there is one series, which has one to meet",
    ),
    Kind(
        "promql: on or ignoring forgotten",
        frozenset({"label/join"}),
        _matching_removed(r"(?:on|ignoring) \([^()]*\)(?: group_left \([^()]*\))?"),
        "`or` puts series of unlike labels together on purpose",
    ),
    Kind("promql: a quantile in percent", frozenset({"query/runtime"}), _quantile_in_percent),
    Kind("promql: a bracket too few or too many", frozenset({"query/syntax"}), _unbalanced),
    Kind("promql: an operand missing", frozenset({"query/syntax"}), _operand_missing),
    Kind("promql: a function misspelt", frozenset({"query/syntax"}), _function_misspelt),
)
