"""Grafana's own rules on a real Grafana: taken, evaluated, and saying what Prometheus says."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.notify import DeadMan
from tests.alerts.alertmanager import Listener, listening
from tests.live.servers import Process, Server, find, free_port, missing, until
from tests.live.stack import ROOT, build, loki_config

Json = dict[str, Any]

PLACE = {"cluster": "quay", "environment": "production"}
#: Labels that the alert of this test burns with, and how fast, over which window.
BURNING = (("availability", "1h", 20.5), ("availability", "5m", 21.25))
#: One of the two windows is below the factor: near, and no fault.
NEAR = (("latency", "1h", 20.5), ("latency", "5m", 14.3))


def page() -> str:
    """What rulers would have recorded; another cluster has another budget left."""
    lines = [
        f'slo:burn_rate:ratio{{cluster="quay",environment="production",service="ryot",'
        f'objective="{objective}",window="{window}"}} {value}'
        for objective, window, value in (*BURNING, *NEAR)
    ]
    # More than the least that an alert asks for.
    lines += [
        f'slo:sli_{what}:sum{{cluster="quay",environment="production",service="ryot",'
        f'objective="{objective}",window="{window}"}} 1000'
        for objective, window, _ in (*BURNING, *NEAR)
        for what in ("events", "errors")
    ]
    lines += [
        f'slo:error_budget_remaining:ratio{{cluster="{cluster}",environment="production",'
        f'service="ryot",objective="availability",window="30d"}} {value}'
        for cluster, value in (("quay", 0.452), ("elsewhere", 0.9))
    ]
    return "\n".join(lines) + "\n"


@dataclass
class Managed:
    """A Grafana with the rules of its own, and a Prometheus with the same."""

    catalog: Catalog
    files: Path
    grafana: str
    prometheus: str
    log: Callable[[], str]
    told: Listener
    release: tuple[int, ...]

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.grafana}{path}", timeout=30)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def rules(self) -> list[Json]:
        """The state of every rule."""
        groups = self.get("/api/prometheus/grafana/api/v1/rules")["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


def shortened(content: Json) -> Json:
    """The file with nothing to wait for but the next evaluation."""
    for group in content.get("groups", ()):
        group["interval"] = "10s"
        group["rules"] = [rule for rule in group["rules"] if "record" not in rule]
        for rule in group["rules"]:
            rule.pop("for", None)
            if "uid" in rule:
                # As it ships, most are all well when they cannot be evaluated: here it is told.
                rule |= {"for": "0s", "execErrState": "Error"}
    return content


def copied(source: Path, target: Path, secrets: Path) -> None:
    """Files as they ship, but for waits and for where the secrets are."""
    target.mkdir(parents=True)
    for path in sorted(source.glob("*.yaml")):
        text = path.read_text("utf-8").replace("/etc/grafana/secrets", str(secrets))
        content = shortened(yaml.safe_load(text))
        for policy in content.get("policies", ()):
            quicken(policy)
        (target / path.name).write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")


def quicken(policy: Json) -> None:
    policy |= {"group_wait": "1s", "group_interval": "1s"}
    for below in policy.get("routes", ()):
        quicken(below)


def exporter(stack: ExitStack, text: str) -> str:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    return f"127.0.0.1:{server.server_address[1]}"


def prometheus(stack: ExitStack, server: Server, folder: Path, rules: Path) -> str:
    """Scrapes what is recorded, and a Loki that is not there."""
    copied(rules, folder / "rules", folder)
    address = f"127.0.0.1:{free_port()}"
    jobs = {"recorded": exporter(stack, page()), "loki": f"127.0.0.1:{free_port()}"}
    config = {
        "global": {"scrape_interval": "2s", "evaluation_interval": "2s"},
        "rule_files": ["rules/*.yaml"],
        "scrape_configs": [
            {
                "job_name": job,
                "honor_labels": True,
                "static_configs": [{"targets": [target], "labels": PLACE}],
            }
            for job, target in jobs.items()
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    command = [
        server.path,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={address}",
    ]
    process = Process("prometheus", command, folder)
    stack.callback(process.stop)
    process.ready(f"http://{address}/-/ready")
    return f"http://{address}"


def loki(stack: ExitStack, server: Server, folder: Path) -> str:
    port = free_port()
    rules = {"type": "local", "local": {"directory": str(folder / "none")}}
    (folder / "none").mkdir(parents=True)
    config = loki_config(folder, server, port=port, rules=rules)
    process = Process("loki", [server.path, f"-config.file={config}"], folder)
    stack.callback(process.stop)
    process.ready(f"http://127.0.0.1:{port}/ready")
    return f"http://127.0.0.1:{port}"


def grafana(stack: ExitStack, server: Server, folder: Path) -> tuple[str, Process]:
    port = free_port()
    env = {
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_PATHS_DATA": str(folder / "data"),
        "GF_PATHS_LOGS": str(folder / "log"),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(folder / "provisioning"),
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_NEWS_NEWS_FEED_ENABLED": "false",
        "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Admin",
    }
    command = [server.path]
    if Path(server.path).name == "grafana":
        command.append("server")
    process = Process("grafana", [*command, "--homepath", str(server.home)], folder, env)
    stack.callback(process.stop)
    process.ready(f"http://127.0.0.1:{port}/api/health")
    return f"http://127.0.0.1:{port}", process


@pytest.fixture(
    scope="module", params=find("grafana") or [None], ids=lambda each: str(each).replace(" ", "_")
)
def managed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Managed]:
    servers = {kind: next(iter(find(kind)), None) for kind in ("prometheus", "loki")}
    servers["grafana"] = request.param
    for kind, server in servers.items():
        if server is None:
            pytest.skip(missing(kind))
    folder = tmp_path_factory.mktemp("managed")
    with ExitStack() as stack, listening() as told:
        shipped = load_catalog(ROOT / "catalog")
        outside = DeadMan(url=f"{told.url}/beat", every="2s", source="seed")
        awake = {"quiet_hours": None, "dead_man": outside}
        catalog = shipped.model_copy(update={"platform": shipped.platform.model_copy(update=awake)})
        generated = folder / "generated"
        build(catalog, generated)
        (folder / "secrets").mkdir()
        (folder / "secrets/slack_api_url").write_text(f"{told.url}/slack", "utf-8")
        (folder / "secrets/dead_man_token").write_text("a-token-of-ours", "utf-8")
        (folder / "secrets/rollback_token").write_text("another-token", "utf-8")
        assert servers["prometheus"]
        assert servers["loki"]
        assert servers["grafana"]
        asked = prometheus(
            stack, servers["prometheus"], folder / "prometheus", generated / "prometheus/rules"
        )
        addresses = {"prometheus": asked, "loki": loki(stack, servers["loki"], folder / "loki")}
        provisioning = folder / "grafana/provisioning"
        for name in ("dashboards", "plugins", "notifiers", "access-control", "datasources"):
            (provisioning / name).mkdir(parents=True)
        files = generated / "grafana/alerting-managed"
        copied(files, provisioning / "alerting", folder / "secrets")
        source = generated / f"grafana/provisioning/datasources/{catalog.prefix}.yaml"
        content = yaml.safe_load(source.read_text("utf-8"))
        for entry in content["datasources"]:
            entry["url"] = addresses.get(entry["type"], entry["url"])
        (provisioning / "datasources/all.yaml").write_text(yaml.safe_dump(content), "utf-8")
        url, process = grafana(stack, servers["grafana"], folder / "grafana")
        log = process.log
        yield Managed(
            catalog,
            files,
            url,
            asked,
            lambda: log.read_text(errors="replace"),
            told,
            servers["grafana"].version,
        )


def declared(managed: Managed) -> dict[str, Json]:
    """Every rule of the files, by its title."""
    return {
        rule["title"]: rule
        for path in sorted(managed.files.glob("*.yaml"))
        for group in yaml.safe_load(path.read_text("utf-8")).get("groups", ())
        for rule in group["rules"]
    }


def firing(managed: Managed) -> list[Json]:
    """What Grafana's rules have found."""
    return [
        alert
        for rule in managed.rules()
        for alert in rule.get("alerts") or ()
        if alert["state"].startswith("Alerting")
    ]


