"""What an agent does with a line, and where each part of it ends up, for the integration guide.

The steps are read off the very stages that the agents' files are written from.
"""

from __future__ import annotations

from catalog import names
from catalog.log_agent import LogAgent
from catalog.model import Catalog
from catalog.service import Service
from delivery.guides.blocks import Page
from delivery.guides.catalog_tables import table
from delivery.guides.sizing import streams_of_a_pod
from pipeline.agent import lines, stages

_ELSEWHERE = "This catalog configures no agent; lines are read by what is set up elsewhere."
#: Labels of which each place that a pod runs in has one value.
_ONE_EACH = (names.CLUSTER, names.ENVIRONMENT)


def pipeline(page: Page) -> str:
    """The way of a line, with the steps that only some services' lines go through marked."""
    found = _steps(page.catalog)
    if not found:
        return _ELSEWHERE
    drawn = ["```mermaid", "flowchart TD", '  file["a line in a pod\'s file"] --> step1']
    for number, (title, _, only) in enumerate(found, start=1):
        said = title + (f"<br/>only {', '.join(only)}" if only else "")
        # Not "1.": Mermaid takes a label that begins so for a list, and draws none.
        drawn.append(f'  step{number}["{number}: {said}"] --> {_next(number, len(found))}')
    return "\n".join([*drawn, '  loki["Loki"]', "```"])


def _next(number: int, last: int) -> str:
    return "loki" if number == last else f"step{number + 1}"


def steps(page: Page) -> str:
    """Each step with what it takes or makes."""
    found = _steps(page.catalog)
    if not found:
        return _ELSEWHERE
    rows = [
        (number, title, detail, ", ".join(only) or "every service")
        for number, (title, detail, only) in enumerate(found, start=1)
    ]
    return table(["", "Step", "With", "Whose lines"], rows)


def _steps(catalog: Catalog) -> list[tuple[str, str, list[str]]]:
    """Title, detail, and the services if it is not every one."""
    if catalog.agent is None:
        return []
    ways = {each.name: _way(catalog, catalog.agent, each) for each in catalog.services}
    longest = max(ways.values(), key=len)
    found = []
    for title in longest:
        having = [name for name, way in ways.items() if title in way]
        details = dict.fromkeys(part for name in having for part in ways[name][title])
        only = having if len(having) < len(ways) else []
        found.append((title, ", ".join(details), only))
    return found


def _way(catalog: Catalog, agent: LogAgent, service: Service) -> dict[str, tuple[str, ...]]:
    """Each step of a service's lines once, in their order, with what it says of itself."""
    place: lines.Place = "kubernetes" if agent.kubernetes else "files"
    reading = lines.Reading(catalog, agent, place, structured=True)
    found: dict[str, tuple[str, ...]] = {}
    for stage in lines.of_service(service, reading):
        told = _told(stage, agent)
        if told:
            title, details = told
            found[title] = tuple(dict.fromkeys((*found.get(title, ()), *details)))
    return found


def _told(stage: stages.Stage, agent: LogAgent) -> tuple[str, tuple[str, ...]] | None:
    """None for what lies between the steps: values that are made ready for the next."""
    match stage:
        case stages.Runtime():
            return "Take the runtime's frame off", (stage.format,)
        case stages.Match():
            return "Read the pod off the file's path", ()
        case stages.Multiline():
            joined = f"at most {stage.lines}, waiting {stage.wait} s"
            return "Join the lines of a record", (joined,)
        case stages.Drop():
            return "Drop lines", (f"`{stage.reason}`",)
        case stages.Replace():
            return "Replace secrets", (f"{len(agent.redactions)} kinds",)
        case stages.Parse():
            return "Read the fields that are used", (stage.format,)
        case stages.Timestamp():
            return "Take the line's own time", (f"`{stage.field}`",)
        case stages.LabelKeep():
            return "Keep the stream's labels alone", _quoted(stage.names)
        case stages.Metrics():
            return "Count", _quoted(tuple(each.name for each in stage.counts))
        case stages.StructuredMetadata():
            return "Put beside the line, on Loki 3", _quoted(stage.names)
        case _:
            return None


def _quoted(found: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"`{each}`" for each in found)


def stream_labels(page: Page) -> str:
    """Each label that makes a stream, its values, and so the most streams that a service has."""
    pods = page.catalog.platform.cost.pods
    labels = dict.fromkeys(
        label for service in page.catalog.services for label in service.stream_labels
    )
    rows = [(f"`{label}`", *_values(page.catalog, label, pods)) for label in labels]
    most = [(each, streams_of_a_pod(each) * pods) for each in page.catalog.services]
    total = sum(number for _, number in most)
    sums = ", ".join(f"{each.name} {number}" for each, number in most)
    limit = page.catalog.platform.limits
    return (
        table(["Label", "Values", "At most"], rows)
        + f"\n\nStreams at most, with {pods} pods of each service: {sums}; {total} of all, where"
        f" {limit.streams:,} are allowed. A stream may have {limit.labels_per_stream} labels."
    )


def _values(catalog: Catalog, label: str, pods: int) -> tuple[str, str]:
    declared = [
        each.stream_labels[label] for each in catalog.services if label in each.stream_labels
    ]
    known = dict.fromkeys(value for values in declared if values for value in values)
    if known:
        return ", ".join(_quoted(tuple(known))), str(len(known))
    if label in _ONE_EACH:
        return "of the environment", "1 in each"
    if label == names.POD:
        return "the pods' names", f"{pods} a service at once"
    return "open", f"{catalog.platform.cost.open_values}, as costs are reckoned"


_HOMES = {
    "line": "the line",
    "stream_label": "stream label",
    "structured_metadata": "structured metadata",
}


def homes(page: Page) -> str:
    """Where each field lives in each release, once for the services that agree."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for service in page.catalog.services:
        for field in service.logs.fields:
            key = (field.name, _HOMES[field.lives.loki_2_9], _HOMES[field.lives.loki_3])
            rows.setdefault(key, []).append(service.name)
    everyone = len(page.catalog.services)
    told = [
        (f"`{name}`", old, new, "every service" if len(of) == everyone else ", ".join(of))
        for (name, old, new), of in rows.items()
    ]
    return table(["Field", "Loki 2.9", "Loki 3", "Of"], told)
