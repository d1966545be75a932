"""What one refresh of each dashboard reads, as the servers themselves count it."""

from __future__ import annotations

from collections.abc import Iterable

from delivery.audit.model import Cost
from delivery.audit.opening import Opened, Run, questions_of
from delivery.audit.questions import Question
from delivery.audit.servers import LostError, RefusedError
from delivery.console import tracked


def costs(run: Run) -> list[Cost]:
    """One figure a dashboard and service; what several panels ask alike is asked once by each."""
    return [_of(run, opened) for opened in tracked(run.opened, "Counting costs")]


def _of(run: Run, opened: Opened) -> Cost:
    asked = [each for each in questions_of(opened) if not each.unset]
    answers = [run.asking.ask(each).answer for each in asked]
    samples = [_samples(run, each) for each in asked if each.source == "prometheus"]
    return Cost(
        opened.page.uid,
        opened.page.title,
        opened.service,
        len(asked),
        sum(each.series for each in answers),
        sum(each.points for each in answers),
        _total(samples),
        # Loki names them so in a frame's statistics, since 2.0.
        _total(each.stat("total bytes processed") for each in answers),
        _total(each.stat("total lines processed") for each in answers),
    )


def _samples(run: Run, question: Question) -> int | None:
    """The samples that Prometheus loads for a query; asked of itself: Grafana leaves them out."""
    asked = question.asked()
    query = {"query": asked.expr, "stats": "all"}
    where = "/api/v1/query"
    if question.instant:
        query["time"] = f"{question.span.end:.3f}"
    else:
        where = "/api/v1/query_range"
        query |= {
            "start": f"{question.span.start:.3f}",
            "end": f"{question.span.end:.3f}",
            "step": f"{question.step:g}",
        }
    try:
        answer = run.servers.get("prometheus", where, **query)
    except (LostError, RefusedError):
        return None
    data = answer.get("data") if isinstance(answer, dict) else None
    stats = data.get("stats") if isinstance(data, dict) else None
    found = (stats or {}).get("samples") or {}
    total = found.get("totalQueryableSamples")
    return total if isinstance(total, int) else None


def _total(values: Iterable[float | None]) -> int | None:
    known = [each for each in values if each is not None]
    return round(sum(known)) if known else None
