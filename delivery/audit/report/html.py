"""The report as one page that needs nothing else: no script, no font, no other file.

The verdicts are filtered by radio buttons and the style sheet alone, so that the page can be read
where scripts are not run, as in an artifact of a pipeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from delivery.audit.model import Audit, Cost, Link, Result
from delivery.audit.report.text import verdict

#: In the order of the buttons. BROKEN is a link's, SLOW and EMPTY are questions'.
_SHOWN = ("UNREACHABLE", "ERROR", "BROKEN", "EMPTY", "SLOW", "LAZY", "OK")

_STYLE = """
:root{color-scheme:light dark;--text:#1b1f24;--page:#fff;--line:#d0d7de;--bad:#b42318;
--late:#8a5a00;--lazy:#57606a;--ok:#116329}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--page:#0d1117;--line:#30363d;
--bad:#ff7b72;--late:#e3b341;--lazy:#9198a1;--ok:#56d364}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:100rem;padding:1rem;background:var(--page);color:var(--text);
font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:break-word}
th{white-space:nowrap}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.v{font-weight:600;white-space:nowrap}
.UNREACHABLE .v,.ERROR .v,.BROKEN .v,.EMPTY .v{color:var(--bad)}.SLOW .v{color:var(--late)}
.LAZY .v{color:var(--lazy)}.OK .v{color:var(--ok)}
main table{table-layout:fixed}main th:nth-child(1){width:8rem}main th:nth-child(2){width:17rem}
main th:nth-child(3){width:14rem}main th:nth-child(4){width:8rem}main th:nth-child(6){width:5rem}
main .links th:nth-child(6){width:22rem}
input{position:absolute;opacity:0}
label{display:inline-block;margin:.2rem .3rem .2rem 0;padding:.1rem .6rem;cursor:pointer;
white-space:nowrap;border:1px solid var(--line);border-radius:1rem}
input:checked+label{background:var(--text);border-color:var(--text);color:var(--page)}
input:focus-visible+label{outline:2px solid var(--late);outline-offset:2px}
small{color:var(--lazy)}
@media(max-width:40rem){thead{display:none}tr{display:block;padding:.4rem 0;
border-bottom:1px solid var(--line)}td{display:block;border:0;padding:.1rem 0}
td.n{text-align:left}td:empty{display:none}
td[data-h]::before{content:attr(data-h) ": ";color:var(--lazy)}}
"""


def html(audit: Audit) -> str:
    """The whole page."""
    return "\n".join(_page(audit)) + "\n"


def _page(audit: Audit) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>Audit: {escape(audit.at)}</title><style>{_STYLE}{_filters()}</style>"
    yield "</head><body>"
    yield f"<h1>{escape(verdict(audit))}</h1><p><small>Begun {escape(audit.at)}</small></p>"
    for each in audit.unreachable:
        yield f'<p class="UNREACHABLE"><span class="v">Not reached</span> {escape(each)}</p>'
    links, results = audit.link_counts(), audit.counts()
    yield '<input type="radio" name="f" id="f-all" checked><label for="f-all">All</label>'
    for name in _SHOWN:
        number = links.get(name, 0) + results.get(name, 0)
        yield (
            f'<input type="radio" name="f" id="f-{name}"><label for="f-{name}">'
            f"{name} ({number})</label>"
        )
    yield "<main>"
    yield "<h2>Queries and rules</h2>"
    yield from _table(
        ("Verdict", "Where", "What", "Service", "Reason", "ms"),
        ((each.verdict, _of_result(each)) for each in sorted(audit.results, key=_rank)),
    )
    yield "<h2>Links</h2>"
    yield from _table(
        ("Verdict", "Where", "What", "Service", "Reason", "Leads to"),
        ((each.verdict, _of_link(each)) for each in sorted(audit.links, key=_rank)),
        kind="links",
    )
    yield "</main><h2>Latency by class of query</h2>"
    yield from _table(
        ("Verdict", "Class", "Queries", "p50, ms", "Target", "p99, ms", "Target"),
        (
            (
                each.verdict,
                (
                    each.kind,
                    each.queries,
                    round(each.p50, 1),
                    round(each.p50_target),
                    round(each.p99, 1),
                    round(each.p99_target),
                ),
            )
            for each in audit.timings
        ),
    )
    yield "<h2>What one refresh reads</h2>"
    yield from _table(
        ("", "Dashboard", "Service", "Queries", "Series", "Points", "Samples", "Bytes", "Lines"),
        (("", _of_cost(each)) for each in audit.costs),
    )
    yield "</body></html>"


def _filters() -> str:
    """Of the verdict whose button is pressed, the others' rows are hidden."""
    rules = (f"#f-{name}:checked~main tbody tr:not(.{name}){{display:none}}" for name in _SHOWN)
    return "".join(rules)


def _rank(each: Result | Link) -> int:
    """The worst first."""
    return _SHOWN.index(each.verdict)


def _of_result(each: Result) -> tuple[object, ...]:
    ref = f" {each.ref}" if each.ref else ""
    what = f"{each.kind} {each.title}{ref}"
    return each.place, what, each.service, each.reason, each.milliseconds


def _of_link(each: Link) -> tuple[object, ...]:
    return each.place, f"{each.kind} {each.title}", each.service, each.reason, each.target


def _of_cost(each: Cost) -> tuple[object, ...]:
    return (
        each.title,
        each.service,
        each.queries,
        each.series,
        each.points,
        "" if each.samples is None else each.samples,
        "" if each.bytes is None else each.bytes,
        "" if each.lines is None else each.lines,
    )


def _table(
    head: tuple[str, ...], rows: Iterable[tuple[str, tuple[object, ...]]], kind: str = ""
) -> Iterator[str]:
    yield f'<div class="{f"wide {kind}".strip()}"><table><thead><tr>'
    yield "".join(f"<th>{escape(each)}</th>" for each in head)
    yield "</tr></thead><tbody>"
    for name, cells in rows:
        marked = f'<td class="v">{escape(name)}</td>' if name else "<td></td>"
        told = "".join(_cell(title, each) for title, each in zip(head[1:], cells, strict=True))
        yield f'<tr class="{escape(name)}">{marked}{told}</tr>'
    yield "</tbody></table></div>"


def _cell(title: str, value: object) -> str:
    kind = ' class="n"' if isinstance(value, int | float) else ""
    # A path or an address breaks at its slashes, and within a word only if it must.
    told = escape(str(value)).replace("/", "/<wbr>")
    return f'<td{kind} data-h="{escape(title)}">{told}</td>'
