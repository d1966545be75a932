"""One audit: what is asked, by how many at once, and what follows from all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from catalog import names
from catalog.errors import Problem, UsageError
from catalog.exporters import load_exporters
from catalog.validation import Latency, QueryClass
from delivery.audit import latency, questions, servers
from delivery.audit.asking import Asking
from delivery.audit.costs import costs
from delivery.audit.facts import facts
from delivery.audit.judge import Judge
from delivery.audit.links.run import links
from delivery.audit.model import Audit, Result, Timing
from delivery.audit.opening import Opened, Run, Wishes, fill, questions_of
from delivery.audit.questions import Page, Question
from delivery.audit.variables import Value, plain
from delivery.publish.servers import Reach
from delivery.publish.session import Source, chosen
from delivery.publish.shipped import Shipped
from delivery.validate.system import system

#: What may be left out.
PARTS = ("links", "costs", "rules", "latency")
#: Queries of a slow class that are timed once more with nothing beside them.
_ALONE = 40


def audit(source: Source, reach: Reach, environ: Mapping[str, str], wishes: Wishes) -> Audit:
    """Ask everything, follow everything, and sum it up.

    :raises UsageError: no Grafana is named, or no dashboard is called so.
    :raises ServerError: Grafana cannot be reached.
    """
    with opened(source, reach, environ, wishes) as run:
        results = list(_ask(run))
        followed = [] if "links" in wishes.skip else links(run)
        spent = [] if "costs" in wishes.skip else costs(run)
        times = _second_look(run, results, run.judge.targets) if run.judge.targets else []
        lost = tuple(dict.fromkeys(run.servers.lost.values()))
    at = datetime.fromtimestamp(run.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Audit(at, results, followed, spent, times, lost)


@contextmanager
def opened(
    source: Source, reach: Reach, environ: Mapping[str, str], wishes: Wishes
) -> Iterator[Run]:
    """The servers to ask and what to judge them by; raises as :func:`audit` does."""
    catalog = source.catalog
    environment = chosen(catalog, source.environment)
    shipped = Shipped.read(source.generated)
    known = facts(catalog, load_exporters(wishes.catalog), shipped, environment.tenant)
    with system(catalog, environment, shipped, reach, environ) as asked:
        if "grafana" not in asked.links:
            fault = "nothing says where Grafana is"
            raise UsageError(Problem("audit", fault, "Set GRAFANA_URL, or add --grafana-url"))
        now = asked.clock()
        live = servers.find(asked)
        asking = Asking(live)
        validation = catalog.platform.validation
        timed = validation is not None and "latency" not in wishes.skip
        targets = dict(validation.latencies) if validation and timed else {}
        judge = Judge(known, live, asking, targets, now, catalog.platform.thresholds.silence)
        yield Run(wishes, live, environment, judge, asking, _pages(shipped, wishes), now)


def _pages(shipped: Shipped, wishes: Wishes) -> list[Page]:
    found = questions.pages(shipped)
    for uid in wishes.dashboards:
        if not any(each.uid == uid for each in found):
            known = ", ".join(sorted(each.uid for each in found))
            raise UsageError(
                Problem("--dashboard", f"no dashboard has the uid '{uid}'", f"Known are {known}")
            )
    return [each for each in found if not wishes.dashboards or each.uid in wishes.dashboards]


def _ask(run: Run) -> Iterator[Result]:
    asked: list[Question] = []
    for page in run.pages:
        for filled, results in _open(run, page):
            run.opened.append(filled)
            yield from results
            asked += questions_of(filled)
    yield from run.each("Asking", run.judge.question, asked)
    if "rules" not in run.wishes.skip:
        rules = [
            each
            for each in run.judge.facts.rules
            if not run.wishes.services
            or str(each.labels.get(names.SERVICE, "")) in {"", *run.wishes.services}
        ]
        yield from run.each("Asking rules", run.judge.rule, rules)


def _open(run: Run, page: Page) -> Iterator[tuple[Opened, list[Result]]]:
    """The dashboard as it is at first, and once for each other value of its service variable."""
    first, results, offered = fill(run, page, {})
    service = _service_of(page, first)
    wanted = run.wishes.services
    if names.SERVICE not in first:
        if not wanted or not service or service in wanted:
            yield Opened(page, service, first, page.window(run.now)), results
        return
    for each in offered or [service.id for service in run.servers.system.catalog.services]:
        if wanted and each not in wanted:
            continue
        values, found, _ = fill(run, page, {names.SERVICE: plain(each)})
        yield Opened(page, each, values, page.window(run.now)), found


def _service_of(page: Page, values: Mapping[str, Value]) -> str:
    """The one service that a dashboard is about; its uid ends with it."""
    if names.SERVICE in values:
        return values[names.SERVICE].text()
    return page.service


def _second_look(
    run: Run, results: list[Result], targets: dict[QueryClass, Latency]
) -> list[Timing]:
    """What was slow in company is timed again alone, and judged by that."""
    known: dict[str, Question] = {}
    for opened in run.opened:
        for question in questions_of(opened):
            if not question.unset:
                known.setdefault(question.key, question)
    found = {
        key: (latency.class_of(question), latency.median(asked.seconds))
        for key, question in known.items()
        if (asked := run.asking.ask(question)).seconds
    }
    made = latency.timings(found.values(), targets)
    late = {each.kind for each in made if each.verdict == "SLOW"}
    alone = [
        key
        for key, (kind, milliseconds) in sorted(found.items(), key=lambda each: -each[1][1])
        if kind in late or milliseconds > targets[kind].p99_seconds * 1000
    ]
    for key in alone[:_ALONE]:
        asked = run.asking.again(known[key])
        found[key] = found[key][0], latency.median(asked.seconds)
    if alone:
        _judge_again(run, results)
    return latency.timings(found.values(), targets)


def _judge_again(run: Run, results: list[Result]) -> None:
    """Verdicts that rest on a time, from the times that were taken alone."""
    asked = [each for opened in run.opened for each in questions_of(opened)]
    by_panel = {
        (each.kind, each.dashboard, each.panel, each.title, each.ref or None, each.service): each
        for each in asked
    }
    for index, result in enumerate(results):
        key = (
            result.kind,
            result.dashboard or "",
            result.panel,
            result.title,
            result.ref,
            result.service,
        )
        if result.verdict == "SLOW" and key in by_panel:
            results[index] = run.judge.question(by_panel[key])
