"""One validation: the phases that were asked for, in order, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from delivery.console import tracked
from delivery.publish.kinds.secrets import Secrets
from delivery.publish.model import Plan
from delivery.publish.servers import Reach
from delivery.publish.session import Source, chosen, place
from delivery.publish.session import servers as publishable
from delivery.publish.shipped import Shipped
from delivery.validate import cluster
from delivery.validate.api import api
from delivery.validate.figures import Evidence, figures
from delivery.validate.flow import flow
from delivery.validate.integration import integration
from delivery.validate.kubectl import Kubectl
from delivery.validate.model import PHASES, Check, Report
from delivery.validate.performance import Timing, performance
from delivery.validate.prerequisites import configuration, deployment, prerequisites
from delivery.validate.system import SERVERS, System, Target, system

#: What every one of them answers, whoever asks.
_ALIVE: Mapping[Target, str] = {
    "grafana": "/api/health",
    "loki": "/loki/api/v1/status/buildinfo",
    "prometheus": "/-/healthy",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line decides."""

    phases: Sequence[int] = tuple(PHASES)
    write: bool = False
    kubectl: Kubectl | None = None
    runbooks: Path | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Whom to ask, and how much."""

    asked: System
    wishes: Wishes
    #: Where the datasources of the environment are.
    folder: str


def validate(source: Source, reach: Reach, environ: Mapping[str, str], wishes: Wishes) -> Report:
    """Ask everything, and sum it up.

    :raises UsageError: there is nothing to ask.
    """
    catalog: Catalog = source.catalog
    environment = chosen(catalog, source.environment)
    folder = place(catalog, environment, grafana_alerts=False, secrets=Secrets(environ)).datasources
    shipped = Shipped.read(source.generated)
    with system(catalog, environment, shipped, reach, environ) as asked:
        if not asked.links and wishes.kubectl is None:
            names = ", ".join(f"{each.upper()}_URL" for each in SERVERS)
            raise UsageError(
                Problem("validate", "nothing says what to ask", f"Set {names}, or add --kubectl")
            )
        timings: dict[str, Timing] = {}
        run = Run(asked, wishes, folder)
        plan = partial(_plan, asked, source, reach, environ)
        made = (check for phase in wishes.phases for check in checks_of(phase, run, plan, timings))
        checks = tuple(tracked(made, "Validating"))
        whole = set(wishes.phases) == set(PHASES)
        evidence = Evidence(asked, checks, timings, wishes.runbooks)
        found = tuple(figures(evidence)) if whole else ()
        lost = [*asked.unreachable, *(wishes.kubectl.unreachable if wishes.kubectl else ())]
    return Report(wishes.phases, checks, found, lost)


def checks_of(
    phase: int, run: Run, plan: Callable[[Target], Plan], timings: dict[str, Timing]
) -> Iterator[Check]:
    """All checks of a phase; the checklist of docs/ is made of them too."""
    asked, wishes = run.asked, run.wishes
    if wishes.kubectl is not None:
        yield from cluster.checks(phase, wishes.kubectl, asked)
    if phase == 1:
        yield from prerequisites(asked)
    elif phase == 2:
        yield from configuration(asked, plan)
    elif phase == 3:
        yield from deployment(asked)
    elif phase == 4:
        yield from api(asked)
    elif phase == 5:
        yield from flow(asked, write=wishes.write)
    elif phase == 6:
        yield from integration(asked, run.folder)
    else:
        yield from performance(asked, timings)


def _plan(
    asked: System, source: Source, reach: Reach, environ: Mapping[str, str], target: Target
) -> Plan:
    """What ``plan`` says of a server; one that is not there is not asked with a plan's patience."""
    asked.get(target, _ALIVE[target])
    with publishable(source, [target], reach, environ) as found:
        return found[0].plan()