def seen(managed: Managed, name: str) -> bool:
    return any(alert["labels"].get("alert") == name for alert in firing(managed))


_OURS = re.compile(r"level=(error|warn).*(provisioning|ngalert|expr)")
#: A burn rate has the labels that its alert declares, with the same values: which one counts is
#: all the same.
_MEANT = "labels declared in the rules"


def test_they_are_taken_and_evaluated_without_a_complaint(managed: Managed) -> None:
    expected = declared(managed)
    listed = managed.get("/api/v1/provisioning/alert-rules")
    assert {(rule["uid"], rule["title"]) for rule in listed} == {
        (rule["uid"], title) for title, rule in expected.items()
    }
    until(
        lambda: all(rule.get("lastEvaluation", "0001")[:4] != "0001" for rule in managed.rules()),
        60,
        "an evaluation of every rule",
    )
    until(lambda: seen(managed, "AllTargetsDown"), 60, "an alert of what is down")
    ill = [
        f"{rule['name']}: {rule['health']} {rule.get('lastError', '')}"
        for rule in managed.rules()
        if rule["health"] != "ok"
    ]
    assert not ill, "\n".join(ill)
    said = [
        line for line in managed.log().splitlines() if _OURS.search(line) and _MEANT not in line
    ]
    assert not said, "\n".join(said[:5])


