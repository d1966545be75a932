"""The whole system on this machine, provisioned from the generated files and fed with telemetry.

``python -m tests.live.stack --keep`` starts it, prints the addresses and waits for SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import requests
import yaml

from catalog import names
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.render import encode, generators
from pipeline.prometheus import SPANS_JOB
from simulate import backfill, weeks
from simulate.exposition import Family, Sample
from simulate.feed import Feed, Sinks, Target
from simulate.world import World
from tests.live.servers import Process, Server, find, free_port, missing, until

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
_HOST = "127.0.0.1"
#: Where the provisioning files say that the dashboards are.
_MOUNTED = "/var/lib/grafana/dashboards"


@dataclass(frozen=True)
class Plan:
    """What is to run: the releases, and how much history it has."""

    grafana: Server | None
    loki: Server | None
    jaeger: Server | None
    prometheus: Server | None
    promtool: Server | None
    alertmanager: Server | None
    catalog: Path = ROOT / "catalog"
    hours: float = 48
    line_hours: float = 2
    weeks: float = 6
    scale: float = 0.2
    seed: int = 1
    #: The services whose canary is worse than their stable release.
    bad_canaries: frozenset[str] = frozenset()

    @property
    def missing(self) -> list[str]:
        """What this machine lacks, and what therefore is not tried."""
        kinds = ("grafana", "loki", "jaeger", "prometheus", "promtool", "alertmanager")
        return [missing(kind) for kind in kinds if getattr(self, kind) is None]


def found(**chosen: Any) -> Plan:
    """A plan of the first server of each kind, but for those that are chosen."""
    kinds = ("grafana", "loki", "jaeger", "prometheus", "promtool", "alertmanager")
    first = {kind: next(iter(find(kind)), None) for kind in kinds if kind not in chosen}
    return Plan(**first, **chosen)


@dataclass
class Stack:
    """What runs, and where; an address is None where the server is missing."""

    folder: Path
    plan: Plan
    catalog: Catalog
    generated: Path
    urls: dict[str, str]
    processes: dict[str, Process] = field(default_factory=dict)
    feed: Feed | None = None
    targets: list[Target] = field(default_factory=list)
    mounted: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def grafana(self) -> str:
        """Grafana's address."""
        return self.urls["grafana"]

    def log(self, name: str) -> str:
        """What a server has logged so far."""
        return self.processes[name].log.read_text(errors="replace")


