"""What the DaemonSet's configuration makes of the files that a container runtime writes.

Discovery is done by the test, as the API server would answer; everything after it is what ships.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog import names
from catalog.load import load_catalog
from pipeline.agent import alloy, artifacts, promtail
from pipeline.agent.sources import LogFiles, Plan, Pods, Source, in_kubernetes
from tests.live import agents
from tests.live.servers import find, free_port, missing
from tests.live.stack import ROOT
from tests.pipeline.test_agent_sources import pod, relabelled

Json = dict[str, Any]

SHIPPED = load_catalog(ROOT / "catalog")
PODS = {
    "ryot": pod("neurectomy", "ryot", "ryot", track="canary"),
    "sidecar": pod("neurectomy", "ryot", "istio-proxy", tier="mesh"),
    "sigmalang": pod("neurectomy", "sigmalang", "sigmalang"),
    "agents": pod("neurectomy", "agents", "agents", tier="specialist"),
    "billing": pod("shop", "billing", "main"),
}


def stamp(nanoseconds: int) -> str:
    whole = datetime.fromtimestamp(nanoseconds // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{nanoseconds % 10**9:09d}Z"


class Files:
    """Log files as CRI writes them, and what is to be found in Loki of them."""

    def __init__(self, root: Path, since: int) -> None:
        self._root, self._moment = root, since
        self.wanted: list[tuple[int, str, dict[str, str], dict[str, str]]] = []

    def write(self, where: str, text: str, output: str = "stdout", cut: int = 0) -> int:
        """Each line of the text as a record, cut into parts of that size; when, by the runtime."""
        self._moment += 10**9
        rows: list[str] = []
        for line in text.split("\n"):
            parts = [line[at : at + cut] for at in range(0, len(line), cut)] if cut else [line]
            rows += [f"{stamp(self._moment)} {output} P {part}" for part in parts[:-1]]
            rows.append(f"{stamp(self._moment)} {output} F {parts[-1]}")
        path = self._root / where / "0.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{row}\n" for row in rows))
        return self._moment

    def want(self, moment: int, text: str, labels: dict[str, str], **beside: str) -> None:
        of_all = {"cluster": "neurectomy", "environment": "production"}
        self.wanted.append((moment, text, {**of_all, **labels}, beside))


def told(moment: int, indent: int | None = None, **fields: object) -> str:
    return json.dumps({"ts": stamp(moment), **fields}, indent=indent)


def filled(root: Path, since: int) -> Files:
    files = Files(root, since)
    ryot = {
        "service": "ryot",
        "namespace": "neurectomy",
        "pod": "ryot-1",
        "track": "canary",
        "container_name": "ryot",
        "tier": "backend",
    }
    text = told(since + 5, level="info", message="long " * 100, trace_id="4bf9", event="note")
    files.write("ryot", text, cut=64)
    files.want(since + 5, text, {**ryot, "level": "info"}, trace_id="4bf9")
    panic = "panic: runtime error"
    files.want(files.write("ryot", panic, "stderr"), panic, ryot)
    proxy = 'level=warn msg="upstream is slow" password=made-up-7'
    files.want(
        files.write("sidecar", proxy),
        proxy.replace("made-up-7", "[redacted:assigned-secret]"),
        {
            "service": "istio-proxy",
            "namespace": "neurectomy",
            "pod": "ryot-1",
            "container_name": "istio-proxy",
            "tier": "mesh",
            "level": "warn",
        },
    )
    lang = {
        "service": "sigmalang",
        "namespace": "neurectomy",
        "pod": "sigmalang-1",
        "track": "stable",
        "container_name": "sigmalang",
        "tier": "backend",
    }
    for number in range(3):
        moment = since + 100 + number
        text = told(moment, 2, level="error", message="no\nway", event="note")
        files.write("sigmalang", text)
        # What another output says meanwhile belongs to no record.
        warning = f"warning {number}"
        files.want(files.write("sigmalang", warning, "stderr"), warning, lang)
        files.want(moment, text, {**lang, "level": "error"})
    agent = {
        "service": "agents",
        "namespace": "neurectomy",
        "pod": "agents-1",
        "track": "stable",
        "container_name": "agents",
    }
    for tier, label in (("orchestrator", "orchestrator"), (None, "specialist")):
        said = {"tier": tier} if tier else {}
        moment = since + 200 + len(said)
        text = told(moment, level="debug", message="thinks", agent_id="a-7", name="ada", **said)
        files.write("agents", text)
        labels = {**agent, "level": "debug", "tier": label}
        files.want(moment, text, labels, agent_id="a-7", name="ada")
    shop = {
        "service": "billing",
        "namespace": "shop",
        "pod": "billing-1",
        "container_name": "main",
    }
    for line, level in (
        ('{"time": "whenever", "level": "error", "message": "no money"}', {"level": "error"}),
        ("just text", {}),
        ("level=catastrophe", {}),
    ):
        files.want(files.write("billing", line), line, {**shop, **level})
    return files


def local(plan: Plan, root: Path) -> tuple[Source, ...]:
    """The sources of a node with these pods: each goes where relabelling sends it."""
    found: list[Source] = []
    for name, target in PODS.items():
        for source in plan.sources:
            labels = relabelled(source.rules, target) if isinstance(source, Pods) else None
            if isinstance(source, Pods) and labels is not None:
                kept = {key: value for key, value in labels.items() if not key.startswith("__")}
                path = str(root / name / "*.log")
                found.append(LogFiles(f"{source.id}-{name}", path, kept, source.stages))
    assert len(found) == len(PODS)
    return tuple(found)


@pytest.mark.parametrize("kind", ["promtail", "alloy"])
def test_a_runtime_s_files_arrive_as_the_catalog_promises(kind: Any, tmp_path: Path) -> None:
    server = next(iter(find(kind)), None)
    lokis = sorted(find("loki"), key=lambda each: each.version)
    if server is None or not lokis:
        pytest.skip(missing(kind) if server is None else missing("loki"))
    loki = lokis[-1] if kind == "alloy" else lokis[0]
    structured = artifacts.takes_metadata(SHIPPED, kind)
    if structured != (loki.version >= (3,)):
        pytest.skip(f"no Loki for {kind}: only {loki} is here")
    since = (int(time.time()) - 600) * 10**9
    files = filled(tmp_path / "pods", since)
    assert SHIPPED.agent
    plan = in_kubernetes(SHIPPED, SHIPPED.agent, structured=structured)
    assert plan
    # Of multi-tenancy the Loki of this test knows nothing; the header is let be.
    with agents.running_loki(loki, tmp_path / "loki") as url:
        at = agents.Address(tmp_path, tmp_path / "state", free_port(), free_port(), url)
        where = plan.environment.model_copy(update={"addresses": {"loki": url}})
        here = replace(
            plan,
            environment=where,
            state=str(at.state),
            http_port=at.http,
            address=agents.HOST,
            sources=local(plan, tmp_path / "pods"),
        )
        folder = tmp_path / "config"
        folder.mkdir()
        if kind == "promtail":
            config = folder / "promtail.yaml"
            config.write_text(yaml.safe_dump(promtail.configuration(here)), encoding="utf-8")
        else:
            config = folder / "config.alloy"
            config.write_text(alloy.configuration(here), encoding="utf-8")
        process = agents.start(server, config, at)
        try:
            end = since + 1200 * 10**9
            agents.wait_for(url, '{cluster=~".+"}', since, end, len(files.wanted), process)
            stored = agents.stored(url, '{cluster=~".+"}', since, end)
        finally:
            process.stop()
    wanted = sorted(
        agents.Stored(
            moment,
            text,
            tuple(sorted(labels.items())),
            tuple(sorted(beside.items())) if structured else (),
        )
        for moment, text, labels, beside in files.wanted
    )
    assert stored == wanted
    assert any(each.metadata for each in stored) == structured
    assert names.TRACK in dict(stored[0].labels)
