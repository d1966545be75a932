"""For every Prometheus alert: what fires it, and what comes close and must not.

Values are promtool's: ``0+60x30`` rises by 60 thirty times, ``_`` is a missed scrape,
``stale`` ends a series.
"""

from __future__ import annotations

from tests.alerts.promtool import Scenario

HERE = 'cluster="c",environment="e"'
THERE = 'cluster="d",environment="e"'
SCOPE = {"cluster": "c", "environment": "e"}
REQUESTS = "http_server_request_duration_seconds"


def requests(code: str, values: str, pod: str = "p", scope: str = HERE) -> dict[str, str]:
    labels = f'{scope},service="ryot",pod="{pod}",http_response_status_code="{code}"'
    return {f"{REQUESTS}_count{{{labels}}}": values}


def buckets(values: dict[str, str]) -> dict[str, str]:
    labels = f'{HERE},service="ryot",pod="p",http_response_status_code="200"'
    bounds = {f'{REQUESTS}_bucket{{{labels},le="{le}"}}': each for le, each in values.items()}
    return {**bounds, f"{REQUESTS}_count{{{labels}}}": values["+Inf"]}


def up(values: str, labels: str, scope: str = HERE) -> dict[str, str]:
    return {f"up{{{scope},{labels}}}": values}


RYOT = 'job="services",service="ryot",instance="ryot:8080"'
AGENT = 'job="agent",component="agent",instance="agent:9080"'
FROM_AGENT = 'job="agent",instance="agent:9080"'


def vault(outcome: str, values: str, operation: str = "read") -> dict[str, str]:
    labels = f'{HERE},{FROM_AGENT},service="sigmavault",pod="p"'
    return {
        f'vault_operations_total{{{labels},operation="{operation}",outcome="{outcome}"}}': values
    }


def lines(values: str, name: str = "log_lines_total", level: str = "info") -> dict[str, str]:
    return {f'{name}{{{HERE},{FROM_AGENT},service="ryot",pod="p",level="{level}"}}': values}


#: Another service is heard: else the agent reads nothing of anyone, which is another alert.
HEARD = {f'log_lines_total{{{HERE},{FROM_AGENT},service="agents",pod="q",level="info"}}': "0+9x60"}


def lookups(hits: str, misses: str) -> dict[str, str]:
    of = f'memcached_commands_total{{{HERE},job="memcached",instance="m",command="get",status='
    return {f'{of}"hit"}}': hits, f'{of}"miss"}}': misses}


