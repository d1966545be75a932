"""The example in Python: one trace id in the span, in the line and beside the bucket."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from tests.examples.lines import PLAYED, ROOT, faults
from tests.examples.program import CALLER, TRACE, TRACEPARENT, Program, running
from tests.examples.receiver import Receiver

FOLDER = ROOT / "examples/trace-ids/python"


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[Program, Receiver, str]]:
    """The service after four requests, what received its spans, and its page of metrics."""
    command = [sys.executable, "service.py", "--port", "0"]
    with Receiver() as receiver:
        variables = {"OTEL_SERVICE_NAME": PLAYED, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
        with running(command, FOLDER, **variables) as program:
            assert program.ask("/v1/models").status_code == 200
            assert program.ask("/v1/models", TRACEPARENT).status_code == 200
            assert program.ask("/v1/fail").status_code == 500
            assert program.ask("/no/such/page").status_code == 404
            page = program.ask("/metrics").text
        yield program, receiver, page


def test_a_line_names_the_span_that_the_receiver_got(
    ran: tuple[Program, Receiver, str],
) -> None:
    program, receiver, _ = ran
    named = [(each["trace_id"], each["span_id"]) for each in program.values() if "trace_id" in each]
    assert named == [(trace, span) for trace, span, _ in receiver.spans]
    assert len(set(named)) == 4


def test_a_call_goes_on_in_its_caller_s_trace(ran: tuple[Program, Receiver, str]) -> None:
    program, receiver, _ = ran
    [(_, span, _)] = [each for each in receiver.spans if (each[0], each[2]) == (TRACE, CALLER)]
    assert [each["span_id"] for each in program.values() if each.get("trace_id") == TRACE] == [span]


def test_outside_of_any_span_there_is_no_id(ran: tuple[Program, Receiver, str]) -> None:
    outside = [each for each in ran[0].values() if each["event"] == "lifecycle"]
    assert [each["message"].split()[0] for each in outside] == ["listening", "stopping"]
    assert all(not {"trace_id", "span_id"} & set(each) for each in outside)


def test_lines_are_what_the_catalog_declares(ran: tuple[Program, Receiver, str]) -> None:
    assert len(ran[0].lines) == 6
    assert [each for line in ran[0].lines for each in faults(line)] == []
    assert [each["level"] for each in ran[0].values()].count("error") == 1


def test_a_bucket_names_a_trace_that_there_is(ran: tuple[Program, Receiver, str]) -> None:
    _, receiver, page = ran
    exemplars = re.findall(r'_bucket\{.*\} \S+ # \{trace_id="([0-9a-f]{32})"\}', page)
    assert exemplars
    assert set(exemplars) <= {trace for trace, _, _ in receiver.spans}
    assert "/no/such/page" not in page
