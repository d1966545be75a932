"""Faults between a service and what the platform says of canaries."""

from __future__ import annotations

from collections.abc import Iterator

from catalog import names
from catalog.faults import Fault
from catalog.platform import Platform
from catalog.scalars import format_duration
from catalog.service import Service
from catalog.signals import one_of
from catalog.yaml_file import Location


def canary_faults(service: Service, platform: Platform) -> Iterator[Fault]:
    """Where the label ``track`` is missing, misspelled or taken.

    A service without requests is compared with nothing, and its lines need not be told apart.
    """
    canary = platform.canary
    if canary is None:
        return
    where: Location = ("stream_labels",)
    written = f"[{', '.join(canary.tracks)}]"
    declared = service.stream_labels.get(names.TRACK, ())
    if declared == () and service.by_role("requests") is not None:
        yield Fault(
            where,
            f"the stream label '{names.TRACK}' is missing, and platform.yaml tells canaries by it",
            f"Add a line '{names.TRACK}: {written}'",
        )
    elif declared not in {(), canary.tracks}:
        yield Fault(
            (*where, names.TRACK),
            f"'{names.TRACK}' has other values than 'canary' of platform.yaml",
            f"Write '{names.TRACK}: {written}'",
        )
    for index, metric in enumerate(service.metrics):
        if names.TRACK in metric.labels:
            yield Fault(
                ("metrics", index, "labels", names.TRACK),
                f"Prometheus sets the label '{names.TRACK}' itself",
                "Remove it, or rename it",
            )


def platform_faults(platform: Platform) -> Iterator[Fault]:
    """What the canary's figures need of the platform's."""
    canary = platform.canary
    if canary is None:
        return
    known = [each.id for each in platform.environments]
    if canary.environment not in known:
        yield Fault(
            ("canary", "environment"),
            f"there is no environment '{canary.environment}'",
            one_of(canary.environment, known),
        )
    kept = platform.retention.logs
    if canary.patterns.lookback > kept:
        yield Fault(
            ("canary", "patterns", "lookback"),
            f"lines are kept for {format_duration(kept)}, and it looks back "
            f"{format_duration(canary.patterns.lookback)}",
            "Shorten it, or raise 'retention.logs'",
        )
    evaluation = platform.scrape.evaluation
    if canary.horizon < evaluation:
        yield Fault(
            ("canary", "horizon"),
            f"is over before rules are evaluated a second time, every "
            f"{format_duration(evaluation)}",
            "Write how long a rollout lasts, as in 2h",
        )