class Runner:
    """Starts a stack step by step, and takes it down again whatever happened."""

    def __init__(self, plan: Plan, folder: Path, say: Any = print) -> None:
        self.plan, self.folder, self.say = plan, folder, say
        self._exit = ExitStack()

    def __enter__(self) -> Stack:
        try:
            return self._start()
        except BaseException:
            self._exit.close()
            raise

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def _start(self) -> Stack:
        plan, folder = self.plan, self.folder
        urls = {
            kind: f"http://{_HOST}:{free_port()}"
            for kind in ("prometheus", "loki", "jaeger", "alertmanager", "grafana")
        }
        catalog_folder = on_this_machine(plan.catalog, folder / "catalog", urls)
        catalog = load_catalog(catalog_folder)
        generated = folder / "generated"
        build(catalog, generated)
        # A ruler without tenants would evaluate every tenant's rules, and write each series twice.
        for folder_of_rules in (generated / "loki/rules").iterdir():
            if folder_of_rules.name != catalog.default_environment.tenant:
                shutil.rmtree(folder_of_rules)
        stack = Stack(folder, plan, catalog, generated, urls)
        self.stack = stack
        now = time.time()
        start = now - plan.hours * 3600
        world = World(
            catalog,
            catalog.default_environment,
            start,
            plan.seed,
            plan.scale,
            plan.bad_canaries,
        )
        otlp = f"http://{_HOST}:{free_port()}"
        release = "loki_3" if plan.loki and plan.loki.version >= (3,) else "loki_2_9"
        tenant = catalog.default_environment.tenant
        sinks = Sinks(
            urls["loki"] if plan.loki else None,
            otlp if plan.jaeger else None,
            release,
            tenant if catalog.default_environment.auth_enabled else None,
        )
        feed = stack.feed = Feed(world, sinks)
        stack.targets = feed.listen()
        self._exit.callback(feed.stop)
        jaeger_metrics, span_metrics = free_port(), free_port()
        if plan.alertmanager:
            self._alertmanager()
        if plan.loki:
            self._loki(plan.loki)
        if plan.jaeger:
            self._jaeger(plan.jaeger, otlp, jaeger_metrics, span_metrics)
        if plan.prometheus:
            data = folder / "prometheus" / "data"
            data.mkdir(parents=True, exist_ok=True)
            if plan.promtool and plan.hours:
                began = time.monotonic()
                backfill.write_blocks(plan.promtool.path, labelled(stack, world), start, now, data)
                self.say(f"{plan.hours:g} h of metrics in {time.monotonic() - began:.0f} s")
                self._weeks(world, now, data)
            self._prometheus(plan.prometheus, data, jaeger_metrics, span_metrics)
        self._ready()
        lines_since = now - plan.line_hours * 3600
        began = time.monotonic()
        until_now = time.time()
        pushed = feed.backfill(lines_since, until_now)
        feed.start(until_now)
        self.say(f"{pushed} lines in {time.monotonic() - began:.0f} s")
        if plan.grafana:
            self._grafana(plan.grafana)
            stack.processes["grafana"].ready(f"{urls['grafana']}/api/health")
        if plan.prometheus and plan.promtool and plan.hours:
            self._recorded(start, now)
        if plan.prometheus and plan.loki:
            self._warm()
        return stack

    def _weeks(self, world: World, now: float, data: Path) -> None:
        """What the volumes of the services were, for the rules that look weeks back."""
        assert self.plan.promtool
        since = now - self.plan.weeks * 7 * 86400
        if since < now:
            taken = range(int(since), int(now), weeks.STEP_SECONDS)
            told = weeks.families(world, since, now)
            backfill.write_steps(self.plan.promtool.path, told, taken, data)

    def _warm(self) -> None:
        """Ask Loki something, until Prometheus has seen all that is no history.

        That is what Loki says of its queries, and what its ruler has recorded of each service;
        a minute ago, or the coarsest panel has no step that falls on it.
        """
        loki, prometheus = self.stack.urls["loki"], self.stack.urls["prometheus"]
        asked = {"query": 'sum(rate({service=~".+"}[1m]))'}
        counted = 'loki_request_duration_seconds_count{route=~"loki_api_v1_query.*"}'
        services = len(self.stack.catalog.services)
        wanted = (
            f"sum(rate({counted}[1m] offset 1m)) > 0",
            f"count(group by ({names.SERVICE}) ({names.LOG_BYTES_RATE} offset 1m)) == {services}",
        )

        def seen() -> bool:
            for path in ("query", "query_range"):
                requests.get(f"{loki}/loki/api/v1/{path}", params=asked, timeout=30)
            answers = [
                requests.get(f"{prometheus}/api/v1/query", params={"query": each}, timeout=30)
                for each in wanted
            ]
            return all(each.json()["data"]["result"] for each in answers)

        until(seen, 240, "the first scrapes and the ruler's first records")

    def _run(self, name: str, command: list[str], env: dict[str, str] | None = None) -> Process:
        process = Process(name, command, self.folder / name, env)
        self._exit.callback(process.stop)
        self.stack.processes[name] = process
        return process

    def _again(self, name: str) -> Process:
        """The server, stopped and started once more."""
        old = self.stack.processes[name]
        old.stop()
        return self._run(name, old.command)

    def _ready(self) -> None:
        paths = {
            "alertmanager": "/-/ready",
            "jaeger": "/api/services",
            "loki": "/ready",
            "prometheus": "/-/ready",
        }
        for name, process in self.stack.processes.items():
            process.ready(self.stack.urls[name] + paths[name])

    def _alertmanager(self) -> None:
        """Its own configuration, but for the file of the chat's address, which is a secret."""
        assert self.plan.alertmanager
        folder = self.folder / "alertmanager"
        folder.mkdir(parents=True, exist_ok=True)
        secret = folder / "slack_api_url"
        secret.write_text(f"http://{_HOST}:{self.stack.targets[0].port}/")
        text = (self.stack.generated / "alertmanager/alertmanager.yml").read_text()
        config = folder / "alertmanager.yml"
        config.write_text(text.replace("/etc/alertmanager/secrets/slack_api_url", str(secret)))
        templates = self.stack.generated / "alertmanager/templates"
        shutil.copytree(templates, folder / "templates", dirs_exist_ok=True)
        self._run(
            "alertmanager",
            [
                self.plan.alertmanager.path,
                f"--config.file={config}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address={_address(self.stack.urls['alertmanager'])}",
                "--cluster.listen-address=",
            ],
        )

    def _loki(self, server: Server) -> None:
        config = loki_config(
            self.folder / "loki",
            server,
            port=_port(self.stack.urls["loki"]),
            rules={
                "type": "local",
                "local": {"directory": str(self.stack.generated / "loki/rules")},
            },
            alertmanager=self.stack.urls["alertmanager"],
            remote_write=self.stack.urls["prometheus"],
        )
        as_promised(config, self.stack.catalog)
        self._run("loki", [server.path, f"-config.file={config}"])

    def _jaeger(self, server: Server, otlp: str, metrics: int, spans: int) -> None:
        url = self.stack.urls["jaeger"]
        config = jaeger_config(self.folder / "jaeger", url, otlp, metrics, spans)
        env = {"OTEL_TRACES_SAMPLER": "always_off"}
        self._run("jaeger", [server.path, "--config", str(config)], env)

    def _prometheus(
        self, server: Server, data: Path, jaeger_metrics: int, span_metrics: int
    ) -> None:
        text = (self.stack.generated / "prometheus/prometheus.yml").read_text()
        config = self.folder / "prometheus" / "prometheus.yml"
        adapted = on_these_ports(yaml.safe_load(text), self.stack, jaeger_metrics, span_metrics)
        config.write_text(yaml.safe_dump(adapted, sort_keys=False))
        self._run(
            "prometheus",
            [
                server.path,
                f"--config.file={config}",
                f"--storage.tsdb.path={data}",
                f"--web.listen-address={_address(self.stack.urls['prometheus'])}",
                "--storage.tsdb.retention.time=400d",
                "--storage.tsdb.allow-overlapping-blocks",
                "--web.enable-remote-write-receiver",
                "--web.enable-lifecycle",
                "--enable-feature=exemplar-storage",
            ],
        )

    def _grafana(self, server: Server) -> None:
        folder = self.folder / "grafana"
        folder.mkdir(parents=True, exist_ok=True)
        provisioning = self.stack.generated / "grafana/provisioning"
        dashboards = self.stack.generated / "grafana/dashboards"
        command = [server.path]
        if Path(server.path).name == "grafana":
            command.append("server")
        command += ["--homepath", str(server.home)]
        if _may_mount():
            # Over a /var/lib of its own, so that nothing is made on this machine.
            script = (
                f"mount -t tmpfs tmpfs /var/lib && mkdir -p {_MOUNTED} && "
                f'mount --bind {dashboards} {_MOUNTED} && exec "$@"'
            )
            command = ["unshare", "-m", "sh", "-c", script, "sh", *command]
            self.stack.mounted = True
        else:
            copied = self.folder / "provisioning"
            shutil.copytree(provisioning, copied)
            for path in copied.glob("dashboards/*.yaml"):
                path.write_text(path.read_text().replace(_MOUNTED, str(dashboards)))
            provisioning = copied
            self.stack.notes.append(
                f"no right to mount: Grafana reads a copy of the provisioning files in which "
                f"{_MOUNTED} is {dashboards}"
            )
        env = {
            "GF_SERVER_HTTP_ADDR": _HOST,
            "GF_SERVER_HTTP_PORT": str(_port(self.stack.urls["grafana"])),
            "GF_PATHS_DATA": str(folder / "data"),
            "GF_PATHS_LOGS": str(folder / "log"),
            "GF_PATHS_PLUGINS": str(folder / "plugins"),
            "GF_PATHS_PROVISIONING": str(provisioning),
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
            "GF_NEWS_NEWS_FEED_ENABLED": "false",
            "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
            "GF_PLUGINS_PLUGIN_ADMIN_ENABLED": "false",
            "GF_AUTH_ANONYMOUS_ENABLED": "true",
            "GF_AUTH_ANONYMOUS_ORG_ROLE": "Admin",
            "GF_USERS_DEFAULT_THEME": os.environ.get("GRAFANA_THEME", "dark"),
        }
        self._run("grafana", command, env)

    def _recorded(self, start: float, now: float) -> None:
        """Recorded series of the past: first those that read none, then those that read them."""
        assert self.plan.promtool
        data, output = self.folder / "prometheus" / "data", self.folder / "recorded"
        prometheus = self.stack.urls["prometheus"]
        for number, groups in enumerate(stages(self.stack.generated / "prometheus/rules")):
            # One name for all: by it and the group's promtool chooses the moments it evaluates
            # at, and a rule is to find what another recorded at the same ones.
            rules = self.folder / "rules.yaml"
            rules.write_text(yaml.safe_dump({"groups": groups}))
            began = time.monotonic()
            hourly = any(rule["record"] == names.ANOMALY_HOUR for rule in groups[0]["rules"])
            # Of what is reckoned from them, as much as its dashboard shows.
            days = self.plan.weeks * 7 if hourly else min(3, self.plan.weeks * 7)
            since = min(start, now - days * 86400)
            done = subprocess.run(
                [
                    self.plan.promtool.path,
                    "tsdb",
                    "create-blocks-from",
                    f"--max-block-duration={backfill.LONG_BLOCK}",
                    "rules",
                    f"--start={since + 900:.0f}",
                    f"--end={now - 60:.0f}",
                    f"--url={prometheus}",
                    "--eval-interval=5m",
                    f"--output-dir={output}",
                    str(rules),
                ],
                check=False,
                capture_output=True,
                text=True,
                timeout=900,
            )
            if done.returncode:
                self.stack.notes.append(f"no recorded history: {done.stderr[-300:]}")
                return
            for block in output.iterdir():
                shutil.move(str(block), data / block.name)
            # It would look for new blocks once a minute only.
            self._again("prometheus").ready(f"{prometheus}/-/ready")
            self.say(f"recorded series {number} in {time.monotonic() - began:.0f} s")


