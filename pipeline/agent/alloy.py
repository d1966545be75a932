"""Alloy's configuration: components that hand lines on, one chain a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch

from pipeline.agent import stages
from pipeline.agent.alloy_text import Block, Raw, Value, identifier, text_of
from pipeline.agent.delivery import MAX_BACKOFF, MAX_LINE_KIB, MIN_BACKOFF, POSITIONS, PUSH, seconds
from pipeline.agent.sources import LogFiles, Messages, Plan, Pods, Relabel, Source
from pipeline.agent.stages import Stage

Entry = tuple[str, Value] | Block
_HEADER = "Generated from catalog/ by build.py. Do not edit: change the catalog or the generator."
_WRITE = "loki"


def configuration(plan: Plan) -> str:
    """The whole file, as ``alloy fmt`` leaves it."""
    pods = [_discovery()] if any(isinstance(each, Pods) for each in plan.sources) else []
    before = f"{plan.state}/{POSITIONS}" if plan.after_promtail else ""
    chains = [block for source in plan.sources for block in _source(source, before)]
    return text_of([_write(plan), *pods, *chains], _HEADER)


def _write(plan: Plan) -> Block:
    loki = plan.environment.addresses["loki"]
    tenant: list[Entry] = (
        [("tenant_id", plan.environment.tenant)] if plan.environment.auth_enabled else []
    )
    endpoint: tuple[Entry, ...] = (
        ("url", f"{loki}{PUSH}"),
        *tenant,
        ("min_backoff_period", seconds(MIN_BACKOFF)),
        ("max_backoff_period", seconds(MAX_BACKOFF)),
        ("max_backoff_retries", 0),
    )
    return Block("loki.write", (Block("endpoint", endpoint),), _WRITE)


def _discovery() -> Block:
    """The pods of the agent's own node: HOSTNAME is the node's name, as the manifest sets it."""
    field = Raw('"spec.nodeName=" + coalesce(sys.env("HOSTNAME"), constants.hostname)')
    return Block(
        "discovery.kubernetes",
        (("role", "pod"), Block("selectors", (("role", "pod"), ("field", field)))),
        "pods",
    )


@singledispatch
def _source(source: Source, before: str = "") -> Iterator[Block]:
    """``before`` is the file with the positions of the agent that read here earlier."""
    raise TypeError(f"Alloy has no source for {source}")


@_source.register
def _(source: Pods, before: str = "") -> Iterator[Block]:
    name = identifier(source.id)
    targets: Entry = ("targets", Raw("discovery.kubernetes.pods.targets"))
    yield Block("discovery.relabel", (targets, *map(_relabel, source.rules)), name)
    yield from _tail(name, Raw(f"discovery.relabel.{name}.output"), before)
    yield _process(name, source.stages)


@_source.register
def _(source: LogFiles, before: str = "") -> Iterator[Block]:
    name = identifier(source.id)
    yield from _tail(name, [{**source.labels, "__path__": source.path}], before)
    yield _process(name, source.stages)


@_source.register
def _(source: Messages, before: str = "") -> Iterator[Block]:
    name = identifier(source.id)
    listener: tuple[Entry, ...] = (
        ("address", source.address),
        ("protocol", "udp"),
        ("use_incoming_timestamp", True),
        ("use_rfc5424_message", True),
        ("labels", source.labels),
    )
    yield Block("loki.relabel", (("forward_to", []), *map(_relabel, source.rules)), name)
    yield Block(
        "loki.source.syslog",
        (
            Block("listener", listener),
            ("relabel_rules", Raw(f"loki.relabel.{name}.rules")),
            _forward(f"loki.process.{name}"),
        ),
        name,
    )
    yield _process(name, source.stages)


def _forward(to: str) -> Entry:
    return ("forward_to", Raw(f"[{to}.receiver]"))


def _tail(name: str, targets: Value, before: str) -> Iterator[Block]:
    yield Block("local.file_match", (("path_targets", targets),), name)
    known: list[Entry] = [("legacy_positions_file", before)] if before else []
    found: Entry = ("targets", Raw(f"local.file_match.{name}.targets"))
    forward = _forward(f"loki.process.{name}")
    yield Block("loki.source.file", (found, forward, *known), name)


def _process(name: str, done: tuple[Stage, ...]) -> Block:
    cut = Block("stage.truncate", (Block("rule", (("limit", f"{MAX_LINE_KIB}KiB"),)),))
    return Block("loki.process", (_forward(f"loki.write.{_WRITE}"), *map(_stage, done), cut), name)


def _relabel(rule: Relabel) -> Block:
    return Block("rule", tuple(rule.settings().items()))


def _named(name: str, attributes: Mapping[str, Value]) -> Block:
    return Block(f"stage.{name}", tuple(attributes.items()))


@singledispatch
def _stage(stage: Stage) -> Block:
    raise TypeError(f"Alloy has no stage for {stage}")


@_stage.register
def _(stage: stages.Runtime) -> Block:
    return _named(stage.format, {})


@_stage.register
def _(stage: stages.Multiline) -> Block:
    return _named(
        "multiline",
        {
            "firstline": stage.first_line,
            "max_lines": stage.lines,
            "max_wait_time": seconds(stage.wait),
        },
    )


@_stage.register
def _(stage: stages.Drop) -> Block:
    return _named("drop", {"expression": stage.pattern, "drop_counter_reason": stage.reason})


@_stage.register
def _(stage: stages.Replace) -> Block:
    told = {"expression": stage.pattern, "source": stage.source, "replace": stage.by}
    return _named("replace", told)


@_stage.register
def _(stage: stages.Output) -> Block:
    return _named("output", {"source": stage.source})


@_stage.register
def _(stage: stages.Parse) -> Block:
    key = "expressions" if stage.format == "json" else "mapping"
    return _named(stage.format, {key: _same(stage.fields)})


@_stage.register
def _(stage: stages.Match) -> Block:
    source: dict[str, Value] = {"source": stage.source} if stage.source else {}
    return _named("regex", {"expression": stage.pattern, **source})


@_stage.register
def _(stage: stages.Timestamp) -> Block:
    return _named(
        "timestamp",
        {
            "source": stage.field,
            "format": "RFC3339Nano",
            "action_on_failure": stage.otherwise,
        },
    )


@_stage.register
def _(stage: stages.Template) -> Block:
    return _named("template", {"source": stage.name, "template": stage.template})


@_stage.register
def _(stage: stages.Labels) -> Block:
    return _named("labels", {"values": _same(stage.names)})


@_stage.register
def _(stage: stages.LabelDrop) -> Block:
    return _named("label_drop", {"values": list(stage.names)})


@_stage.register
def _(stage: stages.LabelKeep) -> Block:
    return _named("label_keep", {"values": list(stage.names)})


@_stage.register
def _(stage: stages.StructuredMetadata) -> Block:
    return _named("structured_metadata", {"values": _same(stage.names)})


@_stage.register
def _(stage: stages.Metrics) -> Block:
    return Block("stage.metrics", tuple(_count(each) for each in stage.counts))


def _same(fields: tuple[str, ...]) -> dict[str, Value]:
    return {name: name for name in fields}


def _count(count: stages.Count) -> Block:
    """Of ``action`` a histogram has none: it observes."""
    told: dict[str, Value] = {"name": count.name, "description": count.help}
    if count.source:
        told["source"] = count.source
    elif count.type == "counter":
        told["match_all"] = True
    told["max_idle_duration"] = seconds(count.idle)
    if count.type == "histogram":
        told["buckets"] = list(count.buckets)
    else:
        told["action"] = "inc" if count.type == "counter" else "set"
    return Block(f"metric.{count.type}", tuple(told.items()))
