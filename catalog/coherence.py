"""Faults that no single file shows: what one part says of another must be so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from catalog.canary_coherence import platform_faults as canary_faults
from catalog.expectations import HISTORY_DAYS, WEEKS
from catalog.faults import Fault
from catalog.platform import Address, Component, Platform, Windows
from catalog.scalars import format_duration
from catalog.service import Service
from catalog.service_coherence import service_faults
from catalog.signals import Metric, one_of
from catalog.tracing_coherence import trace_faults
from catalog.window_coherence import objective_faults, window_faults
from catalog.yaml_file import Location

#: Each of these folders is linked to by what is generated; of 'restricted' there may be any number.
_FOLDER_USES = ("overview", "logs", "slo", "platform")
#: Publishing makes a folder of this id for the rules that Grafana itself evaluates.
_TAKEN = "alerts"
#: Without these there is nothing to generate for.
_COMPONENTS = ("agent", "alertmanager", "loki", "prometheus")
#: The last Jaeger that answers the searches of Grafana's Jaeger datasource.
_LAST_JAEGER = (2, 20, 0)
#: What makes a metric of one name one metric: it is asked in one query for all services.
_SHARED = ("type", "unit", "counts", "buckets", "emitted_by", "good", "bad", "role")


def incoherences(
    platform: Platform,
    windows: Windows,
    services: tuple[Service, ...],
    *,
    all_services: bool = True,
) -> list[Fault]:
    """Every contradiction between the files; empty for a catalog that can be generated.

    Without ``all_services`` some could not be read, and nothing is said to be in none.
    """
    return [
        *_duplicates(services),
        *_folders(platform),
        *_levels(platform),
        *_components(platform),
        *_environments(platform),
        *_history(platform),
        *canary_faults(platform),
        *trace_faults(platform),
        *(_retention(platform, services) if all_services else ()),
        *window_faults(windows, platform),
        *objective_faults(windows, platform, services),
        *(
            replace(fault, service=index)
            for index, service in enumerate(services)
            for fault in service_faults(service, platform)
        ),
        *_shared_metrics(services),
        *(_dependencies(services) if all_services else ()),
    ]


def _duplicates(services: tuple[Service, ...]) -> Iterator[Fault]:
    for key in ("id", "name"):
        first: dict[str, int] = {}
        for index, service in enumerate(services):
            value = getattr(service, key)
            if first.setdefault(value, index) != index:
                yield Fault(
                    (key,),
                    f"the {key} '{value}' is taken by",
                    f"Choose another {key}",
                    index,
                    rival=(first[value], (key,)),
                )


def _folders(platform: Platform) -> Iterator[Fault]:
    uses = [folder.use for folder in platform.folders]
    for use in _FOLDER_USES:
        if use not in uses:
            yield Fault(
                ("folders",), f"no folder has the use '{use}'", f"Add a folder with 'use: {use}'"
            )
    ids = [folder.id for folder in platform.folders]
    for index, (identifier, used) in enumerate(zip(ids, uses, strict=True)):
        if used in _FOLDER_USES and used in uses[:index]:
            yield Fault(
                ("folders", index, "use"),
                f"a folder above has the use '{used}' already",
                "Keep one folder of that use",
            )
        if identifier in ids[:index]:
            yield Fault(
                ("folders", index, "id"),
                f"a folder above has the id '{identifier}' already",
                "Choose another id",
            )
        if identifier == _TAKEN:
            yield Fault(
                ("folders", index, "id"),
                f"'{identifier}' is the folder of the rules that Grafana evaluates",
                "Choose another id",
            )
    yield from _nesting(platform)


def _nesting(platform: Platform) -> Iterator[Fault]:
    """Folders nest in one level: more hide what is looked for in a hurry."""
    parents = {folder.id: folder.parent for folder in platform.folders}
    for index, folder in enumerate(platform.folders):
        if folder.parent is None:
            continue
        where = ("folders", index, "parent")
        if folder.parent not in parents:
            yield Fault(
                where, f"no folder is called '{folder.parent}'", one_of(folder.parent, parents)
            )
        elif folder.parent == folder.id or parents[folder.parent] is not None:
            yield Fault(
                where,
                f"the folder '{folder.parent}' is in another one",
                "Name a folder that is at the top",
            )


def _levels(platform: Platform) -> Iterator[Fault]:
    for index, level in enumerate(platform.error_levels):
        if level not in platform.levels:
            yield Fault(
                ("error_levels", index),
                f"'levels' lacks '{level}'",
                one_of(level, platform.levels),
            )


def _components(platform: Platform) -> Iterator[Fault]:
    for component in _COMPONENTS:
        if component not in platform.components:
            yield Fault(
                ("components",),
                f"the component '{component}' is missing",
                f"Add '{component}:' to 'components'",
            )
    for component, where, value in (
        ("jaeger", ("retention", "traces"), platform.retention.traces),
        (
            "memcached",
            ("thresholds", "cache_hit_ratio_minimum"),
            platform.thresholds.cache_hit_ratio_minimum,
        ),
        (
            "memcached",
            ("thresholds", "cache_eviction_ratio_maximum"),
            platform.thresholds.cache_eviction_ratio_maximum,
        ),
    ):
        name = ".".join(where)
        if component in platform.components and value is None:
            yield Fault(
                where, f"the key '{name}' is missing", f"Add it: '{component}' is a component"
            )
        if component not in platform.components and value is not None:
            yield Fault(
                where,
                f"'{name}' is about '{component}', which is no component",
                f"Remove it, or declare 'components.{component}'",
            )
    jaeger = platform.components.get("jaeger")
    if jaeger is not None:
        yield from _jaeger(jaeger)


def _jaeger(jaeger: Component) -> Iterator[Fault]:
    for index, release in enumerate(jaeger.releases):
        if tuple(map(int, re.findall("[0-9]+", release)[:3])) > _LAST_JAEGER:
            yield Fault(
                ("components", "jaeger", "releases", index),
                f"Jaeger {release} no longer answers the searches of Grafana's Jaeger datasource",
                f"Pin {'.'.join(map(str, _LAST_JAEGER))} or older",
            )


def _environments(platform: Platform) -> Iterator[Fault]:
    ids = [environment.id for environment in platform.environments]
    for index, environment in enumerate(platform.environments):
        where: Location = ("environments", index)
        if environment.id in ids[:index]:
            yield Fault(
                (*where, "id"),
                f"an environment above has the id '{environment.id}' already",
                "Choose another id",
            )
        for component in environment.replicas:
            if component not in platform.components:
                yield Fault(
                    (*where, "replicas", component),
                    f"'{component}' has replicas and is no component",
                    f"Remove it, or declare 'components.{component}'",
                )
        for component in get_args(Address):
            declared = component in platform.components
            addressed = component in environment.addresses
            if declared and not addressed:
                yield Fault(
                    (*where, "addresses"),
                    f"the address of '{component}' is missing",
                    f"Add a line '{component}: http://...'",
                )
            if addressed and not declared:
                yield Fault(
                    (*where, "addresses", component),
                    f"'{component}' has an address and is no component",
                    f"Remove it, or declare 'components.{component}'",
                )


def _retention(platform: Platform, services: tuple[Service, ...]) -> Iterator[Fault]:
    """An override that no stream matches would leave the lines to the default, unnoticed."""
    for index, override in enumerate(platform.retention.log_overrides):
        for label, value in override.match.items():
            where: Location = ("retention", "log_overrides", index, "match", label)
            declaring = [each for each in services if label in each.stream_labels]
            if not declaring:
                known = {name for service in services for name in service.stream_labels}
                yield Fault(
                    where, f"no service has the stream label '{label}'", one_of(label, known)
                )
                continue
            values: set[str] = set()
            for service in declaring:
                of_label = service.stream_labels[label]
                if of_label is None:
                    break
                values.update(of_label)
            else:
                if value not in values:
                    yield Fault(
                        where, f"'{label}' is '{value}' in no stream", one_of(value, values)
                    )


def _history(platform: Platform) -> Iterator[Fault]:
    """Or no volume would ever be held against its earlier weeks."""
    kept = platform.retention.metrics
    if kept < HISTORY_DAYS * 86400:
        yield Fault(
            ("retention", "metrics"),
            f"metrics are kept for {format_duration(kept)}, and volumes are held against "
            f"{WEEKS} earlier weeks",
            f"Make it at least {HISTORY_DAYS}d",
        )


def _dependencies(services: tuple[Service, ...]) -> Iterator[Fault]:
    known = [service.id for service in services]
    for index, service in enumerate(services):
        for at, callee in enumerate(service.depends_on):
            where: Location = ("depends_on", at)
            if callee == service.id:
                yield Fault(where, "a service depends on itself", "Remove it", index)
            elif callee not in known:
                others = [each for each in known if each != service.id]
                yield Fault(where, f"no service is '{callee}'", one_of(callee, others), index)


def _shared_metrics(services: tuple[Service, ...]) -> Iterator[Fault]:
    first: dict[str, tuple[int, int, Metric]] = {}
    for index, service in enumerate(services):
        for at, metric in enumerate(service.metrics):
            owner, place, known = first.setdefault(metric.name, (index, at, metric))
            for key in _SHARED if owner != index else ():
                if getattr(metric, key) != getattr(known, key):
                    yield Fault(
                        ("metrics", at, key),
                        f"'{metric.name}' has another '{key}' than at",
                        "Make the two agree, or rename one of the metrics",
                        index,
                        rival=(owner, ("metrics", place, key)),
                    )
