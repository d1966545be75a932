"""What the guide of traces and metrics shows of the catalog, and the code of its examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog import names
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from catalog.signals import Metric
from catalog.tracing import Sampling
from delivery import places
from delivery.guides.blocks import Maker, Page
from delivery.guides.catalog_tables import table
from pipeline import tail_sampling

_EXAMPLES = places.ROOT / "examples/trace-ids"
_DAY_SECONDS = 86400
#: A calendar quarter has 90 to 92 days.
_QUARTER_DAYS = (90, 92)
#: Minutes from which on hours say enough.
_HOURS_FROM = 600


def sources(page: Page) -> str:
    """Each figure of a service, and whether it is measured or counted of lines."""
    rows = [
        (service.name, f"`{name}`", what, source)
        for service in page.catalog.services
        for name, what, source in _figures(service)
    ]
    return table(["Service", "Series", "Tells", "Comes from"], rows)


def _figures(service: Service) -> Iterator[tuple[str, str, str]]:
    for metric in service.metrics:
        if metric.role != "build_info":
            by_agent = metric.emitted_by == "agent"
            source = f"the log agent: {_lines(service, metric)}" if by_agent else "the service"
            yield metric.name, metric.title, source
    yield names.LOG_LINES_RATE, "Lines a second", "Loki's ruler: every line"
    for promised in service.objectives:
        event = service.event(promised.sli.log) if promised.sli.log else None
        if event is not None:
            source = f"Loki's ruler: lines of the event `{event.id}`"
            yield names.LOG_SLI_EVENTS, promised.title, source


def _lines(service: Service, metric: Metric) -> str:
    """Which lines the agent counts, or what it reads in them."""
    of_role = {"log_lines": "every line", "log_errors": "lines of an error level"}
    if metric.role in of_role:
        return of_role[metric.role]
    counting = [each for each in service.logs.events if each.counted_by == metric.name]
    if counting:
        return f"lines of the event {', '.join(f'`{each.id}`' for each in counting)}"
    fields = {each.name: each for each in service.logs.fields}
    measured = {
        each.measures
        for each in service.logs.events
        if each.measures and fields[each.measures].unit == metric.unit
    }
    return f"the field {', '.join(f'`{each}`' for each in sorted(measured))}"


def _code(language: str, path: str) -> Maker:
    """A file of an example, as it is."""

    def make(_: Page) -> str:
        text = (_EXAMPLES / path).read_text(encoding="utf-8").strip()
        return f"```{language}\n{text}\n```"

    return make


def _sampling(page: Page) -> Sampling | None:
    traces = page.catalog.platform.traces
    return traces.sampling if traces else None


_NONE = "Nothing is sampled: every trace is kept."


def policies(page: Page) -> str:
    """Which traces are kept."""
    sampling = _sampling(page)
    if sampling is None:
        return _NONE
    rows = [("`errors`", "one of its spans has the status ERROR", "all")]
    for identifier, seconds in tail_sampling.promises(page.catalog).items():
        name = page.catalog.service(identifier).name
        rows.append((f"`slow-{identifier}`", f"{name} itself took over {seconds:g} s", "all"))
    kept = tail_sampling.kept_percent(page.catalog, sampling)
    most = f"{kept:g} %, and at most {sampling.spans_per_second} spans a second"
    rows.append(("`rest`", "none of these", most))
    return table(["Policy", "A trace in which", "Kept"], rows)


def sizes(page: Page) -> str:
    """How many traces there are, how many are held, and what that costs."""
    sampling, catalog = _sampling(page), page.catalog
    if sampling is None:
        return _NONE
    mean = tail_sampling.traces_per_second(catalog, sampling)
    peak = tail_sampling.peak_traces_per_second(catalog, sampling)
    spans = mean * sampling.spans_per_trace
    wait = tail_sampling.decision_wait_seconds(catalog)
    held = tail_sampling.traces_in_memory(catalog, sampling)
    kept = sampling.spans_per_second * _DAY_SECONDS
    rows = (
        ("Traces that begin", f"{mean:.1f} a second", "lines a minute / 60 / `lines_per_trace`"),
        ("At the peak", f"{peak:.1f} a second", "peak lines a second / `lines_per_trace`"),
        ("Spans", f"{spans:.1f} a second", "traces x `spans_per_trace`"),
        (
            "Kept of the rest",
            f"{tail_sampling.kept_percent(catalog, sampling):g} %",
            "budget / spans",
        ),
        ("Stored on an even day", f"at most {kept:,} spans of the rest", "budget x 86,400 s"),
        ("Stored if all of a day fails", f"{spans * _DAY_SECONDS:,.0f} spans", "spans x 86,400 s"),
        ("`decision_wait`", f"{wait} s", "2 x the loosest promise + 5 s in the service's batch"),
        ("`num_traces`", f"{held:,}", "10 x peak x `decision_wait`"),
    )
    return table(["", "Is", "Since"], rows)


def retention(page: Page) -> str:
    """How long each end of a link lives, and what is left of the link after that."""
    kept = page.catalog.platform.retention
    rows: list[tuple[str, str, str]] = [
        ("Metrics, exemplars among the newest of them", format_duration(kept.metrics), "")
    ]
    for override in kept.log_overrides:
        which = ", ".join(f"`{label}` {value}" for label, value in override.match.items())
        dead = ""
        if kept.traces and override.keep < kept.traces:
            dead = "a trace of an earlier day finds none of these lines"
        rows.append((f"Lines with {which}", format_duration(override.keep), dead))
    shorter = bool(kept.traces and kept.logs < kept.traces)
    dead = "an older trace finds no lines" if shorter else ""
    rows.append(("All other lines", format_duration(kept.logs), dead))
    if kept.traces:
        dead = "*Open the trace* of an older line or exemplar finds nothing"
        rows.append(("Traces", format_duration(kept.traces), dead))
    return table(["", "Kept", "Dead after that"], rows)


def dependencies(page: Page) -> str:
    """Who calls whom, by the catalog."""
    rows = [
        (each.name, ", ".join(page.catalog.service(callee).name for callee in each.depends_on))
        for each in page.catalog.services
        if each.depends_on
    ]
    return table(["Service", "Calls"], rows) if rows else "No service calls another."


def budgets(page: Page) -> str:
    """What each objective allows in its period and in a calendar quarter."""
    rows = [
        (
            service.name,
            promised.title,
            f"{promised.target:g} %",
            f"{promised.budget * 1_000_000:,.0f}",
            f"{format_duration(promised.period)}: {_minutes(promised, promised.period)}",
            " to ".join(_minutes(promised, days * _DAY_SECONDS) for days in _QUARTER_DAYS),
        )
        for service in page.catalog.services
        for promised in service.objectives
    ]
    head = ["Service", "Objective", "Target", "Bad of a million", "Whole failure in its period"]
    return table([*head, "In a quarter"], rows)


def _minutes(promised: Objective, seconds: int) -> str:
    """How long everything may fail, at even traffic."""
    minutes = promised.budget * seconds / 60
    return f"{minutes / 60:.1f} h" if minutes >= _HOURS_FROM else f"{minutes:.0f} min"


MAKERS: Mapping[str, Maker] = {
    "figures-of-lines": sources,
    "trace-ids-python": _code("python", "python/log_lines.py"),
    "trace-ids-python-service": _code("python", "python/service.py"),
    "trace-ids-go": _code("go", "go/tracelog/handler.go"),
    "sampling-policies": policies,
    "sampling-sizes": sizes,
    "retention-of-links": retention,
    "who-calls-whom": dependencies,
    "quarterly-budgets": budgets,
}