SERVICE = (
    Scenario(
        "HighErrorRatio",
        "a tenth of the requests of one cluster fails, none of the other",
        "service-ryot.yaml",
        {
            **requests("200", "0+54x20"),
            **requests("500", "0+6x20"),
            **requests("200", "0+60x20", scope=THERE),
        },
        "12m",
        ((SCOPE, "10%"),),
    ),
    Scenario(
        "HighErrorRatio",
        "one in twenty-five is under the limit",
        "service-ryot.yaml",
        {**requests("200", "0+96x20"), **requests("500", "0+4x20")},
        "12m",
    ),
    Scenario(
        "HighErrorRatio",
        "half of three requests a minute is too little to judge",
        "service-ryot.yaml",
        {**requests("200", "0+1x20"), **requests("500", "0+2x20")},
        "12m",
    ),
    Scenario(
        "HighErrorRatio",
        "a caller's mistakes are no failures",
        "service-ryot.yaml",
        {**requests("200", "0+10x20"), **requests("404", "0+90x20")},
        "12m",
    ),
    Scenario(
        "HighLatency",
        "two in a hundred take over a second",
        "service-ryot.yaml",
        buckets({"1": "0+98x20", "2.5": "0+100x20", "+Inf": "0+100x20"}),
        "12m",
        ((SCOPE, "1.75s"),),
    ),
    Scenario(
        "HighLatency",
        "only one in two hundred does",
        "service-ryot.yaml",
        buckets({"0.5": "0+100x20", "1": "0+199x20", "2.5": "0+200x20", "+Inf": "0+200x20"}),
        "12m",
    ),
    Scenario(
        "HighLatency",
        "nobody asks",
        "service-ryot.yaml",
        buckets({"1": "98x20", "2.5": "100x20", "+Inf": "100x20"}),
        "12m",
    ),
    Scenario(
        "FailedEvents",
        "a fifth of the reads fails, all writes succeed",
        "service-sigmavault.yaml",
        {
            **vault("granted", "0+8x60"),
            **vault("failed", "0+2x60"),
            **vault("granted", "0+9x60", "write"),
        },
        "50m",
        (({**SCOPE, "operation": "read", "metric": "vault_operations_total"}, "20%"),),
    ),
    Scenario(
        "FailedEvents",
        "the failures are all that their counter was born with",
        "service-sigmavault.yaml",
        {
            **up("1x60", AGENT),
            **vault("granted", "0+1x60"),
            **vault("failed", "_x40 10x20"),
        },
        "50m",
        (({**SCOPE, "operation": "read", "metric": "vault_operations_total"}, "25%"),),
    ),
    Scenario(
        "FailedEvents",
        "an old counter that was out of sight is not born with all it ever counted",
        "service-sigmavault.yaml",
        {
            **up("0x40 1x20", AGENT),
            **vault("granted", "0+1x60"),
            **vault("failed", "_x40 1000x20"),
        },
        "50m",
    ),
    Scenario(
        "FailedEvents",
        "a denial is a right answer",
        "service-sigmavault.yaml",
        {**vault("granted", "0+1x60"), **vault("denied", "0+9x60")},
        "50m",
    ),
    Scenario(
        "ServiceSilent",
        "its counters stand still",
        "service-ryot.yaml",
        {**HEARD, **up("1x60", RYOT), **up("1x60", AGENT), **lines("0+9x20 180x40")},
        "45m",
        ((SCOPE, ""),),
    ),
    Scenario(
        "ServiceSilent",
        "its counters have vanished",
        "service-ryot.yaml",
        {**HEARD, **up("1x60", RYOT), **up("1x60", AGENT), **lines("0+9x20 stale")},
        "45m",
        ((SCOPE, ""),),
    ),
    Scenario(
        "ServiceSilent",
        "a counter that came back with one line has spoken",
        "service-ryot.yaml",
        {**HEARD, **up("1x60", RYOT), **up("1x60", AGENT), **lines("0+9x10 stale _x24 1x20")},
        "45m",
    ),
    Scenario(
        "ServiceSilent",
        "no agent is up to read it",
        "service-ryot.yaml",
        {**HEARD, **up("1x60", RYOT), **up("0x60", AGENT), **lines("0+9x20 stale")},
        "45m",
    ),
    Scenario(
        "ServiceSilent",
        "what is down may be silent",
        "service-ryot.yaml",
        {**HEARD, **up("0x60", RYOT), **up("1x60", AGENT), **lines("0+9x20 stale")},
        "45m",
    ),
    Scenario(
        "LogErrorSpike",
        "four times the error lines of an hour ago",
        "service-ryot.yaml",
        lines("0+2x70 140+8x30", "log_errors_total", "error"),
        "95m",
        ((SCOPE, "120"),),
    ),
    Scenario(
        "LogErrorSpike",
        "the first error lines ever",
        "service-ryot.yaml",
        {**up("1x100", AGENT), **lines("_x80 30x20", "log_errors_total", "error")},
        "90m",
        ((SCOPE, "30"),),
    ),
    Scenario(
        "LogErrorSpike",
        "twice as many is no spike",
        "service-ryot.yaml",
        lines("0+2x70 140+4x30", "log_errors_total", "error"),
        "95m",
    ),
    Scenario(
        "LogErrorSpike",
        "a few error lines are no spike",
        "service-ryot.yaml",
        lines("0x80 0+1x20", "log_errors_total", "error"),
        "95m",
    ),
)

TARGETS = (
    Scenario(
        "TargetDown",
        "one of two pods fails its scrapes",
        "service-ryot.yaml",
        {
            **up("1x20", 'job="services",service="ryot",pod="a",instance="a:1"'),
            **up("1x5 0x15", 'job="services",service="ryot",pod="b",instance="b:1"'),
        },
        "15m",
        (({**SCOPE, "job": "services", "pod": "b", "instance": "b:1"}, ""),),
    ),
    Scenario(
        "TargetDown",
        "a missed scrape or three",
        "service-ryot.yaml",
        up("1x5 0x3 1x15", RYOT),
        "10m",
    ),
    Scenario(
        "AllTargetsDown",
        "every pod of one cluster fails, those of the other answer",
        "service-ryot.yaml",
        {
            **up("1x5 0x15", 'job="services",service="ryot",pod="a",instance="a:1"'),
            **up("1x5 0x15", 'job="services",service="ryot",pod="b",instance="b:1"'),
            **up("1x20", RYOT, THERE),
        },
        "10m",
        ((SCOPE, ""),),
    ),
    Scenario(
        "AllTargetsDown",
        "one of two pods still answers",
        "service-ryot.yaml",
        {
            **up("1x20", 'job="services",service="ryot",pod="a",instance="a:1"'),
            **up("0x20", 'job="services",service="ryot",pod="b",instance="b:1"'),
        },
        "10m",
    ),
    Scenario(
        "AllTargetsDown",
        "a component counts as its job",
        "platform.yaml",
        up("0x20", 'job="loki",component="loki",instance="loki:3100"'),
        "10m",
        (({**SCOPE, "service": "loki"}, ""),),
    ),
    Scenario(
        "NotScraped",
        "the targets of one cluster are gone, those of the other are not",
        "service-ryot.yaml",
        {**up("1x30 stale", RYOT), **up("1x60", RYOT, THERE)},
        "45m",
        ((SCOPE, ""),),
    ),
    Scenario(
        "NotScraped",
        "a pod has another name now",
        "service-ryot.yaml",
        {
            **up("1x30 stale", 'job="services",service="ryot",pod="a",instance="a:1"'),
            **up("_x30 1x30", 'job="services",service="ryot",pod="b",instance="b:1"'),
        },
        "45m",
    ),
    Scenario(
        "NotScraped",
        "a target that is down is scraped",
        "service-ryot.yaml",
        up("1x30 0x30", RYOT),
        "45m",
    ),
)

