"""The validation checklist: every check of ``build.py validate``, with the command that shows it.

The checks are asked of a system without any server, so that each says only what it would look
at. A check that is added to a phase, or that changes its words, is on the page with the next
``make golden``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import alerts.registry
import datasources.registry
import pipeline.registry
from catalog.artifact import Artifact
from catalog.model import Catalog
from delivery.guides.blocks import Maker, Page
from delivery.guides.catalog_tables import table
from delivery.manifest import Entry, entry
from delivery.publish.kinds.secrets import Secrets
from delivery.publish.model import Plan
from delivery.publish.session import chosen, place
from delivery.publish.shipped import Shipped
from delivery.render import encode
from delivery.validate.figures import Evidence, figures
from delivery.validate.kubectl import Kubectl
from delivery.validate.model import PHASES, Check, Figure
from delivery.validate.run import Run, Wishes, checks_of
from delivery.validate.system import System, Target

#: What the line that is written is known by; another one each time.
_RANDOM = re.compile(r'(?<=\|= ")[0-9a-f]{16}(?=")')
_EACH = "\0"


def checklist(page: Page) -> str:
    """A box a check, phase by phase."""
    checks, _ = _asked(page.catalog)
    told: list[str] = []
    for phase, title in PHASES.items():
        own = [check for check in checks if check.phase == phase]
        told += [
            f"## {phase}. {title}",
            "",
            f"```sh\npython build.py validate --phase {phase}\n```",
        ]
        told += ["", *_boxes(page.catalog, own)]
    return "\n".join(told).rstrip("\n")


def _boxes(catalog: Catalog, checks: list[Check]) -> Iterator[str]:
    """What is asked of each service alike stands once, with the command for the first of them."""
    seen: dict[str, list[str]] = {}
    for check in checks:
        shared, name = _shared(catalog, check)
        seen.setdefault(shared, []).append(name)
    told: set[str] = set()
    for check in checks:
        shared, name = _shared(catalog, check)
        if shared in told:
            continue
        told.add(shared)
        others = [each for each in seen[shared] if each != name]
        so_for = f" (this is {name}; the same for {', '.join(others)})" if others else ""
        title = shared.replace(_EACH, "each service") if others else check.title
        yield f"- [ ] **{title}**: {check.expected}{so_for}"
        yield f"\n  ```sh\n  {check.command}\n  ```\n"


def _shared(catalog: Catalog, check: Check) -> tuple[str, str]:
    """The title without the service that it names, and that service's name."""
    for service in sorted(catalog.services, key=lambda each: -len(each.name)):
        words = check.title.split()
        if set(service.name.split()) <= set(words) and service.name in check.title:
            return check.title.replace(service.name, _EACH), service.name
    return check.title, ""


def criteria(page: Page) -> str:
    """What is measured at the end, and decides nothing."""
    _, found = _asked(page.catalog)
    return table(
        ["Group", "Measured", "Asked for"],
        [(each.group, each.title, each.target) for each in found],
    )


def _asked(catalog: Catalog) -> tuple[tuple[Check, ...], tuple[Figure, ...]]:
    deployed = catalog.deployment
    named = deployed.environment if deployed else None
    environment = chosen(catalog, named)
    where = place(catalog, environment, grafana_alerts=False, secrets=Secrets({}))
    with TemporaryDirectory() as folder:
        system = System(catalog, environment, _shipped(Path(folder), catalog), {})
        # Whoever could not be reached before is not asked again: no cluster is.
        cluster = Kubectl("kubectl", deployed.trees[-1].id, unreachable=["-"]) if deployed else None
        run = Run(system, Wishes(write=True, kubectl=cluster), where.datasources)
        checks = tuple(
            replace(check, command=_RANDOM.sub("PROBE", check.command))
            for phase in PHASES
            for check in checks_of(phase, run, _unplanned, {})
        )
        found = tuple(figures(Evidence(system, (), {}, None)))
    return checks, found


def _shipped(root: Path, catalog: Catalog) -> Shipped:
    """The files that checks look into, as a build makes them."""
    made: Iterator[Artifact] = chain(
        alerts.registry.generate(catalog),
        datasources.registry.generate(catalog),
        pipeline.registry.generate(catalog),
    )
    entries: list[Entry] = []
    for artifact in filter(_is_looked_into, made):
        data = encode(artifact)
        path = root / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        entries.append(entry(artifact, data))
    return Shipped(root, tuple(entries))


def _is_looked_into(artifact: Artifact) -> bool:
    """The numbered manifests, and what checks read to know what to expect; the rest takes long."""
    manifest = re.match(r"deploy/[^/]+/\d+-", artifact.path)
    return bool(manifest) or artifact.kind in {"alertmanager", "datasource"}


def _unplanned(target: Target) -> Plan:
    return Plan(target, ())


MAKERS: Mapping[str, Maker] = {"checklist": checklist, "criteria": criteria}
