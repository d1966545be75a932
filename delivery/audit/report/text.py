"""A line a finding for a log, a table for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from delivery.audit.model import WELL, Audit, Cost, Link, Result, Timing


def lines(audit: Audit, *, whole: bool = False) -> Iterator[str]:
    """What is not well, one finding a line, and the figures; all of it if ``whole``."""
    yield from (f"{each.verdict} {where(each)}: {each.reason}" for each in _shown(audit, whole))
    for link in audit.links:
        if whole or link.verdict not in WELL:
            yield f"{link.verdict} {of_link(link)}: {link.reason}"
    yield from (_of_timing(each) for each in audit.timings)
    yield from (_of_cost(each) for each in audit.costs)
    yield from (f"UNREACHABLE {each}" for each in audit.unreachable)


def table(audit: Audit) -> Iterator[str]:
    """The verdicts of each dashboard and of the rules in columns, then what is not well."""
    rows = [("", "OK", "LAZY", "EMPTY", "ERROR", "SLOW", "UNREACHABLE"), *_by_dashboard(audit)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        head, *figures = (
            each.ljust(width) if index == 0 else each.rjust(width)
            for index, (each, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([head, *figures])
    yield ""
    yield from lines(audit)


def verdict(audit: Audit) -> str:
    """The last line: the counts, and what the exit status says."""
    counts = ", ".join(f"{number} {name}" for name, number in audit.counts().items() if number)
    links = ", ".join(f"{number} {name}" for name, number in audit.link_counts().items() if number)
    said = {0: "WELL", 1: "NOT WELL", 3: "NOT REACHED IN FULL"}[audit.status]
    return f"{said}: {counts or 'nothing asked'}; links: {links or 'none followed'}"


def where(result: Result) -> str:
    """How a finding names a question: the file, and what in it."""
    of = f" of {result.service}" if result.service and result.kind != "rule" else ""
    ref = f" {result.ref}" if result.ref else ""
    panel = f" ({result.panel})" if result.panel is not None else ""
    return f"{result.place}: {result.kind} '{result.title}'{panel}{ref}{of}"


def of_link(link: Link) -> str:
    """How a finding names a link."""
    of = f" of {link.service}" if link.service else ""
    return f"{link.place}: {link.kind} '{link.title}'{of} to {link.target}"


def _shown(audit: Audit, whole: bool) -> Sequence[Result]:
    return [each for each in audit.results if whole or each.verdict not in WELL]


def _by_dashboard(audit: Audit) -> Iterator[tuple[str, ...]]:
    named: dict[str, list[Result]] = {}
    for each in audit.results:
        named.setdefault(each.dashboard or "rules", []).append(each)
    for name, results in named.items():
        verdicts: list[str] = [each.verdict for each in results]
        order = ("OK", "LAZY", "EMPTY", "ERROR", "SLOW", "UNREACHABLE")
        yield (name, *(str(verdicts.count(each)) for each in order))


def _of_timing(each: Timing) -> str:
    return (
        f"{each.verdict} {each.kind} queries: p50 {each.p50:.0f} ms of {each.p50_target:.0f}, "
        f"p99 {each.p99:.0f} ms of {each.p99_target:.0f}, {each.queries} queries"
    )


def _of_cost(each: Cost) -> str:
    of = f" of {each.service}" if each.service else ""
    told = [f"{each.series} series", f"{each.points} points"]
    for number, name in ((each.samples, "samples"), (each.bytes, "bytes"), (each.lines, "lines")):
        if number is not None:
            told.append(f"{number} {name} read")
    return f"COST {each.dashboard}{of}: {each.queries} queries, {', '.join(told)}"
