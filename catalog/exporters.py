"""What the platform's own servers expose, by release: a query may name nothing else.

The declarations are beside the catalog's other facts, ``exporters/<component>-<release>.yaml``,
one file a server and release; most were recorded from a running server's page by
``build.py record``. They are not part of :func:`~catalog.load.load_catalog`: a plain build
does not need them and must not pay for them.

The servers are products: another system's catalog runs the same ones. So its own declarations,
if it has any, come on top of those that ship beside this module, and one of the same component
and release takes the shipped one's place (docs/decisions/0010-exporters-by-release.md).

What the agent counts of log lines is not here. Prometheus renames it when it scrapes
(pipeline/prometheus.py), and the services declare it under the names that queries see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from catalog.base import Model
from catalog.errors import CatalogError, Problem
from catalog.files import Kind, by_place, load_model, place, yaml_files
from catalog.platform import ComponentId
from catalog.scalars import LabelName, Line, MetricName, MisfitError
from catalog.signals import Unit, Values
from catalog.yaml_file import locate

FOLDER = "exporters"
#: What ships with this program.
SHIPPED = Path(__file__).resolve().parent / FOLDER

#: kube-state-metrics is no component of ours, but what every cluster has.
ExporterId = Literal[ComponentId, "kube-state-metrics"]
#: ``info`` is a gauge that is always 1: it is there for its labels.
MetricType = Literal["counter", "gauge", "histogram", "info", "summary"]
Emission = Literal["always", "lazy"]
Prefix = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*_$", max_length=40)]

BUCKETS = "_bucket"
#: What the names of a metric's series have in addition, by its type.
PARTS: Mapping[MetricType, tuple[str, ...]] = {
    "histogram": (BUCKETS, "_sum", "_count"),
    "summary": ("_sum", "_count"),
}
#: The label that tells the series of one histogram or summary apart; it is not declared.
PART_LABELS: Mapping[MetricType, str] = {"histogram": "le", "summary": "quantile"}

_SERVER = Kind("server", "<component>-<release>.yaml")
_RELEASE = re.compile(r"(?:(.+) )?v?([0-9]+(?:\.[0-9]+)*)")


class ExporterMetric(Model):
    """One metric as a server exposes it; a histogram or summary without ``_bucket`` and such.

    ``labels`` holds the metric's own labels with every value they can take, ``None`` where the
    set is open. A metric is ``lazy`` if it, or some of its series, is missing until what it
    counts has happened.
    """

    type: MetricType
    unit: Unit
    emission: Emission
    labels: dict[LabelName, Values | None] = {}

    @model_validator(mode="after")
    def _leaves_out_what_its_type_implies(self) -> ExporterMetric:
        implied = PART_LABELS.get(self.type)
        if implied in self.labels:
            raise MisfitError(
                f"is a label that every {self.type} has", "Remove it", "labels", str(implied)
            )
        return self


class Exporter(Model):
    """The metrics of one release of a server, and how we know of them.

    ``release`` is spelled as the catalog spells a component's, if more exactly. ``reason``
    says what the server was given to do when its page was recorded or, of ``documentation``
    (the release's sources too), where it was read and why none was. ``prefixes`` are what all
    of its metrics begin with, and no service's does.
    """

    component: ExporterId
    release: Line
    source: Literal["recorded", "documentation"]
    reason: Line | None = None
    prefixes: tuple[Prefix, ...] = ()
    metrics: Annotated[dict[MetricName, ExporterMetric], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_coherent(self) -> Exporter:
        if self.source == "documentation" and self.reason is None:
            raise MisfitError(
                "is 'documentation' and no 'reason' says which and why",
                "Add a 'reason' that says where the names were read and why none was recorded",
                "source",
            )
        for name, metric in self.metrics.items():
            if metric.type == "histogram" and name.endswith(BUCKETS):
                raise MisfitError(
                    "is called like the buckets of a histogram",
                    f"Call it '{name.removesuffix(BUCKETS)}'",
                    "metrics",
                    name,
                )
            if self.prefixes and not name.startswith(self.prefixes):
                raise MisfitError(
                    "begins with none of the 'prefixes'", "Add its prefix", "metrics", name
                )
        return self

    def metric(self, series: str) -> ExporterMetric | None:
        """The metric that a series belongs to: ``x_bucket`` to the histogram ``x``."""
        found = self.metrics.get(series)
        if found is not None and found.type != "histogram":
            return found
        for part in PARTS["histogram"]:
            whole = self.metrics.get(series.removesuffix(part))
            if whole is not None and series.endswith(part) and part in PARTS.get(whole.type, ()):
                return whole
        return None


def load_exporters(folder: Path) -> tuple[Exporter, ...]:
    """Every server's metrics for the catalog in ``folder``, by component and release.

    Those in ``folder``/exporters, which need not be there, on top of those that ship.

    :raises CatalogError: with every problem of every file, sorted by place.
    """
    problems: list[Problem] = []
    found: dict[tuple[str, str], Exporter] = {}
    own = folder / FOLDER
    if not own.exists() or own.samefile(SHIPPED):
        found = _load_folder(SHIPPED, problems)
    else:
        found = _load_folder(SHIPPED, problems) | _load_folder(own, problems)
    if problems:
        raise CatalogError(*sorted(problems, key=by_place))
    return tuple(found[key] for key in sorted(found, key=_in_order))


def _load_folder(folder: Path, problems: list[Problem]) -> dict[tuple[str, str], Exporter]:
    found: dict[tuple[str, str], Exporter] = {}
    places: dict[tuple[str, str], Path] = {}
    for path in yaml_files(folder, _SERVER, problems):
        exporter = load_model(path, Exporter, problems)
        if exporter is None:
            continue
        key = exporter.component, exporter.release
        if key in found:
            other = place(places[key], locate(places[key]), ("release",))
            fault = f"{key[0]} {key[1]} is declared by {other} too"
            at = place(path, locate(path), ("release",))
            problems.append(Problem(at, fault, "Keep one of the two files"))
        found[key], places[key] = exporter, path
    return found


def describing(
    exporters: Iterable[Exporter], component: ExporterId, release: str
) -> Exporter | None:
    """What is known of a component's release: its own declaration or the nearest older one.

    ``3`` and ``3.12.0`` are one release: whichever is shorter leaves the rest open, and of
    several the newest counts. Without an older declaration it is the oldest newer one; an
    agent of another name is another program, and says nothing.
    """
    product, wanted = _parts(release)
    candidates = sorted(
        (
            (numbers, each)
            for each in exporters
            for name, numbers in (_parts(each.release),)
            if (each.component, name) == (component, product)
        ),
        key=lambda pair: pair[0],
    )
    same = [each for numbers, each in candidates if _is_within(numbers, wanted)]
    older = [each for numbers, each in candidates if numbers <= wanted]
    if same or older:
        return (same or older)[-1]
    return candidates[0][1] if candidates else None


def same_release(one: str, other: str) -> bool:
    """Whether the two name one release, if one of them less exactly."""
    (product, numbers), (other_product, other_numbers) = _parts(one), _parts(other)
    return product == other_product and _is_within(numbers, other_numbers)


def _parts(release: str) -> tuple[str, tuple[int, ...]]:
    """``promtail 2.9.4`` is ``("promtail", (2, 9, 4))``."""
    match = _RELEASE.fullmatch(release)
    if match is None:
        return release, ()
    return match[1] or "", tuple(map(int, match[2].split(".")))


def _is_within(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _in_order(key: tuple[str, str]) -> tuple[str, str, tuple[int, ...]]:
    return key[0], *_parts(key[1])