def prometheus_alerts(managed: Managed) -> dict[tuple[str, ...], Json]:
    answer = requests.get(f"{managed.prometheus}/api/v1/alerts", timeout=30).json()
    return {
        identity({**alert["labels"], "alert": alert["labels"]["alertname"]}): alert
        for alert in answer["data"]["alerts"]
        if alert["state"] == "firing"
    }


def identity(labels: Json) -> tuple[str, ...]:
    names = ("alert", "cluster", "environment", "service", "objective", "window", "instance")
    return tuple(labels.get(name, "") for name in names)


def test_both_find_the_same_and_say_the_same(managed: Managed) -> None:
    """A value of 0 (nothing is up) fires; what misses one of two windows does not."""

    def found() -> dict[tuple[str, ...], Json]:
        return {identity(alert["labels"]): alert for alert in firing(managed)}

    until(
        lambda: found().keys() == prometheus_alerts(managed).keys() != set(),
        90,
        "the same alerts on both",
        lambda: f"{sorted(found())} {sorted(prometheus_alerts(managed))}",
    )
    own, theirs = found(), prometheus_alerts(managed)
    fired = {(key[0], key[3], key[4]) for key in own}
    assert ("AllTargetsDown", "loki", "") in fired
    assert ("ErrorBudgetBurnFast", "ryot", "availability") in fired
    assert ("ErrorBudgetBurnFast", "ryot", "latency") not in fired
    for key, alert in own.items():
        labels = {**alert["labels"]}
        # Grafana names the alert by its title, and keeps the metric's name.
        for added in ("alertname", "alert", "grafana_folder"):
            del labels[added]
        labels.pop("__name__", None)
        expected = {**theirs[key]["labels"]}
        del expected["alertname"]
        assert labels == expected
        texts = {**alert["annotations"]}
        texts.pop("recorded_series", None)
        assert texts == theirs[key]["annotations"]
    [burn] = [own[key] for key in own if key[0] == "ErrorBudgetBurnFast"]
    assert burn["annotations"]["value"] == "20.5"
    assert burn["annotations"]["budget_left"] == "45.2%"
    read = "slo:burn_rate:ratio, slo:sli_errors:sum, slo:sli_events:sum"
    assert burn["annotations"]["recorded_series"] == read


def test_they_reach_the_team_and_whoever_is_outside(managed: Managed) -> None:
    def arrived(path: str) -> list[Json]:
        return [each.body for each in managed.told.told if (path == "beat") is _is_beat(each.body)]

    until(lambda: len(arrived("beat")) >= 2, 60, "the watchdog")
    until(
        lambda: any("Ryot burns" in str(body) for body in arrived("slack")), 60, "a page to a chat"
    )
    bodies = [body for body in arrived("slack") if "Ryot burns" in str(body)]
    [shown] = bodies[-1]["attachments"]
    assert bodies[-1]["channel"] == "#inference-pages"
    assert shown["title"].startswith("[FIRING] page: ryot in quay/production, ErrorBudgetBurnFast")
    assert "\nValue: 20.5\nObjective: " in shown["text"]
    assert "\nBudget left: 45.2%\n" in shown["text"]
    assert re.search(r"logs-ryot\?[^|]*&from=\d{13}&to=now\|Logs from then on>", shown["text"])
    beats = [each for each in managed.told.told if _is_beat(each.body)]
    if managed.release < (10,):
        return  # It sends the token of a provisioned webhook to nobody.
    assert {each.headers["Authorization"] for each in beats} == {"Bearer a-token-of-ours"}


def _is_beat(body: Json) -> bool:
    return "attachments" not in body
