"""Starts a stack step by step, and takes it down again whatever happened."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.demo import agent, alertmanager, cache, grafana, history, jaeger, loki, prometheus
from delivery.demo import folder as folders
from delivery.demo.containers import Containers
from delivery.demo.folder import Run, identity
from delivery.demo.lines import Story
from delivery.demo.machine import PORTS, Machine, on_this_machine
from delivery.demo.past import Past
from delivery.demo.plan import Plan
from delivery.demo.ports import free_ports
from delivery.demo.process import Process, until
from delivery.demo.receiver import Pages, Receiver
from delivery.demo.runbooks import Runbooks
from delivery.demo.servers import Server
from delivery.demo.shipped import build
from delivery.demo.stack import Stack
from delivery.demo.telemetry import Telemetry
from delivery.demo.warm import warm
from delivery.places import runbooks_of
from simulate.exposition import Agent
from simulate.log_lines import Release

Say = Callable[[str], None]

#: Where each server says that it is ready.
_READY = {
    "alertmanager": "/-/ready",
    "grafana": "/api/health",
    "jaeger": "/api/services",
    "loki": "/ready",
    "memcached_exporter": "/metrics",
    "prometheus": "/-/ready",
}
_READY_SECONDS = 120
#: Loki 3 stores structured metadata.
_STRUCTURED = (3,)


class Runner:
    """A stack for as long as the ``with`` block lasts."""

    def __init__(
        self, plan: Plan, folder: Path, say: Say = print, before: Run | None = None
    ) -> None:
        """``before`` is the run whose data is in the folder and goes on."""
        self.plan, self.folder, self.say, self._before = plan, folder, say, before
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
        now, before = time.time(), self._before
        self.machine = Machine(self.folder, free_ports(PORTS, before.ports if before else None))
        catalog_folder, catalog, generated = self._generate()
        past_hours = max(self.plan.hours, self.plan.line_hours)
        start = before.start if before else now - past_hours * 3600
        run = Run(identity(self.plan, catalog), start, dict(self.machine.ports), bool(before))
        folders.write(self.folder, run)
        story = self._story(catalog_folder, catalog, start)
        receiver = Receiver(self.machine.ports["receiver"], self._pages(catalog_folder, catalog))
        self._exit.callback(receiver.stop)
        self.world = story.world()
        telemetry = self._telemetry(story, catalog_folder, catalog)
        self.stack = Stack(
            self.folder,
            self.plan,
            catalog,
            generated,
            self._urls(),
            telemetry.targets,
            receiver,
            control=telemetry.control,
            notes=list(telemetry.notes),
        )
        self._stores()
        if before is None:
            self._past(story, now)
        folders.write(self.folder, replace(run, whole=True))
        self._live(telemetry)
        return self.stack

    def _generate(self) -> tuple[Path, Catalog, Path]:
        """Anew for each run: the ports may be others, and the catalog may have changed."""
        folder, generated = self.folder / "catalog", self.folder / "generated"
        for each in (folder, generated):
            shutil.rmtree(each, ignore_errors=True)
        catalog = load_catalog(on_this_machine(self.plan.catalog, folder, self.machine))
        build(catalog, generated)
        return folder, catalog, generated

    def _pages(self, folder: Path, catalog: Catalog) -> Pages:
        """The runbooks that alerts link to; those of another catalog are not here."""
        runbooks = runbooks_of(self.plan.catalog)
        return Runbooks(runbooks.parent, catalog, folder).page if runbooks else lambda _: None

    def _story(self, folder: Path, catalog: Catalog, start: float) -> Story:
        plan, environment = self.plan, catalog.default_environment
        return Story(
            catalog=str(folder),
            start=start,
            seed=plan.seed,
            scale=plan.scale,
            bad_canaries=tuple(sorted(plan.bad_canaries)),
            loki=self.machine.url("loki") if plan.loki else None,
            otlp=self.machine.url("otlp") if plan.jaeger else None,
            release=self._release(),
            tenant=environment.tenant if environment.auth_enabled else None,
        )

    def _release(self) -> Release:
        loki_server = self.plan.loki
        return "loki_3" if loki_server and loki_server.version >= _STRUCTURED else "loki_2_9"

    def _telemetry(self, story: Story, folder: Path, catalog: Catalog) -> Telemetry:
        reads = self.plan.agent and self.plan.loki and agent.reads_files(catalog)
        reader = self._agent_name() if reads else None
        telemetry = Telemetry(self.world, folder, self.machine, story.sinks, reader)
        self._exit.callback(telemetry.stop)
        cached = self.plan.memcached and self.plan.memcached_exporter
        if not cached and "memcached" in catalog.platform.components:
            telemetry.cache_page(self.machine.ports["memcached_exporter"])
        return telemetry

    def _agent_name(self) -> Agent:
        server = self.plan.agent
        return "promtail" if server and server.kind == "promtail" else "alloy"

    def _urls(self) -> dict[str, str]:
        named = {kind: self.machine.url(kind) for kind in _READY if getattr(self.plan, kind)}
        return {**named, "receiver": self.machine.url("receiver")}

    def _run(
        self, name: str, server: Server, command: list[str], env: Mapping[str, str] | None = None
    ) -> Process:
        if server.image:
            containers = Containers(server.path, self.folder)
            command = containers.command(name, command, env or {}, server)
            self._exit.callback(containers.remove, name)
        process = Process(name, command, self.folder / name, env)
        self._exit.callback(process.stop)
        self.stack.processes[name] = process
        return process

    def _ready(self, *names: str) -> None:
        for name in names:
            if name in self.stack.processes:
                url = self.machine.url(name) + _READY[name]
                self.stack.processes[name].ready(url, _READY_SECONDS)

    def _stores(self) -> None:
        """What has to be there before anything is told."""
        plan, machine, stack = self.plan, self.machine, self.stack
        if plan.memcached:
            self._run("memcached", plan.memcached, cache.command(plan.memcached, machine))
            address = machine.address("memcached")
            until(lambda: bool(cache.stats(address)), _READY_SECONDS, "memcached")
            if plan.memcached_exporter:
                command = cache.exporter_command(plan.memcached_exporter, machine)
                self._run("memcached_exporter", plan.memcached_exporter, command)
        if plan.loki:
            command = loki.command(plan.loki, stack.catalog, stack.generated)
            self._run("loki", plan.loki, command, loki.variables(machine, stack.generated))
        if plan.jaeger:
            ports = (machine.ports["jaeger_metrics"], machine.ports["span_metrics"])
            urls = (machine.url("jaeger"), machine.url("otlp"))
            # One that is merely free now may be that of a server that starts later.
            inner = (machine.ports["jaeger_grpc"], machine.ports["jaeger_health"])
            config = jaeger.jaeger_config(self.folder / "jaeger", *urls, *ports, inner=inner)
            command = [plan.jaeger.path, "--config", str(config)]
            self._run("jaeger", plan.jaeger, command, jaeger.VARIABLES)
        self._ready("memcached_exporter", "loki", "jaeger")

    def _past(self, story: Story, now: float) -> None:
        world = self.world
        series = history.labelled(world, self.stack.targets, self.machine, self._agent_name())
        rules = self.stack.generated / "prometheus/rules"
        past = Past(self.plan, self.machine, world, story, series, rules, now, self.say)
        self._exit.callback(past.stop)
        past.tell()
        self.stack.notes += past.notes

    def _live(self, telemetry: Telemetry) -> None:
        """Everything from now on: who alerts comes last, when there is something to judge."""
        plan = self.plan
        if plan.agent and plan.loki and agent.reads_files(self.stack.catalog):
            self._agent(plan.agent)
        telemetry.start()
        self.stack.began = time.time()
        if plan.alertmanager:
            config = alertmanager.write_config(self.stack.generated, self.machine)
            command = alertmanager.command(plan.alertmanager, self.machine, config)
            self._run("alertmanager", plan.alertmanager, command)
        if plan.prometheus:
            self._prometheus(plan.prometheus)
        if plan.grafana:
            start = grafana.prepare(plan.grafana, self.stack.generated, self.machine)
            self.stack.mounted = not start.note
            self.stack.notes += [start.note] if start.note else []
            self._run("grafana", plan.grafana, start.command, start.env)
        self._ready("alertmanager", "prometheus", "grafana")
        if plan.prometheus and plan.loki:
            self.say("the servers are up; the first scrapes and records take a minute or two")
            warm(self.stack)

    def _agent(self, server: Server) -> None:
        """It is there before the first line, so that what it counts has a beginning."""
        structured = self._release() == "loki_3"
        catalog, folder = self.stack.catalog, self.folder / "agent"
        config = agent.write_config(server, catalog, folder, structured=structured)
        self._run("agent", server, agent.command(server, self.machine, config))
        self.stack.processes["agent"].ready(self.machine.url("agent") + agent.ready_path(server))

    def _prometheus(self, server: Server) -> None:
        stack, folder = self.stack, self.folder / "prometheus"
        config = prometheus.write_config(stack.generated, folder, stack.targets, self._left_out())
        keep = stack.catalog.platform.retention.metrics
        data = folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        self._run(
            "prometheus",
            server,
            prometheus.command(server, self.machine, config, data, keep),
        )

    def _left_out(self) -> set[str]:
        """The components that nobody could scrape here."""
        here = {"prometheus", "memcached", *(each.component for each in self.stack.targets)}
        here |= {kind for kind in ("loki", "jaeger", "alertmanager") if getattr(self.plan, kind)}
        here |= {"agent"} & set(self.stack.processes)
        return {each for each in self.stack.catalog.platform.components if each not in here}
