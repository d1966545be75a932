"""The library of another system: lines in logfmt, other names, and two names for a trace id."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.signals import Field_, Lives
from tests.live import library_lines as world
from tests.live.known_loki import Known, started
from tests.live.library_lines import FAILING, TRACE, Line, line_of
from tests.live.servers import find, missing
from tests.live.stack import ROOT

VERDICTS = ("cleared", "seized", "sent back")


def harbour() -> Catalog:
    """The second catalog, in which one more service has a trace id, under a name of its own."""
    catalog = load_catalog(ROOT / "tests" / "fixtures" / "second")
    lives = Lives(loki_2_9="line", loki_3="line")
    voyage = Field_(name="voyage", type="trace_id", unit="none", help="Of a ship.", lives=lives)

    def traced(service: Any) -> Any:
        if service.id != "berth-planner":
            return service
        fields = (*service.logs.fields, voyage)
        return service.model_copy(
            update={"logs": service.logs.model_copy(update={"fields": fields})}
        )

    services = tuple(map(traced, catalog.services))
    return catalog.model_copy(update={"services": services})


def made(catalog: Catalog, release: str, now: int) -> list[Line]:
    """Half an hour of two services."""
    place = catalog.default_environment
    customs, planner = catalog.service("customs"), catalog.service("berth-planner")
    lines = []
    for number in range(300):
        moment = (now - 1800 + 6 * number) * 10**9 + 1
        values: dict[str, Any] = {
            "msg": f'crate "{number}" was looked at',
            "verdict": VERDICTS[number % 7 % 3],
            "crates": number % 45,
        }
        lines.append(line_of(customs, "customs-0", moment, values, place, release))
        berth = {"text": "moored", "kind": "mooring", "basin": "east+west", "wait_s": number * 30}
        berth |= {"level": "info"}
        lines.append(line_of(planner, "planner-0", moment, berth, place, release))
    for number, trace in enumerate((TRACE, FAILING)):
        moment = (now - 600) * 10**9 + number * 10**9
        said: dict[str, Any] = {"text": "no berth", "level": "critical", "voyage": trace}
        lines.append(line_of(planner, "planner-0", moment, said, place, release))
        told: dict[str, Any] = {"msg": "no papers", "trace": trace, "crates": 1}
        line = line_of(customs, "customs-0", moment + 500, told, place, release)
        level = "critical" if trace == FAILING else "info"
        # The level is a label of the stream that no field of these lines tells.
        labelled = {**line.labels, "level": level}
        lines.append(Line(**{**vars_of(line), "labels": labelled}))
    return sorted(lines, key=lambda line: line.moment)


def vars_of(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in line.__dataclass_fields__}


@pytest.fixture(
    scope="module", params=find("loki") or [None], ids=lambda each: str(each).replace(" ", "_")
)
def known(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Known]:
    server = request.param
    if server is None:
        pytest.skip(missing("loki"))
    with started(server, tmp_path_factory.mktemp("loki")) as (url, _):
        catalog, now = harbour(), int(time.time())
        lines = made(catalog, server.release, now)
        world.push(url, lines)
        yield Known(server, url, catalog, lines, now, [])


def inspections(known: Known) -> list[Line]:
    return [line for line in known.of("customs") if "verdict" in line.values]


def test_a_trace_is_found_under_either_name(known: Known) -> None:
    expected = [line for line in known.of() if TRACE in line.values.values()]
    assert [line.service.id for line in expected] == ["berth-planner", "customs"]
    rows = known.ask("trace-logs", params={"trace_id": TRACE})
    assert [(row.moment, row.line) for row in rows] == [
        (line.moment, line.text) for line in reversed(expected)
    ]
    rows = known.ask("trace-path", params={"trace_id": TRACE})
    assert [row.line for row in rows] == [
        "service=berth-planner level=critical text=no berth ",
        "service=customs level=info msg=no papers ",
    ]


def test_a_fault_that_two_services_tell_of_is_one_trace(known: Known) -> None:
    (row,) = known.ask("correlation")
    assert (FAILING in row.labels.values(), row.value) == (True, 2.0)


def test_fields_of_logfmt_are_counted_and_shared(known: Known) -> None:
    verdicts = Counter(line.values["verdict"] for line in inspections(known))
    found = known.figures("field-counts", ("verdict",), service="customs")
    assert found == {(verdict,): count for verdict, count in verdicts.items()}
    every = sum(verdicts.values())
    bad = every - verdicts["cleared"]
    found = known.figures("failure-share", ("service",), service="customs")
    assert found == pytest.approx({("customs",): bad / every})


def test_what_is_no_time_is_binned_too(known: Known) -> None:
    bins = Counter(line.values["crates"] // 10 * 10 for line in inspections(known))
    found = known.figures("duration-histogram", ("bin",), service="customs")
    assert found == {(str(low),): count for low, count in bins.items()}


def test_a_threshold_is_in_seconds_there(known: Known) -> None:
    waited = [line for line in known.of("berth-planner") if "wait_s" in line.values]
    expected = [line for line in waited if line.values["wait_s"] > 7200]
    rows = known.ask("slow-operations", service="berth-planner", params={"slower_than": "2h"})
    assert [row.moment for row in rows] == [line.moment for line in reversed(expected)]
    assert 0 < len(expected) < len(waited)
    found = known.figures("latency-percentiles", ("percentile",), service="berth-planner")
    ordered = sorted(line.values["wait_s"] for line in waited)
    middle = (len(ordered) - 1) / 2
    half = (ordered[math.floor(middle)] + ordered[math.ceil(middle)]) / 2
    assert found[("p50",)] == pytest.approx(half)
