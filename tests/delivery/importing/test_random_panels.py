"""Whatever our constructors make, an import reads, writes as Python and builds again exactly."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.assemble import artifact
from dashboards.spec import (
    AlertList,
    Annotation,
    Bars,
    Column,
    Core,
    Dashboard,
    Lines,
    Link,
    LogLines,
    Note,
    Panel,
    Row,
    Stat,
    Step,
    Table,
    Trace,
    TraceList,
    Variable,
)
from queries.logql import LogQL
from queries.promql import PromQL
from queries.query import Jaeger, Loki, Prom

COLOURS = st.sampled_from(["green", "yellow", "orange", "red", "blue", "purple", "text"])
TEXT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120
).filter(str.strip)
#: Whatever a query, a legend or a Markdown text may hold.
ANYTHING = st.text(alphabet=st.sampled_from("abc \"'\\{}[]$\n\tÄ\u2013µ€🚢,()=~|"), max_size=200)
FIGURES = st.one_of(st.integers(-5, 9), st.floats(-10, 1e6, allow_nan=False).map(lambda x: x + 0.5))
MAYBE = st.none() | FIGURES


def steps() -> st.SearchStrategy:
    later = st.lists(st.builds(Step, COLOURS, FIGURES), max_size=3)
    return st.tuples(st.builds(Step, COLOURS), later).map(lambda pair: (pair[0], *pair[1]))


def tuples(of: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:
    return st.lists(of, max_size=most).map(tuple)


LINKS = tuples(st.builds(Link, TEXT, TEXT))
NAMED = st.dictionaries(TEXT, COLOURS, max_size=3).map(lambda named: tuple(named.items()))
METRICS = st.builds(
    Prom,
    ANYTHING.map(PromQL),
    ANYTHING,
    instant=st.booleans(),
    table=st.booleans(),
    exemplars=st.booleans(),
)
LOGS = st.builds(
    Loki,
    ANYTHING.map(LogQL),
    ANYTHING,
    instant=st.booleans(),
    limit=st.none() | st.integers(1, 5000),
)
TRACES = st.one_of(
    st.builds(Jaeger, st.just("trace"), trace_id=TEXT),
    st.builds(
        Jaeger,
        st.just("search"),
        service=TEXT,
        tags=ANYTHING,
        minimum_duration=TEXT,
        limit=st.integers(1, 90),
    ),
    st.just(Jaeger("dependencies")),
)
DRAWINGS = st.one_of(
    st.builds(
        Lines,
        steps=st.just(()) | steps(),
        soft_maximum=MAYBE,
        soft_minimum=MAYBE,
        # grafanalib takes whole numbers only.
        maximum=MAYBE,
        minimum=MAYBE,
        colours=NAMED,
        dashed=tuples(TEXT, 2),
        band=st.none() | st.tuples(TEXT, TEXT),
    ),
    st.builds(Bars, colours=NAMED),
    st.builds(
        Stat,
        steps=steps(),
        sparkline=st.booleans(),
        calculation=st.sampled_from(["lastNotNull", "sum", "max", "mean"]),
        by_name=st.booleans(),
        decimals=st.none() | st.integers(0, 6),
        words=tuples(st.tuples(st.integers(0, 9), TEXT, COLOURS)),
    ),
    st.builds(
        Table,
        columns=tuples(
            st.builds(
                Column,
                TEXT,
                st.just("") | TEXT,
                unit=st.sampled_from(["", "s", "bytes"]),
                links=LINKS,
                width=st.none() | st.integers(1, 400),
                steps=st.just(()) | steps(),
                decimals=st.none() | st.integers(0, 6),
            ),
            5,
        ),
        sort=st.just("") | TEXT,
        descending=st.booleans(),
        from_logs=st.booleans(),
    ),
    st.builds(LogLines, wrap=st.booleans()),
    st.just(Trace()),
    st.just(TraceList()),
    st.builds(AlertList, ANYTHING),
    st.builds(Note, ANYTHING),
    st.builds(
        Core,
        st.sampled_from(["gauge", "bargauge", "heatmap", "piechart", "state-timeline"]),
        steps=st.just(()) | steps(),
        minimum=MAYBE,
        maximum=MAYBE,
        decimals=st.none() | st.integers(0, 6),
    ),
)


@st.composite
def panels(draw: st.DrawFn, key: str) -> Panel:
    queries = tuples(draw(st.sampled_from([METRICS, LOGS, TRACES])), 4)
    return Panel(
        key=key,
        title=draw(TEXT),
        description=draw(ANYTHING),
        queries=draw(queries),
        drawing=draw(DRAWINGS),
        unit=draw(st.sampled_from(["short", "s", "suffix: spreads"])),
        width=draw(st.integers(1, 24)),
        height=draw(st.integers(1, 20)),
        links=draw(LINKS),
        interval=draw(st.sampled_from(["", "1m"])),
        empty=draw(TEXT),
    )


VARIABLES = st.one_of(
    st.builds(
        Variable,
        st.just("place"),
        TEXT,
        TEXT,
        st.just("query"),
        label=st.just("berth"),
        series=ANYTHING,
        many=st.booleans(),
    ),
    st.builds(
        Variable,
        st.just("size"),
        TEXT,
        TEXT,
        st.just("custom"),
        values=st.just(("small", "large")),
        many=st.booleans(),
    ),
    st.builds(Variable, st.just("word"), TEXT, TEXT, st.just("text")),
    st.builds(
        Variable,
        st.just("source"),
        TEXT,
        TEXT,
        st.just("datasource"),
        values=st.just(("prometheus",)),
    ),
)
MARKS = st.builds(
    Annotation,
    name=TEXT,
    expr=ANYTHING.filter(bool),
    title=ANYTHING,
    text=ANYTHING,
    colour=COLOURS,
    tags=st.just(()) | st.just(("severity", "service")),
)


@st.composite
def dashboards(draw: st.DrawFn) -> Dashboard:
    rows = []
    for number in range(draw(st.integers(1, 2))):
        held = [draw(panels(f"panel-{number}-{each}")) for each in range(draw(st.integers(0, 3)))]
        rows.append(Row(f"row-{number}", draw(TEXT), tuple(held), draw(st.booleans())))
    return Dashboard(
        uid="harbour",
        title=draw(TEXT),
        description=draw(ANYTHING),
        folder="overview",
        owner="crew",
        rows=tuple(rows),
        variables=tuple(draw(st.lists(VARIABLES, max_size=2, unique_by=lambda each: each.name))),
        annotations=draw(tuples(MARKS, 2)),
        tags=("neurectomy",),
        since=draw(st.sampled_from(["now-1h", "now-7d"])),
        refresh=draw(st.sampled_from(["1m", "30s"])),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(dashboards())
def test_a_dashboard_of_ours_comes_out_as_it_went_in(through, dashboard: Dashboard) -> None:
    content = artifact(dashboard, "neurectomy", [("Other", "/d/other", "Elsewhere")]).content
    done = through(content)
    assert done.built == content
    assert {line.verdict for line in done.lines} == {"exact"}
