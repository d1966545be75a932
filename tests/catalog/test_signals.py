"""Metrics, fields and events that contradict themselves."""

from __future__ import annotations

import pytest

from tests.catalog.editable import PLATFORM, SHOP, TILL, EditableCatalog, Spoilt

CASES = (
    Spoilt(
        "histogram without buckets",
        SHOP,
        "    buckets: [0.1, 0.5, 1]\n",
        "",
        (
            SHOP,
            "- name: http_server_request_duration_seconds",
            (
                "'metrics[0]' is a histogram without 'buckets'. Add their upper bounds, as "
                "in 'buckets: [0.1, 0.5, 1]'."
            ),
        ),
    ),
    Spoilt(
        "counter with buckets",
        TILL,
        "unit: payments",
        "unit: payments\n    buckets: [1, 2]",
        (
            TILL,
            "buckets: [1, 2]",
            (
                "'metrics[0].buckets' belongs to a histogram, not to a counter. Remove the "
                "buckets, or make it a histogram."
            ),
        ),
    ),
    Spoilt(
        "buckets fall",
        SHOP,
        "buckets: [0.1, 0.5, 1]",
        "buckets: [0.5, 0.1, 1]",
        (
            SHOP,
            "buckets: [0.5, 0.1, 1]",
            (
                "'metrics[0].buckets' does not rise from one bound to the next. Sort them, "
                "each bound once."
            ),
        ),
    ),
    Spoilt(
        "bucket twice",
        SHOP,
        "buckets: [0.1, 0.5, 1]",
        "buckets: [0.1, 0.5, 0.5, 1]",
        (
            SHOP,
            "buckets: [0.1, 0.5, 0.5, 1]",
            (
                "'metrics[0].buckets' does not rise from one bound to the next. Sort them, "
                "each bound once."
            ),
        ),
    ),
    Spoilt(
        "good and bad",
        SHOP,
        'bad: {code: ["500"]}',
        'bad: {code: ["500"]}\n    good: {code: ["200"]}',
        (
            SHOP,
            'bad: {code: ["500"]}',
            ("'metrics[0].bad' stands beside 'good'. Keep one of the two: the rest is the other."),
        ),
    ),
    Spoilt(
        "good of a gauge",
        SHOP,
        "unit: baskets",
        "unit: baskets\n    labels: {kind: null}\n    good: {kind: [full]}",
        (
            SHOP,
            "good: {kind: [full]}",
            (
                "'metrics[2].good' splits events, and a gauge counts none. Remove it, or "
                "make the metric a counter."
            ),
        ),
    ),
    Spoilt(
        "bad of a gauge",
        SHOP,
        "unit: baskets",
        "unit: baskets\n    labels: {kind: null}\n    bad: {kind: [full]}",
        (
            SHOP,
            "bad: {kind: [full]}",
            (
                "'metrics[2].bad' splits events, and a gauge counts none. Remove it, or "
                "make the metric a counter."
            ),
        ),
    ),
    Spoilt(
        "exemplars of a gauge",
        SHOP,
        "unit: baskets",
        "unit: baskets\n    exemplars: true",
        (
            SHOP,
            "unit: baskets\n    exemplars: true",
            "'metrics[2].exemplars' is true, and a gauge carries no exemplars. Remove it.",
        ),
    ),
    Spoilt(
        "by an undeclared label",
        SHOP,
        "by: [route]",
        "by: [route, rout]",
        (
            SHOP,
            "by: [route, rout]",
            (
                "'metrics[0].by[1]' reads the label 'rout', which is not declared. Did you "
                "mean 'route'?"
            ),
        ),
    ),
    Spoilt(
        "by a label of none",
        TILL,
        "unit: payments",
        "unit: payments\n    by: [kind]",
        (
            TILL,
            "by: [kind]",
            (
                "'metrics[0].by[0]' reads the label 'kind', which is not declared. None is "
                "declared; declare it first."
            ),
        ),
    ),
    Spoilt(
        "by a label twice",
        SHOP,
        "by: [route]",
        "by: [route, route]",
        (SHOP, "by: [route, route]", "'metrics[0].by[1]' is 'route' a second time. Remove it."),
    ),
    Spoilt(
        "bad reads an undeclared label",
        SHOP,
        'bad: {code: ["500"]}',
        'bad: {status: ["500"]}',
        (
            SHOP,
            'bad: {status: ["500"]}',
            (
                "'metrics[0].bad.status' reads the label 'status', which is not declared. "
                "Known are code, route."
            ),
        ),
    ),
    Spoilt(
        "good reads an undeclared label",
        SHOP,
        'bad: {code: ["500"]}',
        'good: {cod: ["200"]}',
        (
            SHOP,
            'good: {cod: ["200"]}',
            (
                "'metrics[0].good.cod' reads the label 'cod', which is not declared. Did "
                "you mean 'code'?"
            ),
        ),
    ),
    Spoilt(
        "bad reads an unknown value",
        SHOP,
        'bad: {code: ["500"]}',
        'bad: {code: ["500", "503"]}',
        (
            SHOP,
            'bad: {code: ["500", "503"]}',
            (
                "'metrics[0].bad.code[1]' is '503', a value that 'code' never has. Did you "
                "mean '500'?"
            ),
        ),
    ),
    Spoilt(
        "value twice",
        SHOP,
        'labels: {code: ["200", "500"], route: null}',
        'labels: {code: ["200", "500", "200"], route: null}',
        (SHOP, "labels: {code", "'metrics[0].labels.code[2]' is '200' a second time. Remove it."),
    ),
    Spoilt(
        "level twice",
        PLATFORM,
        "levels: [info, error]\nerror",
        "levels: [info, error, info]\nerror",
        (
            PLATFORM,
            "levels: [info, error, info]",
            "'levels[2]' is 'info' a second time. Remove it.",
        ),
    ),
    Spoilt(
        "field twice",
        SHOP,
        "- name: took",
        "- name: outcome",
        (
            SHOP,
            "lives: {loki_2_9: line, loki_3: line}\n    - name: outcome",
            ("'logs.fields[5].name' is 'outcome' a second time. Keep one of the two fields."),
        ),
    ),
    Spoilt(
        "timestamp is no field",
        SHOP,
        "timestamp: ts",
        "timestamp: time",
        (
            SHOP,
            "timestamp: time",
            (
                "'logs.timestamp' reads the field 'time', which is not declared. Known are "
                "level, message, outcome, took, trace_id, ts."
            ),
        ),
    ),
    Spoilt(
        "message is no field",
        SHOP,
        "message: message",
        "message: mesage",
        (
            SHOP,
            "message: mesage",
            (
                "'logs.message' reads the field 'mesage', which is not declared. Did you "
                "mean 'message'?"
            ),
        ),
    ),
    Spoilt(
        "event twice",
        SHOP,
        "metrics:\n  - name: http",
        (
            "    - {id: sale, title: Again, help: Again., match: {outcome: [sold]}, "
            "trail: [message]}\nmetrics:\n  - name: http"
        ),
        (SHOP, "- {id", "'logs.events[1].id' is 'sale' a second time. Choose another id."),
    ),
    Spoilt(
        "event matches an undeclared field",
        SHOP,
        "match: {outcome: [sold, refused]}",
        "match: {kind: [sale]}",
        (
            SHOP,
            "match: {kind: [sale]}",
            (
                "'logs.events[0].match.kind' reads the field 'kind', which is not "
                "declared. Known are level, message, outcome, took, trace_id, ts."
            ),
        ),
    ),
    Spoilt(
        "event matches an unknown value",
        SHOP,
        "match: {outcome: [sold, refused]}",
        "match: {outcome: [sold, returned]}",
        (
            SHOP,
            "match: {outcome: [sold, returned]}",
            (
                "'logs.events[0].match.outcome[1]' is 'returned', a value that 'outcome' "
                "never has. Did you mean 'refused'?"
            ),
        ),
    ),
    Spoilt(
        "event by an undeclared field",
        SHOP,
        "by: [outcome]\n      outcome",
        "by: [outcme]\n      outcome",
        (
            SHOP,
            "by: [outcme]",
            (
                "'logs.events[0].by[0]' reads the field 'outcme', which is not declared. "
                "Did you mean 'outcome'?"
            ),
        ),
    ),
    Spoilt(
        "event outcome in an undeclared field",
        SHOP,
        "outcome: {field: outcome,",
        "outcome: {field: result,",
        (
            SHOP,
            "outcome: {field: result, bad: [refused]}",
            (
                "'logs.events[0].outcome.field' reads the field 'result', which is not "
                "declared. Known are level, message, outcome, took, trace_id, ts."
            ),
        ),
    ),
    Spoilt(
        "event outcome of an unknown value",
        SHOP,
        "bad: [refused]}\n      measures",
        "bad: [refusd]}\n      measures",
        (
            SHOP,
            "outcome: {field: outcome, bad: [refusd]}",
            (
                "'logs.events[0].outcome.bad[0]' is 'refusd', a value that 'outcome' never "
                "has. Did you mean 'refused'?"
            ),
        ),
    ),
    Spoilt(
        "event measures an undeclared field",
        SHOP,
        "measures: took",
        "measures: duration",
        (
            SHOP,
            "measures: duration",
            (
                "'logs.events[0].measures' reads the field 'duration', which is not "
                "declared. Known are level, message, outcome, took, trace_id, ts."
            ),
        ),
    ),
    Spoilt(
        "event measures text",
        SHOP,
        "measures: took",
        "measures: outcome",
        (
            SHOP,
            "measures: outcome",
            (
                "'logs.events[0].measures' reads 'outcome', which is no number. Name a "
                "field of type integer or number."
            ),
        ),
    ),
    Spoilt(
        "event trail of an undeclared field",
        SHOP,
        "trail: [outcome, took, message]",
        "trail: [outcome, tok, message]",
        (
            SHOP,
            "trail: [outcome, tok, message]",
            (
                "'logs.events[0].trail[1]' reads the field 'tok', which is not declared. "
                "Did you mean 'took'?"
            ),
        ),
    ),
    Spoilt(
        "event trail empty",
        SHOP,
        "trail: [outcome, took, message]",
        "trail: []",
        (SHOP, "trail: []", "'logs.events[0].trail' is an empty list. Fill it in."),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