BURN = (
    Scenario(
        "ErrorBudgetBurnFast",
        "three in a hundred requests fail for forty minutes",
        "slo-ryot.yaml",
        {**requests("200", "0+500x72 36485+485x8"), **requests("503", "0x72 15+15x8")},
        "400m",
        (({**SCOPE, "objective": "availability", "window": "1h", "short_window": "5m"}, "20"),),
        interval="5m",
        # As of five minutes ago: 105 errors of 39,500 requests, where 39.5 are allowed.
        budget="-165.8%",
    ),
    Scenario(
        "ErrorBudgetBurnFast",
        "the failures have ended",
        "slo-ryot.yaml",
        {
            **requests("200", "0+500x72 36485+485x7 39380+500x4"),
            **requests("503", "0x72 15+15x7 120x4"),
        },
        "415m",
        interval="5m",
    ),
    Scenario(
        "ErrorBudgetBurnFast",
        "five times too fast is for a ticket",
        "slo-ryot.yaml",
        {**requests("200", "0+4975x90"), **requests("503", "0+25x90")},
        "400m",
        interval="5m",
    ),
    Scenario(
        "ErrorBudgetBurnSlow",
        "five in a thousand requests fail, hour after hour",
        "slo-ryot.yaml",
        {**requests("200", "0+4975x90"), **requests("503", "0+25x90")},
        "400m",
        (
            ({**SCOPE, "objective": "availability", "window": "1d", "short_window": "2h"}, "5"),
            ({**SCOPE, "objective": "availability", "window": "3d", "short_window": "6h"}, "5"),
        ),
        interval="5m",
        budget="-400%",
    ),
    Scenario(
        "ErrorBudgetBurnSlow",
        "half of what is allowed fails",
        "slo-ryot.yaml",
        {**requests("200", "0+9995x90"), **requests("503", "0+5x90")},
        "400m",
        interval="5m",
    ),
    Scenario(
        "ErrorBudgetBurnSlow",
        "nobody asks",
        "slo-ryot.yaml",
        {**requests("200", "100x90"), **requests("503", "50x90")},
        "400m",
        interval="5m",
    ),
)

