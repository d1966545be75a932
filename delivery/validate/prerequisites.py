"""Phases 1 to 3 as far as HTTP tells: releases, settings, and whether all of it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import yaml

from catalog import names
from delivery.publish.model import Plan
from delivery.validate.judge import Seen, judge, listed
from delivery.validate.model import Check
from delivery.validate.system import System, Target
from queries.promql import aggregate, series
from queries.text import Matcher, equal

#: Where each server tells its release.
_BUILD: Mapping[Literal["loki", "prometheus", "alertmanager"], str] = {
    "loki": "/loki/api/v1/status/buildinfo",
    "prometheus": "/api/v1/status/buildinfo",
    "alertmanager": "/api/v2/status",
}
#: Lines are ordered by their own clocks: more than this apart, "now" is not the same minute.
_CLOCK_SECONDS = 30.0


def prerequisites(system: System) -> Iterator[Check]:
    """Phase 1: the servers are there, of releases that we generate for, and agree on the time."""
    for target, where in _BUILD.items():
        component = system.catalog.platform.components.get(target)
        if component is None:
            continue
        oldest = re.findall(r"\d[\d.]*", component.releases[0])[0]
        yield judge(
            1,
            f"{component.name} is of a supported release",
            system.curl(target, where),
            f"{oldest} or newer (generated for {', '.join(component.releases)})",
            partial(_release, system, target, oldest),
        )
    yield judge(
        1,
        "Clocks agree",
        system.curl("prometheus", "/api/v1/query", query="time()"),
        f"within {_CLOCK_SECONDS:g} s of this machine's",
        lambda: _clock(system),
    )


def _release(
    system: System, target: Literal["loki", "prometheus", "alertmanager"], oldest: str
) -> Seen:
    answer = system.get(target, _BUILD[target]).mapping()
    told = answer.get("data", answer)
    version = str(told.get("version") or told["versionInfo"]["version"])
    return version, _numbers(version) >= _numbers(oldest)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:3])


def _clock(system: System) -> Seen:
    answer = system.fresh("prometheus", "/api/v1/query", query="time()").mapping("data")
    apart = abs(float(answer["data"]["result"][1]) - system.clock())
    return f"{apart:.1f} s apart", apart <= _CLOCK_SECONDS


def configuration(system: System, plan: Callable[[Target], Plan]) -> Iterator[Check]:
    """Phase 2: what ships is what is loaded, and Loki's limits are the catalog's."""
    yield from _loki_settings(system)
    targets: tuple[Target, ...] = ("grafana", "loki", "prometheus")
    for target in targets:
        yield judge(
            2,
            f"What ships is what {target.capitalize()} has",
            f"python build.py plan --target {target} --exit-code",
            "no difference",
            partial(_planned, plan, target),
        )
    if system.has("alertmanager"):
        yield judge(
            2,
            "Alertmanager has every receiver that ships",
            system.curl("alertmanager", "/api/v2/status"),
            f"{len(_receivers(system))} receivers",
            lambda: _routed(system),
        )


def _loki_settings(system: System) -> Iterator[Check]:
    platform, command = system.catalog.platform, system.curl("loki", "/config")
    limits, retention = platform.limits, platform.retention
    wanted: Sequence[tuple[str, tuple[str, ...], object]] = (
        ("Loki asks for a tenant", ("auth_enabled",), system.environment.auth_enabled),
        (
            "Loki's limit on labels of a stream",
            ("limits_config", "max_label_names_per_series"),
            limits.labels_per_stream,
        ),
        (
            "Loki's limit on streams",
            ("limits_config", "max_global_streams_per_user"),
            limits.streams,
        ),
        ("Loki keeps lines as long as", ("limits_config", "retention_period"), retention.logs),
        ("Loki removes what is older", ("compactor", "retention_enabled"), True),
    )
    for title, path, value in wanted:
        where = ".".join(path)
        yield judge(
            2,
            title,
            command,
            f"{where} is {_shown(value, path)}",
            partial(_setting, system, path, value),
        )


def _shown(value: object, path: tuple[str, ...]) -> str:
    if path[-1] == "retention_period":
        return f"{int(str(value)) // 3600}h"
    return str(value).lower()


def _setting(system: System, path: tuple[str, ...], wanted: object) -> Seen:
    answer = system.get("loki", "/config")
    if not answer.ok:
        return f"{answer.status}: {answer.message}", False
    there: Any = yaml.load(str(answer.body), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    for key in path:
        # Loki leaves out of this page that it asks for no tenant.
        there = there.get(key, False) if key == "auth_enabled" else there[key]
    if path[-1] == "retention_period":
        return str(there), _go_seconds(str(there)) == wanted
    return str(there).lower(), there == wanted


def _go_seconds(text: str) -> float:
    """Seconds of a duration as Go writes it: ``4w2d``, ``720h0m0s``."""
    units = {"w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
    return sum(float(n) * units[unit] for n, unit in re.findall(r"([\d.]+)([wdhms])", text))


def _planned(plan: Callable[[Target], Plan], target: Target) -> Seen:
    made = plan(target)
    unlike = [each.place for each in made.changes if each.action != "keep"]
    return listed(unlike, f"{len(made.changes)} objects are as they ship"), not unlike


def _receivers(system: System) -> set[str]:
    entries = list(system.shipped.of_kind("alertmanager"))
    files = [system.shipped.load(entry.path) for entry in entries]
    return {each["name"] for file in files for each in file["receivers"]}


def _routed(system: System) -> Seen:
    answer = system.get("alertmanager", "/api/v2/status").mapping("config")
    loaded = yaml.safe_load(answer["config"]["original"])
    missing = sorted(_receivers(system) - {each["name"] for each in loaded["receivers"]})
    return listed([f"no {each}" for each in missing], "all are there"), not missing


def deployment(system: System) -> Iterator[Check]:
    """Phase 3: as many replicas answer Prometheus as ought to run, and Loki's parts run."""
    platform, place = system.catalog.platform, system.environment
    scope = (equal(names.CLUSTER, place.cluster), equal(names.ENVIRONMENT, place.environment))
    for identifier, component in platform.components.items():
        if component.metrics_port is None:
            continue
        wanted = place.replicas.get(identifier, component.replicas)
        up = series("up", (*scope, equal(names.COMPONENT, identifier)))
        yield _up(system, component.name, aggregate("sum", (), up), wanted)
    for service in system.catalog.services:
        up = series("up", (*scope, equal(names.SERVICE, service.id), _NO_COMPONENT))
        yield _up(system, service.name, aggregate("sum", (), up), 1)
    yield judge(
        3,
        "Every part of Loki runs",
        system.curl("loki", "/services"),
        "all Running",
        lambda: _parts(system),
    )


_NO_COMPONENT = Matcher(names.COMPONENT, "")


def _up(system: System, name: str, query: str, wanted: int) -> Check:
    return judge(
        3,
        f"{name} runs",
        system.curl("prometheus", "/api/v1/query", query=query),
        f"{wanted} or more targets are up",
        lambda: _counted(system, query, wanted),
    )


def _counted(system: System, query: str, wanted: int) -> Seen:
    vector = system.metric(query)
    there = int(float(vector[0]["value"][1])) if vector else 0
    return f"{there} up" if vector else "no target at all", there >= wanted


def _parts(system: System) -> Seen:
    answer = system.get("loki", "/services")
    parts = dict(line.split(" => ") for line in str(answer.body).splitlines() if " => " in line)
    odd = [f"{name} is {state}" for name, state in sorted(parts.items()) if state != "Running"]
    return listed(odd, f"{len(parts)} parts run"), bool(parts) and not odd
