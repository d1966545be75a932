"""The generated dashboards are what Grafana's newest schema describes, and the check can tell."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.schema import compiler, tables
from tests.schema.problem import Problem
from tests.schema.sample import sample

DASHBOARDS: Final = Path(__file__).parents[2] / "generated" / "grafana" / "dashboards"
ROOT: Final = DASHBOARDS.parents[2]
REMOVED: Final = object()


@dataclass(frozen=True)
class Fault:
    """The sample with a value set (or removed) at a path, and what is to be said of it."""

    name: str
    path: tuple[str | int, ...]
    value: object
    place: str
    said: str


OVERRIDE: Final = ("panels", 0, "fieldConfig", "overrides", 0)
FAULTS: Final = (
    Fault(
        "unknown option key",
        ("panels", 0, "options", "legend", "showLegends"),
        True,
        'panel 1 "Requests": options.legend.showLegends',
        "'\"showLegends\"' does not exist in type",
    ),
    Fault(
        "wrong value of a string enum",
        ("panels", 0, "options", "tooltip", "mode"),
        "all",
        'panel 1 "Requests": options.tooltip.mode',
        """Type '"all"' is not assignable to type '"multi" | "none" | "single"'. (TS2322)""",
    ),
    Fault(
        "wrong value of a numeric enum",
        ("panels", 0, "fieldConfig", "defaults", "custom", "barAlignment"),
        2,
        'panel 1 "Requests": fieldConfig.defaults.custom.barAlignment',
        "Type '2' is not assignable to type",
    ),
    Fault(
        "wrong type",
        ("panels", 0, "gridPos", "w"),
        "24",
        'panel 1 "Requests": gridPos.w',
        "Type 'string' is not assignable to type 'number'. (TS2322)",
    ),
    Fault(
        "null for a value",
        ("panels", 0, "repeat"),
        None,
        'panel 1 "Requests": repeat',
        "Type 'null' is not assignable to type 'string | undefined'. (TS2322)",
    ),
    Fault(
        "required option missing",
        ("panels", 0, "options", "tooltip", "sort"),
        REMOVED,
        'panel 1 "Requests": options.tooltip',
        "Property 'sort' is missing in type",
    ),
    Fault(
        "required key of a panel in a row missing",
        ("panels", 1, "panels", 0, "options", "showTime"),
        REMOVED,
        'panel 3 "Lines": options',
        "Property 'showTime' is missing in type",
    ),
    Fault(
        "obsolete key of a panel",
        ("panels", 0, "span"),
        12,
        'panel 1 "Requests": span',
        "'\"span\"' does not exist in type",
    ),
    Fault(
        "obsolete key of a row",
        ("panels", 1, "height"),
        "250px",
        'panel 2 "Lines": height',
        "'\"height\"' does not exist in type",
    ),
    Fault(
        "obsolete key of the dashboard",
        ("sharedCrosshair",),
        False,
        "dashboard: sharedCrosshair",
        "'\"sharedCrosshair\"' does not exist in type",
    ),
    Fault(
        "unknown field setting",
        ("panels", 0, "fieldConfig", "defaults", "custom", "lineWdith"),
        1,
        'panel 1 "Requests": fieldConfig.defaults.custom.lineWdith',
        "'\"lineWdith\"' does not exist in type",
    ),
    Fault(
        "unknown property of an override",
        (*OVERRIDE, "properties", 0, "id"),
        "custom.lineWdith",
        'panel 1 "Requests": fieldConfig.overrides[0].properties[0].id',
        "Type '\"custom.lineWdith\"' is not assignable to type",
    ),
    Fault(
        "wrong value of an override",
        (*OVERRIDE, "properties", 0, "value"),
        "2",
        'panel 1 "Requests": fieldConfig.overrides[0].properties[0]',
        "Type 'string' is not assignable to type 'number'",
    ),
    Fault(
        "unknown matcher of an override",
        (*OVERRIDE, "matcher", "id"),
        "byLabel",
        'panel 1 "Requests": fieldConfig.overrides[0].matcher.id',
        "Type '\"byLabel\"' is not assignable to type",
    ),
    Fault(
        "unknown transformation",
        ("panels", 0, "transformations", 0, "id"),
        "organise",
        'panel 1 "Requests": transformations[0].id',
        "Type '\"organise\"' is not assignable to type 'Transformer'",
    ),
    Fault(
        "key of another datasource's query",
        ("panels", 1, "panels", 0, "targets", 0, "format"),
        "table",
        'panel 3 "Lines": targets[0].format',
        "'\"format\"' does not exist in type",
    ),
    Fault(
        "datasource by its name",
        ("templating", "list", 0, "datasource", "uid"),
        REMOVED,
        'variable "service": datasource',
        "Property 'uid' is missing in type",
    ),
    Fault(
        "obsolete key of a variable",
        ("templating", "list", 0, "tagsQuery"),
        "",
        'variable "service": tagsQuery',
        "'\"tagsQuery\"' does not exist in type",
    ),
    Fault(
        "wrong number of an enum in a variable",
        ("templating", "list", 0, "refresh"),
        3,
        'variable "service": refresh',
        "Type '3' is not assignable to type '0 | 1 | 2 | undefined'. (TS2322)",
    ),
    Fault(
        "unknown key of an annotation",
        ("annotations", "list", 0, "showIn"),
        0,
        'annotation "Deploys": showIn',
        "'\"showIn\"' does not exist in type",
    ),
    Fault(
        "panel type without a type",
        ("panels", 0, "type"),
        "graph",
        'panel 1 "Requests": type',
        'no type for panel type "graph": add one to tests/schema/tables.py, PANELS',
    ),
    Fault(
        "target without a datasource",
        ("panels", 0, "datasource"),
        REMOVED,
        'panel 1 "Requests": targets[0]',
        'no type for a target of datasource type "": add one to tests/schema/tables.py, QUERIES',
    ),
    Fault(
        "panels that are no list",
        ("panels",),
        {},
        "dashboard: panels",
        "Type '{}' is missing the following properties from type",
    ),
)


@pytest.fixture(scope="session")
def schema() -> None:
    """The locked packages, installed."""
    missing = compiler.missing_programs()
    if missing:
        reason = f"the check against Grafana's schema needs {' and '.join(missing)}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    compiler.install()


@pytest.fixture(scope="session")
def found(schema: None, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Problem]:
    """The problems of every broken sample, and of the whole one, from one run."""
    dashboards = {fault.name: broken(fault) for fault in FAULTS} | {"whole": sample()}
    return compiler.check(dashboards, tmp_path_factory.mktemp("broken"))


def broken(fault: Fault) -> Any:
    """The sample with a fault in it."""
    dashboard: Any = sample()
    holder = dashboard
    for step in fault.path[:-1]:
        # Constants are shared between the samples: what is changed must be this one's own.
        holder[step] = type(holder[step])(holder[step])
        holder = holder[step]
    if fault.value is REMOVED:
        del holder[fault.path[-1]]
    else:
        holder[fault.path[-1]] = fault.value
    return dashboard


def test_generated_dashboards(schema: None, tmp_path: Path) -> None:
    files = sorted(DASHBOARDS.glob("**/*.json"))
    if not files and not os.environ.get("CI"):
        pytest.skip(f"no dashboard in {DASHBOARDS}: run `make build`")
    assert files, f"no dashboard in {DASHBOARDS}"
    dashboards = {
        str(path.relative_to(ROOT)): json.loads(path.read_text(encoding="utf-8")) for path in files
    }
    problems = compiler.check(dashboards, tmp_path)
    assert not problems, "\n" + "\n".join(map(str, problems))


def test_nothing_is_said_of_a_dashboard_without_fault(found: Sequence[Problem]) -> None:
    assert [problem for problem in found if problem.file == "whole"] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_caught_where_it_is(fault: Fault, found: Sequence[Problem]) -> None:
    said = [problem for problem in found if problem.file == fault.name]
    assert [str(problem.place) for problem in said] == [fault.place]
    assert fault.said in said[0].fault


def test_each_panel_type_is_the_schema_s_or_excused(schema: None) -> None:
    panels = (compiler.HERE / "types" / "panels.ts").read_text(encoding="utf-8")
    excused = {
        kind
        for kind, typed in tables.PANELS.items()
        if f"{typed.removesuffix('Panel')}.Options" not in panels
    }
    assert excused == set(tables.WITHOUT_PANELCFG)


def test_the_lock_pins_exact_versions_and_names_no_registry() -> None:
    package = json.loads((compiler.HERE / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((compiler.HERE / "package-lock.json").read_text(encoding="utf-8"))
    locked = {path: entry for path, entry in lock["packages"].items() if path}
    assert {
        name: locked[f"node_modules/{name}"]["version"] for name in package["devDependencies"]
    } == package["devDependencies"]
    assert [path for path, entry in locked.items() if "integrity" not in entry] == []
    assert [path for path, entry in locked.items() if "resolved" in entry] == []
