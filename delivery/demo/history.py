"""What was before now: blocks of metrics, weeks of volumes, and what would have been recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from catalog import names
from delivery.demo.machine import Machine
from delivery.demo.prometheus import pod_labels
from simulate import backfill, weeks
from simulate.exposition import Agent, Family, Sample
from simulate.feed import Feed, Sinks, Target
from simulate.world import World

Series = tuple[Mapping[str, str], Family]

WEEK_SECONDS = 7 * 86_400
#: What the agents put before the names of what they count; the scrape takes it off.
_PREFIXES = ("promtail_custom_", "loki_process_custom_")


def write_metrics(
    promtool: str, series: Iterable[Series], since: float, until: float, data: Path
) -> None:
    """Blocks of what was scraped between two moments.

    :raises subprocess.CalledProcessError: promtool refuses it.
    """
    backfill.write_blocks(promtool, series, since, until, data)


def write_volumes(promtool: str, world: World, since: float, until: float, data: Path) -> None:
    """What the volumes of the services were, for the rules that look weeks back.

    :raises subprocess.CalledProcessError: promtool refuses it.
    """
    taken = range(int(since), int(until), weeks.STEP_SECONDS)
    backfill.write_steps(promtool, weeks.families(world, since, until), taken, data)


def labelled(
    world: World, targets: Iterable[Target], machine: Machine, agent: Agent
) -> list[Series]:
    """Every family with the labels that the scrape would give it."""
    pods = {each.pod.name: each for each in targets if each.pod}
    pages = {each.component: each for each in targets if each.pod is None}
    result: list[Series] = []
    told = Feed(world, Sinks(None, None, "loki_3"), agent).families()
    for component, pod, families in told:
        own = _of_pod(pods[pod.name]) if pod else _of_page(component, pages, machine)
        labels = {**world.scope(), **own}
        result += [(labels, _scraped(family)) for family in families]
        up = Sample("", {}, lambda _: 1.0)
        result.append((labels, Family("up", "gauge", "Whether the target answered.", (up,))))
    return result


def _of_pod(target: Target) -> dict[str, str]:
    return {"instance": target.address, "job": "services", **pod_labels(target)}


def _of_page(component: str, pages: Mapping[str, Target], machine: Machine) -> dict[str, str]:
    """Of the page that stands in for a component, or of its own."""
    port = "memcached_exporter" if component == "memcached" else component
    address = pages[component].address if component in pages else machine.address(port)
    return {"instance": address, "job": component, names.COMPONENT: component}


def _scraped(family: Family) -> Family:
    bare = family.name
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    return replace(family, name=bare)