Series = tuple[str | None, ...]
_SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)="([^"]*)"')


def stages(folder: Path) -> list[list[Json]]:
    """The objectives' and volumes' recording rules, each rule after all that it reads.

    promtool does not show a rule what another one of the same run has recorded. The hours' means
    of the volumes come first and alone: they are recorded for all of the weeks.
    """
    rules = [
        (path.stem, rule)
        for path in sorted([*folder.glob("anomaly-*.yaml"), *folder.glob("slo-*.yaml")])
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
        # What the volumes were is told.
        if "record" in rule and rule["record"] != names.ANOMALY_VALUE
    ]
    reads = {
        _series(rule["record"], rule.get("labels", {})): set(_read(rule["expr"]))
        for _, rule in rules
    }

    @cache
    def stage(series: Series) -> int:
        if series[0] == names.ANOMALY_HOUR:
            return 0
        # What a rule records without labels of its own is known by its name.
        named = {(each[0], None, None, None) for each in reads[series]} | reads[series]
        earlier = (each for each in named - {series} if each in reads)
        return 1 + max(map(stage, earlier), default=0)

    found: dict[int, dict[str, Json]] = {}
    for file, rule in rules:
        groups = found.setdefault(stage(_series(rule["record"], rule.get("labels", {}))), {})
        groups.setdefault(file, {"name": file, "rules": []})["rules"].append(rule)
    return [list(found[number].values()) for number in sorted(found)]


