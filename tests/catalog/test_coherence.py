"""What one file says of another."""

from __future__ import annotations

import pytest

from tests.catalog.editable import PLATFORM, SHOP, WINDOWS, EditableCatalog, Spoilt

CASES = (
    Spoilt(
        "folder use missing",
        PLATFORM,
        "  - {id: slo, title: Objectives, use: slo}\n",
        "",
        (PLATFORM, "folders:", "no folder has the use 'slo'. Add a folder with 'use: slo'."),
    ),
    Spoilt(
        "folder use twice",
        PLATFORM,
        "id: platform, title: Platform, use: platform}",
        ("id: platform, title: Platform, use: platform}\n  - {id: more, title: More, use: logs}"),
        (
            PLATFORM,
            "- {id: more, title: More, use: logs}",
            "a folder above has the use 'logs' already. Keep one folder of that use.",
        ),
    ),
    Spoilt(
        "folder id twice",
        PLATFORM,
        "{id: slo,",
        "{id: logs,",
        (
            PLATFORM,
            "- {id: logs, title: Objectives, use: slo}",
            "a folder above has the id 'logs' already. Choose another id.",
        ),
    ),
    Spoilt(
        "folder id of the rules",
        PLATFORM,
        "{id: slo,",
        "{id: alerts,",
        (
            PLATFORM,
            "- {id: alerts, title: Objectives, use: slo}",
            "'alerts' is the folder of the rules that Grafana evaluates. Choose another id.",
        ),
    ),
    Spoilt(
        "parent that is no folder",
        PLATFORM,
        "title: Objectives, use: slo}",
        "title: Objectives, use: slo, parent: log}",
        (
            PLATFORM,
            "- {id: slo, title: Objectives, use: slo, parent: log}",
            "no folder is called 'log'. Did you mean 'logs'?",
        ),
    ),
    Spoilt(
        "parent that is itself",
        PLATFORM,
        "title: Objectives, use: slo}",
        "title: Objectives, use: slo, parent: slo}",
        (
            PLATFORM,
            "- {id: slo, title: Objectives, use: slo, parent: slo}",
            "the folder 'slo' is in another one. Name a folder that is at the top.",
        ),
    ),
    Spoilt(
        "restricted folder that is open",
        PLATFORM,
        "title: Objectives, use: slo}",
        "title: Objectives, use: slo}\n  - {id: vault, title: Vault, use: restricted}",
        (
            PLATFORM,
            "- {id: vault, title: Vault, use: restricted}",
            (
                "'folders[3].permissions' is missing, so that every viewer would see a restricted "
                "folder. Add it, as in 'permissions: {viewer: none, editor: view}'."
            ),
        ),
    ),
    Spoilt(
        "editors who may less than viewers",
        PLATFORM,
        "title: Objectives, use: slo}",
        "title: Objectives, use: slo, permissions: {viewer: edit, editor: view}}",
        (
            PLATFORM,
            "- {id: slo, title: Objectives, use: slo, permissions: {viewer: edit, editor: view}}",
            (
                "'folders[2].permissions.editor' is 'view', and an editor may do what a viewer "
                "may: 'edit'. Write at least 'editor: edit'."
            ),
        ),
    ),
    Spoilt(
        "closed folder in an open one",
        PLATFORM,
        "title: Objectives, use: slo}",
        ("title: Objectives, use: slo, parent: logs, permissions: {viewer: none, editor: view}}"),
        (
            PLATFORM,
            (
                "- {id: slo, title: Objectives, use: slo, parent: logs, "
                "permissions: {viewer: none, editor: view}}"
            ),
            (
                "'folders[2].parent' is 'logs', whose permissions would hold here as well. Keep a "
                "folder with permissions of its own at the top."
            ),
        ),
    ),
    Spoilt(
        "metrics are kept too short",
        PLATFORM,
        "metrics: 365d",
        "metrics: 31d",
        (
            PLATFORM,
            "metrics: 31d",
            (
                "metrics are kept for 31d, and volumes are held against 5 earlier weeks. "
                "Make it at least 38d."
            ),
        ),
    ),
    Spoilt(
        "not even silence would be unusual",
        PLATFORM,
        "score: 3.5, spread_minimum: 0.1",
        "score: 3.5, spread_minimum: 0.5",
        (
            PLATFORM,
            "spread_minimum: 0.5",
            (
                "'anomalies.spread_minimum' is 0.5, and 3.5 times that is all there is: not even "
                "silence would be unusual. Make it less than 0.29."
            ),
        ),
    ),
    Spoilt(
        "depends on itself",
        SHOP,
        "id: shop\n",
        "id: shop\ndepends_on: [shop]\n",
        (SHOP, "depends_on: [shop]", "a service depends on itself. Remove it."),
    ),
    Spoilt(
        "depends on nobody we know",
        SHOP,
        "id: shop\n",
        "id: shop\ndepends_on: [till, tilt]\n",
        (SHOP, "depends_on: [till, tilt]", "no service is 'tilt'. Did you mean 'till'?"),
    ),
    Spoilt(
        "depends on one twice",
        SHOP,
        "id: shop\n",
        "id: shop\ndepends_on: [till, till]\n",
        (SHOP, "depends_on: [till, till]", "'depends_on[1]' is 'till' a second time. Remove it."),
    ),
    Spoilt(
        "error level is no level",
        PLATFORM,
        "error_levels: [error]",
        "error_levels: [eror]",
        (PLATFORM, "error_levels: [eror]", "'levels' lacks 'eror'. Did you mean 'error'?"),
    ),
    Spoilt(
        "component missing",
        PLATFORM,
        (
            "  agent: {name: Agent, releases: [alloy 1], replicas: 1, ports: {http: "
            "9080}, source: seed}\n"
        ),
        "",
        (
            PLATFORM,
            "components:",
            "the component 'agent' is missing. Add 'agent:' to 'components'.",
        ),
    ),
    Spoilt(
        "traces kept without jaeger",
        PLATFORM,
        (
            '  jaeger: {name: Jaeger, releases: ["2.20.0"], replicas: 1, ports: '
            "{query: 16686}, source: seed}\n"
        ),
        "",
        (
            PLATFORM,
            "traces: 7d",
            (
                "'retention.traces' is about 'jaeger', which is no component. Remove it, "
                "or declare 'components.jaeger'."
            ),
        ),
        (
            PLATFORM,
            "jaeger: http://localhost:16686",
            (
                "'jaeger' has an address and is no component. Remove it, or declare "
                "'components.jaeger'."
            ),
        ),
    ),
    Spoilt(
        "jaeger without traces",
        PLATFORM,
        "  traces: 7d\n",
        "",
        (
            PLATFORM,
            "retention:",
            "the key 'retention.traces' is missing. Add it: 'jaeger' is a component.",
        ),
    ),
    Spoilt(
        "cache threshold without memcached",
        PLATFORM,
        (
            '  memcached: {name: Memcached, releases: ["1.6"], replicas: 1, ports: '
            "{memcache: 11211}, source: seed}\n"
        ),
        "",
        (
            PLATFORM,
            "cache_hit_ratio_minimum: 0.5",
            (
                "'thresholds.cache_hit_ratio_minimum' is about 'memcached', which is no "
                "component. Remove it, or declare 'components.memcached'."
            ),
        ),
        (
            PLATFORM,
            "cache_eviction_ratio_maximum: 0.5",
            (
                "'thresholds.cache_eviction_ratio_maximum' is about 'memcached', which is no "
                "component. Remove it, or declare 'components.memcached'."
            ),
        ),
    ),
    Spoilt(
        "memcached without a threshold",
        PLATFORM,
        "  cache_hit_ratio_minimum: 0.5\n",
        "",
        (
            PLATFORM,
            "thresholds:",
            (
                "the key 'thresholds.cache_hit_ratio_minimum' is missing. Add it: "
                "'memcached' is a component."
            ),
        ),
    ),
    Spoilt(
        "replicas of no component",
        PLATFORM,
        "    tenant: fake\n",
        "    tenant: fake\n    replicas: {syslog: 2}\n",
        (
            PLATFORM,
            "replicas: {syslog: 2}",
            (
                "'syslog' has replicas and is no component. Remove it, or declare "
                "'components.syslog'."
            ),
        ),
    ),
    Spoilt(
        "jaeger too new",
        PLATFORM,
        'releases: ["2.20.0"]',
        'releases: ["2.20.0", "2.21.0"]',
        (
            PLATFORM,
            "jaeger: {name",
            (
                "Jaeger 2.21.0 no longer answers the searches of Grafana's Jaeger "
                "datasource. Pin 2.20.0 or older."
            ),
        ),
    ),
    Spoilt(
        "address missing",
        PLATFORM,
        "      loki: http://localhost:3100\n",
        "",
        (
            PLATFORM,
            "addresses:",
            "the address of 'loki' is missing. Add a line 'loki: http://...'.",
        ),
    ),
    Spoilt(
        "environment twice",
        PLATFORM,
        "environments:\n",
        (
            "environments:\n  - {id: here, title: T, cluster: c, environment: e, "
            "auth_enabled: true, tenant: t, addresses: {alertmanager: http://a, "
            "jaeger: http://j, loki: http://l, prometheus: http://p}, source: seed}\n"
        ),
        (
            PLATFORM,
            "- id: here",
            "an environment above has the id 'here' already. Choose another id.",
        ),
    ),
    Spoilt(
        "retention of an unknown label",
        PLATFORM,
        "match: {level: info, service: till}",
        "match: {levl: info}",
        (
            PLATFORM,
            "- {match: {levl: info}, keep: 3d}",
            "no service has the stream label 'levl'. Did you mean 'level'?",
        ),
    ),
    Spoilt(
        "retention of an unknown service",
        PLATFORM,
        "match: {level: info, service: till}",
        "match: {service: tills}",
        (
            PLATFORM,
            "- {match: {service: tills}, keep: 3d}",
            "'service' is 'tills' in no stream. Did you mean 'till'?",
        ),
    ),
    Spoilt(
        "short window too long",
        WINDOWS,
        "long: 1h, short: 5m",
        "long: 1h, short: 60m",
        (
            WINDOWS,
            "- {severity: page",
            ("the short window is not shorter than the long one. Make it 5m."),
        ),
    ),
    Spoilt(
        "window holds back too long",
        WINDOWS,
        "short: 5m, budget: 2",
        "short: 5m, budget: 2, hold: 6m",
        (
            WINDOWS,
            "- {severity: page",
            ("it holds back longer than the short window looks. Make it at most 5m, or remove it."),
        ),
    ),
    Spoilt(
        "objective whose alert cannot fire",
        SHOP,
        "target: 95",
        "target: 90",
        (
            SHOP,
            "target: 90",
            (
                "so large a budget never burns 14.4 times too fast, so the alert on 1h "
                "would never fire. Make it at least 93.06, or that window's 'budget' in "
                "windows.yaml at most 1.38 or its 'long' at least 90m."
            ),
        ),
    ),
    Spoilt(
        "short window holds too few scrapes",
        WINDOWS,
        "long: 1h, short: 5m",
        "long: 1h, short: 30s",
        (
            WINDOWS,
            "- {severity: page",
            (
                "a window of 30s holds fewer than four scrapes. Make it at least 60s, or "
                "shorten 'scrape.interval' in platform.yaml."
            ),
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
