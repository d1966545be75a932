"""Whatever parses is read without an exception, and every fault has a place in the query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.checks.documents import Language
from delivery.checks.fill import CHOICE, UNKNOWN
from delivery.checks.finding import Finding
from delivery.checks.formats import excerpt
from delivery.checks.readings import Reading, Readings
from delivery.checks.registry import CHECKS
from delivery.checks.universe import Universe
from tests.delivery.checks.asking import FIRST, SECOND, faults, signals, streams

IDS = {check.id for check in CHECKS}

METRICS = st.sampled_from(
    [
        *("up", "log_lines_total", "log_durations_bucket", "log_durations_sum", "target_info"),
        *("http_server_request_duration_seconds_count", "nosuch", "ALERTS", "{__name__=~'up|x'}"),
    ]
)
LABELS = st.sampled_from("service level pod le nosuch __name__ job".split())
VALUES = st.sampled_from(
    ["", "ryot", "nosuch", ".*", "ryot|x", "(a|b)c", f"{UNKNOWN}pod", f"{CHOICE}ryot|agents"]
)
MATCHERS = st.builds("{}{}'{}'".format, LABELS, st.sampled_from("= != =~ !~".split()), VALUES)
GROUPS = st.lists(LABELS, max_size=2).map(", ".join)
VECTORS = st.one_of(
    METRICS,
    st.builds(
        "{}{{{}}}".format,
        METRICS.filter(str.isidentifier),
        st.lists(MATCHERS, max_size=3).map(",".join),
    ),
)
MODIFIERS = st.one_of(
    st.just(""),
    st.builds(
        "{} ({}) {}".format,
        st.sampled_from(["on", "ignoring"]),
        GROUPS,
        st.one_of(st.just(""), st.builds("group_left ({})".format, GROUPS)),
    ),
)
RANGED = "rate increase delta deriv max_over_time avg_over_time absent_over_time changes".split()
PLAIN = "abs absent histogram_quantile scalar timestamp sort label_replace label_join".split()


def _called(name: str, inner: str) -> str:
    match name:
        case "histogram_quantile":
            return f"histogram_quantile(0.9, {inner})"
        case "label_replace":
            return f"label_replace({inner}, 'x', '$1', 'service', '(.*)')"
        case "label_join":
            return f"label_join({inner}, 'x', '-', 'service', 'nosuch')"
        case "scalar":
            return f"vector(scalar({inner}))"
    return f"{name}({inner})"


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}({}[5m])".format, st.sampled_from(RANGED), VECTORS),
        st.builds("{}(({})[5m:1m] offset 1h)".format, st.sampled_from(RANGED), inner),
        st.builds(_called, st.sampled_from(PLAIN), inner),
        st.builds(
            "{} {} ({}) ({})".format,
            st.sampled_from("sum max count group stddev".split()),
            st.sampled_from(["by", "without"]),
            GROUPS,
            inner,
        ),
        st.builds("count_values by ({}) ('x', {})".format, GROUPS, inner),
        st.builds("topk(3, {})".format, inner),
        st.builds(
            "({}) {} {} ({})".format,
            inner,
            st.sampled_from("+ - * / > == % ^".split()),
            MODIFIERS,
            inner,
        ),
        st.builds(
            "({}) {} ({})".format, inner, st.sampled_from(["and", "or", "unless", "> bool"]), inner
        ),
        st.builds("({}) * {}".format, inner, st.sampled_from(["0", "60", "time()", "-1"])),
    )


PROMQL = st.recursive(VECTORS, _grown, max_leaves=6)

STREAMS = st.sampled_from(
    [
        '{service="ryot"}',
        '{service=~".+"}',
        '{service="customs",level="x"}',
        '{nosuch="x",service!=""}',
        f'{{service="{CHOICE}ryot|agents"}}',
    ]
)
STAGES = st.sampled_from(
    [
        *("| json", "| logfmt", "| unpack", "| decolorize", '|= "x"', '|~ "("', "|> `<_> x`"),
        *('| json a="module", b="x[0].y"', '| logfmt v="verdict"', "| regexp `(?P<code>.)`"),
        *("| pattern `<ip> <_>`", '| module="api"', '| nosuch!="x" or module=~"a|b"'),
        *("| duration_ms > 5", "| duration_ms > 5s", "| took > 5KB", '| ip = ip("10.0.0.1")'),
        *("| label_format x=module", '| label_format x="{{.nosuch}}"', "| line_format `{{.x`"),
        *("| drop module", "| drop level=`x`", "| keep module, level", '| __error__=""'),
    ]
)
LOGS = st.builds("{} {}".format, STREAMS, st.lists(STAGES, max_size=4).map(" ".join))
UNWRAPS = st.sampled_from(
    [
        '| unwrap duration_ms | __error__=""',
        "| unwrap duration(duration_ms)",
        "| unwrap bytes(x)",
        "| unwrap nosuch",
    ]
)
COUNTED = st.one_of(
    st.builds(
        "{}({} [5m])".format,
        st.sampled_from("rate count_over_time bytes_rate absent_over_time".split()),
        LOGS,
    ),
    st.builds(
        "quantile_over_time({}, {} {} [5m])".format, st.sampled_from([0.9, 95]), LOGS, UNWRAPS
    ),
    st.builds("avg_over_time({} {} [5m]) by ({})".format, LOGS, UNWRAPS, GROUPS),
    st.just("vector(1)"),
)
LOGQL = st.one_of(
    LOGS,
    st.recursive(
        COUNTED,
        lambda inner: st.one_of(
            st.builds("sum by ({}) ({})".format, GROUPS, inner),
            st.builds("topk(3, {})".format, inner),
            st.builds(
                "({}) {} {} ({})".format,
                inner,
                st.sampled_from("+ / > and or unless".split()),
                MODIFIERS.filter(lambda text: "group" not in text),
                inner,
            ),
            st.builds('label_replace({}, "x", "$1", "service", "(.*)")'.format, inner),
        ),
        max_leaves=4,
    ),
)


def read(text: str, language: Language, folder: str) -> Reading:
    readings = Readings(streams(folder), signals(folder))
    return readings.of(text, language, Universe(below=readings.emitted))


def check_places(text: str, reading: Reading) -> None:
    for check, reason, remedy, start, end in (*reading.faults, *reading.bare):
        assert check in IDS
        assert reason
        assert remedy
        assert 0 <= start <= end <= len(text) + 1
        shown, caret = excerpt(Finding(check, "f", "w", reason, remedy, text, start, end))
        assert "\n" not in shown
        assert set(caret.strip()) == {"^"}
    assert reading.shape is not None or reading.faults


@given(PROMQL, st.sampled_from([FIRST, SECOND]))
def test_any_promql_is_read(text, folder):
    check_places(text, read(text, "promql", folder))


@given(LOGQL, st.sampled_from([FIRST, SECOND]))
def test_any_logql_is_read(text, folder):
    check_places(text, read(text, "logql", folder))


@given(st.text(max_size=40), st.sampled_from(["promql", "logql"]))
def test_any_text_is_read(text, language):
    check_places(text, read(text, language, FIRST))


@pytest.mark.parametrize(
    ("query", "word"),
    [
        # A name or operator that stands in a string as well is not meant there.
        ('up{job="levels",levels="x"}', "levels"),
        ('sum(rate(log_durations_sum{pod="a-b"}[5m])) - sum(up)', "-"),
        ("sum(up) >= 0 or sum(up) > sum(rate(log_lines_total[5m]))", ">"),
        ('rate(log_lines_total{level="a\\\\b"}[5m])', "a\\\\b"),
    ],
)
def test_the_caret_stands_under_the_fault(query, word):
    (only,) = faults(query)
    assert only.split(":")[0].endswith(f" {word!r}")
    reading = read(query, "promql", FIRST)
    ((*_, start, end),) = reading.faults
    assert query[start:end] == word
    assert query.count('"', 0, start) % 2 == (1 if "a\\\\b" in word else 0)
