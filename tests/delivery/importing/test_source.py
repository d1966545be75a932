"""The forms that a dashboard comes in, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import UserError
from delivery.importing.source import from_file, unwrapped
from tests.delivery.importing.samples import LOKI, PROMETHEUS, dashboard, panel

HARBOUR = dashboard(panel())


@pytest.mark.parametrize(
    "wrapped",
    [
        HARBOUR,
        {"dashboard": HARBOUR, "meta": {"folderUid": "quay"}},
        {
            "apiVersion": "dashboard.grafana.app/v1beta1",
            "kind": "Dashboard",
            "metadata": {"name": "harbour", "annotations": {"grafana.app/folder": "quay"}},
            "spec": {key: value for key, value in HARBOUR.items() if key != "uid"},
        },
    ],
)
def test_the_dashboard_is_found_in_what_it_comes_in(wrapped: dict) -> None:
    found = unwrapped(wrapped, "x.json")
    assert found.dashboard == HARBOUR
    assert found.folder == ("quay" if wrapped is not HARBOUR else "")


V2 = (
    "x.json: is of the dashboard schema {}, and only the classic one can be imported. "
    "Export it as classic JSON (Export, then 'Classic'), from Grafana 12 on."
)
NONE = (
    "x.json: is no dashboard: it has neither panels nor rows. "
    "Export the dashboard as JSON, or name its uid."
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"apiVersion": "dashboard.grafana.app/v2beta1", "spec": {}}, V2.format("v2beta1")),
        ({"elements": {}, "layout": {}, "title": "x"}, V2.format("v2")),
        (
            {
                "apiVersion": "dashboard.grafana.app/v1beta1",
                "metadata": {},
                "spec": HARBOUR,
                "status": {"conversion": {"storedVersion": "v2alpha1"}},
            },
            V2.format("v2alpha1"),
        ),
        ({"title": "x"}, NONE),
        ([], NONE),
        ("x", NONE),
    ],
)
def test_what_is_no_classic_dashboard_is_refused(data: object, message: str) -> None:
    with pytest.raises(UserError) as error:
        unwrapped(data, "x.json")
    assert str(error.value) == message


def test_a_file_that_is_no_json_is_told_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(UserError) as error:
        from_file(tmp_path / "x.json")
    assert str(error.value).startswith("x.json: is no JSON: Expecting property name")
    assert str(error.value).endswith(". Export the dashboard as JSON again.")
    (tmp_path / "x.json").write_text(json.dumps(HARBOUR))
    assert from_file(tmp_path / "x.json").dashboard == HARBOUR


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (None, "the default datasource is neurectomy-prometheus here"),
        ("Metrics of the quay", "Metrics of the quay is neurectomy-prometheus here"),
        ("${DS_QUAY}", "the input DS_QUAY is neurectomy-prometheus here"),
        ({"type": "prometheus", "uid": "P1"}, "P1 is neurectomy-prometheus here"),
    ],
)
def test_whatever_names_a_datasource_it_is_ours(through, said: object, named: str) -> None:
    bare = panel(datasource=said, targets=[{"refId": "A", "expr": "up"}])
    inputs = [{"name": "DS_QUAY", "type": "datasource", "pluginId": "prometheus"}]
    done = through(dashboard(bare, __inputs=inputs))
    assert done.panel["datasource"] == PROMETHEUS
    assert done.told("mapped") == [("$.panels[0].datasource", named)]


def test_a_name_that_the_server_knows_is_of_its_kind(through) -> None:
    bare = panel(datasource="Lines", targets=[{"refId": "A", "expr": '{a="b"}'}])
    done = through(dashboard(bare), datasources=(("L1", "Lines", "loki"),))
    assert done.panel["datasource"] == LOKI


def test_a_variable_stays_one(through) -> None:
    variable = {"name": "source", "type": "datasource", "query": "prometheus"}
    bare = panel(datasource="$source", targets=[{"refId": "A", "expr": "up"}])
    done = through(dashboard(bare, templating={"list": [variable]}))
    assert done.panel["datasource"] == {"type": "prometheus", "uid": "$source"}
    assert done.built["templating"]["list"][0]["query"] == "prometheus"


def test_a_constant_of_an_export_is_put_in_its_place(through) -> None:
    inputs = [{"name": "VAR_QUAY", "type": "constant", "value": "north"}]
    done = through(dashboard(panel(title="${VAR_QUAY}"), __inputs=inputs))
    assert done.panel["title"] == "north"
