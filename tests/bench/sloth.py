"""Our burn alerts beside those of Sloth, for the same objectives, incidents and Prometheus.

``SLOTH_BIN=path/to/sloth python -m tests.bench.sloth`` prints the tables of
docs/comparison-sloth.md. Sloth is told of the metrics exactly what our catalog says; what it has
no indicator for (log lines, freshness) is left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from catalog import names  # noqa: E402 (found through the line above)
from catalog.load import load_catalog  # noqa: E402
from catalog.model import Catalog  # noqa: E402
from catalog.service import Objective, Service  # noqa: E402
from queries.counters import counter  # noqa: E402
from queries.slo import bound  # noqa: E402
from queries.text import braces, equal, selection  # noqa: E402
from simulate.backtest.excerpt import excerpt, needed, shipped_groups  # noqa: E402
from simulate.backtest.incident import load_incidents  # noqa: E402
from simulate.backtest.replay import Alerting, replay  # noqa: E402
from simulate.backtest.run import Task, story_of, tasks  # noqa: E402
from simulate.backtest.telemetry import telemetry  # noqa: E402

Json = dict[str, Any]
#: Short enough for promtool, whose queries read at most 10,000 samples: Sloth reads the raw
#: series over all of its windows.
INCIDENTS = ("half", "burn-20", "canary", "flapping", "little-traffic", "spike", "few")
SEVERITIES = (names.PAGE, names.TICKET)
FEW = """
incidents:
  - id: few
    title: Three of twenty events in three hours fail
    help: Three failures within ten minutes, where seven events an hour are usual.
    rate: 0.002
    before: 3h
    course:
      - {lasts: 10m, traffic: 2.5, errors: {ratio: 1}}
    after: 3h
"""


def sloth_groups(binary: str, service: Service, work: Path) -> list[Json]:
    """What Sloth generates for the service's objectives on metrics."""
    promised = [each for each in service.objectives if _can(each)]
    spec = {
        "version": "prometheus/v1",
        "service": service.id,
        "slos": [_spec(service, each) for each in promised],
    }
    source, target = work / f"{service.id}.spec.yaml", work / f"{service.id}.yaml"
    source.write_text(yaml.safe_dump(spec), encoding="utf-8")
    subprocess.run(
        [binary, "generate", "-i", str(source), "-o", str(target)], check=True, capture_output=True
    )
    return list(yaml.safe_load(target.read_text(encoding="utf-8"))["groups"])


def _can(objective: Objective) -> bool:
    return objective.sli.log is None and objective.sli.type != "freshness"


def _spec(service: Service, objective: Objective) -> Json:
    metric = service.metric(objective.sli.metric or "")
    assert metric is not None
    of = (equal(names.SERVICE, service.id),)
    window = "[{{.window}}]"
    whole = f"sum(rate({counter(metric)}{braces(of)}{window}))"
    if objective.sli.type == "latency":
        within = (*of, bound(objective.sli.threshold or 0))
        bad = f"{whole} - sum(rate({metric.name}_bucket{braces(within)}{window}))"
    elif metric.bad:
        bad = f"sum(rate({counter(metric)}{braces((*of, *selection(metric.bad)))}{window}))"
    else:
        good = (*of, *selection(metric.good or {}))
        bad = f"{whole} - sum(rate({counter(metric)}{braces(good)}{window}))"
    return {
        "name": objective.id,
        "objective": objective.target,
        "sli": {"events": {"error_query": bad, "total_query": whole}},
        "alerting": {
            "name": "Burn",
            "page_alert": {"labels": {"severity": names.PAGE}},
            "ticket_alert": {"labels": {"severity": names.TICKET}},
        },
    }


def of_slo(groups: list[Json], objective: Objective) -> list[Json]:
    """The groups of one of Sloth's objectives."""
    return [group for group in groups if group["name"].endswith(f"-{objective.id}")]


def _stretch(alerts: tuple[Alerting, ...], severity: str, task: Task) -> str:
    fired = sorted(
        {at for each in alerts if each.labels[names.SEVERITY] == severity for at in each.fired}
    )
    if not fired:
        return "-"
    start, end = task.incident.start, task.incident.end
    over = fired[-1] + 30 - end
    reset = f"> {task.incident.after} s" if over >= task.incident.after else f"{over} s"
    return f"{fired[0] - start} s / {reset}"


def compare(catalog: Catalog, ours: list[Json], theirs: list[Json], task: Task) -> Iterator[str]:
    """A row of the table: page and ticket, detection and reset, of ours and of Sloth's."""
    told = telemetry(catalog, task.service, task.objective, story_of(catalog, task))
    evaluation, length = catalog.platform.scrape.evaluation, task.incident.length
    mine = replay("promtool", excerpt(ours, task.service, task.objective), told, evaluation, length)
    its = replay("promtool", needed(of_slo(theirs, task.objective)), told, evaluation, length)
    cells = [
        _stretch(found.alerts, severity, task) for severity in SEVERITIES for found in (mine, its)
    ]
    yield f"| {task.promise} | {task.incident.id} | {' | '.join(cells)} |"


def main() -> int:
    """Prints the tables; skips by name what is missing."""
    binary = os.environ.get("SLOTH_BIN")
    for name, found in (("SLOTH_BIN", binary), ("promtool", shutil.which("promtool"))):
        if not found:
            print(f"skipped: {name} is missing")
            return 0
    assert binary is not None
    catalog = load_catalog(ROOT / "catalog")
    ours = shipped_groups(Path(os.environ.get("GENERATED", ROOT / "generated")))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        own = work / "few.yaml"
        own.write_text(FEW.lstrip(), encoding="utf-8")
        incidents = (*load_incidents(), *load_incidents(own))
        chosen = [each for each in incidents if each.id in INCIDENTS]
        theirs = {each.id: sloth_groups(binary, each, work) for each in catalog.services}
        print(
            "| objective | incident | page, ours | page, Sloth | ticket, ours | ticket, Sloth |\n"
            "|---|---|---|---|---|---|"
        )
        first: dict[str, Objective] = {}
        for task in tasks(catalog, chosen):
            wanted = os.environ.get("OBJECTIVES", "").split() or [task.promise]
            if _can(task.objective) and task.promise in wanted:
                first.setdefault(task.promise, task.objective)
                for row in compare(catalog, ours, theirs[task.service.id], task):
                    print(row, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
