"""Promtail's configuration: YAML, one scrape configuration a source."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from pipeline.agent import stages
from pipeline.agent.delivery import MAX_BACKOFF, MAX_LINE_KIB, MIN_BACKOFF, POSITIONS, PUSH, seconds
from pipeline.agent.sources import LogFiles, Messages, Plan, Pods, Source
from pipeline.agent.stages import Stage

Json = dict[str, Any]


def configuration(plan: Plan) -> Json:
    """The whole file."""
    loki = plan.environment.addresses["loki"]
    tenant = {"tenant_id": plan.environment.tenant} if plan.environment.auth_enabled else {}
    return {
        "server": {
            "http_listen_address": plan.address,
            "http_listen_port": plan.http_port,
            # Nobody asks it anything over gRPC: any port, and on this host only.
            "grpc_listen_address": "127.0.0.1",
            "grpc_listen_port": 0,
        },
        "positions": {"filename": f"{plan.state}/{POSITIONS}"},
        "clients": [
            {
                "url": f"{loki}{PUSH}",
                **tenant,
                # 0 is for ever: a batch that Loki refuses as too much waits, and so do its files.
                "backoff_config": {
                    "min_period": seconds(MIN_BACKOFF),
                    "max_period": seconds(MAX_BACKOFF),
                    "max_retries": 0,
                },
            }
        ],
        "limits_config": {"max_line_size": f"{MAX_LINE_KIB}KB", "max_line_size_truncate": True},
        "scrape_configs": [_source(each) for each in plan.sources],
    }


@singledispatch
def _source(source: Source) -> Json:
    raise TypeError(f"Promtail has no source for {source}")


@_source.register
def _(source: Pods) -> Json:
    where = {"namespaces": {"names": list(source.namespaces)}} if source.namespaces else {}
    return {
        "job_name": source.id,
        "kubernetes_sd_configs": [{"role": "pod", **where}],
        "relabel_configs": [rule.settings() for rule in source.rules],
        "pipeline_stages": [_stage(each) for each in source.stages],
    }


@_source.register
def _(source: LogFiles) -> Json:
    labels = {**source.labels, "__path__": source.path}
    return {
        "job_name": source.id,
        "static_configs": [{"targets": ["localhost"], "labels": labels}],
        "pipeline_stages": [_stage(each) for each in source.stages],
    }


@_source.register
def _(source: Messages) -> Json:
    return {
        "job_name": source.id,
        "syslog": {
            "listen_address": source.address,
            "listen_protocol": "udp",
            "use_incoming_timestamp": True,
            "use_rfc5424_message": True,
            "labels": source.labels,
        },
        "relabel_configs": [rule.settings() for rule in source.rules],
        "pipeline_stages": [_stage(each) for each in source.stages],
    }


@singledispatch
def _stage(stage: Stage) -> Json:
    raise TypeError(f"Promtail has no stage for {stage}")


@_stage.register
def _(stage: stages.Runtime) -> Json:
    return {stage.format: {}}


@_stage.register
def _(stage: stages.Multiline) -> Json:
    return {
        "multiline": {
            "firstline": stage.first_line,
            "max_lines": stage.lines,
            "max_wait_time": seconds(stage.wait),
        }
    }


@_stage.register
def _(stage: stages.Drop) -> Json:
    return {"drop": {"expression": stage.pattern, "drop_counter_reason": stage.reason}}


@_stage.register
def _(stage: stages.Replace) -> Json:
    told = {"expression": stage.pattern, "source": stage.source, "replace": stage.by}
    return {"replace": told}


@_stage.register
def _(stage: stages.Output) -> Json:
    return {"output": {"source": stage.source}}


@_stage.register
def _(stage: stages.Parse) -> Json:
    key = "expressions" if stage.format == "json" else "mapping"
    return {stage.format: {key: {name: name for name in stage.fields}}}


@_stage.register
def _(stage: stages.Match) -> Json:
    source = {"source": stage.source} if stage.source else {}
    return {"regex": {"expression": stage.pattern, **source}}


@_stage.register
def _(stage: stages.Timestamp) -> Json:
    return {
        "timestamp": {
            "source": stage.field,
            "format": "RFC3339Nano",
            "action_on_failure": stage.otherwise,
        }
    }


@_stage.register
def _(stage: stages.Template) -> Json:
    return {"template": {"source": stage.name, "template": stage.template}}


@_stage.register
def _(stage: stages.Labels) -> Json:
    return {"labels": {name: name for name in stage.names}}


@_stage.register
def _(stage: stages.LabelDrop) -> Json:
    return {"labeldrop": list(stage.names)}


@_stage.register
def _(stage: stages.LabelKeep) -> Json:
    return {"labelallow": list(stage.names)}


@_stage.register
def _(stage: stages.StructuredMetadata) -> Json:
    return {"structured_metadata": {name: name for name in stage.names}}


@_stage.register
def _(stage: stages.Metrics) -> Json:
    return {"metrics": {each.name: _count(each) for each in stage.counts}}


def _count(count: stages.Count) -> Json:
    configs: dict[str, Json] = {
        "counter": {"action": "inc", **({} if count.source else {"match_all": True})},
        "gauge": {"action": "set"},
        "histogram": {"buckets": list(count.buckets)},
    }
    return {
        "type": count.type.capitalize(),
        "description": count.help,
        **({"source": count.source} if count.source else {}),
        "max_idle_duration": seconds(count.idle),
        "config": configs[count.type],
    }
