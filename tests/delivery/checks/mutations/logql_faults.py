"""Faults of a LogQL query: stream labels, fields, parsers, what is unwrapped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from catalog.service import Service
from tests.delivery.checks.mutations.logql_text import Pipeline, pipelines
from tests.delivery.checks.mutations.mutant import Kind, Mutant
from tests.delivery.checks.mutations.promql_text import Matcher, label_lists
from tests.delivery.checks.mutations.rotation import one_of_each, turns
from tests.delivery.checks.mutations.shipped import Shipped
from tests.delivery.checks.mutations.sites import Site

_ERRORS = frozenset({"__error__", "__error_details__"})
_OTHER = {"json": "logfmt", "logfmt": "json"}
#: Of the same family, and of another type of what it reads.
_UNITS = {"count_over_time": "bytes_over_time", "rate": "bytes_rate", "bytes_rate": "rate"}


def sites(shipped: Shipped) -> Iterator[tuple[Site, list[Pipeline]]]:
    """Every LogQL query with its pipelines."""
    for site in shipped.sites:
        if site.language == "logql":
            yield site, pipelines(site.text)


def _services(shipped: Shipped, pipeline: Pipeline) -> list[Service]:
    """The services whose lines a pipeline reads."""
    named = {
        matcher.value.text
        for matcher in pipeline.stream
        if (matcher.label.text, matcher.operator) == ("service", "=")
    }
    return [
        service
        for service in shipped.catalog.services
        if service.id in named or not named or "$" in "".join(named)
    ]


def _label(matcher: Matcher) -> str:
    return matcher.label.text


def _stream_label_renamed(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        every = [matcher for each in found for matcher in each.stream]
        for matcher in one_of_each(every, _label, turn):
            name = f"{matcher.label.text}_x"
            yield site.mutant(matcher.label.replaced(site.text, name), name)


def _field_as_stream_label(shipped: Shipped) -> Iterator[Mutant]:
    """What is in the line is asked of the stream."""
    for site, found in sites(shipped):
        for each in found[:1]:
            for service in _services(shipped, each)[:1]:
                labels = service.stream_labels
                for field in service.logs.fields:
                    if (
                        not any(
                            field.name in other.stream_labels for other in shipped.catalog.services
                        )
                        and field.name not in labels
                    ):
                        start = each.whole.start + 1
                        text = f'{site.text[:start]}{field.name}="x",{site.text[start:]}'
                        yield site.mutant(text, field.name)
                        break


def _stream_value_wrong(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        every = [
            matcher
            for each in found
            for matcher in each.stream
            if matcher.operator == "="
            and matcher.value.text
            and "$" not in matcher.value.text
            and (services := _services(shipped, each))
            and all(service.stream_labels.get(matcher.label.text) for service in services)
        ]
        for matcher in one_of_each(every, _label, turn):
            value = f"{matcher.value.text}-x"
            yield site.mutant(matcher.value.replaced(site.text, value), value)


def _field_renamed(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        every = [
            matcher
            for each in found
            for matcher in each.filters
            if matcher.label.text not in _ERRORS
        ]
        for matcher in one_of_each(every, _label, turn):
            name = f"{matcher.label.text}_x"
            yield site.mutant(matcher.label.replaced(site.text, name), name)


def _field_value_wrong(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        every = [
            matcher
            for each in found
            for matcher in each.filters
            if matcher.operator == "="
            and matcher.value.text
            and _is_closed(_services(shipped, each), matcher.label.text)
        ]
        for matcher in one_of_each(every, _label, turn):
            value = f"{matcher.value.text}-x"
            yield site.mutant(matcher.value.replaced(site.text, value), value)


def _is_closed(services: list[Service], label: str) -> bool:
    fields = [service.logs.field(label) for service in services]
    return all(field is None or field.values for field in fields) and any(fields)


def _parser_removed(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        every = [each for each in found if each.parser and _needs_the_line(shipped, each)]
        for each in one_of_each(every, lambda each: each.parser and each.parser.text, turn):
            assert each.parser
            start = site.text.rindex("|", 0, each.parser.start)
            yield site.mutant(site.text[:start] + site.text[each.parser.end :].lstrip())


def _needs_the_line(shipped: Shipped, pipeline: Pipeline) -> bool:
    """Whether a field is read that is in the line on a release that the system runs."""
    read = {matcher.label.text for matcher in pipeline.filters}
    if pipeline.unwrapped:
        read.add(pipeline.unwrapped.text)
    return any(
        field.name in read
        and (
            field.lives.loki_3 == "line"
            or (_runs_loki_2(shipped) and field.lives.loki_2_9 == "line")
        )
        for service in _services(shipped, pipeline)
        for field in service.logs.fields
    )


def _wrong_parser(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        every = [
            each
            for each in found
            if each.parser
            and {service.logs.format for service in _services(shipped, each)}
            == {each.parser.text.split()[0]}
        ]
        for each in one_of_each(every, lambda each: each.parser and each.parser.text, turn):
            assert each.parser
            name = _OTHER[each.parser.text.split()[0]]
            yield site.mutant(each.parser.replaced(site.text, name), name)


def _unwrapped_text(shipped: Shipped) -> Iterator[Mutant]:
    for site, found in sites(shipped):
        for each in found:
            # Loki's own lines are those of no service.
            for service in _services(shipped, each)[:1] if each.unwrapped else ():
                assert each.unwrapped
                name = service.logs.message
                yield site.mutant(each.unwrapped.replaced(site.text, name), name)


def _unwrapped_unknown(shipped: Shipped) -> Iterator[Mutant]:
    for site, found in sites(shipped):
        for each in found:
            if each.unwrapped:
                name = f"{each.unwrapped.text}_x"
                yield site.mutant(each.unwrapped.replaced(site.text, name), name)


def _unwrap_unguarded(shipped: Shipped) -> Iterator[Mutant]:
    for site, _ in sites(shipped):
        text = re.sub(r'(\| unwrap [^|]+?) \| __error__=""', r"\1", site.text)
        if text != site.text:
            yield site.mutant(text, "unwrap")


def _text_as_number(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, found in sites(shipped):
        every = [
            (each, matcher)
            for each in found
            for matcher in each.filters
            if matcher.value.text and _is_closed(_services(shipped, each), matcher.label.text)
        ]
        for _, matcher in one_of_each(every, lambda pair: _label(pair[1]), turn):
            start, end = matcher.label.end, matcher.value.end + 1
            text = f"{site.text[:start]} > 5{site.text[end:]}"
            yield site.mutant(text, matcher.label.text)


def _number_as_duration(shipped: Shipped) -> Iterator[Mutant]:
    for site, found in sites(shipped):
        for each in found:
            if each.unwrapped and _is_plain(shipped, each):
                name = f"duration({each.unwrapped.text})"
                yield site.mutant(each.unwrapped.replaced(site.text, name), each.unwrapped.text)


def _is_plain(shipped: Shipped, pipeline: Pipeline) -> bool:
    """Whether what is unwrapped is a number of the line, with nothing converted yet."""
    assert pipeline.unwrapped
    names = {field.name for each in _services(shipped, pipeline) for field in each.logs.fields}
    return pipeline.unwrapped.text in names and f"({pipeline.unwrapped.text})" not in (
        pipeline.whole.text
    )


def _template_of_no_field(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, _ in sites(shipped):
        every = list(re.finditer(r"\{\{\.(\w+)\}\}", site.text))
        for each in one_of_each(every, lambda each: each[1], turn):
            yield site.mutant(f"{site.text[: each.end(1)]}_x{site.text[each.end(1) :]}", each[1])


def _quantile_in_percent(shipped: Shipped) -> Iterator[Mutant]:
    for site, _ in sites(shipped):
        text = re.sub(
            r"(quantile_over_time\()(0\.\d+)",
            lambda found: f"{found[1]}{float(found[2]) * 100:g}",
            site.text,
        )
        if text != site.text:
            yield site.mutant(text)


def _grouping_renamed(shipped: Shipped) -> Iterator[Mutant]:
    turn = turns()
    for site, _ in sites(shipped):
        every = [label for each in label_lists(site.text) for label in each.labels]
        for label in one_of_each(every, lambda label: label.text, turn):
            name = f"{label.text}_x"
            yield site.mutant(label.replaced(site.text, name), name)


def _side_lacks_label(shipped: Shipped) -> Iterator[Mutant]:
    for site, found in sites(shipped):
        lists = [each for each in label_lists(site.text) if each.labels]
        if len(found) < 2 or len(lists) < 2 or not re.search(r"\) (/|and|>|-) \(?", site.text):
            continue
        last = lists[-1]
        for label in last.labels:
            names = [each.text for each in last.labels if each is not label]
            first, end = last.labels[0].start, last.labels[-1].end
            yield site.mutant(site.text[:first] + ", ".join(names) + site.text[end:])


def _unlike_units(shipped: Shipped) -> Iterator[Mutant]:
    for site, found in sites(shipped):
        for each in found[:1]:
            other = _UNITS.get(each.function.text) if each.function else None
            shape = shipped.read[site.path, site.where].shape
            if other and each.function and shape and shape.unit not in {"", "ratio"}:
                text = each.function.replaced(site.text, other)
                yield site.mutant(f"({site.text}) - ({text})", "-")


def _stage_added(stage: str, word: str = "") -> Callable[[Shipped], Iterator[Mutant]]:
    """Every pipeline with one more stage, which is wrong."""

    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        turn = turns()
        for site, found in sites(shipped):
            every = [each for each in found if each.unwrapped is None]
            for each in one_of_each(every, lambda _: None, turn):
                text = f"{site.text[: each.end]} {stage}{site.text[each.end :]}"
                yield site.mutant(text, word)

    return mutants


def _on_old_releases(
    mutants: Callable[[Shipped], Iterator[Mutant]],
) -> Callable[[Shipped], Iterator[Mutant]]:
    """Those of a system that runs a Loki before 3."""

    def asked_of_all(shipped: Shipped) -> Iterator[Mutant]:
        # What is accepted of a query that the new release alone is asked is no fault.
        there = (mutant for mutant in mutants(shipped) if not mutant.where.endswith(", Loki 3"))
        return there if _runs_loki_2(shipped) else iter(())

    return asked_of_all


def _runs_loki_2(shipped: Shipped) -> bool:
    releases = shipped.catalog.platform.components["loki"].releases
    return any(release.startswith("2.") for release in releases)


def _unbalanced(shipped: Shipped) -> Iterator[Mutant]:
    return (
        site.mutant(site.text[:-1] if site.text[-1] in ")}" else f"{site.text})")
        for site, _ in sites(shipped)
    )


def _stage_missing(shipped: Shipped) -> Iterator[Mutant]:
    for site, found in sites(shipped):
        end = found[-1].end
        yield site.mutant(f"{site.text[:end]} | | {site.text[end:]}")


def _quote_missing(shipped: Shipped) -> Iterator[Mutant]:
    for site, found in sites(shipped):
        place = found[0].stream[0].value.end
        yield site.mutant(site.text[:place] + site.text[place + 1 :])


KINDS: tuple[Kind, ...] = (
    Kind("logql: a stream label renamed", frozenset({"stream/not-a-label"}), _stream_label_renamed),
    Kind(
        "logql: a field asked of the stream",
        frozenset({"stream/not-a-label"}),
        _field_as_stream_label,
    ),
    Kind(
        "logql: a wrong value of a stream label",
        frozenset({"label/value"}),
        _stream_value_wrong,
        "an open label can have any value",
    ),
    Kind("logql: a field renamed in a filter", frozenset({"field/unknown"}), _field_renamed),
    Kind(
        "logql: a wrong value of a field",
        frozenset({"label/value"}),
        _field_value_wrong,
        "an open field can have any value",
    ),
    Kind(
        "logql: the parser removed",
        frozenset({"field/unknown", "query/release"}),
        _parser_removed,
        "nobody misses a parser whose fields are not read, or are structured metadata anyway",
    ),
    Kind(
        "logql: the wrong parser",
        frozenset({"field/format"}),
        _wrong_parser,
        "lines of several formats may be parsed by either",
    ),
    Kind("logql: text unwrapped", frozenset({"field/unwrap"}), _unwrapped_text),
    Kind("logql: an unknown field unwrapped", frozenset({"field/unknown"}), _unwrapped_unknown),
    Kind("logql: unwrapped without a guard", frozenset({"field/unwrap"}), _unwrap_unguarded),
    Kind(
        "logql: a number unwrapped as a duration", frozenset({"field/unwrap"}), _number_as_duration
    ),
    Kind("logql: a template of no field", frozenset({"field/unknown"}), _template_of_no_field),
    Kind("logql: a quantile in percent", frozenset({"query/runtime"}), _quantile_in_percent),
    Kind("logql: text compared with a number", frozenset({"field/number"}), _text_as_number),
    Kind(
        "logql: a label renamed in a grouping",
        # Behind by or without, or behind on.
        frozenset({"label/missing", "label/join"}),
        _grouping_renamed,
    ),
    Kind(
        "logql: a label dropped on one side of an operation",
        frozenset({"label/join"}),
        _side_lacks_label,
    ),
    Kind("logql: unlike units put together", frozenset({"metric/unit"}), _unlike_units),
    Kind(
        "logql: a broken template",
        frozenset({"query/runtime"}),
        _stage_added("| line_format `{{.message`"),
    ),
    Kind(
        "logql: a broken regular expression for lines",
        frozenset({"query/runtime"}),
        _stage_added("|~ `(`"),
    ),
    Kind(
        "logql: no such address",
        frozenset({"query/runtime"}),
        _stage_added('|= ip("10.0.0.300")'),
    ),
    Kind(
        "logql: a field that no line has",
        frozenset({"field/unknown"}),
        _stage_added('| nosuch="x"', "nosuch"),
    ),
    Kind(
        "logql: what the oldest release lacks",
        frozenset({"query/release"}),
        _on_old_releases(_stage_added("|> `<_>`")),
        "a system of newer releases can ask it",
    ),
    Kind("logql: a bracket too few or too many", frozenset({"query/syntax"}), _unbalanced),
    Kind("logql: a stage missing", frozenset({"query/syntax"}), _stage_missing),
    Kind("logql: a quote missing", frozenset({"query/syntax"}), _quote_missing),
)
