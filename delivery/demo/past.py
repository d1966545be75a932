"""Tells the servers what was before now, in the order that they take it in.

Lines and spans are pushed by processes of their own while blocks of metrics are written and the
rules' records are reckoned; what has passed meanwhile is told last, so that the live part
follows at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from delivery.demo import history, prometheus, recorded
from delivery.demo.containers import Containers
from delivery.demo.lines import Pushing, Story
from delivery.demo.machine import Machine
from delivery.demo.plan import Plan
from delivery.demo.process import Process
from delivery.demo.servers import Server
from simulate.exposition import Family
from simulate.feed import Feed
from simulate.world import World

Say = Callable[[str], None]
Series = tuple[Mapping[str, str], Family]

_HOUR = 3600.0
#: Progress is told whenever so much more of it is there.
_TOLD_SHARE = 0.1
#: Metrics of less than this are not worth a file: a scrape is due.
_GAP_SECONDS = 20.0


@dataclass
class Past:
    """The past of one world up to ``until``, and what has passed since."""

    plan: Plan
    machine: Machine
    world: World
    story: Story
    series: list[Series]
    rules: Path
    until: float
    say: Say
    notes: list[str] = field(default_factory=list)
    _pushing: Pushing | None = None
    _bare: Process | None = None
    _told: float = 0.0

    @property
    def data(self) -> Path:
        """Prometheus' data folder."""
        return self.machine.folder / "prometheus" / "data"

    def tell(self) -> float:
        """Everything; returns up to which moment it has been told."""
        self._push_lines()
        self._write_metrics()
        self._record()
        self._wait_for_lines()
        return self._catch_up()

    def stop(self) -> None:
        """End what still runs."""
        if self._pushing:
            self._pushing.stop()
        if self._bare:
            self._bare.stop()

    def _push_lines(self) -> None:
        since = self.until - self.plan.line_hours * _HOUR
        if (self.plan.loki or self.plan.jaeger) and since < self.until:
            self._pushing = Pushing(self.story, since, self.until, self._tell_lines)

    def _write_metrics(self) -> None:
        plan = self.plan
        if plan.prometheus is None or plan.promtool is None or not plan.hours:
            return
        self.data.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        since = self.until - plan.hours * _HOUR
        history.write_metrics(plan.promtool.path, self.series, since, self.until, self.data)
        self.say(f"{plan.hours:g} h of metrics in {time.monotonic() - began:.0f} s")
        if plan.weeks:
            began = time.monotonic()
            history.write_volumes(
                plan.promtool.path, self.world, self._volumes, self.until, self.data
            )
            self.say(f"{plan.weeks:g} weeks of volumes in {time.monotonic() - began:.0f} s")

    @property
    def _volumes(self) -> float:
        return self.until - self.plan.weeks * history.WEEK_SECONDS

    def _record(self) -> None:
        plan, server = self.plan, self.plan.prometheus
        if server is None or plan.promtool is None or not plan.hours:
            return
        began = time.monotonic()
        reopen = partial(self._reopen, server)
        reopen()
        url = self.machine.url("prometheus")
        recorder = recorded.Recorder(plan.promtool.path, url, self.data, reopen)
        told = recorded.Told(self.until - plan.hours * _HOUR, self._volumes, self.until)
        failed = recorder.record(self.rules, told)
        self.stop_bare()
        if failed:
            self.notes.append(failed)
        self.say(f"what the rules recorded of it in {time.monotonic() - began:.0f} s")

    def _reopen(self, server: Server) -> None:
        """A Prometheus that scrapes nothing and alerts nobody, to be asked for what was."""
        self.stop_bare()
        folder = self.data.parent
        config = prometheus.write_bare_config(folder)
        keep = self.world.catalog.platform.retention.metrics
        command = prometheus.command(server, self.machine, config, self.data, keep)
        if server.image:
            containers = Containers(server.path, self.machine.folder)
            command = containers.command("history", command, {}, server)
        self._bare = Process("history", command, folder)
        self._bare.ready(f"{self.machine.url('prometheus')}/-/ready")

    def stop_bare(self) -> None:
        """End it: its port is that of the one that stays."""
        if self._bare:
            self._bare.stop()
            self._bare = None

    def _wait_for_lines(self) -> None:
        if self._pushing:
            pushed = self._pushing.wait()
            self._pushing = None
            self.say(f"{pushed} lines of {self.plan.line_hours:g} h in {self._took()}")

    def _took(self) -> str:
        return f"{time.time() - self.until:.0f} s"

    def _tell_lines(self, moment: float, pushed: int) -> None:
        """As often as somebody who waits wants to hear of it."""
        span = self.plan.line_hours * _HOUR
        share = 1 - (self.until - moment) / span
        if share >= self._told + _TOLD_SHARE:
            self._told = share
            self.say(f"lines before now: {share:.0%}, {pushed} so far, after {self._took()}")

    def _catch_up(self) -> float:
        """What has passed while the past was told; once, since it takes a moment only."""
        reached = self.until
        feed = Feed(self.world, self.story.sinks)
        while (now := time.time()) - reached > _GAP_SECONDS:
            if self.plan.line_hours:
                feed.backfill(reached, now)
            if self.plan.promtool and self.plan.prometheus and self.plan.hours:
                promtool = self.plan.promtool.path
                history.write_metrics(promtool, self.series, reached, now, self.data)
            reached = now
        return reached