PLATFORM = (
    Scenario(
        "IngestionNearLimit",
        "one distributor takes in nine tenths of what it may",
        "platform.yaml",
        {
            f'loki_distributor_lines_received_total{{{HERE},instance="l",tenant="fake"}}': (
                "0+5400000x20"
            )
        },
        "15m",
        (({**SCOPE, "instance": "l"}, "90k"),),
    ),
    Scenario(
        "IngestionNearLimit",
        "three distributors share as much",
        "platform.yaml",
        {
            f'loki_distributor_lines_received_total{{{HERE},instance="{each}",tenant="fake"}}': (
                "0+1800000x20"
            )
            for each in "abc"
        },
        "15m",
    ),
    Scenario(
        "StreamsNearLimit",
        "nine tenths of the streams, in three replicas alike",
        "platform.yaml",
        {
            f'loki_ingester_memory_streams{{{HERE},instance="{each}",tenant="fake"}}': "9000x20"
            for each in "abc"
        },
        "15m",
        (({**SCOPE, "tenant": "fake"}, "9k"),),
    ),
    Scenario(
        "StreamsNearLimit",
        "three replicas of three thousand are three thousand",
        "platform.yaml",
        {
            f'loki_ingester_memory_streams{{{HERE},instance="{each}",tenant="fake"}}': "3000x20"
            for each in "abc"
        },
        "15m",
    ),
    Scenario(
        "LogLinesRejected",
        "the first lines that are refused for a reason",
        "platform.yaml",
        {
            **up("1x40", 'job="loki",instance="l"'),
            f'loki_discarded_samples_total{{{HERE},job="loki",instance="l",tenant="fake",'
            'reason="rate_limited"}': "_x30 500x10",
        },
        "35m",
        (({**SCOPE, "tenant": "fake", "reason": "rate_limited"}, "500"),),
    ),
    Scenario(
        "LogLinesRejected",
        "a handful of late lines",
        "platform.yaml",
        {
            f'loki_discarded_samples_total{{{HERE},job="loki",instance="l",tenant="fake",'
            'reason="too_far_behind"}': "0x20 5x20",
        },
        "30m",
    ),
    Scenario(
        "SlowLogQueries",
        "one query in twenty takes over a second",
        "platform.yaml",
        {
            f'loki_request_duration_seconds_bucket{{{HERE},instance="l",method="GET",'
            f'route="loki_api_v1_query_range",le="{le}"}}': values
            for le, values in {"1": "0+19x30", "5": "0+20x30", "+Inf": "0+20x30"}.items()
        }
        | {
            f'loki_request_duration_seconds_count{{{HERE},instance="l",method="GET",'
            'route="loki_api_v1_query_range"}': "0+20x30"
        },
        "25m",
        (({**SCOPE, "route": "loki_api_v1_query_range"}, "4.2s"),),
    ),
    Scenario(
        "SlowLogQueries",
        "pushing and tailing may take longer",
        "platform.yaml",
        {
            f'loki_request_duration_seconds_bucket{{{HERE},instance="l",method="GET",'
            f'route="loki_api_v1_tail",le="{le}"}}': values
            for le, values in {"1": "0x30", "5": "0+20x30", "+Inf": "0+20x30"}.items()
        }
        | {
            f'loki_request_duration_seconds_count{{{HERE},instance="l",method="GET",'
            'route="loki_api_v1_tail"}': "0+20x30"
        },
        "25m",
    ),
    Scenario(
        "RuleEvaluationFailing",
        "a rule group of Prometheus fails",
        "platform.yaml",
        {f'prometheus_rule_evaluation_failures_total{{{HERE},rule_group="g"}}': "0x10 0+1x20"},
        "25m",
        (({**SCOPE, "service": "prometheus", "rule_group": "g"}, ""),),
    ),
    Scenario(
        "RuleEvaluationFailing",
        "a rule group of Loki's ruler fails, as 2.9 calls it",
        "platform.yaml",
        {
            f'cortex_prometheus_rule_evaluation_failures_total{{{HERE},user="fake",'
            'rule_group="g"}': "0x10 0+1x20"
        },
        "25m",
        (({**SCOPE, "service": "loki", "rule_group": "g"}, ""),),
    ),
    Scenario(
        "RuleEvaluationFailing",
        "failures of an hour ago",
        "platform.yaml",
        {f'prometheus_rule_evaluation_failures_total{{{HERE},rule_group="g"}}': "0+1x10 10x60"},
        "60m",
    ),
    Scenario(
        "AgentLagging",
        "Promtail is 20 MB behind, in two files",
        "platform.yaml",
        {
            f'promtail_{what}_bytes_total{{{HERE},instance="n",path="{path}"}}': f"{size}x20"
            for path in ("/a", "/b")
            for what, size in (("file", 30000000), ("read", 20000000))
        },
        "15m",
        (({**SCOPE, "instance": "n"}, "19.07Mi"),),
    ),
    Scenario(
        "AgentLagging",
        "Alloy is 20 MB behind",
        "platform.yaml",
        {
            f'loki_source_file_{what}_bytes_total{{{HERE},instance="n",path="/a"}}': f"{size}x20"
            for what, size in (("file", 30000000), ("read", 10000000))
        },
        "15m",
        (({**SCOPE, "instance": "n"}, "19.07Mi"),),
    ),
    Scenario(
        "AgentLagging",
        "5 MB behind, on each of three nodes",
        "platform.yaml",
        {
            f'promtail_{what}_bytes_total{{{HERE},instance="{node}",path="/a"}}': f"{size}x20"
            for node in "abc"
            for what, size in (("file", 30000000), ("read", 25000000))
        },
        "15m",
    ),
    Scenario(
        "AgentDroppingLines",
        "lines were given up",
        "platform.yaml",
        {
            f'promtail_dropped_entries_total{{{HERE},instance="n",host="loki",tenant="",'
            'reason="ingester_error"}': "0x10 0+10x20"
        },
        "13m",
        (({**SCOPE, "instance": "n", "reason": "ingester_error"}, "20"),),
    ),
    Scenario(
        "AgentDroppingLines",
        "none since the agent started",
        "platform.yaml",
        {
            f'loki_write_dropped_entries_total{{{HERE},instance="n",host="loki",tenant="",'
            'reason="ingester_error"}': "0x30"
        },
        "25m",
    ),
    Scenario(
        "LowCacheHitRatio",
        "two lookups in five are answered",
        "platform.yaml",
        lookups("0+4x40", "0+6x40"),
        "35m",
        ((SCOPE, "40%"),),
    ),
    Scenario(
        "LowCacheHitRatio",
        "three in five are",
        "platform.yaml",
        lookups("0+6x40", "0+4x40"),
        "35m",
    ),
    Scenario(
        "LowCacheHitRatio",
        "nobody looks anything up",
        "platform.yaml",
        lookups("4x40", "600x40"),
        "35m",
    ),
    Scenario(
        "CacheUnreachable",
        "the exporter cannot reach it",
        "platform.yaml",
        {f'memcached_up{{{HERE},job="memcached",instance="m"}}': "1x5 0x15"},
        "15m",
        (({**SCOPE, "job": "memcached", "instance": "m"}, ""),),
    ),
    Scenario(
        "CacheUnreachable",
        "for a moment",
        "platform.yaml",
        {f'memcached_up{{{HERE},job="memcached",instance="m"}}': "1x5 0x2 1x15"},
        "10m",
    ),
    Scenario(
        "AlertsUndelivered",
        "no Alertmanager took them",
        "platform.yaml",
        {f'prometheus_notifications_dropped_total{{{HERE},instance="p"}}': "0x20 3x10"},
        "25m",
        (({**SCOPE, "instance": "p"}, "3"),),
    ),
    Scenario(
        "AlertsUndelivered",
        "not any more",
        "platform.yaml",
        {f'prometheus_notifications_dropped_total{{{HERE},instance="p"}}': "0x5 3x30"},
        "25m",
    ),
    Scenario(
        "ConfigurationRefused",
        "a reload failed",
        "platform.yaml",
        {f'prometheus_config_last_reload_successful{{{HERE},instance="p"}}': "1x5 0x15"},
        "15m",
        (({**SCOPE, "instance": "p", "service": "prometheus"}, ""),),
    ),
    Scenario(
        "ConfigurationRefused",
        "and was mended at once",
        "platform.yaml",
        {f'alertmanager_config_last_reload_successful{{{HERE},instance="p"}}': "1x5 0x3 1x15"},
        "10m",
    ),
    Scenario(
        "NotificationsFailing",
        "one integration fails",
        "platform.yaml",
        {
            f'alertmanager_notifications_failed_total{{{HERE},instance="m",integration="slack",'
            'reason="other"}': "0x5 0+1x30",
            f'alertmanager_notifications_failed_total{{{HERE},instance="m",integration="webhook",'
            'reason="other"}': "0x40",
        },
        "20m",
        (({**SCOPE, "integration": "slack"}, "10"),),
    ),
    Scenario(
        "NotificationsFailing",
        "one try long ago",
        "platform.yaml",
        {
            f'alertmanager_notifications_failed_total{{{HERE},instance="m",'
            'integration="slack"}': "0x5 1x35"
        },
        "30m",
    ),
    Scenario(
        "SpansLost",
        "it cannot store them",
        "platform.yaml",
        {
            f'otelcol_receiver_refused_spans_total{{{HERE},job="jaeger",instance="j",'
            'receiver="otlp"}': "0x30",
            f'otelcol_exporter_send_failed_spans_total{{{HERE},job="jaeger",instance="j",'
            'exporter="jaeger_storage_exporter"}': "0+10x30",
        },
        "25m",
        (({**SCOPE, "instance": "j"}, "150"),),
    ),
    Scenario(
        "SpansLost",
        "what another collector loses is its own",
        "platform.yaml",
        {
            f'otelcol_receiver_refused_spans_total{{{HERE},job="collector",instance="j",'
            'receiver="otlp"}': "0+10x30"
        },
        "25m",
    ),
    Scenario(
        "Watchdog",
        "anything is scraped",
        "platform.yaml",
        up("0x20", 'job="any",instance="a"'),
        "1m",
        ((SCOPE, ""),),
    ),
    Scenario("Watchdog", "nothing is", "platform.yaml", up("0x5 stale", 'job="any"'), "15m"),
)

SCENARIOS = (*SERVICE, *TARGETS, *BURN, *PLATFORM)
