"""What pydantic finds wrong is told in the catalog's words."""

from __future__ import annotations

import pytest

from tests.catalog.editable import PLATFORM, SHOP, TILL, WINDOWS, EditableCatalog, Spoilt

CASES = (
    Spoilt(
        "wrong type number for text",
        SHOP,
        "name: Shop",
        "name: 7",
        (SHOP, "name: 7", "'name' is 7, not text. Put it in quotes."),
    ),
    Spoilt(
        "wrong type boolean for text",
        SHOP,
        "name: Shop",
        "name: true",
        (SHOP, "name: true", "'name' is true, not text. Put it in quotes."),
    ),
    Spoilt(
        "wrong type empty for text",
        SHOP,
        "name: Shop",
        "name:",
        (SHOP, "id: shop\nname:", "'name' is empty, not text. Write text."),
    ),
    Spoilt(
        "wrong type list for text",
        SHOP,
        "name: Shop",
        "name: [Shop]",
        (SHOP, "name: [Shop]", "'name' is a list, not text. Write text."),
    ),
    Spoilt(
        "wrong type mapping for text",
        SHOP,
        "name: Shop",
        "name: {en: Shop}",
        (SHOP, "name: {en: Shop}", "'name' is a mapping, not text. Write text."),
    ),
    Spoilt(
        "wrong type text for number",
        SHOP,
        "metrics_port: 8080",
        'metrics_port: "8080"',
        (
            SHOP,
            "workload:",
            (
                "'workload.metrics_port' is '8080', not a whole number. Write a whole "
                "number without quotes or unit."
            ),
        ),
    ),
    Spoilt(
        "wrong type fraction for whole",
        SHOP,
        "metrics_port: 8080",
        "metrics_port: 80.5",
        (
            SHOP,
            "workload:",
            (
                "'workload.metrics_port' is 80.5, not a whole number. Write a whole number "
                "without quotes or unit."
            ),
        ),
    ),
    Spoilt(
        "wrong type boolean for number",
        SHOP,
        "target: 95",
        "target: true",
        (
            SHOP,
            "target: true",
            (
                "'objectives[1].target' is true, not a number. Write a number without "
                "quotes or unit."
            ),
        ),
    ),
    Spoilt(
        "wrong type text for fraction",
        SHOP,
        "target: 95",
        "target: 95 %",
        (
            SHOP,
            "target: 95 %",
            (
                "'objectives[1].target' is '95 %', not a number. Write a number without "
                "quotes or unit."
            ),
        ),
    ),
    Spoilt(
        "wrong type text for boolean",
        PLATFORM,
        "auth_enabled: false",
        "auth_enabled: no",
        (
            PLATFORM,
            "auth_enabled: no",
            ("'environments[0].auth_enabled' is 'no', not true or false. Write true or false."),
        ),
    ),
    Spoilt(
        "wrong type text for mapping",
        SHOP,
        'owner: {team: sales, escalation: oncall, channel: "#sales"}',
        "owner: sales",
        (
            SHOP,
            "owner: sales",
            "'owner' is 'sales', not a mapping. Write 'key: value' lines below it.",
        ),
    ),
    Spoilt(
        "wrong type list for labels",
        SHOP,
        'labels: {code: ["200", "500"], route: null}',
        "labels: [code, route]",
        (
            SHOP,
            "labels: [code, route]",
            "'metrics[0].labels' is a list, not a mapping. Write 'name: value' pairs.",
        ),
    ),
    Spoilt(
        "wrong type text for list",
        SHOP,
        "by: [route]",
        "by: route",
        (SHOP, "by: route", "'metrics[0].by' is 'route', not a list. Write a list, as in [a, b]."),
    ),
    Spoilt(
        "wrong type mapping for list",
        TILL,
        "metrics:\n  - name",
        "metrics:\n    name",
        (TILL, "metrics:", "'metrics' is a mapping, not a list. Write a list, as in [a, b]."),
    ),
    Spoilt(
        "unquoted status code",
        SHOP,
        'code: ["500"]',
        "code: [500]",
        (
            SHOP,
            "bad: {code: [500]}",
            "'metrics[0].bad.code[0]' is 500, not text. Put it in quotes.",
        ),
    ),
    Spoilt(
        "unknown key near",
        SHOP,
        "description: Sells",
        "descripton: Sells",
        (SHOP, "id: shop", "the key 'description' is missing. Add a line 'description: ...'."),
        (
            SHOP,
            "descripton: Sells things.",
            "unknown key 'descripton'. Did you mean 'description'?",
        ),
    ),
    Spoilt(
        "unknown key far",
        SHOP,
        "escalation: oncall",
        "pager: oncall",
        (SHOP, "owner:", "the key 'owner.escalation' is missing. Add a line 'escalation: ...'."),
        (
            SHOP,
            "owner:",
            ("unknown key 'owner.pager'. Remove it; known here are channel, escalation, team."),
        ),
    ),
    Spoilt(
        "unknown key deep",
        SHOP,
        "exemplars: true",
        "exemplar: true",
        (SHOP, "exemplar: true", "unknown key 'metrics[0].exemplar'. Did you mean 'exemplars'?"),
    ),
    Spoilt(
        "unknown key in component",
        PLATFORM,
        "replicas: 1, ports: {http: 3100}",
        "replicas: 1, memory: 1, ports: {http: 3100}",
        (
            PLATFORM,
            "loki: {name",
            (
                "unknown key 'components.loki.memory'. Remove it; known here are "
                "metrics_port, name, ports, reason, releases, replicas, source."
            ),
        ),
    ),
    Spoilt(
        "missing key at the top",
        TILL,
        "name: Till\n",
        "",
        (TILL, "id: till", "the key 'name' is missing. Add a line 'name: ...'."),
    ),
    Spoilt(
        "missing key in a mapping",
        SHOP,
        "team: sales, ",
        "",
        (
            SHOP,
            'owner: {escalation: oncall, channel: "#sales"}',
            "the key 'owner.team' is missing. Add a line 'team: ...'.",
        ),
    ),
    Spoilt(
        "missing key of few values",
        SHOP,
        "    type: gauge\n",
        "",
        (
            SHOP,
            "- name: open_baskets",
            (
                "the key 'metrics[2].type' is missing. Add 'type:' with one of counter, "
                "gauge, histogram."
            ),
        ),
    ),
    Spoilt(
        "missing section",
        TILL,
        "workload: {namespace: market, app: till, metrics_port: 8080}\n",
        "",
        (TILL, "id: till", "the key 'workload' is missing. Add a line 'workload: ...'."),
    ),
    Spoilt(
        "value near a choice",
        SHOP,
        "type: gauge",
        "type: guage",
        (SHOP, "type: guage", "'metrics[2].type' is 'guage'. Did you mean 'gauge'?"),
    ),
    Spoilt(
        "value far from a choice",
        SHOP,
        "type: gauge",
        "type: summary",
        (
            SHOP,
            "type: summary",
            "'metrics[2].type' is 'summary'. Write one of counter, gauge, histogram.",
        ),
    ),
    Spoilt(
        "choice of another type",
        SHOP,
        "type: gauge",
        "type: 1",
        (SHOP, "type: 1", "'metrics[2].type' is 1. Write one of counter, gauge, histogram."),
    ),
    Spoilt(
        "key of no choice near",
        PLATFORM,
        "jaeger: {name",
        "jager: {name",
        (PLATFORM, "jager:", "the key 'components.jager' is not known. Did you mean 'jaeger'?"),
    ),
    Spoilt(
        "key of no choice far",
        PLATFORM,
        "jaeger: {name",
        "tempo: {name",
        (
            PLATFORM,
            "tempo:",
            (
                "the key 'components.tempo' is not known. Write one of agent, "
                "alertmanager, jaeger, kubernetes, loki, memcached, prometheus, syslog."
            ),
        ),
    ),
    Spoilt(
        "key of another shape",
        SHOP,
        "route: null",
        "http.route: null",
        (
            SHOP,
            "labels: {code",
            (
                "the key 'metrics[0].labels.http.route' is no valid name. Use letters, "
                "digits and underscores, not a digit first."
            ),
        ),
    ),
    Spoilt(
        "id with a capital",
        SHOP,
        "id: shop",
        "id: Shop",
        (
            SHOP,
            "id: Shop",
            (
                "'id' is 'Shop'. Use lower-case letters and digits, a letter first, with "
                "single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "id too long",
        SHOP,
        "id: shop",
        "id: the-shop-around-the-corner",
        (
            SHOP,
            "id: the-shop-around-the-corner",
            "'id' is 26 characters long: 'the-shop-around-the-corner'. Shorten it to 20.",
        ),
    ),
    Spoilt(
        "system id too long",
        PLATFORM,
        "id: market",
        "id: market-places",
        (
            PLATFORM,
            "system:",
            "'system.id' is 13 characters long: 'market-places'. Shorten it to 12.",
        ),
    ),
    Spoilt(
        "metric name with a colon",
        TILL,
        "payments_total",
        "payments:total",
        (
            TILL,
            "- name: payments:total",
            (
                "'metrics[0].name' is 'payments:total'. Use letters, digits and "
                "underscores, not a digit first."
            ),
        ),
    ),
    Spoilt(
        "unit with a blank",
        TILL,
        "unit: payments",
        "unit: paid bills",
        (
            TILL,
            "unit: paid bills",
            (
                "'metrics[0].unit' is 'paid bills'. Use one lower-case word in the plural, "
                "as in requests."
            ),
        ),
    ),
    Spoilt(
        "unit misspelt",
        SHOP,
        "unit: sales",
        "unit: milisecond",
        (
            SHOP,
            "unit: milisecond",
            "'metrics[1].unit' is 'milisecond'. Did you mean 'milliseconds'?",
        ),
    ),
    Spoilt(
        "address with a password",
        PLATFORM,
        "http://localhost:9093",
        "http://me:secret@localhost:9093",
        (
            PLATFORM,
            "alertmanager: http://me:secret@localhost:9093",
            (
                "'environments[0].addresses.alertmanager' is 'http://***@localhost:9093'. "
                "Use an http or https address without user, query or trailing slash."
            ),
        ),
    ),
    Spoilt(
        "environment id",
        PLATFORM,
        "id: here",
        "id: Here",
        (
            PLATFORM,
            "- id: Here",
            (
                "'environments[0].id' is 'Here'. Use lower-case letters, digits and "
                "hyphens, a letter first."
            ),
        ),
    ),
    Spoilt(
        "empty text",
        SHOP,
        "description: Sells things.",
        'description: ""',
        (SHOP, 'description: ""', "'description' is empty text. Fill it in."),
    ),
    Spoilt(
        "empty list",
        PLATFORM,
        "levels: [info, error]\nerror",
        "levels: []\nerror",
        (PLATFORM, "levels: []", "'levels' is an empty list. Fill it in."),
    ),
    Spoilt(
        "empty mapping",
        SHOP,
        'bad: {code: ["500"]}',
        "bad: {}",
        (SHOP, "bad: {}", "'metrics[0].bad' is an empty mapping. Fill it in."),
    ),
    Spoilt(
        "text too long",
        SHOP,
        "title: Sales\n      help",
        (
            "title: Sales Sales Sales Sales Sales Sales Sales Sales Sales Sales Sales "
            "end\n      help"
        ),
        (
            SHOP,
            "title: Sales Sales",
            (
                "'logs.events[0].title' is 69 characters long: 'Sales Sales Sales Sales "
                "Sales Sales Sales Sales Sales S...'. Shorten it to 60."
            ),
        ),
    ),
    Spoilt(
        "port 0",
        SHOP,
        "metrics_port: 8080",
        "metrics_port: 0",
        (SHOP, "workload:", "'workload.metrics_port' is 0. Write a number of at least 1."),
    ),
    Spoilt(
        "port too high",
        SHOP,
        "metrics_port: 8080",
        "metrics_port: 65536",
        (SHOP, "workload:", "'workload.metrics_port' is 65536. Write a number of at most 65535."),
    ),
    Spoilt(
        "ratio of 0",
        PLATFORM,
        "limit_share_maximum: 0.8",
        "limit_share_maximum: 0",
        (
            PLATFORM,
            "limit_share_maximum: 0",
            "'thresholds.limit_share_maximum' is 0. Write a number above 0.",
        ),
    ),
    Spoilt(
        "ratio of 1",
        PLATFORM,
        "limit_share_maximum: 0.8",
        "limit_share_maximum: 1",
        (
            PLATFORM,
            "limit_share_maximum: 1",
            "'thresholds.limit_share_maximum' is 1. Write a number below 1.",
        ),
    ),
    Spoilt(
        "budget over 100",
        WINDOWS,
        "budget: 10,",
        "budget: 101,",
        (
            WINDOWS,
            "- {severity: ticket",
            "'windows[1].budget' is 101. Write a number of at most 100.",
        ),
    ),
    Spoilt(
        "assumed without reason",
        SHOP,
        "    reason: Nobody told.\n",
        "",
        (
            SHOP,
            "source: assumed",
            (
                "'metrics[1].source' is 'assumed' and no 'reason' says why. Add a 'reason' "
                "that tells a team what to confirm."
            ),
        ),
    ),
    Spoilt(
        "seed misspelt",
        SHOP,
        "source: assumed",
        "source: assume",
        (SHOP, "source: assume", "'metrics[1].source' is 'assume'. Did you mean 'assumed'?"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