def _series(name: str, labels: dict[str, str]) -> Series:
    """What tells a recorded series from others of its name: a long window is made of a shorter."""
    return name, *(labels.get(label) for label in ("service", "objective", "window"))


def _read(expr: str) -> Iterator[Series]:
    for name, matchers in _SELECTOR.findall(expr):
        yield _series(name, dict(_MATCHER.findall(matchers)))


def on_this_machine(source: Path, target: Path, urls: dict[str, str]) -> Path:
    """A copy of the catalog whose first environment has these addresses.

    That is the environment called ``host``, or the first one.
    """
    shutil.copytree(source, target)
    path = target / "platform.yaml"
    platform = yaml.safe_load(path.read_text(encoding="utf-8"))
    environments = platform["environments"]
    chosen = next((each for each in environments if each["id"] == "host"), environments[0])
    chosen["addresses"] = {name: urls[name] for name in chosen["addresses"]}
    platform["environments"] = [chosen, *(each for each in environments if each is not chosen)]
    platform["links"]["grafana_url"] = urls["grafana"]
    path.write_text(yaml.safe_dump(platform, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return target


def build(catalog: Catalog, folder: Path) -> None:
    """Write everything that the catalog generates."""
    for generate in generators():
        for artifact in generate(catalog):
            path = folder / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(artifact))


def labelled(stack: Stack, world: World) -> list[tuple[dict[str, str], Any]]:
    """Every family with the labels that the scrape would give it."""
    assert stack.feed
    ports = {(each.component, each.pod): each for each in stack.targets}
    result: list[tuple[dict[str, str], Any]] = []
    for component, pod, families in stack.feed.families():
        target = ports[component, pod]
        labels = {"instance": target.address, "job": "services" if pod else component}
        if pod:
            labels |= {**world.scope(), **pod_labels(target)}
        else:
            labels |= {**world.scope(), "component": component}
        for family in families:
            bare = family.name
            for prefix in ("promtail_custom_", "loki_process_custom_"):
                bare = bare.removeprefix(prefix)
            result.append((labels, replace(family, name=bare)))
        up = Sample("", {}, lambda _: 1.0)
        result.append((labels, Family("up", "gauge", "Whether the target answered.", (up,))))
    return result


def pod_labels(target: Target) -> dict[str, str]:
    """What the scrape configuration says of a pod."""
    assert target.pod
    service = target.pod.service
    return {
        "namespace": service.workload.namespace,
        "service": service.id,
        "pod": target.pod.name,
        **({names.TRACK: target.pod.track} if target.pod.track else {}),
    }


def on_these_ports(config: Json, stack: Stack, jaeger_metrics: int, span_metrics: int) -> Json:
    """The generated scrape configuration with this machine's addresses, and nothing else new."""
    config["rule_files"] = [str(stack.generated / "prometheus/rules/*.yaml")]
    for alertmanagers in config["alerting"]["alertmanagers"]:
        for static in alertmanagers["static_configs"]:
            static["targets"] = [_address(stack.urls["alertmanager"])]
    here = {
        "prometheus": _address(stack.urls["prometheus"]),
        "loki": _address(stack.urls["loki"]),
        "alertmanager": _address(stack.urls["alertmanager"]),
        "jaeger": f"{_HOST}:{jaeger_metrics}",
    }
    here |= {each.component: each.address for each in stack.targets if each.pod is None}
    for job in config["scrape_configs"]:
        statics: list[Json] = []
        for static in job["static_configs"]:
            labels = static["labels"]
            pods = [
                each
                for each in stack.targets
                if each.pod and each.component == labels.get("service")
            ]
            if pods:
                statics += [
                    {"targets": [each.address], "labels": {**labels, **pod_labels(each)}}
                    for each in pods
                ]
            elif job["job_name"] == SPANS_JOB:
                statics.append({"targets": [f"{_HOST}:{span_metrics}"], "labels": labels})
            elif labels.get("component") in here:
                statics.append({"targets": [here[labels["component"]]], "labels": labels})
        job["static_configs"] = statics
    return config


def loki_config(
    folder: Path,
    server: Server,
    *,
    port: int,
    rules: Json,
    alertmanager: str = "",
    remote_write: str = "",
) -> Path:
    """A single Loki with all of its state in the folder; returns its configuration file."""
    folder.mkdir(parents=True, exist_ok=True)
    ruler: Json = {
        "enable_api": True,
        "rule_path": str(folder / "scratch"),
        "storage": rules,
        "ring": {"kvstore": {"store": "inmemory"}},
        "wal": {"dir": str(folder / "ruler-wal")},
        "evaluation_interval": "30s",
    }
    if alertmanager:
        ruler |= {"alertmanager_url": alertmanager, "enable_alertmanager_v2": True}
    if remote_write:
        url = f"{remote_write}/api/v1/write"
        ruler["remote_write"] = {"enabled": True, "clients": {"prometheus": {"url": url}}}
    config: Json = {
        "auth_enabled": False,
        "analytics": {"reporting_enabled": False},
        "server": {
            "http_listen_address": _HOST,
            "http_listen_port": port,
            "grpc_listen_address": _HOST,
            "grpc_listen_port": free_port(),
            "log_level": "warn",
        },
        "common": {
            "instance_addr": _HOST,
            "path_prefix": str(folder),
            "replication_factor": 1,
            "storage": {
                "filesystem": {
                    "chunks_directory": str(folder / "chunks"),
                    "rules_directory": str(folder / "rules"),
                }
            },
            "ring": {"kvstore": {"store": "inmemory"}},
        },
        "schema_config": {
            "configs": [
                {
                    "from": "2024-01-01",
                    "store": "tsdb",
                    "object_store": "filesystem",
                    "schema": "v13" if server.version >= (3,) else "v12",
                    "index": {"prefix": "index_", "period": "24h"},
                }
            ]
        },
        "ingester": {"wal": {"enabled": False}},
        "limits_config": {
            "ingestion_rate_mb": 64,
            "ingestion_burst_size_mb": 128,
            "per_stream_rate_limit": "64MB",
            "per_stream_rate_limit_burst": "128MB",
            "volume_enabled": True,
        },
        "ruler": ruler,
    }
    if server.version >= (3,):
        config["limits_config"]["allow_structured_metadata"] = True
    path = folder / "loki.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def as_promised(config: Path, catalog: Catalog) -> None:
    """Give a Loki the limits and the retention that the catalog says it has."""
    settings = yaml.safe_load(config.read_text())
    platform = catalog.platform
    settings["limits_config"] |= {
        "max_global_streams_per_user": platform.limits.streams,
        "max_label_names_per_series": platform.limits.labels_per_stream,
        "retention_period": f"{platform.retention.logs}s",
    }
    settings["compactor"] = {"retention_enabled": True}
    if settings["schema_config"]["configs"][0]["schema"] == "v13":
        settings["compactor"]["delete_request_store"] = "filesystem"
    config.write_text(yaml.safe_dump(settings, sort_keys=False))


def jaeger_config(folder: Path, url: str, otlp: str, metrics: int, spans: int) -> Path:
    """All in memory, on the loopback address; returns the configuration file.

    Spans are counted by service and, of a call, by whom it asks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reader = {"pull": {"exporter": {"prometheus": {"host": _HOST, "port": metrics}}}}
    config: Json = {
        "service": {
            "extensions": ["jaeger_storage", "jaeger_query", "healthcheckv2"],
            "pipelines": {
                "traces": {
                    "receivers": ["otlp"],
                    "processors": ["batch"],
                    "exporters": ["jaeger_storage_exporter", "span_metrics"],
                },
                "metrics/spans": {"receivers": ["span_metrics"], "exporters": ["prometheus"]},
            },
            "telemetry": {
                "resource": {"service.name": "jaeger"},
                "metrics": {"level": "detailed", "readers": [reader]},
                "logs": {"level": "info"},
            },
        },
        "extensions": {
            "healthcheckv2": {
                "use_v2": True,
                "http": {"endpoint": f"{_HOST}:{free_port()}"},
            },
            "jaeger_query": {
                "storage": {"traces": "memory"},
                "http": {"endpoint": _address(url)},
                "grpc": {"endpoint": f"{_HOST}:{free_port()}"},
            },
            "jaeger_storage": {"backends": {"memory": {"memory": {"max_traces": 200000}}}},
        },
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": _address(otlp)}}}},
        "processors": {"batch": {}},
        "connectors": {
            "span_metrics": {
                "dimensions": [{"name": "peer.service"}],
                "metrics_flush_interval": "5s",
            }
        },
        "exporters": {
            "jaeger_storage_exporter": {"trace_storage": "memory"},
            "prometheus": {"endpoint": f"{_HOST}:{spans}"},
        },
    }
    path = folder / "jaeger.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def _may_mount() -> bool:
    """Whether this user may give Grafana a view of the files of its own."""
    if shutil.which("unshare") is None:
        return False
    tried = ["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /var/lib"]
    return subprocess.run(tried, check=False, capture_output=True).returncode == 0


def _address(url: str) -> str:
    return url.removeprefix("http://")


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def main() -> int:
    """Start it, say where it is, and wait."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="wait for SIGTERM")
    parser.add_argument("--data", type=Path, help="where everything is put")
    parser.add_argument("--catalog", type=Path, default=ROOT / "catalog")
    parser.add_argument("--hours", type=float, default=48, help="hours of metrics before now")
    parser.add_argument("--line-hours", type=float, default=2, help="hours of lines before now")
    parser.add_argument("--weeks", type=float, default=6, help="weeks of volumes before now")
    parser.add_argument("--scale", type=float, default=0.2, help="share of the real volume")
    parser.add_argument(
        "--bad-canary", action="append", default=[], help="a service whose canary is worse"
    )
    for kind in ("grafana", "loki"):
        parser.add_argument(
            f"--{kind}", default="", help=f"release of {kind}, if several are found"
        )
    options = parser.parse_args()
    chosen: dict[str, Any] = {}
    for kind in ("grafana", "loki"):
        wanted = getattr(options, kind)
        servers = [each for each in find(kind) if each.release.startswith(wanted)]
        chosen[kind] = servers[0] if servers else None
    plan = found(
        **chosen,
        catalog=options.catalog,
        hours=options.hours,
        line_hours=options.line_hours,
        weeks=options.weeks,
        scale=options.scale,
        bad_canaries=frozenset(options.bad_canary),
    )
    for reason in plan.missing:
        print(f"missing: {reason}", flush=True)
    folder = options.data or Path(tempfile.mkdtemp(prefix="live-"))
    folder.mkdir(parents=True, exist_ok=True)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Runner(plan, folder, lambda text: print(text, flush=True)) as stack:
        (folder / "urls.json").write_text(json.dumps(stack.urls, indent=2))
        for name, url in stack.urls.items():
            print(f"{name}: {url}", flush=True)
        for note in stack.notes:
            print(note, flush=True)
        if options.keep:
            ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
